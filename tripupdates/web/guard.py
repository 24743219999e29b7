"""Who may open what. Every page is denied unless it names its roles (law 8); safe headers stand on every answer."""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect

from tripupdates import accounts
from tripupdates.approval import deputies
from tripupdates.database import db
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.setting_checks import LOOPBACK
from tripupdates.vocabulary import Forbidden, Refused, Role
from tripupdates.web import odd

ANYONE = "anyone"
DEPUTY = "deputy"  # whoever is deputy for some trip now; which trip is for the step to ask
POSTING = (Role.STAFF, Role.APPROVER)  # a deputy may be on a trip: then they post, and cannot approve

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(), browsing-topics=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# For the one page that is there to be shown in a frame of the school's present website.
FRAMED = {
    name: said.replace("frame-ancestors 'none'", "frame-ancestors *")
    for name, said in HEADERS.items()
    if name != "X-Frame-Options"
}
HSTS = "max-age=31536000; includeSubDomains"

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, strategy="fixed-window", headers_enabled=False)

# However many pages ask for the password again: guesses of it are counted together, for each person.
proving = limiter.shared_limit(
    "15 per 15 minutes",
    scope="proving",
    key_func=lambda: str(caller().id),
    methods=["POST"],
    deduct_when=lambda answer: answer.status_code == 422,
)

View = TypeVar("View", bound=Callable[..., Any])


def allow(*who: Role | str) -> Callable[[View], View]:
    """Name the roles that may open a page: directly below its route. Without it the page is denied to everyone."""

    def mark(view: View) -> View:
        view.allowed = frozenset(who)  # type: ignore[attr-defined] # functions carry attributes; mypy does not follow
        return view

    return mark


def house() -> House:
    """The school at work behind this request."""
    return cast(House, current_app.extensions["house"])


def caller() -> Caller:
    """Who is signed in. Only for pages that name roles: the guard has seen to it."""
    return cast(Caller, current_user._get_current_object())


def deputises() -> frozenset[UUID]:
    """The trips for which the caller is deputy now. It is asked from templates too, so it keeps what the page has read."""
    return deputies.trips_of(db.session, caller().id, house().now())


def trusted_hosts(base_url: str) -> list[str]:
    """The host names we answer to."""
    host = urlsplit(base_url).hostname or ""
    return sorted(LOOPBACK - {"::1"}) if host in LOOPBACK else [host]


def attach(app: Flask) -> None:
    """Put the guard in front of every page of the app."""
    logins = LoginManager(app)
    logins.session_protection = None  # sign-ins are rows of ours; a phone's address changes all day
    logins.user_loader(lambda token: accounts.who(token, house().now()))
    app.before_request(_guard)
    app.before_request(odd.refuse)
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_headers)
    app.view_functions["static"] = allow(ANYONE)(app.view_functions["static"])


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # no such page: the error handler says so
    allowed: frozenset[str] = getattr(current_app.view_functions[request.endpoint], "allowed", frozenset())
    if ANYONE in allowed:
        return None
    if not allowed:
        abort(403)
    if not current_user.is_authenticated:
        return _sign_in_first()
    if caller().role not in allowed and not (DEPUTY in allowed and deputises()):
        raise Forbidden("This page is for others at the school.")
    if is_api():
        _check_origin()
    return None


def _check_origin() -> None:
    """The phone's own pages hold no token while they are offline: what the browser says of the sender takes its place.

    Whoever names neither is a script, and brings the token that `GET /api/trips` gave it.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if site is None and origin is None:
        csrf.protect()
    elif site not in {None, "same-origin"} or (site is None and origin != request.host_url.rstrip("/")):
        raise Forbidden("That did not come from a page of ours, so nothing was done.")


def is_api() -> bool:
    """Whether the phone is asking, not a person: it gets JSON, never a redirect."""
    return request.path.startswith("/api/")


def _sign_in_first() -> ResponseReturnValue:
    if is_api():
        raise _SignIn("Sign in to send. Everything stays on this phone.")
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("people.login", next=request.full_path.rstrip("?")))
    # A form that took a long time to write: its words come back on the page, to be copied (nothing is lost).
    return render_template("people/sign_in_again.html", kept=kept_words()), 401


class _SignIn(Refused):
    status = 401


def kept_words() -> dict[str, str]:
    """The words of a form that could not be taken: everything typed but passwords and tokens."""
    hidden = {"csrf_token", "password", "old", "new", "mine", "assertion", "code"}
    return {name: text for name, text in request.form.items() if name not in hidden and " " in text.strip()}


def framed(answer: Response) -> Response:
    """Let any page in the world show this answer in a frame: the embedded list, and nothing else."""
    g.framed = True
    return answer


def keep_to_itself(answer: Response) -> Response:
    """The address is the key: no search engine, cache or other site may hear of it."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


def _headers(answer: Response) -> Response:
    for name, value in (FRAMED if g.get("framed") else HEADERS).items():
        answer.headers.setdefault(name, value)
    if house().settings.secure:
        answer.headers.setdefault("Strict-Transport-Security", HSTS)
    if "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = "no-store"
    return answer
