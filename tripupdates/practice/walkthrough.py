"""The whole path once, as a phone and three people would walk it: over HTTP, with real photos, on the practice X.

Each step says what it saw, and fails loudly where that is not what it must be.
"""

import re
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import requests

from tripupdates.photos.proof import location_in, prove
from tripupdates.practice import camera
from tripupdates.practice.school import Logins
from tripupdates.vocabulary import Refused

PATIENCE = 90.0  # seconds for deliveries and removals to settle
SETTLING = {"waiting", "removing"}

Say = Callable[[str, str], None]


class WentWrong(Exception):
    """A step did not see what it must. The text says which, and what it saw."""


class Visitor:
    """Someone with a browser: a session that speaks to the school's app."""

    def __init__(self, base: str) -> None:
        self.base, self.web = base, requests.Session()
        self.web.trust_env = False

    def sign_in(self, email: str, password: str) -> None:
        """Through the same form as everybody, then take the page's token for the calls that follow."""
        page = self.web.get(f"{self.base}/staff/login", timeout=30).text
        form = {"csrf_token": _token(page), "email": email, "password": password}
        answer = self.web.post(f"{self.base}/staff/login", data=form, timeout=30)
        _must(answer.status_code == 200, "sign in", f"{answer.status_code} at {answer.url}")
        self.web.headers["X-CSRF-Token"] = _token(answer.text)

    def call(self, method: str, path: str, expected: int = 200, **body: Any) -> Any:
        """One call of the phone's interface; `expected` is the status it must answer with."""
        answer = self.web.request(method, f"{self.base}/api{path}", timeout=60, **body)
        _must(answer.status_code == expected, f"{method} {path}", f"{answer.status_code} {answer.text[:300]}")
        return answer.json()

    def page(self, path: str) -> str:
        """An ordinary page, which must be there."""
        answer = self.web.get(self.base + path, timeout=30)
        _must(answer.status_code == 200, f"open {path}", str(answer.status_code))
        return answer.text

    def status(self, path: str) -> int:
        """Only whether something is there."""
        return self.web.get(self.base + path, timeout=30, allow_redirects=False).status_code


def _token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page) or re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', page
    )
    _must(found is not None, "find the page's token", "none")
    return found.group(1) if found else ""


def _must(fine: bool, step: str, saw: str) -> None:
    if not fine:
        raise WentWrong(f"{step}: {saw}")


def walk(base: str, x_base: str, logins: Logins, say: Say) -> None:
    """Walk the path twice: one update stays, one loses its photo to a withdrawn consent. Raises WentWrong."""
    staff, head, office = (Visitor(base) for _ in range(3))
    for visitor, who in ((staff, "staff"), (head, "head"), (office, "office")):
        visitor.sign_in(*logins.people[who])
    say("signed in", "staff, headteacher and office, each with their own password")
    parent = _parent(base, logins)
    say("trip code", "a parent typed it once and sees the families’ page")
    trip = next(each for each in staff.call("GET", "/trips") if each["slug"] == logins.slug)
    given = {
        pupil["id"]: frozenset(c for c, yes in pupil["can_show"].items() if yes) for pupil in trip["pupils"]
    }
    say(
        "pupils",
        f"{len(given)} on the list, {sum(len(each) == 3 for each in given.values())} may be shown everywhere",
    )
    stays = _first_update(staff, logins.slug, trip, given, say)
    _approve(staff, head, stays, say)
    _published(parent, staff, x_base, stays, pictures={"families": 3, "website": 3, "x": 2}, say=say)
    goes = _second_update(staff, head, logins.slug, given, say)
    _withdraw(office, parent, staff, x_base, logins.slug, goes, say)


def _parent(base: str, logins: Logins) -> Visitor:
    parent = Visitor(base)
    page = parent.page(f"/trips/{logins.slug}/")
    form = {"csrf_token": _token(page), "code": logins.code}
    answer = parent.web.post(f"{base}/trips/{logins.slug}/code", data=form, timeout=30)
    _must(answer.url.endswith(f"/trips/{logins.slug}/"), "type the trip code", answer.url)
    return parent


def _pick(given: Mapping[str, frozenset[str]], channels: Collection[str], count: int) -> list[str]:
    found = [pupil for pupil, yes in given.items() if yes == frozenset(channels)]
    _must(
        len(found) >= count,
        "find pupils to picture",
        f"{len(found)} with a yes for exactly {sorted(channels)}",
    )
    return found[:count]


def _draft(staff: Visitor, slug: str, text: str, update: str) -> None:
    staff.call(
        "PUT",
        f"/updates/{update}",
        json={"trip": slug, "text": text, "channels": ["families", "website", "x"]},
    )


