"""The made-up school of the tests: one cast, one trip, and short ways to bring an update to where a test begins.

The cast: `author` and `colleague` are on the trip; `stranger` is staff, but not on it; `head` and `deputy` approve;
`office` keeps pupils and consent. All steps are the product's own.
"""

import contextvars
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import orm
from werkzeug.test import TestResponse

from tests import again, servers
from tripupdates import (
    accounts,
    audit,
    database,
    journey,
    office,
    picturing,
    proving,
    standing,
    story,
    takedown,
    wiring,
)
from tripupdates.app import create_app
from tripupdates.approval.records import Decision, Update, Version, latest_wordings
from tripupdates.approval.wordings import DEFAULTS
from tripupdates.database import fresh, transaction
from tripupdates.documents.room import PaperRoom
from tripupdates.documents.room import Prepared as PreparedPaper
from tripupdates.house import House
from tripupdates.outbox import worker
from tripupdates.outbox.records import Delivery
from tripupdates.people.records import Person
from tripupdates.people.signing_in import Caller
from tripupdates.photos.boxes import Box
from tripupdates.photos.room import Prepared, Room
from tripupdates.practice import camera
from tripupdates.practice import paper as practice_paper
from tripupdates.settings import Settings
from tripupdates.trips.records import Pupil
from tripupdates.vocabulary import Channel, DeliveryState, Order, Role

PASSWORD = "thimble-orchard-velvet-quiver"
MONDAY = datetime(2027, 5, 3, 9, 0, tzinfo=UTC)
PEOPLE = {
    "author": ("Ms Author Sample", Role.STAFF),
    "colleague": ("Mr Colleague Sample", Role.STAFF),
    "stranger": ("Ms Stranger Sample", Role.STAFF),
    "head": ("Mrs Head Sample", Role.APPROVER),
    "deputy": ("Mr Deputy Sample", Role.APPROVER),
    "office": ("Ms Office Sample", Role.OFFICE),
}
PUPILS = ("Ada Puddlewick", "Bram Thistlebury", "Cleo Merrywhistle", "Dev Larkington", "Esme Bramblethorpe")
REGISTER = "Forename,Surname,Year,Class,Group\n" + "\n".join(
    f"{name.split()[0]},{name.split()[1]},Year 5,5P,{'Otters' if index < 3 else 'Kestrels'}"
    for index, name in enumerate(PUPILS)
)
CONSENT_FILE = """Forename,Surname,Class,Families page,School website,X (Twitter)
Ada,Puddlewick,5P,Yes,Yes,Yes
Bram,Thistlebury,5P,yes,No,perhaps
"""
EVERYWHERE = (Channel.FAMILIES, Channel.WEBSITE, Channel.X)


@cache
def password_hash() -> str:
    """Hashing takes its time; the cast shares one, of a hasher that is quick: a hash names how it is to be verified."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@cache
def picture(scene: int = 1) -> bytes:
    """A small camera-like photo, with a location and more in it."""
    return camera.take(scene, size=(640, 480))


@cache
def _prepared(upload: bytes, crop: Box | None, covers: tuple[Box, ...]) -> Prepared:
    return Room().prepare(upload, crop, covers)


class RememberingRoom(Room):
    """The real room, which need not clean the same photo for every test: it would make the same again."""

    def prepare(self, upload: bytes, crop: Box | None = None, covers: Sequence[Box] = ()) -> Prepared:
        return _prepared(upload, crop, tuple(covers))


@cache
def paper(name: str = "The Puddle Post") -> bytes:
    """A small newsletter as a word processor saves it, with the places of its photos and more in it."""
    return practice_paper.newsletter(name, date(2027, 5, 4), photo=(160, 120))


@cache
def _cleaned(upload: bytes, title: str) -> PreparedPaper:
    return PaperRoom().prepare(upload, title)


class RememberingPaperRoom(PaperRoom):
    """The real room for documents, which need not clean the same one for every test."""

    def prepare(self, upload: bytes, title: str) -> PreparedPaper:
        return _cleaned(upload, title)


@dataclass
class Clock:
    """A clock that a test moves."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


class Ticking(Clock):
    """A clock that goes on by itself, as real ones do: no two looks at it see the same moment."""

    def __call__(self) -> datetime:
        self.pass_(milliseconds=1)
        return self.now


class Browser(FlaskClient):
    """Each request in a context of its own, as on a real server: what a test has open must not reach it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *args, buffered=True, **kwargs)


class Cast(dict[str, Caller]):
    """People by their names in the cast, each as if they had just shown that they are there."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def __getitem__(self, who: str) -> Caller:
        return replace(super().__getitem__(who), proved_at=self.clock())


