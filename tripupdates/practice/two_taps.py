"""The walk-through's last steps: a message that the head approved beforehand, sent once, and refused where it must be."""

import html
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from tripupdates.practice.visitor import Visitor, article, must, settled, token_in

KEY = "setting_off"


def walk(
    staff: Visitor, head: Visitor, parent: Visitor, trip: dict[str, Any], say: Callable[[str, str], None]
) -> None:
    """Send one, and see it on the families’ page. Raises WentWrong."""
    approved = trip["messages"] or _approve(staff, head, trip["slug"], say)
    update, now = str(uuid.uuid4()), datetime.now().astimezone()
    body = {"trip": trip["slug"], "key": KEY, "time": f"{now:%H:%M}", "digest": approved["digest"]}
    path = f"/updates/{update}/message"
    if now.date() > date.fromisoformat(trip["ends"]) + timedelta(days=1):
        refused = staff.call("PUT", path, 409, json=body)
        say("two taps", f"this practice trip is over: “{refused['title']}”")
        return
    changed = staff.call("PUT", path, 409, json=body | {"digest": "0" * 64})
    sent = staff.call("PUT", path, json=body)
    again = staff.call("PUT", path, json=body)
    must(sent["digest"] == again["digest"] and sent["state"] == "approved", "send a message", sent["state"])
    say("two taps", f"“{sent['text']}” needs no further look; with other words: “{changed['title']}”")
    for channel, each in settled(staff, update).items():
        must(each["state"] == "sent", f"deliver the message to {channel}", str(each))
    shown = article(parent.page(f"/trips/{trip['slug']}/"), update)
    must(sent["text"] in html.unescape(shown), "look for the message", shown)
    say("message seen", "once on the families’ page")


def _approve(staff: Visitor, head: Visitor, slug: str, say: Callable[[str, str], None]) -> Any:
    """A school from before there were such messages, or one that stopped them: the head approves what the page offers."""
    page = head.page(f"/review/trips/{slug}/messages")
    texts = re.findall(r'<textarea id="\w+" name="(\w+)"[^>]*>([^<]*)</textarea>', page)
    form = {key: html.unescape(text) for key, text in texts}
    form["seen"] = re.findall(r'name="seen" value="(\w*)"', page)[0]
    form |= {"csrf_token": token_in(page), "channels": "families"}
    answer = head.web.post(f"{head.base}/review/trips/{slug}/messages", data=form, timeout=30)
    must(answer.status_code == 200, "approve the messages", f"{answer.status_code} at {answer.url}")
    say("messages approved", f"{len(texts)} sentences, by the head")
    trips = staff.call("GET", "/trips")
    return next(each["messages"] for each in trips if each["slug"] == slug)
