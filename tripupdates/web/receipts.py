"""Receipts of what came down, to print or read out to a parent."""

import uuid

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tripupdates import receipts
from tripupdates.database import fresh
from tripupdates.receipts import Receipt
from tripupdates.vocabulary import Role
from tripupdates.web.guard import allow, house

bp = Blueprint("receipts", __name__, url_prefix="/office/receipts")


@bp.get("/answers/<int:answer_id>")
@allow(Role.OFFICE, Role.APPROVER)
def of_answer(answer_id: int) -> ResponseReturnValue:
    """What a parent's no took down."""
    return _page(receipts.of_answer(fresh(), answer_id))


@bp.get("/updates/<uuid:update_id>")
@allow(Role.OFFICE, Role.APPROVER)
def of_update(update_id: uuid.UUID) -> ResponseReturnValue:
    """What came down with a whole update."""
    return _page(receipts.of_update(fresh(), update_id))


def _page(receipt: Receipt) -> ResponseReturnValue:
    return render_template("office/receipt.html", receipt=receipt, now=house().now())
