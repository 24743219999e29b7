"""Every area of pages, gathered; and what every template knows."""

from typing import Any

from flask import Flask
from flask_login import current_user

from tripupdates import prices
from tripupdates.approval import timing
from tripupdates.approval.records import Update
from tripupdates.database import db
from tripupdates.outbox import holds
from tripupdates.prices import Cost
from tripupdates.vocabulary import (
    BY_HAND,
    KIND_NAMES,
    Channel,
    Deed,
    DeliveryState,
    Kind,
    Role,
    UpdateState,
)
from tripupdates.web import (
    accounts,
    answers,
    api,
    asking,
    by_hand,
    consent,
    contacts,
    deputies,
    families,
    health,
    holding,
    letter,
    lists,
    messages,
    newsletters,
    office,
    passkeys,
    people,
    phone,
    policy,
    receipts,
    review,
    reviewing,
    school,
    staff,
    stopping,
    story,
    telling,
    ways,
    x,
)
from tripupdates.web.guard import csrf, deputises, house

AREAS = (
    accounts,
    api,
    answers,
    asking,
    by_hand,
    consent,
    contacts,
    deputies,
    families,
    health,
    holding,
    letter,
    lists,
    messages,
    newsletters,
    office,
    passkeys,
    people,
    phone,
    policy,
    review,
    reviewing,
    school,
    staff,
    stopping,
    receipts,
    story,
    telling,
    ways,
    x,
)


def attach(app: Flask) -> None:
    """Give the app its pages."""
    for area in AREAS:
        app.register_blueprint(area.bp)
    csrf.exempt(api.bp)  # the guard asks where its requests come from
    # No cookie there that somebody could ride on; and a page that tells no referrer could not pass the check over HTTPS.
    csrf.exempt(consent.bp)
    csrf.exempt(stopping.bp)
    app.context_processor(_known_to_templates)
    app.template_filter("moment")(_moment)
    app.template_filter("dated")(_dated)


def _known_to_templates() -> dict[str, Any]:
    settings = house().settings
    return {
        "school": settings.school_name,
        "practice": settings.practice and bool(settings.x_handle),
        "has_x": Channel.X in house().channels,
        "practice_notify": settings.practice_notify,
        "me": current_user if current_user.is_authenticated else None,
        "deputises": deputises,
        "hold": holds.present(db.session) if current_user.is_authenticated else None,
        "BY_HAND": BY_HAND,
        "Channel": Channel,
        "CHANNEL_NAMES": house().names,
        "SHORT_NAMES": house().short_names,
        "pictured_places": house().pictured,
        "handle": settings.x_handle,
        "Kind": Kind,
        "KIND_NAMES": KIND_NAMES,
        "Deed": Deed,
        "DeliveryState": DeliveryState,
        "presence": ways.presence_now,
        "signature": ways.signature,
        "costs_of": _costs_of,
        "Role": Role,
        "UpdateState": UpdateState,
    }


def _costs_of(update: Update) -> dict[Channel, Cost]:
    """What sending it takes by each way that goes to families."""
    return prices.of_update(house(), db.session, update)


def _moment(when: Any) -> str:
    """A moment as people at this school say it: Monday 5 May, 18:40."""
    return timing.said(when, house().settings.timezone)


def _dated(when: Any) -> str:
    """The same with the year, for what is printed and kept."""
    return timing.dated(when, house().settings.timezone)
