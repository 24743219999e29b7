"""From a tree to a folder: only the difference, never half a file, and nobody else's folder."""

import itertools
import os
import resource
import signal
import sys
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from tripupdates.channels.contract import NeedsPerson, OutcomeUnknown, Tree
from tripupdates.site.folder import Folder
from tripupdates.site.sync import differences, sync
from tripupdates.site.target import MARKER, OURS, UNFINISHED

PIXELS = {f"{sha256(data).hexdigest()}.jpg": data for data in (b"one", b"two", b"three")}
ONE, TWO, THREE = PIXELS


def _tree(
    pages: dict[str, bytes], photos: tuple[str, ...] = (), read: Callable[[str], bytes] = PIXELS.__getitem__
) -> Tree:
    return Tree(pages, {f"photos/{name}": name for name in photos}, read)


def _files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} - {MARKER}


FULL = _tree({"index.html": b"index", "trips/a/index.html": b"a", "css/x.css": b"css"}, (ONE, TWO))


def test_the_folder_holds_exactly_the_tree(tmp_path: Path) -> None:
    done = sync(FULL, Folder(tmp_path))
    assert _files(tmp_path) == {*FULL.pages, *FULL.photos}
    assert (set(done.written), done.deleted) == ({*FULL.pages, *FULL.photos}, ())
    assert differences(FULL, Folder(tmp_path)) == ()


def test_nothing_is_written_twice(tmp_path: Path) -> None:
    sync(FULL, Folder(tmp_path))
    done = sync(FULL, Folder(tmp_path))
    assert (done.written, done.deleted) == ((), ())


def test_only_the_difference_is_written_and_what_is_gone_is_deleted(tmp_path: Path) -> None:
    sync(FULL, Folder(tmp_path))
    done = sync(_tree({"index.html": b"new", "css/x.css": b"css"}, (TWO, THREE)), Folder(tmp_path))
    assert set(done.written) == {"index.html", f"photos/{THREE}"}
    assert set(done.deleted) == {"trips/a/index.html", "trips/a/", "trips/", f"photos/{ONE}"}
    assert not (tmp_path / "trips").exists()


def test_photos_come_before_the_pages_that_show_them(tmp_path: Path) -> None:
    order = sync(FULL, Folder(tmp_path)).written
    assert order[-1] == "index.html"
    assert order.index(f"photos/{ONE}") < order.index("css/x.css") < order.index("trips/a/index.html")


def test_what_must_go_goes_first(tmp_path: Path) -> None:
    sync(FULL, Folder(tmp_path))

    def fails(_: str) -> bytes:
        raise OSError("the store is away")

    with pytest.raises(OSError, match="away"):
        sync(_tree({}, (THREE,), fails), Folder(tmp_path), removing=True)
    assert not (tmp_path / "photos" / ONE).exists()


def test_a_photo_that_was_changed_on_the_disk_is_found_and_mended(tmp_path: Path) -> None:
    sync(FULL, Folder(tmp_path))
    (tmp_path / "photos" / ONE).write_bytes(b"eno")
    assert differences(FULL, Folder(tmp_path)) == (f"photos/{ONE}",)
    assert sync(FULL, Folder(tmp_path)).written == (f"photos/{ONE}",)


def test_a_store_that_gives_another_photo_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(NeedsPerson, match="damaged"):
        sync(_tree({}, (ONE,), lambda _: b"another"), Folder(tmp_path))
    assert _files(tmp_path) == set()


def test_strays_links_and_leftovers_go(tmp_path: Path) -> None:
    sync(FULL, Folder(tmp_path))
    outside = tmp_path.parent / "outside.txt"
    outside.write_text("not ours")
    (tmp_path / "link.html").symlink_to(outside)
    (tmp_path / "trips" / f"{UNFINISHED}index.html").write_bytes(b"half")
    (tmp_path / "stray.jpg").write_bytes(b"x")
    assert set(differences(FULL, Folder(tmp_path))) == {
        "link.html",
        f"trips/{UNFINISHED}index.html",
        "stray.jpg",
    }
    sync(FULL, Folder(tmp_path))
    assert differences(FULL, Folder(tmp_path)) == ()
    assert outside.read_text() == "not ours"


