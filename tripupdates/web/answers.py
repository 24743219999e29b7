"""What office and approver say of an order that only a person can bring on: it is there, or it is not."""

import uuid
from collections.abc import Callable
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import answering
from tripupdates.database import fresh
from tripupdates.vocabulary import Refused, Role
from tripupdates.web.guard import allow, caller, house
from tripupdates.web.steps import take

bp = Blueprint("answers", __name__, url_prefix="/review/orders")


@bp.get("/<uuid:delivery_id>")
@allow(Role.APPROVER, Role.OFFICE)
def page(delivery_id: uuid.UUID) -> ResponseReturnValue:
    """The words to look for, where to look, and what there is to say."""
    return _page(delivery_id)


def _page(delivery_id: uuid.UUID, refused: Refused | None = None) -> ResponseReturnValue:
    page = render_template(
        "review/order.html",
        question=answering.question(house(), fresh(), caller(), delivery_id),
        handle=house().settings.x_handle,
        refused=refused,
        where=request.form.get("where", ""),
    )
    return page, refused.status if refused else 200


def _do(delivery_id: uuid.UUID, step: Callable[[], None], done: str) -> ResponseReturnValue:
    """Back to the list; what is refused is told on the page of the order, where it still is a question."""
    home = url_for("office.trips" if caller().role is Role.OFFICE else "review.waiting")
    return take(step, partial(_page, delivery_id), done, home)


@bp.post("/<uuid:delivery_id>/there")
@allow(Role.APPROVER, Role.OFFICE)
def there(delivery_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody found it."""
    where = request.form.get("where", "")
    say = partial(answering.it_is_there, house(), caller(), delivery_id, where)
    return _do(delivery_id, say, "Noted: it is there.")


@bp.post("/<uuid:delivery_id>/not-there")
@allow(Role.APPROVER, Role.OFFICE)
def not_there(delivery_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody looked, and it is not there."""
    again = request.form.get("again") == "yes"
    say = partial(answering.it_is_not_there, house(), caller(), delivery_id, again)
    return _do(delivery_id, say, "Noted. It goes out once more." if again else "Noted. It stays out.")
