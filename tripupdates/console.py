"""What every command of the console shares: kind errors, and the instance it works on."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from tripupdates import database
from tripupdates.app import create_app
from tripupdates.buckets import Bucket, KeepsVersions
from tripupdates.house import House
from tripupdates.setting_checks import OddSettings
from tripupdates.vocabulary import Refused

log = logging.getLogger(__name__)

RESTORING = "restoring"  # a file in the instance, while a restore is not finished


class Kindly(click.Group):
    """Says in one line what was wrong, instead of a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal becomes its sentences and exit code 1."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            raise click.ClickException("\n".join((refused.title, *refused.reasons))) from refused
        except OddSettings as odd:
            raise click.ClickException(str(odd)) from odd
        except OperationalError as away:
            raise click.ClickException(
                "The database does not answer. Is its server running, and is DATABASE_URL right?"
            ) from away


@contextmanager
def open_school(need_current: bool = True) -> Iterator[tuple[Flask, House]]:
    """The app of this instance, inside its context. Refuses to start on a database of another version."""
    app = create_app()
    house: House = app.extensions["house"]
    with app.app_context():
        if need_current and (house.settings.instance / RESTORING).exists():
            raise OddSettings(
                "A restore was cut off here, so nothing may start. Begin it again in an empty place."
            )
        if need_current and not database.is_current():
            raise OddSettings("The database is not up to date. Type `tripupdates init` once.")
        check_buckets(house)
        try:
            yield app, house
        finally:
            database.fresh().close()
            database.db.kind.locks.close()
            database.db.engine.dispose()


def check_buckets(house: House) -> None:
    """A bucket that keeps what we delete stops the start; one that is away does not, for it may be back in a moment."""
    for setting, place in (
        ("MEDIA_URL", house.settings.media_bucket),
        ("SITE_URL", house.settings.site_elsewhere),
    ):
        try:
            if isinstance(place, Bucket):
                place.check()
        except KeepsVersions as error:
            raise OddSettings(f"{setting}: {error.strerror}") from error
        except OSError as error:
            log.warning("%s: %s", setting, error.strerror)
