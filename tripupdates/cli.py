"""The console: `tripupdates COMMAND`. Parses, calls a step, prints; every command keeps to the instance folder."""

import logging
import os
import signal
import sys
import threading
from urllib.parse import urlsplit

import click

from tripupdates import audit, database, erasure, logs, office, proving, settings, takedown
from tripupdates.channels import vapid
from tripupdates.cli_backup import backup, restore
from tripupdates.cli_records import consent, person, photo, trip
from tripupdates.cli_site import site
from tripupdates.consent import requests
from tripupdates.console import Kindly, open_school
from tripupdates.database import fresh
from tripupdates.instance import add_settings, write_config
from tripupdates.outbox import pauses, queue, shift
from tripupdates.people.records import everyone
from tripupdates.practice import school
from tripupdates.serving import Server
from tripupdates.setting_checks import OddSettings
from tripupdates.settings import Settings
from tripupdates.supervisor import on_leash

log = logging.getLogger(__name__)

SERVICES = (
    "serve",
    "worker",
)  # what they write is read by machines; what others write, and the demo, by people


@click.group(cls=Kindly, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--leash", type=int, hidden=True, help="A pipe: end when its other end does.")
def main(leash: int | None) -> None:
    """Trip Updates: safe group updates from a school residential."""
    os.umask(0o027)  # nobody else on the computer reads the instance; its group may, for another web server
    logs.begin(machines=leash is None and click.get_current_context().invoked_subcommand in SERVICES)
    if leash is not None:
        on_leash(leash)


@main.command()
@click.option("--school", "school_name", default="Our school", show_default=True, help="The school's name.")
@click.option("--url", default="http://localhost:8000", show_default=True, help="Where people reach it.")
@click.option(
    "--public-faces",
    type=click.Choice(list(settings.PUBLIC_FACES)),
    default="consented",
    show_default=True,
    help="; ".join(f"{word}: {meaning}" for word, meaning in settings.PUBLIC_FACES.items()),
)
@click.option(
    "--unsigned-approvals",
    type=click.Choice(list(settings.UNSIGNED_APPROVALS)),
    default="allowed",
    show_default=True,
    help="; ".join(f"{word}: {meaning}" for word, meaning in settings.UNSIGNED_APPROVALS.items()),
)
def init(school_name: str, url: str, public_faces: str, unsigned_approvals: str) -> None:
    """Make the instance folder, its settings and its database, or bring the database up to date."""
    instance = settings.instance_folder()
    values = {
        "SCHOOL_NAME": school_name,
        "PUBLIC_BASE_URL": url,
        "PUBLIC_FACES": public_faces,
        "UNSIGNED_APPROVALS": unsigned_approvals,
    }
    made = write_config(instance, _not_in_variables(values))
    add_settings(instance, _not_in_variables({"VAPID_PRIVATE_KEY": vapid.new_key()}))
    with open_school(need_current=False) as (_, house):
        database.migrate()
        proving.begin(house)
        mail = house.settings.mail
        choices = (
            ("PUBLIC_FACES", house.settings.public_faces, settings.PUBLIC_FACES),
            ("UNSIGNED_APPROVALS", house.settings.unsigned_approvals, settings.UNSIGNED_APPROVALS),
            ("X_LINKS", house.settings.x_links, settings.X_LINKS),
        )
    click.echo(f"{'Made' if made else 'Found'} {instance / 'config.toml'}; the database is up to date.")
    if mail is None:
        click.echo(
            "MAIL_URL is not set: nobody is told by e-mail until it is. The README says how it is written."
        )
    for name, chosen, meanings in choices:
        click.echo(f"{name} is {chosen}: {meanings[chosen]}.")
        for word in sorted(set(meanings) - {chosen}):
            click.echo(f"The other way is {word}: {meanings[word]}. Decide which with the head.")


def _not_in_variables(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if f"{settings.PREFIX}{name}" not in os.environ}


@main.command()
@click.option(
    "--bind", default="", help="host:port; by default what PUBLIC_BASE_URL says, or 127.0.0.1:8000."
)
@click.option("--threads", default=8, show_default=True, help="Requests answered at once.")
def serve(bind: str, threads: int) -> None:
    """Answer the pages and the phones."""
    with open_school() as (_, house):
        if not house.room.look:
            log.warning("The extra `faces` is not installed: staff count the people in each photo.")
        bind = bind or _bind(house.settings)
    Server(bind, threads).run()


def _bind(given: Settings) -> str:
    parts = urlsplit(given.public_base_url)
    return f"127.0.0.1:{parts.port or 80}" if parts.scheme == "http" else "127.0.0.1:8000"


@main.command(name="worker")
def run_worker() -> None:
    """Deliver what is approved, remove what must go. One or more may run: each channel has one lane."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_school() as (app, house):
        ended = shift.run(app, house, stop)
    if not ended:  # a thread waits on somebody's wire: nothing of ours may keep the process for it
        logging.shutdown()
        os._exit(0)


@main.command(name="practice-x")
def run_practice_x() -> None:
    """A practice X on this machine, at X_API_BASE: nothing on it is public."""
    from tripupdates.practice import mail as practice_mail  # noqa: PLC0415 - a real school never needs it
    from tripupdates.practice import x as practice_x  # noqa: PLC0415 - a real school never needs it

    given = settings.load()
    if not (given.practice and given.x_handle):
        raise OddSettings(
            "X_API_BASE is not on this machine, or no X account is set: there is nothing to practise."
        )
    base = urlsplit(given.x_api_base)
    keys = practice_x.Keys(
        handle=given.x_handle,
        consumer_key=given.x_consumer_key,
        consumer_secret=given.x_consumer_secret,
        access_token=given.x_access_token,
        access_token_secret=given.x_access_token_secret,
    )
    mails = given.instance / practice_mail.FOLDER
    host, port = base.hostname or "127.0.0.1", base.port or 80
    practice_x.serve(given.instance / "practice-x", keys, host, port, mails)


@main.command(name="practice-mail")
def run_practice_mail() -> None:
    """A practice mail server on this machine, at MAIL_URL: nothing leaves it, and the practice X shows its mails."""
    from tripupdates.practice import mail as practice_mail  # noqa: PLC0415 - a real school never needs it

    given = settings.load()
    if given.mail is None or given.mail.secure != "plain":
        raise OddSettings("MAIL_URL is not on this machine: there is nothing to practise.")
    practice_mail.serve(given.instance / practice_mail.FOLDER, given.mail.host, given.mail.port)


@main.command(name="practice-notify")
def run_practice_notify() -> None:
    """A practice GOV.UK Notify on this machine, at NOTIFY_BASE_URL: nobody gets its texts and mails; its page shows them."""
    from tripupdates.practice import notify as practice_notify  # noqa: PLC0415 - a real school never needs it

    given = settings.load()
    if not given.practice_notify:
        raise OddSettings(
            "NOTIFY_BASE_URL is not on this machine, or NOTIFY_API_KEY is not set: there is nothing to practise."
        )
    base = urlsplit(given.notify_base_url)
    folder = given.instance / practice_notify.FOLDER
    host, port = base.hostname or "127.0.0.1", base.port or 80
    practice_notify.serve(folder, given.notify_api_key, given.notify_prefix, host, port)


@main.command()
@click.option("--walkthrough", is_flag=True, help="Walk the whole path once, print each step, and end.")
def demo(walkthrough: bool) -> None:
    """A made-up school on this machine, to try everything. Ctrl-C ends all of it."""
    from tripupdates.practice import demo as practice_demo  # noqa: PLC0415 - a real school never needs it

    instance = settings.instance_folder()
    practice_demo.prepare(instance)
    with open_school(need_current=False) as (_, house):
        database.migrate()
        proving.begin(house)
        if not everyone(fresh()):
            school.seed(house)
        if not school.logins_file(house).exists():
            raise OddSettings(
                "This instance holds a real school. Set TRIPUPDATES_INSTANCE to another folder."
            )
        trip = office.trip_by_slug(fresh(), school.slug(house))
        logins = school.logins(house, trip.code)
        given = house.settings
    sys.exit(practice_demo.run(given, logins, walkthrough))


@main.command(name="outbox")
def show_outbox() -> None:
    """What is ordered, where it stands, and what needs a person."""
    with open_school() as (_, house):
        for channel, order, state, count in queue.summary(fresh()):
            click.echo(f"{channel:10} {order:8} {state:12} {count}")
        for channel, state, count in requests.summary(fresh()):
            click.echo(f"{channel:10} {'ask':8} {state:12} {count}")
        for pause in pauses.in_force(fresh(), house.now()):
            until = f"until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until else "until somebody mends it"
            click.echo(f"stands still: {pause.channel} {pause.order} {until}: {pause.problem}")
        for stuck in queue.need_person(fresh()):
            row, times = stuck.order, f" ({stuck.count} times)" if stuck.count > 1 else ""
            click.echo(
                f"needs a person: {row.channel} {row.order} of update {row.update_id}{times}: {row.problem}"
            )
        for asked in requests.need_person(fresh()):
            click.echo(
                f"needs a person: {asked.channel} ask of {asked.trip.slug} ({asked.count} times): {asked.problem}"
            )


@main.command(name="takedown")
def show_takedown() -> None:
    """What must go and is not confirmed gone yet, and every file of a photo that is still there though it must not be.

    Exits with 1 while there is something.
    """
    with open_school() as (_, house):
        rows = takedown.not_yet_gone(fresh())
        left = erasure.still_there(house, fresh())
        for place in left:
            click.echo(f"still there: {place}")
        for row in rows:
            why = row.problem or "in hand"
            click.echo(
                f"{row.channel}: update {row.update_id}, ordered {row.created_at:%Y-%m-%d %H:%M} UTC: {why}"
            )
        for channel in sorted({row.channel for row in rows}):
            click.echo(f"cannot be recalled by anyone: {takedown.CANNOT_RECALL[channel]}")
    click.echo(
        f"{len(rows)} not yet confirmed gone." if rows else "Everything that had to go is confirmed gone."
    )
    click.echo(
        f"{len(left)} files are still there."
        if left
        else "Photos looked for in the store and on the pages: none left."
    )
    sys.exit(1 if rows or left else 0)


@main.group(name="audit")
def audit_group() -> None:
    """The record of what happened."""


@audit_group.command("verify")
@click.option(
    "--expect", default="", help="A hash that was printed earlier: the chain must still have that line."
)
def audit_verify(expect: str) -> None:
    """Check the audit's chain, every row it vouches for, digests and signatures. Exits with 1 at the first that does not fit."""
    with open_school():
        session = fresh()
        wrong = proving.first_bad(session)
        if wrong is None and expect and not proving.holds(session, expect):
            wrong = f"The audit has no line {expect} any more: its end was cut off, or it was made anew."
        last, count = audit.last_hash(session), audit.length(session)
    if wrong is not None:
        raise click.ClickException(
            f"{wrong} Change nothing, keep a copy of the instance folder, and tell the headteacher and the "
            "data-protection officer."
        )
    click.echo(f"The audit is whole: {count} lines, and every row is as they say.")
    click.echo(
        f"Its last line is {last}. Written down elsewhere, it proves later that nothing before it was cut off."
    )


for group in (person, trip, consent, photo, backup, restore, site):
    main.add_command(group)