def _photo(staff: Visitor, update: str, scene: int, say: Say) -> tuple[str, dict[str, Any]]:
    taken = camera.take(scene)
    _must(location_in(taken), "take a photo", "the practice camera wrote no location")
    photo = str(uuid.uuid4())
    path = f"/updates/{update}/photos/{photo}"
    answer = staff.call("PUT", path, data=taken, headers={"Content-Type": "image/jpeg"})
    again = staff.call("PUT", path, data=taken, headers={"Content-Type": "image/jpeg"})
    _must(answer == again, "send a photo twice", "the second answer differs")
    say("photo cleaned", f"{answer['width']}x{answer['height']}, removed: {', '.join(answer['removed'])}")
    return photo, answer


def _first_update(
    staff: Visitor, slug: str, trip: dict[str, Any], given: Mapping[str, frozenset[str]], say: Say
) -> dict[str, Any]:
    update, now = str(uuid.uuid4()), datetime.now().astimezone()
    named = trip["pupils"][0]
    _draft(staff, slug, f"{named['forename']} {named['surname']} was first up the tower!", update)
    refusal = staff.call("POST", f"/updates/{update}/submit", 422)
    say("words checked", f"a pupil’s name was stopped: “{refusal['reasons'][0]}”")
    text = f"We climbed the castle tower at {now:%H:%M:%S} and counted 114 steps.\n\nSoup and warm bread for supper."
    _draft(staff, slug, text, update)
    everywhere, hidden = _pick(given, ("families", "website", "x"), 4), _pick(given, (), 1)
    not_x = _pick(given, ("families", "website"), 1)
    photos = [_photo(staff, update, scene, say)[0] for scene in (1, 2, 3)]
    staff.call(
        "PATCH",
        f"/updates/{update}/photos/{photos[0]}",
        json={"alt": "The group at the tower", "pictured": everywhere[:1] + hidden},
    )
    blocked = staff.call("POST", f"/updates/{update}/submit", 422)
    say("consent checked", f"{len(blocked['reasons'])} reasons to wait, such as: “{blocked['reasons'][0]}”")
    answers: list[tuple[str, list[str]]] = [
        ("A group of children on the castle steps.", everywhere[:3]),
        ("Children drawing in the courtyard.", [*everywhere[1:4], *not_x]),
        ("The castle tower in the evening sun.", []),
    ]
    for photo, (alt, pictured) in zip(photos, answers, strict=True):
        staff.call("PATCH", f"/updates/{update}/photos/{photo}", json={"alt": alt, "pictured": pictured})
    say("pupils answered", "3, 4 and none; one may not be shown on X")
    sent = staff.call("POST", f"/updates/{update}/submit")
    _must(sent["findings"] == [], "check the words", str(sent["findings"]))
    say("sent to the head", f"no findings, digest {sent['digest'][:16]}…")
    _prove_renditions(staff, update, say)
    return {"id": update, "text": text, "digest": sent["digest"]}


def _prove_renditions(staff: Visitor, update: str, say: Say) -> None:
    """Fetch every rendition that the author's page shows, and read it again with code that did not write it."""
    page = staff.page(f"/staff/updates/{update}")
    links = sorted(set(re.findall(r"/staff/photos/[0-9a-f-]{36}/[0-9a-f]{64}\.jpg", page)))
    _must(bool(links), "find the renditions", "none on the page")
    for link in links:
        data = staff.web.get(staff.base + link, timeout=30).content
        try:
            prove(data)
        except Refused as refused:
            raise WentWrong(f"prove {link}: {refused.title}") from refused
        leaked = location_in(data) or camera.PLANTED in data
        _must(not leaked, f"look for leaks in {link}", "something planted is still there")
    say("proven clean", f"{len(links)} renditions read again: pixels and nothing else")


def _approve(staff: Visitor, head: Visitor, update: dict[str, Any], say: Say) -> None:
    path = f"/updates/{update['id']}/approve"
    staff.call("POST", path, 403, json={"digest": update["digest"]})
    head.call("POST", path, 409, json={"digest": "0" * 64})
    head.page(f"/review/{update['id']}")
    approved = head.call("POST", path, json={"digest": update["digest"]})
    again = head.call("POST", path, json={"digest": update["digest"]})
    _must(approved["state"] == again["state"] == "approved", "approve", approved["state"])
    say("approved", f"by the head, digest {update['digest'][:16]}…; not by its author, nor at another digest")


def _settled(staff: Visitor, update: str) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found: dict[str, Any] = staff.call("GET", f"/updates/{update}")
        if not any(each["state"] in SETTLING for each in found["delivery"]):
            return {each["channel"]: each for each in found["delivery"]}
        time.sleep(0.2)
    raise WentWrong(f"wait for delivery: {found['delivery']}")


