"""The walk-through's class app, where only people can post: words and a picture handed over, and taken down by hand."""

import io
import uuid
import zipfile
from collections.abc import Callable
from datetime import datetime

from tripupdates.photos.proof import prove
from tripupdates.practice import camera
from tripupdates.practice.visitor import Visitor, must, settled


def walk(
    staff: Visitor, head: Visitor, office: Visitor, slug: str, name: str, say: Callable[[str, str], None]
) -> None:
    """Hand an update over, say that it is posted, take it down, say that it is gone. Raises WentWrong."""
    update = _approved(staff, head, slug)
    path = f"/hand/{update}"
    must(staff.status(f"{path}/update.zip") == 409, "fetch before the button", "it was given out")
    staff.post(f"{path}/out")
    names = _opened(staff, f"{path}/update.zip")
    staff.post(f"{path}/there")
    state = settled(staff, update)["app"]["state"]
    must(state == "sent", f"say that it is posted on {name}", state)
    say("handed over", f"to {name}, by hand, once who takes it was written down: {', '.join(names)}")
    head.post(f"/review/{update}/take-down", reason="walk-through: the picture shows too much")
    must(staff.status(f"{path}/update.zip") == 409, "fetch after the takedown", "it was given out")
    waits = staff.call("GET", f"/updates/{update}")["delivery"][0]
    must(waits["state"] == "removing", "wait for a person", str(waits))
    office.post(f"{path}/gone")
    state = settled(staff, update)["app"]["state"]
    must(state == "removed", f"say that it is gone from {name}", state)
    say("taken down by hand", f"a person looked on {name}, and said that it is gone")


def _approved(staff: Visitor, head: Visitor, slug: str) -> str:
    update, photo = str(uuid.uuid4()), str(uuid.uuid4())
    text = f"The tower stood in the evening sun at {datetime.now().astimezone():%H:%M:%S}."
    staff.call("PUT", f"/updates/{update}", json={"trip": slug, "text": text, "channels": ["app"]})
    taken, kind = camera.take(5, people=0), {"Content-Type": "image/jpeg"}
    staff.call("PUT", f"/updates/{update}/photos/{photo}", data=taken, headers=kind)
    said = {"alt": "The castle tower.", "pictured": [], "faces": []}
    staff.call("PATCH", f"/updates/{update}/photos/{photo}", json=said)
    digest = staff.call("POST", f"/updates/{update}/submit")["digest"]
    head.call("POST", f"/updates/{update}/approve", json={"digest": digest})
    return update


def _opened(staff: Visitor, path: str) -> list[str]:
    """What is in the file, its picture proven again."""
    data = staff.web.get(staff.base + path, timeout=30).content
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = file.namelist()
        pictures = [file.read(name) for name in names if name.endswith(".jpg")]
    must(len(pictures) == 1, "count the pictures in the file", str(names))
    for picture in pictures:
        prove(picture)
        must(camera.PLANTED not in picture, "look for leaks in the file", "something planted")
    return names
