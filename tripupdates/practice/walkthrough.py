"""The whole path once, as a phone and three people would walk it: over HTTP, with real photos, on the practice X.

Each step says what it saw, and fails loudly where that is not what it must be.
"""

import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tripupdates.photos.proof import location_in, prove
from tripupdates.practice import by_hand, camera, newsletter, of_the_school, two_taps
from tripupdates.practice.school import CLASS_APP, NAME, Logins
from tripupdates.practice.visitor import (
    Visitor,
    WentWrong,
    article,
    mails_to,
    must,
    posts_on,
    settled,
    token_in,
)
from tripupdates.vocabulary import Refused

_FILE = r"photos/[0-9a-f]{16}-\d+\.(?:jpg|avif)"  # as pages name them

Say = Callable[[str, str], None]


def walk(base: str, x_base: str, notify_base: str, logins: Logins, say: Say) -> None:
    """Walk the path twice: one update stays, one loses its photo to a withdrawn consent. Raises WentWrong."""
    staff, head, office = (Visitor(base) for _ in range(3))
    for visitor, who in ((staff, "staff"), (head, "head"), (office, "office")):
        visitor.sign_in(*logins.people[who])
    say("signed in", "staff, headteacher and office, each with their own password")
    parent = _parent(base, logins)
    say("trip code", "a parent typed it once and sees the families’ page")
    trip = next(each for each in staff.call("GET", "/trips") if each["slug"] == logins.slug)
    given = {
        pupil["id"]: frozenset(c for c in ("families", "website", "x") if pupil["can_show"][c])
        for pupil in trip["pupils"]
    }
    say(
        "pupils",
        f"{len(given)} on the list, {sum(len(each) == 3 for each in given.values())} may be shown everywhere",
    )
    stays = _first_update(staff, logins.slug, trip, given, say)
    _told(staff, x_base, logins.people["head"][0], stays, say)
    _approve(staff, head, stays, say)
    _published(parent, staff, x_base, stays, pictures={"families": 3, "website": 3, "x": 2}, say=say)
    goes = _second_update(staff, head, logins.slug, given, say)
    _withdraw(office, parent, staff, x_base, logins.slug, goes, say)
    two_taps.walk(staff, head, parent, trip, say)
    two_taps.text(staff, notify_base, trip, say)
    of_the_school.walk(office, head, parent, x_base, logins.slug, say)
    newsletter.walk(office, head, x_base, NAME, say)
    if "app" in trip["channels"]:
        by_hand.walk(staff, head, office, logins.slug, CLASS_APP, say)


def _parent(base: str, logins: Logins) -> Visitor:
    parent = Visitor(base)
    page = parent.page(f"/trips/{logins.slug}/")
    form = {"csrf_token": token_in(page), "code": logins.code}
    answer = parent.web.post(f"{base}/trips/{logins.slug}/code", data=form, timeout=30)
    must(answer.url.endswith(f"/trips/{logins.slug}/"), "type the trip code", answer.url)
    return parent


