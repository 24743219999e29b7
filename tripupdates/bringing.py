"""Bring the public site to what should stand there now, while somebody watches: after its templates or its place changed."""

import threading
from typing import cast

from flask import Flask

from tripupdates import publishing
from tripupdates.channels.contract import TransportError
from tripupdates.channels.website import Website
from tripupdates.database import fresh
from tripupdates.house import House
from tripupdates.outbox.lane import alone
from tripupdates.site.sync import Told
from tripupdates.vocabulary import Channel, Refused

PATIENCE = 3.0  # seconds: a worker that is about to stop lets go within these
AT_WORK = (
    "A worker has the website in hand, and only one may write it. It brings the site to what should stand whenever it "
    "starts: restart it. To watch here, stop the worker first."
)


def bring_site(app: Flask, house: House, told: Told) -> str:
    """Write what differs; `told` hears how far it is. Returns the site's address.

    Raises Refused where a worker is at it, a template is broken, or the place cannot be written.
    """
    enough = threading.Event()
    waiting = threading.Timer(PATIENCE, enough.set)
    waiting.start()
    try:
        with alone(app, Channel.WEBSITE, enough) as ours:
            waiting.cancel()
            if not ours():
                raise Refused(AT_WORK)
            place = cast(Website, house.places[Channel.WEBSITE])
            return place.bring(publishing.tree(house, fresh(), Channel.WEBSITE), told).link
    except TransportError as no:
        raise Refused(no.title) from no
    finally:
        waiting.cancel()
