"""What every command of the console shares: kind errors, and the instance it works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from tripupdates import database
from tripupdates.app import create_app
from tripupdates.house import House
from tripupdates.settings import OddSettings
from tripupdates.vocabulary import Refused


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
        if need_current and not database.is_current():
            raise OddSettings("The database is not up to date. Type `tripupdates init` once.")
        try:
            yield app, house
        finally:
            database.fresh().close()
            database.db.kind.locks.close()
            database.db.engine.dispose()
