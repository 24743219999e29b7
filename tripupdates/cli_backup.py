"""The console's `backup` and `restore`."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import click

from tripupdates import backups, restoring, settings
from tripupdates.cli_records import BY, READABLE, on_behalf
from tripupdates.console import open_school
from tripupdates.vocabulary import Refused


def _watched(names: Iterable[str]) -> Iterator[str]:
    """A bar where somebody watches."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(list(names), label="Photos", file=sys.stderr, hidden=hidden) as bar:
        yield from bar


@click.command()
@click.argument("target", required=False, type=click.Path(path_type=Path))
@BY
def backup(target: Path | None, by: str | None) -> None:
    """Write one file that holds everything, while work goes on. BACKUP_KEY encrypts it."""
    begun = time.monotonic()
    with open_school() as (_, house):
        target = target or Path(
            f"tripupdates-{house.now():%Y-%m-%dT%H%M%S}.{_ending(house.settings.backup_key)}"
        )
        last = backups.back_up(house, on_behalf(by), target, _watched)
        encrypted = bool(house.settings.backup_key)
    size = target.stat().st_size / 1e6
    click.echo(f"{target}: {size:.1f} MB in {time.monotonic() - begun:.1f} s, audit {last}")
    if not encrypted:
        click.echo(
            "It is not encrypted, so config.toml with its keys is not in it: keep that file elsewhere. BACKUP_KEY changes both."
        )


def _ending(key: str) -> str:
    return "tar" if not key else "tar.age" if key.startswith("age1") else "tar.gpg"


@click.command()
@click.argument("source", type=READABLE)
@click.option("--identity", type=READABLE, help="The file with the age key that decrypts it.")
@click.option("--withdrawals", "log", type=READABLE, help="The withdrawals.log of the place that was lost.")
def restore(source: Path, identity: Path | None, log: Path | None) -> None:
    """Bring a backup back into an empty place. Nothing is published before somebody lifts the hold."""
    begun, instance = time.monotonic(), settings.instance_folder()
    with restoring.unpacked(instance, source, identity) as found:
        config, mine = found.folder / "config.toml", instance / "config.toml"
        brought = config.exists() and not mine.exists()
        if brought:
            config.rename(mine)
        if not mine.exists() and f"{settings.PREFIX}SECRET_KEY" not in os.environ:
            raise Refused(
                "This backup was not encrypted, so it holds no settings. "
                f"Put the school’s config.toml back into {instance} first."
            )
        try:
            with open_school(need_current=False) as (_, house):
                said = restoring.restore(house, found, log, lambda: on_behalf(None), _watched)
        except BaseException:
            if brought:
                mine.unlink()
            raise
        made: datetime = found.made_at
        for sentence in said:
            click.echo(sentence)
        took = f"{len(found.photos)} files of photos in {time.monotonic() - begun:.1f} s"
        click.echo(f"Restored {took}, as of {made:%Y-%m-%d %H:%M} UTC.")
