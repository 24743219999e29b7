"""The parents' form behind a personal link: no account, no cookie, no script.

It names the child's first name and the trip, and nothing else: enough to know that it is the right child, even for a
family with two on the trip, and little for whoever finds the letter. Surname, class, group and venue stay out.
"""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import asking, contacting
from tripupdates.consent import asked, links
from tripupdates.vocabulary import TO_FAMILIES, Channel, NotFound, Refused
from tripupdates.web.guard import ANYONE, allow, house, keep_to_itself, limiter

bp = Blueprint("consent", __name__, url_prefix="/consent")
bp.after_request(keep_to_itself)

# Guesses are counted together, whatever they were tried on. A family's own link is never a guess.
guessing = limiter.shared_limit(
    "30 per 15 minutes", scope="consent links", deduct_when=lambda answer: answer.status_code == 404
)


def _link() -> str:
    """Whose answers are counted: a link's hash, for a token is kept nowhere."""
    return links.mark((request.view_args or {}).get("token", ""))


@bp.get("/<token>")
@allow(ANYONE)
@guessing
def page(token: str) -> ResponseReturnValue:
    """What is asked, and what holds now."""
    return _page(token)


@bp.post("/<token>")
@allow(ANYONE)
@guessing
@limiter.limit("30 per hour", key_func=_link)
def answer(token: str) -> ResponseReturnValue:
    """Take the answers; then the receipt. It needs no token of the session: whoever can name the address has the link."""
    try:
        reference = asking.answer(house(), token, _said())
    except (NotFound, asking.NoLonger) as refused:
        return _nothing(refused)
    except Refused as refused:
        return _page(token, refused)
    return redirect(url_for("consent.receipt", token=token, reference=reference), 303)


def _said() -> dict[Channel, bool]:
    """What was chosen. Only a plain yes is a yes (law 1); where nothing was chosen, nothing was said."""
    chosen = {
        channel: {word for word in request.form.getlist(f"answer-{channel}") if word}
        for channel in asking.places(house())
    }
    return {channel: words == {"yes"} for channel, words in chosen.items() if words}


@bp.route("/<token>/messages", methods=["GET", "POST"])
@allow(ANYONE)
@guessing
@limiter.limit("10 per hour", key_func=_link, methods=["POST"])
def messages(token: str) -> ResponseReturnValue:
    """No more text messages or mails, for whoever types where they come to."""
    done, refused, typed = None, None, request.form.get("typed", "")
    try:
        about = asking.opened(house(), token)
        if request.method == "POST":
            done = contacting.stop_by_form(house(), token, typed)
    except (NotFound, asking.NoLonger) as gone:
        return _nothing(gone)
    except Refused as error:
        refused, about = error, asking.opened(house(), token)
    shown = {"token": token, "about": about, "done": done, "refused": refused, "typed": typed}
    return render_template("consent/messages.html", **shown), refused.status if refused else 200


@bp.get("/<token>/<reference>")
@allow(ANYONE)
@guessing
def receipt(token: str, reference: str) -> ResponseReturnValue:
    """What was answered and when, and what came down for it: to print, or to look at again."""
    try:
        about, found = asking.receipt(house(), token, reference)
    except (NotFound, asking.NoLonger) as refused:
        return _nothing(refused)
    return render_template(
        "consent/receipt.html",
        token=token,
        about=about,
        receipt=found,
        places=asking.places(house()),
        until=_day(about.until),
        at=_moment(found.form.at),
        now=house().now(),
    )


def _page(token: str, refused: Refused | None = None) -> ResponseReturnValue:
    try:
        about = asking.opened(house(), token)
    except (NotFound, asking.NoLonger) as gone:
        return _nothing(gone)
    hides = house().settings.public_faces == "families"
    places = {
        channel: asked.words(channel, about.pupil.forename, house().names[channel], hides)
        for channel in asking.places(house())
    }
    page = render_template(
        "consent/form.html",
        token=token,
        about=about,
        places=places,
        until=_day(about.until),
        refused=refused,
        chosen=_said() if refused else {},
        messages=any(way in house().places for way in TO_FAMILIES),
    )
    return page, refused.status if refused else 200


def _nothing(refused: Refused) -> ResponseReturnValue:
    """What opens nothing, or nothing any more: it names no child, for nobody knows who has it by now."""
    return render_template("consent/nothing.html", refused=refused), refused.status


def _day(when: datetime) -> str:
    local = when.astimezone(house().settings.timezone)
    return f"{local.day} {local:%B %Y}"


def _moment(when: datetime) -> str:
    local = when.astimezone(house().settings.timezone)
    return f"{local.day} {local:%B %Y, %H:%M}"