@dataclass
class School:
    """One school in a folder of its own."""

    app: Flask
    house: House
    clock: Clock
    people: Cast
    slug: str = ""
    tampered: bool = (
        False  # a test that goes past the program says so; else everything must be as the audit says
    )

    def __getattr__(self, name: str) -> Caller:
        """`school.author` and the rest of the cast."""
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def pupil(self, name: str) -> uuid.UUID:
        """A pupil's id, by forename."""
        found = fresh().scalar(sa.select(Pupil.id).where(Pupil.forename == name))
        assert found is not None, name
        return found

    def pupils(self, *names: str) -> list[uuid.UUID]:
        return [self.pupil(name) for name in names]

    def trip_id(self) -> uuid.UUID:
        return office.trip_by_slug(fresh(), self.slug).id

    def update(self, update_id: uuid.UUID) -> Update:
        return fresh().get_one(Update, update_id)

    def state(self, update_id: uuid.UUID) -> str:
        return self.update(update_id).state.value

    def digest(self, update_id: uuid.UUID) -> str:
        version = fresh().get_one(Version, self.update(update_id).version_id)
        return version.digest

    def deliveries(self, update_id: uuid.UUID, order: Order = Order.PUBLISH) -> dict[str, str]:
        """State of each order about an update, by channel."""
        rows = fresh().scalars(
            sa.select(Delivery)
            .where(Delivery.update_id == update_id, Delivery.order == order)
            .order_by(Delivery.created_at)
        )
        return {row.channel.value: row.state.value for row in rows}

    def delivery(self, update_id: uuid.UUID, channel: Channel, order: Order = Order.PUBLISH) -> Delivery:
        rows = fresh().scalars(
            sa.select(Delivery)
            .where(Delivery.update_id == update_id, Delivery.channel == channel, Delivery.order == order)
            .order_by(Delivery.created_at.desc())
        )
        return next(iter(rows))

    def past_the_program(self, *deeds: str) -> None:
        """Somebody with the database and a tool of its own: no trigger and no foreign key stands in their way."""
        self.tampered = True
        with self._with_a_tool_of_its_own() as connection:
            _done(connection, deeds)
            connection.commit()
        database.db.engine.dispose()

    @contextmanager
    def if_past_the_program(self, *deeds: str) -> Iterator[orm.Session]:
        """What would be read if somebody did that; nothing of it stays."""
        with self._with_a_tool_of_its_own() as connection:
            _done(connection, deeds)
            with orm.Session(connection) as session:
                yield session
            connection.rollback()

    @contextmanager
    def _with_a_tool_of_its_own(self) -> Iterator[sa.Connection]:
        fresh().close()
        with database.db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("PRAGMA foreign_keys = OFF")
                triggers = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                for trigger in connection.scalars(triggers).all():
                    connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
            else:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
            connection.invalidate()  # else the pool would hand it out again, without foreign keys

    def client(self, who: str | None = None) -> FlaskClient:
        """A browser; signed in as one of the cast, through a sign-in row like any other."""
        self.app.test_client_class = Browser
        client = self.app.test_client()
        if who is not None:
            signed = accounts.sign_in(self.house, f"{who}@puddle-lane.example", PASSWORD, trusted=True)
            with client.session_transaction() as session:
                session["_user_id"] = signed.token
                session["_fresh"] = True
        return client


def settings(instance: Path, **changes: Any) -> Settings:
    """Settings for a school in this folder."""
    values: dict[str, Any] = {
        "instance": instance,
        "secret_key": "s" * 48,
        "school_name": "Puddle Lane Junior School",
        "timezone": ZoneInfo("Europe/London"),
        "database_url": f"sqlite:///{instance / 'tripupdates.db'}",
        "media": instance / "media",
        "site": instance / "site",
        "public_base_url": "http://localhost",
        "ratelimit_storage_uri": "memory://",
        "x_api_base": "http://127.0.0.1:9",
        "x_handle": "PuddleLaneTest",
        "x_consumer_key": "test-consumer-key-0123",
        "x_consumer_secret": "test-consumer-secret-0123",
        "x_access_token": "test-access-token-0123",
        "x_access_token_secret": "test-access-token-secret-0123",
    }
    return Settings(**(values | changes))


