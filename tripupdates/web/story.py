"""What happened to an update, for those who may know."""

import uuid

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tripupdates import story
from tripupdates.database import fresh
from tripupdates.vocabulary import Role
from tripupdates.web.guard import allow, caller, house

bp = Blueprint("story", __name__, url_prefix="/review")


@bp.get("/<uuid:update_id>/story")
@allow(*Role)
def page(update_id: uuid.UUID) -> ResponseReturnValue:
    """From its first word to where it stands now."""
    update, told = story.story(house(), fresh(), caller(), update_id)
    return render_template("review/story.html", update=update, told=told)
