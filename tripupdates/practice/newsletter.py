"""The walk-through's newsletter: a PDF full of what its makers left in it, declared, approved, announced, and clean."""

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urljoin

import requests

from tripupdates.documents.proof import prove
from tripupdates.documents.rules import for_x, title_of
from tripupdates.photos.proof import location_in
from tripupdates.practice import camera, paper
from tripupdates.practice.visitor import Visitor, must, posts_on, settled, token_in
from tripupdates.vocabulary import Refused

Say = Callable[[str, str], None]


def walk(office: Visitor, head: Visitor, x_base: str, school: str, say: Say) -> None:
    """The office sends one, the head approves it, the practice X tells of it. Raises WentWrong."""
    update, now = str(uuid.uuid4()), datetime.now().astimezone()
    title, dated = f"The Puddle Post of {now:%H:%M:%S}", now.date()
    made = paper.newsletter(title, dated)
    must(camera.PLANTED in made and location_in(made), "make a newsletter", "its makers left nothing in it")
    form: dict[str, object] = {
        "kind": "newsletter",
        "title": title,
        "dated": dated.isoformat(),
        "action": "save",
    }
    form |= {"text": "The choir sang, and the book fair comes.", "channels": ["website", "x"]}
    refused = _send(office, update, form, made)
    must(refused.status_code == 422, "send a newsletter without the declaration", str(refused.status_code))
    page = _send(office, update, form | {"declared": "yes"}, made)
    must(page.status_code == 200, "send a newsletter", f"{page.status_code} at {page.url}")
    say("newsletter cleaned", " ".join(re.findall(r"Taken out before it was kept: [^<]*", page.text)))
    _send(office, update, form | {"action": "submit"}, None)
    review = head.page(f"/review/{update}")
    _is_clean(head, f"{head.base}/review/{update}", review, title_of(school, dated), say)
    _approve(head, update, review)
    there = settled(head, update)
    for channel, each in there.items():
        must(each["state"] == "sent", f"deliver the newsletter to {channel}", str(each))
    _on_site(head, there["website"]["link"], title_of(school, dated), say)
    posts = posts_on(x_base, for_x(title, dated))
    must(len(posts) == 1 and not posts[0]["media"], "count the posts on X", str(posts))
    say("newsletter announced", f"“{posts[0]['text']}”, without a link and without a picture")


def _send(office: Visitor, update: str, form: Mapping[str, object], pdf: bytes | None) -> requests.Response:
    """The form of the page, with a file or without."""
    files = {"pdf": ("newsletter.pdf", pdf, "application/pdf")} if pdf is not None else {"pdf": ("", b"", "")}
    fields = {**form, "csrf_token": token_in(office.page("/staff/school/"))}
    return office.web.post(f"{office.base}/staff/updates/{update}", data=fields, files=files, timeout=120)


def _is_clean(head: Visitor, address: str, review: str, title: str, say: Say) -> None:
    """What the head can open is proven again, here."""
    data = _fetched(head, address, review, title)
    say("newsletter proven", f"{len(data)} bytes of two pages, none of them about its makers")


def _on_site(anybody: Visitor, link: str, title: str, say: Say) -> None:
    """Its page, and the PDF behind it, as anybody in the world gets it."""
    _fetched(anybody, link, anybody.web.get(link, timeout=30).text, title)
    say("newsletter on site", f"{link}, with a file that tells nothing")


def _fetched(visitor: Visitor, address: str, page: str, title: str) -> bytes:
    """The PDF that a page links to, proven again."""
    found = re.search(r'href="([^"]+\.pdf)"', page)
    must(found is not None, f"find the PDF on {address}", "no link")
    data = visitor.web.get(urljoin(address, found[1] if found else ""), timeout=30).content
    try:
        prove(data, title, 2)
    except Refused as refused:
        must(False, "prove the PDF again", " ".join(refused.reasons))
    must(
        camera.PLANTED not in data and not location_in(data), "look for what was hidden in it", "it is there"
    )
    return data


def _approve(head: Visitor, update: str, review: str) -> None:
    digest = re.search(r'name="digest" value="(\w+)"', review)
    must(digest is not None, "find the digest", "none")
    body = {"digest": digest[1] if digest else ""}
    approved = head.call("POST", f"/updates/{update}/approve", json=body)
    must(approved["state"] == "approved", "approve the newsletter", approved["state"])