def _pick(given: Mapping[str, frozenset[str]], channels: Collection[str], count: int) -> list[str]:
    found = [pupil for pupil, yes in given.items() if yes == frozenset(channels)]
    must(
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


def _photo(staff: Visitor, update: str, scene: int, people: int, say: Say) -> tuple[str, dict[str, Any]]:
    taken = camera.take(scene, people=people)
    must(location_in(taken), "take a photo", "the practice camera wrote no location")
    photo = str(uuid.uuid4())
    path = f"/updates/{update}/photos/{photo}"
    answer = staff.call("PUT", path, data=taken, headers={"Content-Type": "image/jpeg"})
    if scene == 1:
        again = staff.call("PUT", path, data=taken, headers={"Content-Type": "image/jpeg"})
        must(answer == again, "send a photo twice", "the second answer differs")
    say("photo cleaned", f"{answer['width']}x{answer['height']}, removed: {', '.join(answer['removed'])}")
    if not answer["faces_looked_for"]:
        say("faces not looked for", "the extra `faces` is not installed: staff count the people")
        return photo, answer
    must(len(answer["faces"]) == people, "find the faces", f"{len(answer['faces'])}, not {people}")
    say("faces found", f"{people}, none of them known to the computer" if people else "none")
    return photo, answer


def _answer(
    staff: Visitor, update: str, photo: tuple[str, dict[str, Any]], alt: str, who: Sequence[str]
) -> dict[str, Any]:
    """Say who is at each face, from left to right; without a detector, who each of the people is."""
    number, seen = photo
    boxes = [face["box"] for face in seen["faces"]] or [None] * len(who)
    faces = [{"box": box, "is": each} for box, each in zip(boxes, who, strict=True)]
    body = {"alt": alt, "pictured": [], "faces": faces}
    answer: dict[str, Any] = staff.call("PATCH", f"/updates/{update}/photos/{number}", json=body)
    return answer


def _deal_with_a_stranger(staff: Visitor, update: str, photo: dict[str, Any], say: Say) -> None:
    """Somebody else's child stands at the right: covered, or cropped away where nobody looked for faces."""
    path = f"/updates/{update}/photos/{photo['id']}"
    box = photo["faces"][-1]["box"]
    if box is None:
        body = {"of": photo["name"], "crop": [0, 0, 0.8, 1]}
        staff.call("POST", f"{path}/redraw", json=body)
        staff.call("PATCH", path, json={"faces": photo["faces"][:-1]})
        say("stranger cropped away", "no detector here: staff counted, and cropped")
        return
    first = staff.call(
        "POST", f"{path}/redraw", 422, json={"of": photo["name"], "covers": [photo["faces"][0]["box"]]}
    )
    after = staff.call("POST", f"{path}/redraw", json={"of": photo["name"], "covers": [box]})
    must(after["covered"] == 1 and len(after["faces"]) == len(photo["faces"]) - 1, "cover a face", str(after))
    say("stranger covered", f"and a pupil is not: “{first['title']}”")


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
    photos = [_photo(staff, update, scene, people, say) for scene, people in ((1, 4), (2, 5), (3, 0))]
    staff.call(
        "PATCH",
        f"/updates/{update}/photos/{photos[0][0]}",
        json={"alt": "The group at the tower", "pictured": everywhere[:1] + hidden},
    )
    blocked = staff.call("POST", f"/updates/{update}/submit", 422)
    say("consent checked", f"{len(blocked['reasons'])} reasons to wait, such as: “{blocked['reasons'][0]}”")
    answers: list[tuple[str, list[str]]] = [
        ("A group of children on the castle steps.", [*everywhere[:3], "adult"]),
        ("Children drawing in the courtyard.", [*everywhere[1:4], *not_x, "someone_else"]),
        ("The castle tower in the evening sun.", []),
    ]
    answered = [
        _answer(staff, update, photo, alt, who) for photo, (alt, who) in zip(photos, answers, strict=True)
    ]
    stranger = staff.call("POST", f"/updates/{update}/submit", 422)
    say("pupils answered", f"3, 4 and none; one may not be shown on X. Left: “{stranger['reasons'][0]}”")
    _deal_with_a_stranger(staff, update, answered[1], say)
    sent = staff.call("POST", f"/updates/{update}/submit")
    must(sent["findings"] == [], "check the words", str(sent["findings"]))
    say("sent to the head", f"no findings, digest {sent['digest'][:16]}…")
    _prove_renditions(staff, update, say)
    return {"id": update, "text": text, "digest": sent["digest"]}


def _prove_renditions(staff: Visitor, update: str, say: Say) -> None:
    """Fetch every rendition that the author's page shows, and read it again with code that did not write it."""
    page = staff.page(f"/staff/updates/{update}")
    links = sorted(set(re.findall(r"/staff/photos/[0-9a-f-]{36}/[0-9a-f]{64}\.(?:jpg|avif)", page)))
    must(bool(links), "find the renditions", "none on the page")
    for link in links:
        _prove(staff, link)
    say("proven clean", f"{len(links)} renditions read again: pixels and nothing else")


def _prove(visitor: Visitor, link: str) -> None:
    """Fetch one rendition, and see that it is pixels and nothing else."""
    data = visitor.web.get(visitor.base + link, timeout=30).content
    try:
        prove(data)
    except Refused as refused:
        raise WentWrong(f"prove {link}: {refused.title}") from refused
    must(not (location_in(data) or camera.PLANTED in data), f"look for leaks in {link}", "something planted")


def _told(staff: Visitor, x_base: str, head: str, update: dict[str, Any], say: Say) -> None:
    """The head hears by e-mail, without a name or a word of the update, and the author sees that they did."""
    mails = mails_to(x_base, head, f"/review/{update['id']}")
    whole = " ".join(mails[0].values())
    must(not any(word in whole for word in update["text"].split() if len(word) > 6), "read the mail", whole)
    page = staff.page(f"/staff/updates/{update['id']}")
    heard = re.search(r"</strong> (told by e-mail [^<]+?)\.</li>", page)
    must(heard is not None, "see who was told", "not on the author’s page")
    say("head told", f"“{mails[0]['subject']}”; the author sees: {heard[1] if heard else ''}")


def _approve(staff: Visitor, head: Visitor, update: dict[str, Any], say: Say) -> None:
    path = f"/updates/{update['id']}/approve"
    staff.call("POST", path, 403, json={"digest": update["digest"]})
    head.call("POST", path, 409, json={"digest": "0" * 64})
    head.page(f"/review/{update['id']}")
    approved = head.call("POST", path, json={"digest": update["digest"]})
    again = head.call("POST", path, json={"digest": update["digest"]})
    must(approved["state"] == again["state"] == "approved", "approve", approved["state"])
    say("approved", f"by the head, digest {update['digest'][:16]}…; not by its author, nor at another digest")


def _published(
    parent: Visitor, staff: Visitor, x_base: str, update: dict[str, Any], pictures: dict[str, int], say: Say
) -> None:
    deliveries = settled(staff, update["id"])
    for channel, each in deliveries.items():
        must(each["state"] == "sent", f"deliver to {channel}", str(each))
        say(f"delivered: {channel}", each["link"])
    slug = deliveries["families"]["link"].split("/trips/")[1].split("/")[0]
    seen = {
        "families": article(parent.page(f"/trips/{slug}/"), update["id"]).count("<img"),
        "website": article(parent.page(f"/site/trips/{slug}/"), update["id"]).count("<img"),
    }
    shown = set(re.findall(_FILE, article(parent.page(f"/trips/{slug}/"), update["id"])))
    for name in shown:
        _prove(parent, f"/trips/{slug}/{name}")
    posts = posts_on(x_base, update["text"])
    must(len(posts) == 1, "count the posts on X", str(len(posts)))
    seen["x"] = len(posts[0]["media"])
    must(seen == pictures, "count the pictures", f"{seen}, not {pictures}")
    say(
        "seen by parents",
        f"once on each channel, with pictures {seen}; their {len(shown)} files proven again",
    )


def _second_update(
    staff: Visitor, head: Visitor, slug: str, given: Mapping[str, frozenset[str]], say: Say
) -> dict[str, Any]:
    update, now = str(uuid.uuid4()), datetime.now().astimezone()
    text = f"Raft building on the pond at {now:%H:%M:%S}. Everyone is warm and dry again."
    _draft(staff, slug, text, update)
    photo = _photo(staff, update, 4, 2, say)
    pictured = _pick(given, ("families", "website", "x"), 6)[4:]  # nobody of the first update
    _answer(staff, update, photo, "Two rafts on the pond.", pictured)
    sent = staff.call("POST", f"/updates/{update}/submit")
    made = {"id": update, "text": text, "digest": sent["digest"], "pupil": pictured[0]}
    _approve(staff, head, made, say)
    return made


def _withdraw(
    office: Visitor, parent: Visitor, staff: Visitor, x_base: str, slug: str, update: dict[str, Any], say: Say
) -> None:
    _published(parent, staff, x_base, update, {"families": 1, "website": 1, "x": 1}, say)
    photos = [
        f"{below}/{name}"
        for below, page in ((f"/trips/{slug}", f"/trips/{slug}/"), ("/site", f"/site/trips/{slug}/"))
        for name in re.findall(_FILE, article(parent.page(page), update["id"]))
    ]
    must(len({photo.split("/")[1] for photo in photos}) == 2, "find its pictures on both pages", str(photos))
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
    deliveries = settled(staff, update["id"])
    must(deliveries["x"]["state"] == "removed", "remove from X", str(deliveries["x"]))
    must(posts_on(x_base, update["text"]) == [], "look for the post", "it is still there")
    for page in (f"/trips/{slug}/", f"/site/trips/{slug}/"):
        must(
            "<img" not in article(parent.page(page), update["id"]),
            f"look at {page}",
            "a picture is still there",
        )
    for photo in photos:
        gone = parent.status(photo)
        must(gone == 404, f"fetch {photo}", str(gone))