def _posts(x_base: str, text: str) -> list[dict[str, Any]]:
    session = requests.Session()
    session.trust_env = False
    posts: list[dict[str, Any]] = session.get(f"{x_base}/practice/posts", timeout=30).json()["posts"]
    return [post for post in posts if post["text"] == text and not post["deleted"]]


def _article(page: str, update: str) -> str:
    found = re.findall(rf'<article[^>]*id="update-{update}".*?</article>', page, re.DOTALL)
    _must(len(found) == 1, "find the update on the page", f"{len(found)} times")
    return str(found[0])


def _published(
    parent: Visitor, staff: Visitor, x_base: str, update: dict[str, Any], pictures: dict[str, int], say: Say
) -> None:
    deliveries = _settled(staff, update["id"])
    for channel, each in deliveries.items():
        _must(each["state"] == "sent", f"deliver to {channel}", str(each))
        say(f"delivered: {channel}", each["link"])
    slug = deliveries["families"]["link"].split("/trips/")[1].split("/")[0]
    seen = {
        "families": _article(parent.page(f"/trips/{slug}/"), update["id"]).count("<img"),
        "website": _article(parent.page(f"/site/trips/{slug}/"), update["id"]).count("<img"),
    }
    posts = _posts(x_base, update["text"])
    _must(len(posts) == 1, "count the posts on X", str(len(posts)))
    seen["x"] = len(posts[0]["media"])
    _must(seen == pictures, "count the pictures", f"{seen}, not {pictures}")
    say("seen by parents", f"once on each channel, with pictures {seen}")


def _second_update(
    staff: Visitor, head: Visitor, slug: str, given: Mapping[str, frozenset[str]], say: Say
) -> dict[str, Any]:
    update, now = str(uuid.uuid4()), datetime.now().astimezone()
    text = f"Raft building on the pond at {now:%H:%M:%S}. Everyone is warm and dry again."
    _draft(staff, slug, text, update)
    photo, _ = _photo(staff, update, 4, say)
    pictured = _pick(given, ("families", "website", "x"), 6)[4:]  # nobody of the first update
    body = {"alt": "Two rafts on the pond.", "pictured": pictured}
    staff.call("PATCH", f"/updates/{update}/photos/{photo}", json=body)
    sent = staff.call("POST", f"/updates/{update}/submit")
    made = {"id": update, "text": text, "digest": sent["digest"], "pupil": pictured[0]}
    _approve(staff, head, made, say)
    return made


def _withdraw(
    office: Visitor, parent: Visitor, staff: Visitor, x_base: str, slug: str, update: dict[str, Any], say: Say
) -> None:
    _published(parent, staff, x_base, update, {"families": 1, "website": 1, "x": 1}, say)
    before = _article(parent.page(f"/trips/{slug}/"), update["id"])
    photos = re.findall(r"photos/[0-9a-f]{64}\.jpg", before)
    consent = f"/trips/{slug}/consent"
    for channel in ("families", "website", "x"):
        body = {
            "pupil": update["pupil"],
            "channel": channel,
            "answer": "no",
            "note": "walk-through: a parent rang",
        }
        office.call("POST", consent, json=body)
    say("consent withdrawn", "by the office, for one pupil, on every channel")
    try:
        _gone(parent, staff, x_base, slug, update, photos)
    finally:  # the pupil is made up; the next walk needs the yes again, and nothing comes back by it
        for channel in ("families", "website", "x"):
            body = {
                "pupil": update["pupil"],
                "channel": channel,
                "answer": "yes",
                "note": "walk-through: made up",
            }
            office.call("POST", consent, json=body)
    say(
        "takedown confirmed",
        f"{len(set(photos))} picture files and the post on X are gone; the words stay on the pages",
    )


def _gone(
    parent: Visitor, staff: Visitor, x_base: str, slug: str, update: dict[str, Any], photos: list[str]
) -> None:
    deliveries = _settled(staff, update["id"])
    _must(deliveries["x"]["state"] == "removed", "remove from X", str(deliveries["x"]))
    _must(_posts(x_base, update["text"]) == [], "look for the post", "it is still there")
    for page in (f"/trips/{slug}/", f"/site/trips/{slug}/"):
        _must(
            "<img" not in _article(parent.page(page), update["id"]),
            f"look at {page}",
            "a picture is still there",
        )
    for photo in photos:
        gone = [parent.status(f"/trips/{slug}/{photo}"), parent.status(f"/site/{photo}")]
        _must(gone == [404, 404], f"fetch {photo}", str(gone))