def test_a_page_that_was_replaced_by_a_link_is_written_anew(tmp_path: Path) -> None:
    sync(FULL, Folder(tmp_path))
    outside = tmp_path.parent / "outside.html"
    outside.write_bytes(b"index")
    (tmp_path / "index.html").unlink()
    (tmp_path / "index.html").symlink_to(outside)
    assert differences(FULL, Folder(tmp_path)) == ("index.html",)
    sync(FULL, Folder(tmp_path))
    assert not (tmp_path / "index.html").is_symlink()


def test_a_link_in_the_place_of_a_folder_is_never_written_through(tmp_path: Path) -> None:
    outside, target = tmp_path / "outside", tmp_path / "pages"
    outside.mkdir()
    sync(_tree({"index.html": b"index"}), Folder(target))
    (target / "photos").symlink_to(outside)
    assert sync(FULL, Folder(target)).deleted == ("photos",)
    assert differences(FULL, Folder(target)) == ()
    assert list(outside.iterdir()) == []


def test_a_link_among_the_leftovers_is_never_written_through(tmp_path: Path) -> None:
    outside, target = tmp_path / "outside.txt", tmp_path / "pages"
    outside.write_text("not ours")
    sync(_tree({}), Folder(target))
    (target / f"{UNFINISHED}index.html").symlink_to(outside)
    sync(FULL, Folder(target))
    assert differences(FULL, Folder(target)) == ()
    assert outside.read_text() == "not ours"


def test_a_folder_in_the_place_of_a_page_makes_way_and_so_does_a_page_in_the_place_of_a_folder(
    tmp_path: Path,
) -> None:
    sync(FULL, Folder(tmp_path))
    (tmp_path / "index.html").unlink()
    (tmp_path / "index.html" / "deep").mkdir(parents=True)
    (tmp_path / "index.html" / "deep" / "file").write_bytes(b"x")
    (tmp_path / "css" / "x.css").unlink()
    (tmp_path / "css").rmdir()
    (tmp_path / "css").write_bytes(b"x")
    done = sync(FULL, Folder(tmp_path))
    assert done.deleted == ("css", "index.html/deep/file", "index.html/deep/", "index.html/")
    assert done.written == ("css/x.css", "index.html")
    assert differences(FULL, Folder(tmp_path)) == ()


def test_empty_folders_are_too_many(tmp_path: Path) -> None:
    sync(FULL, Folder(tmp_path))
    (tmp_path / "old" / "older").mkdir(parents=True)
    assert differences(FULL, Folder(tmp_path)) == ("old/", "old/older/")
    assert sync(FULL, Folder(tmp_path)).deleted == ("old/older/", "old/")


