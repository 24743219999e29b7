"""The walk-through's steps without a trip: the office writes school news, and the head says something urgent alone."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tripupdates.practice.visitor import Visitor, must, posts_on, settled
from tripupdates.vocabulary import TO_FAMILIES

Say = Callable[[str, str], None]


def walk(office: Visitor, head: Visitor, parent: Visitor, x_base: str, slug: str, say: Say) -> None:
    """News goes to website and X; what is urgent stands on top of every page, and comes down. Raises WentWrong."""
    _news(office, head, parent, x_base, say)
    _urgent(head, parent, slug, say)


def _news(office: Visitor, head: Visitor, parent: Visitor, x_base: str, say: Say) -> None:
    update, now = str(uuid.uuid4()), datetime.now().astimezone()
    text = f"All choirs sang in the hall at {now:%H:%M:%S}, and the bells joined in."
    _write(office, update, kind="news", title="Summer concert", text=text, channels=["website", "x"])
    sent = head.call("GET", f"/updates/{update}")
    must((sent["state"], sent["trip"]) == ("waiting", None), "send news to the head", str(sent["state"]))
    head.call("POST", f"/updates/{update}/approve", json={"digest": sent["digest"]})
    deliveries = settled(head, update)
    for channel, each in deliveries.items():
        must(each["state"] == "sent", f"deliver the news to {channel}", str(each))
    page = parent.page(urlsplit(deliveries["website"]["link"]).path)
    must(text in page, "open the page of the news", deliveries["website"]["link"])
    must(len(posts_on(x_base, f"Summer concert\n\n{text}")) == 1, "count the posts of the news", "not one")
    say("school news", f"by the office, past the head, to {deliveries['website']['link']} and X")


def _urgent(head: Visitor, parent: Visitor, slug: str, say: Say) -> None:
    """The practice school has one headteacher and no deputy, so nobody else is at hand."""
    update, now = str(uuid.uuid4()), datetime.now().astimezone()
    text = f"The coach stands in traffic at {now:%H:%M:%S}. We write again within the hour."
    until = f"{now + timedelta(hours=2):%Y-%m-%dT%H:%M}"
    _write(head, update, kind="urgent", title="The coach is late", text=text, until=until, trip=slug)
    waits = head.call("GET", f"/updates/{update}")
    own = head.call("POST", f"/updates/{update}/approve", 403, json={"digest": waits["digest"]})
    head.post(f"/staff/school/{update}/alone", digest=waits["digest"], why="Nobody else is at school.")
    for channel, each in settled(head, update).items():
        must(each["state"] == "sent", f"deliver what is urgent to {channel}", str(each))
    for page in (f"/trips/{slug}/", "/site/", "/site/policy.html"):
        must(text in parent.page(page), f"look for what is urgent on {page}", "not there")
    head.post(f"/review/{update}/take-down", reason="walk-through: the coach has arrived")
    for channel, each in settled(head, update).items():
        state = "sent" if channel in TO_FAMILIES else "removed"  # what families have received stays with them
        must(each["state"] == state, f"take what was urgent off {channel}", str(each))
    must(text not in parent.page("/site/"), "look for what was urgent", "still there")
    say("urgent notice", f"on top of every page at once, and down again; alone, for “{own['title']}”")


def _write(visitor: Visitor, update: str, **fields: Any) -> None:
    page = visitor.post(f"/staff/updates/{update}", action="submit", **fields)
    problem = re.search(r'<div class="problem"[^>]*>(.*?)</div>', page, re.DOTALL)
    must(problem is None, f"write {fields['kind']}", problem[1] if problem else "")