@contextmanager
def open_school(instance: Path, clock: Clock | None = None, **changes: Any) -> Iterator[School]:
    """A school with the cast, one trip, five pupils on two groups, and no consent for anybody."""
    clock = clock or Clock()
    if os.environ.get("TESTS_ON") == "postgresql":  # by hand, now and then: every test on the other engine
        changes = {"database_url": on_a_server()} | changes
    given = settings(instance, **changes)
    real = wiring.build(given)
    house = replace(real, clock=clock, room=RememberingRoom(), paper=RememberingPaperRoom())
    app = create_app(given, house)
    app.jinja_env.bytecode_cache = again.templates
    with app.app_context():
        school = School(app, house, clock, Cast(clock))
        _furnish(school, given)
        yield school
        _all_is_proven_and_told(school)
        fresh().close()
        database.db.kind.locks.close()
        database.db.engine.dispose()
    if given.database_url.startswith("postgresql:") and "?" not in given.database_url:
        servers.drop(given.database_url)


def _done(connection: sa.Connection, deeds: Iterable[str]) -> None:
    for deed in deeds:
        done = connection.execute(sa.text(deed.replace(":", r"\:")))
        assert done.rowcount > 0, deed


_EMPTY: list[bytes] = []  # a database without a row, once the migrations have made it


_FURNISHED: dict[datetime, tuple[bytes, dict[str, Caller], str]] = {}  # with the cast, as of some moment


def _furnish(school: School, given: Settings) -> None:
    """The cast, a trip and its register; schools that begin at the same moment begin with the same file."""
    file = given.instance / "tripupdates.db"
    here = given.database_url == f"sqlite:///{file}"
    if here and school.clock.now in _FURNISHED:
        data, people, school.slug = _FURNISHED[school.clock.now]
        school.people.update(people)
        file.write_bytes(data)
        again.share_statements(database.db.engine)
        return
    _migrated(given)
    again.share_statements(database.db.engine)
    _people(school)
    school.slug = make_trip(school, "Castle Residential", ("author", "colleague"))
    office.import_register(school.house, school.office, school.slug, REGISTER.encode())
    if here:
        data = _closed(file)
        _FURNISHED[school.clock.now] = (data, dict(school.people), school.slug)


def _closed(file: Path) -> bytes:
    """The whole database as one file."""
    fresh().close()
    with database.db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.db.engine.dispose()
    return file.read_bytes()


def _migrated(given: Settings) -> None:
    """Migrations take a tenth of a second; all schools of a test run begin with the same file."""
    if not given.database_url.startswith("sqlite:"):
        if not database.is_current():  # else it is a copy of one that is
            database.migrate()
        return
    file = given.instance / "tripupdates.db"
    if _EMPTY:
        file.write_bytes(_EMPTY[0])
        return
    database.migrate()
    _EMPTY.append(_closed(file))


@cache
def _empty_on_a_server() -> str:
    """The name of a database on the tests' PostgreSQL that the migrations have made, without a row."""
    address = servers.postgres_database()
    with TemporaryDirectory() as folder:
        app = create_app(settings(Path(folder), database_url=address))
        with app.app_context():
            database.migrate()
            database.db.engine.dispose()
    return address.rpartition("/")[2]


def on_a_server() -> str:
    """The address of a PostgreSQL database that is migrated and empty."""
    return servers.postgres_database(_empty_on_a_server())


def _all_is_proven_and_told(school: School) -> None:
    """Whatever a test did through the program: every row is as the audit says, and every event has its sentence."""
    if school.tampered:
        return
    wrong = proving.first_bad(fresh())
    assert wrong is None, wrong
    events = set(fresh().scalars(sa.select(audit.Line.event).distinct()))
    assert events <= {*story.SENTENCES, *story.ELSEWHERE}


def _people(school: School) -> None:
    with transaction() as session:
        for key, (name, role) in PEOPLE.items():
            person = Person(
                name=name,
                email=f"{key}@puddle-lane.example",
                password_hash=password_hash(),
                role=role,
                created_at=school.clock(),
            )
            session.add(person)
            session.flush()
            school.people[key] = Caller(person.id, name, role)


def make_trip(school: School, name: str, staff: tuple[str, ...]) -> str:
    """A trip of the first week of May."""
    return office.make_trip(
        school.house,
        school.office,
        name,
        "A made-up castle",
        date(2027, 5, 3),
        date(2027, 5, 7),
        staff=[school.people[who].id for who in staff],
    )


def pupil_of_another_trip(school: School) -> uuid.UUID:
    """Somebody's child, but not on this trip."""
    slug = make_trip(school, "Moor Residential", ("stranger",))
    office.import_register(school.house, school.office, slug, b"Forename,Surname\nZeb,Newcombe-Test\n")
    return school.pupil("Zeb")