@pytest.mark.parametrize(
    "path", ["../up.html", "/etc/up.html", "a/../up.html", "a//b", "", MARKER, "a/.hidden"]
)
def test_a_path_that_leads_elsewhere_is_refused_before_anything_is_written(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        sync(_tree({path: b"x"}), Folder(tmp_path / "pages"))
    assert list(tmp_path.iterdir()) == []


def test_it_tells_how_far_it_is_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    sync(FULL, Folder(tmp_path), told=lambda done, total: told.append((done, total)))
    assert told == [(0, 10), *((step, 10) for step in range(1, 11))]  # five files, brought near and put
    told.clear()
    sync(_tree({"index.html": b"new"}, (ONE,)), Folder(tmp_path), told=lambda *far: told.append(far))
    assert told[-1] == (8, 8)  # one is new; three files and three folders go
    told.clear()
    sync(_tree({"index.html": b"new"}, (ONE,)), Folder(tmp_path), told=lambda *far: told.append(far))
    assert told == [(0, 0)]


@pytest.mark.parametrize("removing", [False, True])
def test_photos_go_before_pages_in_a_takedown_and_after_them_else(tmp_path: Path, removing: bool) -> None:
    sync(FULL, Folder(tmp_path))
    gone = sync(_tree({"index.html": b"new"}), Folder(tmp_path), removing).deleted
    files = [path for path in gone if not path.endswith("/")]
    photos = [f"photos/{ONE}", f"photos/{TWO}"]
    assert sorted(files[:2] if removing else files[-2:]) == sorted(photos)
    assert gone[len(files) :] == tuple(path for path in gone if path.endswith("/"))


def test_pages_appear_from_the_deepest_up_and_the_index_last(tmp_path: Path) -> None:
    pages = [
        "index.html",
        "feed.xml",
        "news/index.html",
        "news/2025-26.html",
        "news/a/index.html",
        "css/x.css",
    ]
    made = {f"{path}{packed}": b"x" for path in pages for packed in ("", ".br", ".gz")}
    order = sync(_tree(made, (ONE,)), Folder(tmp_path)).written
    plain = [path for path in order if not path.endswith((".br", ".gz"))]
    assert plain == [
        f"photos/{ONE}",
        "css/x.css",
        "news/a/index.html",
        "news/2025-26.html",
        "news/index.html",
        "feed.xml",
        "index.html",
    ]
    assert order[-3:] == ("index.html", "index.html.br", "index.html.gz")


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    sync(FULL, Folder(tmp_path))
    larger = _tree({"index.html": b"new", "new/index.html": b"x" * 9000}, (THREE,))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (4096, hard)
    )  # a file that grows past it fails as on a full disk
    try:
        with pytest.raises(OSError, match="too large"):
            sync(larger, Folder(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert differences(FULL, Folder(tmp_path)) == ()


def test_what_goes_wrong_once_pages_have_changed_is_not_called_unsent(tmp_path: Path) -> None:
    sync(FULL, Folder(tmp_path))
    (tmp_path / "old").mkdir()

    def meanwhile(name: str) -> bytes:
        (tmp_path / "old" / "file").write_bytes(b"so the folder cannot be deleted")
        return PIXELS[name]

    with pytest.raises(OutcomeUnknown):
        sync(_tree({"index.html": b"new"}, (THREE,), meanwhile), Folder(tmp_path))
    assert (tmp_path / "index.html").read_bytes() == b"new"


def test_a_takedown_rewrites_the_pages_even_where_a_photo_is_lost(tmp_path: Path) -> None:
    def lost(_: str) -> bytes:
        raise FileNotFoundError

    sync(FULL, Folder(tmp_path))
    with pytest.raises(NeedsPerson, match="missing"):
        sync(_tree({"index.html": b"without"}, (THREE,), lost), Folder(tmp_path), removing=True)
    assert _files(tmp_path) == {"index.html"}
    assert (tmp_path / "index.html").read_bytes() == b"without"


def test_a_marker_that_was_half_written_does_not_lock_us_out(tmp_path: Path) -> None:
    (tmp_path / f"{UNFINISHED}{MARKER}").write_bytes(b"Trip Up")
    sync(FULL, Folder(tmp_path))
    assert differences(FULL, Folder(tmp_path)) == ()


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(NeedsPerson):
        sync(FULL, Folder(tmp_path / "thesis.doc"))
    assert (tmp_path / "thesis.doc").read_text() == "mine"


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(NeedsPerson):
        sync(FULL, Folder(tmp_path))
    assert _files(tmp_path) == {"thesis.doc"}


@pytest.mark.parametrize("removing", [False, True])
def test_a_kill_at_any_step_leaves_no_half_file_and_the_next_run_finishes(
    tmp_path: Path, removing: bool
) -> None:
    old = _tree({"index.html": b"old" * 1000, "old.html": b"old"}, (ONE,))
    new = _tree({"index.html": b"new" * 1000, "new/new.html": b"new", "css/x.css": b"css"}, (TWO, THREE))
    whole = {*old.pages.values(), *new.pages.values(), *PIXELS.values(), OURS}
    for step in itertools.count(1):
        target = tmp_path / str(step)
        sync(old, Folder(target))
        if not _killed_at(step, partial(sync, new, Folder(target), removing)):
            break
        files = [
            path for path in target.rglob("*") if path.is_file() and not path.name.startswith(UNFINISHED)
        ]
        assert {path.read_bytes() for path in files} <= whole
        if (target / "index.html").read_bytes() == new.pages["index.html"]:
            there = {path.name for path in files}
            assert {ONE}.isdisjoint(there) if removing else {TWO, THREE} <= there
        sync(new, Folder(target), removing)
        assert differences(new, Folder(target)) == ()
    assert step > 20


def test_a_kill_at_any_step_of_the_first_run_is_made_good_by_the_next(tmp_path: Path) -> None:
    for step in itertools.count(1):
        target = tmp_path / str(step)
        if not _killed_at(step, partial(sync, FULL, Folder(target))):
            break
        sync(FULL, Folder(target))
        assert differences(FULL, Folder(target)) == ()
    assert step > 20


def _killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do the work in a fork that is killed as it is about to touch the disk for the `step`th time.

    False where it ended before.
    """
    child = os.fork()
    if child == 0:
        left = [step]

        def dying(event: str, _: object) -> None:
            if event in {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir"}:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(dying)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)
