"""The walk-through's last steps: messages that the head approved beforehand, on a page and on families' phones."""

import html
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from tripupdates.practice.visitor import Visitor, article, must, receipts, settled, texts_at, token_in

KEY = "setting_off"
BY_TEXT = "arrived"


def walk(
    staff: Visitor, head: Visitor, parent: Visitor, trip: dict[str, Any], say: Callable[[str, str], None]
) -> None:
    """Send one, and see it on the families’ page. Raises WentWrong."""
    approved = trip["messages"] or _approve(staff, head, trip["slug"], say)
    update, now = str(uuid.uuid4()), datetime.now().astimezone()
    body = {"trip": trip["slug"], "key": KEY, "time": f"{now:%H:%M}", "digest": approved["digest"]}
    path = f"/updates/{update}/message"
    if now.date() > _last_day(trip):
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


def text(staff: Visitor, notify_base: str, trip: dict[str, Any], say: Callable[[str, str], None]) -> None:
    """Send one to the families' phones, and see its receipt. Raises WentWrong."""
    approved = next(each["messages"] for each in staff.call("GET", "/trips") if each["slug"] == trip["slug"])
    if "text" not in approved["channels"] or datetime.now().astimezone().date() > _last_day(trip):
        say("texts", "not ticked by the head of this school, or its practice trip is over")
        return
    before = len(texts_at(notify_base))
    update = str(uuid.uuid4())
    body = {"trip": trip["slug"], "key": BY_TEXT, "digest": approved["digest"]}
    sent = staff.call("PUT", f"/updates/{update}/message", json=body)
    arrived = receipts(staff, update)
    told = texts_at(notify_base)[: len(texts_at(notify_base)) - before]
    whole = bool(told) and all(each["text"].endswith(sent["text"]) for each in told)
    must(whole, "text the families", str(told[:2]))
    must(len({each["to"] for each in told}) == len(told), "text each family once", f"{len(told)} texts")
    say("texts sent", f"“{sent['text']}” to {len(told)} families, each once")
    say("receipt seen", arrived["words"])


def _last_day(trip: dict[str, Any]) -> date:
    return date.fromisoformat(trip["ends"]) + timedelta(days=1)


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
