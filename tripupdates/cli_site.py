"""The console's command about the public site."""

import click

from tripupdates import bringing
from tripupdates.console import open_school


@click.command()
def site() -> None:
    """Bring the public site to what should stand there now: after its templates or its place changed."""
    with open_school() as (app, house), click.progressbar(length=1, label="Writing") as bar:

        def told(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        address = bringing.bring_site(app, house, told)
        steps = bar.pos
    click.echo(f"{address} is as it should be" + ("." if steps else ": nothing had changed."))
