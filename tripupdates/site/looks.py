"""What the public site looks like: our templates and styles, and what the school has put in their place.

That lies in `templates/site/` of the instance folder: a template of ours by its name, `school.css` to go after our own
styles, `icon.svg`, and `icon-512.png` for where a link to the site is shown.
"""

from pathlib import Path

from tripupdates.settings import folder_of_ours
from tripupdates.site.filling import OWN, BrokenTemplate, Look
from tripupdates.site.values import ICON, PICTURE

STYLE = "school.css"


def ours() -> Look:
    """As every school has it."""
    static = folder_of_ours("static")
    return Look(
        templates=folder_of_ours("templates") / "site",
        css=_joined(static, "site.css", "public.css"),
        frame_css=_joined(static, "embed.css"),
        icon=(static / ICON).read_bytes(),
        picture=(static / PICTURE).read_bytes(),
    )


def of(instance: Path) -> Look:
    """With the school's own in its place. Raises BrokenTemplate where a file of it cannot be read."""
    look, files = ours(), _files(instance / OWN)
    texts = {file.name: _text(file) for file in files if file.suffix in {".html", ".css"}}
    pictures = {file.name: _bytes(file) for file in files if file.name in {ICON, PICTURE}}
    return Look(
        templates=look.templates,
        css=look.css + texts.pop(STYLE, "").encode(),
        frame_css=look.frame_css,
        icon=pictures.get(ICON, look.icon),
        picture=pictures.get(PICTURE, look.picture),
        own={name: text for name, text in texts.items() if name.endswith(".html")},
    )


def _joined(static: Path, *names: str) -> bytes:
    return b"".join((static / "css" / name).read_bytes() for name in names)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise BrokenTemplate(OWN, 0, f"the folder cannot be read: {error.strerror}") from error


def _text(file: Path) -> str:
    try:
        return _bytes(file).decode("utf-8")
    except UnicodeDecodeError:
        raise BrokenTemplate(OWN + file.name, 0, "it is not text in UTF-8") from None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BrokenTemplate(OWN + file.name, 0, f"it cannot be read: {error.strerror}") from error