def consent(
    school: School, answers: Mapping[str, tuple[Channel, ...]], yes: bool = True, note: str = "paper form"
) -> None:
    """The office records answers for pupils, by forename."""
    given = [
        takedown.Given(school.pupil(name), channel, yes)
        for name, channels in answers.items()
        for channel in channels
    ]
    takedown.record_answers(school.house, school.office, school.trip_id(), given, note)


def all_consent(school: School) -> None:
    """A yes for every pupil, everywhere."""
    consent(school, {name.split()[0]: EVERYWHERE for name in PUPILS})


def draft(
    school: School,
    text: str = "We climbed the castle tower.",
    channels: tuple[Channel, ...] = EVERYWHERE,
    by: str = "author",
    x_text: str | None = None,
) -> uuid.UUID:
    """An update just begun."""
    update = uuid.uuid4()
    journey.save_draft(school.house, school.people[by], update, school.slug, text, x_text, channels)
    return update


def photo(
    school: School,
    update: uuid.UUID,
    pictured: tuple[str, ...] | None = (),
    scene: int = 1,
    alt: str = "The group at the tower.",
    by: str = "author",
) -> uuid.UUID:
    """A photo added; with who is in it by forename, or None for no answer yet."""
    photo_id = uuid.uuid4()
    picturing.add_photo(school.house, school.people[by], update, photo_id, picture(scene))
    names = None if pictured is None else school.pupils(*pictured)
    picturing.describe_photo(school.house, school.people[by], update, photo_id, alt, names)
    return photo_id


def waiting(school: School, pictured: tuple[str, ...] | None = None, **how: Any) -> uuid.UUID:
    """An update with the head; with a photo of these pupils, if any are given."""
    update = draft(school, **how)
    if pictured is not None:
        photo(school, update, pictured, by=how.get("by", "author"))
    journey.submit(school.house, school.people[how.get("by", "author")], update)
    return update


def approved(school: School, pictured: tuple[str, ...] | None = None, **how: Any) -> uuid.UUID:
    """An update that the head has approved; nothing is delivered yet."""
    update = waiting(school, pictured, **how)
    journey.approve(school.house, school.head, update, school.digest(update))
    return update


def wordings(
    school: School, channels: tuple[Channel, ...] = EVERYWHERE, by: str = "head", **texts: str
) -> str:
    """The trip's messages approved, with other words where given. Returns their digest."""
    before = latest_wordings(fresh(), school.trip_id())
    seen = before.digest if before else ""
    standing.approve_wordings(school.house, school.people[by], school.slug, DEFAULTS | texts, channels, seen)
    present = latest_wordings(fresh(), school.trip_id())
    assert present is not None
    return present.digest


def send(
    school: School,
    digest: str,
    key: str = "arrived",
    time: str | None = None,
    by: str = "author",
    update: uuid.UUID | None = None,
    slug: str | None = None,
) -> uuid.UUID:
    """One of the approved messages, sent."""
    update = update or uuid.uuid4()
    standing.send_wording(school.house, school.people[by], update, slug or school.slug, key, time, digest)
    return update


def count(kind: type[Any]) -> int:
    """How many rows there are of a kind."""
    return fresh().scalar(sa.select(sa.func.count()).select_from(kind)) or 0


def nothing_sent() -> bool:
    """No update, no version, no decision and no order was written down."""
    return all(count(kind) == 0 for kind in (Update, Version, Decision, Delivery))


def put_on_trip(school: School, *who: str) -> None:
    """These go along as well."""
    ids = [school.people[each].id for each in ("author", "colleague", *who)]
    office.set_staff(school.house, school.office, school.slug, ids)


def without_x(school: School) -> House:
    """The house of a school that has no account at X."""
    places: Any = {name: place for name, place in school.house.places.items() if name is not Channel.X}
    return replace(school.house, places=places)


def work(school: School, *channels: Channel, limit: int = 50) -> None:
    """Let the worker do all that is due on these channels (by default the pages)."""
    for channel in channels or (Channel.FAMILIES, Channel.WEBSITE):
        for _ in range(limit):
            if not worker.step(school.house, channel):
                break
        else:
            raise AssertionError(f"{channel} never came to rest")


def settle(school: School, update: uuid.UUID, channel: Channel, state: DeliveryState, **values: Any) -> None:
    """Put an order where a worker would have left it."""
    with transaction() as session:
        session.execute(
            sa.update(Delivery)
            .where(Delivery.update_id == update, Delivery.channel == channel)
            .values(state=state, **values)
        )
