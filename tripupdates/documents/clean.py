"""From an upload's bytes to a new PDF that shows and says the same, and holds nothing else. Pure: bytes to bytes.

The old document is read, and only what the grammar names is carried into a new one, which is written whole: there is no
place where something could be left over. What comes out is proven by `proof.prove`, which shares no code with this.
Steps go through `room.Room`, which runs it in a process of its own with limits.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from tripupdates.documents import drawing, intake, reading_order, removed
from tripupdates.documents.cleaned import Cleaned
from tripupdates.documents.content import check_size
from tripupdates.documents.copying import Copy
from tripupdates.documents.streams import plain
from tripupdates.vocabulary import Refused, TooLarge

ENGLISH = "en-GB"  # what a document is in that does not say: a reading voice must choose one
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_DEEPEST = 50  # levels of the tree of pages
# Annotations that are drawn onto their page; what is not named in `removed` either is a mark that somebody drew.
_LEFT = frozenset({"/Link", "/PrinterMark", "/TrapNet", "/Watermark"})


def clean(upload: bytes, title: str) -> Cleaned:
    """A PDF with the same pages, links, outline and order of reading as `upload`, and with this title.

    What people drew onto pages and forms that were filled in become part of the page. The same arguments give the same
    bytes. Raises TooLarge above 20 MB, 60 pages, or what we can unpack; Refused, saying what to do, for anything but one
    whole PDF that opens without a password, and for what cannot be cleaned without changing what is seen.
    """
    intake.check(upload)
    with _damage_refused(), pikepdf.open(io.BytesIO(upload), attempt_recovery=False) as old:
        told = _judged(old, upload)
        told |= _flattened(old)
        with pikepdf.new() as new:
            told |= _copied(old, new, title)
            return Cleaned(as_ours(new), len(new.pages), removed.in_order(told))


def as_ours(document: Pdf) -> bytes:
    """Its bytes, written whole in the one form that `reading` knows."""
    written = io.BytesIO()
    document.save(
        written,
        force_version="1.7",
        fix_metadata_version=False,
        preserve_pdfa=False,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,  # so that the proof can read every word of it
        deterministic_id=True,
    )
    return written.getvalue()


@contextmanager
def _damage_refused() -> Iterator[None]:
    """Whatever the library complains of, the document is refused."""
    try:
        yield
    except pikepdf.PasswordError as error:
        raise Refused(intake.PASSWORD) from error
    except MemoryError as error:
        raise TooLarge(intake.TOO_MUCH) from error
    except (Refused, SystemExit):
        raise
    except Exception as error:  # a broken document makes it complain in every type there is
        raise Refused(intake.DAMAGED) from error


def _judged(old: Pdf, upload: bytes) -> set[str]:
    """Raise Refused for what is no plain document; words for what stands beside its pages."""
    root = old.Root
    form = root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/XFA" in form:
        raise Refused(intake.FORM)
    if "/Collection" in root:
        raise Refused(intake.BUNDLE)
    if not old.pages:
        raise Refused(intake.DAMAGED)
    if len(old.pages) > intake.MOST_PAGES:
        raise TooLarge(intake.TOO_MANY_PAGES)
    if _hides_layers(root.get("/OCProperties")):
        raise Refused(intake.HIDDEN_LAYERS)
    names = root.get("/Names")
    keys = {*root.keys(), *(names.keys() if isinstance(names, Dictionary) else ())}
    opening = root.get("/OpenAction")
    if isinstance(opening, Array) or (isinstance(opening, Dictionary) and opening.get("/S") == Name.GoTo):
        keys.remove("/OpenAction")  # it says where the document opens: no action that anybody need hear of
    told = {removed.OF_KEY[key] for key in keys if key in removed.OF_KEY}
    if "/Info" in old.trailer:
        told.add(removed.INFO)
    if upload.count(b"startxref") > (2 if b"/Linearized" in upload[:2048] else 1):
        told.add(removed.VERSIONS)
    return told


def _hides_layers(layers: Object | None) -> bool:
    """Whether a layer is off when the document is opened (ISO 32000-1, 8.11.4)."""
    usual = layers.get("/D") if isinstance(layers, Dictionary) else None
    if not isinstance(usual, Dictionary):
        return False
    off = usual.get("/OFF")
    return (isinstance(off, Array) and len(off) > 0) or usual.get("/BaseState", Name.ON) != Name.ON


def _flattened(old: Pdf) -> set[str]:
    """Draw filled forms, stamps and marks onto their pages; links stay aside, notes go. Words for what went."""
    told: set[str] = set()
    aside: list[list[Object]] = []
    form = old.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and bool(form.get("/NeedAppearances", False)):
        old.generate_appearance_streams()
    for page in old.pages:
        annotations = page.obj.get("/Annots")
        every = (
            [each for each in annotations if isinstance(each, Dictionary)]
            if isinstance(annotations, Array)
            else []
        )
        kinds = [str(each.get("/Subtype")) for each in every]
        if "/Redact" in kinds:
            raise Refused(intake.NOT_BLACKED_OUT)
        told |= {removed.OF_ANNOTATION[kind] for kind in kinds if kind in removed.OF_ANNOTATION}
        if any(_is_signature(each) for each in every):
            told.add(removed.SIGNATURE)
        if any("/AA" in each for each in every):
            told.add(removed.SCRIPTS)
        aside.append([each for each, kind in zip(every, kinds, strict=True) if kind == "/Link"])
        gone = (removed.OF_ANNOTATION.keys() - {"/Widget"}) | _LEFT
        page.obj.Annots = Array([each for each, kind in zip(every, kinds, strict=True) if kind not in gone])
    old.flatten_annotations("screen")
    for page, links in zip(old.pages, aside, strict=True):
        page.obj.Annots = Array(links)
    return told


def _is_signature(widget: Object) -> bool:
    field_, depth = widget, 0
    while isinstance(field_, Dictionary) and depth < _DEEPEST:
        if "/FT" in field_:
            return bool(field_.get("/FT") == Name.Sig)
        field_, depth = field_.get("/Parent"), depth + 1  # type: ignore[assignment]
    return False


def _copied(old: Pdf, new: Pdf, title: str) -> set[str]:
    copy = Copy(old, new, drawing.RULES | reading_order.RULES, drawing.pour)
    for page in old.pages:
        inherited = {key: found for key in _INHERITED if (found := _inherited(page.obj, key)) is not None}
        for key, value in inherited.items():
            page.obj[key] = value
        contents = page.obj.get("/Contents")
        pieces = contents if isinstance(contents, Array) else [contents]
        check_size([plain(each) for each in pieces if isinstance(each, Stream)])
        made = new.make_indirect(Dictionary(Type=Name.Page))
        made.Contents = copy.packed(drawing.instructions(copy, page, inherited.get("/Resources")))
        new.pages.append(pikepdf.Page(made))
        copy.begin(page.obj, "page", new.pages[-1].obj)
    copy.finish()
    for key, kind in (("/Outlines", "outline"), ("/StructTreeRoot", "tree"), ("/Lang", "language")):
        value = copy.value(old.Root.get(key), kind)
        copy.finish()
        if value is not None:
            new.Root[key] = value
    _finished(old, new, copy, title)
    return copy.told


def _finished(old: Pdf, new: Pdf, copy: Copy, title: str) -> None:
    """Its title, that readers show it, its language, and whether its parts say what they are."""
    root = new.Root
    if "/Lang" not in root:
        root.Lang = String(ENGLISH)
    if "/StructTreeRoot" in root:
        root.MarkInfo = Dictionary(Marked=True)
        if index := copy.index():
            pairs = [each for name, part in index for each in (String(name), part)]
            root.StructTreeRoot.IDTree = Dictionary(Names=Array(pairs))
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    if "/Outlines" in root and old.Root.get("/PageMode") == Name.UseOutlines:
        root.PageMode = Name.UseOutlines
    new.docinfo["/Title"] = String(title)


def _inherited(page: Object, key: str) -> Object | None:
    """What a page, or the nearest above it in the tree, says."""
    node: Object | None = page
    for _ in range(_DEEPEST):
        if not isinstance(node, Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None
