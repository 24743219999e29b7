"""Someone with a browser, as the walk-through needs them: signs in, calls the phone's interface, opens pages."""

import re
import time
from typing import Any

import requests

PATIENCE = 90.0  # seconds for deliveries and removals to settle
SETTLING = {"waiting", "removing"}


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
        form = {"csrf_token": token_in(page), "email": email, "password": password}
        answer = self.web.post(f"{self.base}/staff/login", data=form, timeout=30)
        must(answer.status_code == 200, "sign in", f"{answer.status_code} at {answer.url}")
        self.web.headers["X-CSRF-Token"] = token_in(answer.text)

    def call(self, method: str, path: str, expected: int = 200, **body: Any) -> Any:
        """One call of the phone's interface; `expected` is the status it must answer with."""
        answer = self.web.request(method, f"{self.base}/api{path}", timeout=60, **body)
        must(answer.status_code == expected, f"{method} {path}", f"{answer.status_code} {answer.text[:300]}")
        return answer.json()

    def page(self, path: str) -> str:
        """An ordinary page, which must be there."""
        answer = self.web.get(self.base + path, timeout=30)
        must(answer.status_code == 200, f"open {path}", str(answer.status_code))
        return answer.text

    def post(self, path: str, **fields: Any) -> str:
        """Send fields as the form of a page does, and follow to the page that comes of it."""
        form = fields | {"csrf_token": token_in(self.page("/staff/school/"))}
        answer = self.web.post(self.base + path, data=form, timeout=30)
        must(answer.status_code == 200, f"send {path}", f"{answer.status_code} at {answer.url}")
        return answer.text

    def status(self, path: str) -> int:
        """Only whether something is there."""
        return self.web.get(self.base + path, timeout=30, allow_redirects=False).status_code


def token_in(page: str) -> str:
    """The token that a page's forms carry."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', page) or re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', page
    )
    must(found is not None, "find the page's token", "none")
    return found.group(1) if found else ""


def settled(staff: Visitor, update: str) -> dict[str, Any]:
    """How an update fares on each channel, once nothing of it is on its way any more. Raises WentWrong."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found: dict[str, Any] = staff.call("GET", f"/updates/{update}")
        if not any(each["state"] in SETTLING for each in found["delivery"]):
            return {each["channel"]: each for each in found["delivery"]}
        time.sleep(0.2)
    raise WentWrong(f"wait for delivery: {found['delivery']}")


def receipts(staff: Visitor, update: str) -> dict[str, Any]:
    """How a text message fares, once every phone has it. Raises WentWrong."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found: dict[str, Any] = settled(staff, update)["text"]
        counts = [int(number) for number in re.findall(r"\d+", found["words"])]
        if found["words"].endswith("delivered") and len(set(counts)) == 1:
            return found
        time.sleep(0.2)
    raise WentWrong(f"wait for receipts: {found['words']}")


def texts_at(notify_base: str) -> list[dict[str, str]]:
    """The text messages that the practice Notify has taken, the newest first."""
    session = requests.Session()
    session.trust_env = False
    found = session.get(f"{notify_base}/practice/messages", timeout=30).json()["messages"]
    return [each for each in found if each["way"] == "sms"]


def posts_on(x_base: str, text: str) -> list[dict[str, Any]]:
    """The posts on the practice X that say this, and stand."""
    session = requests.Session()
    session.trust_env = False
    posts: list[dict[str, Any]] = session.get(f"{x_base}/practice/posts", timeout=30).json()["posts"]
    return [post for post in posts if post["text"] == text and not post["deleted"]]


def mails_to(x_base: str, address: str, link: str) -> list[dict[str, str]]:
    """The practice mails to somebody that lead to a page, once there is one. Raises WentWrong."""
    session = requests.Session()
    session.trust_env = False
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        mails: list[dict[str, str]] = session.get(f"{x_base}/practice/mails", timeout=30).json()["mails"]
        found = [mail for mail in mails if mail["to"] == address and link in mail["text"]]
        if found:
            return found
        time.sleep(0.2)
    raise WentWrong(f"wait for a mail: none to {address} about {link}")


def article(page: str, update: str) -> str:
    """What a page of ours shows of an update, which must stand there once."""
    found = re.findall(rf'<article[^>]*id="update-{update}".*?</article>', page, re.DOTALL)
    must(len(found) == 1, "find the update on the page", f"{len(found)} times")
    return str(found[0])


def must(fine: bool, step: str, saw: str) -> None:
    """Raise WentWrong unless it is fine."""
    if not fine:
        raise WentWrong(f"{step}: {saw}")
