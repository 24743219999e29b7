"""The journey walked in any order, with faults, deaths and restarts: what stands on a channel is asked of the channel.

Used by `test_any_order` for a few hundred steps, and by `bench.journey` for ten thousand. The model below knows only
what people did: their words, who is in which photo, each parent's answer, what the headteacher approved, and what somebody
carried into the class app by hand. What stands elsewhere is read from the folders that the pages lie in, and from the
practice X itself, after each step.
"""

import re
import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PIL import Image

from tests.factories import EVERYWHERE, School, consent, draft, open_school, work
from tests.outbox.dying import Act, Point, killer, killer_after, work_in_a_fork
from tests.practice.running import running_x
from tripupdates import answering, by_hand, holding, journey, office, picturing, takedown
from tripupdates.approval.records import Version
from tripupdates.approval.rules import photos_by_channel
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount
from tripupdates.database import db, fresh
from tripupdates.outbox import holds, pauses, worker
from tripupdates.outbox.records import Delivery
from tripupdates.photos.records import Photo
from tripupdates.photos.room import Prepared, Room
from tripupdates.practice.memory import Fault
from tripupdates.practice.x_state import State
from tripupdates.vocabulary import PAGES, Channel, DeliveryState, Order, Refused, UpdateState

PUPILS = ("Ada", "Bram", "Cleo")
APP = Channel.APP
PLACES = (*EVERYWHERE, APP)  # those that no worker sees among them
MOST_UPDATES, PICTURES = 5, 8
FAULTS = ("500_after", "reset_after", "reset_before", "unreadable_after", "timeout_after", "429", "402")
NAMED: tuple[Point, ...] = (
    ("tripupdates.channels.x:X.publish", "call", 1),
    ("tripupdates.channels.x:X.publish", "return", 1),
    ("tripupdates.channels.pages:Pages.publish", "return", 1),
    ("tripupdates.outbox.worker:_remove", "return", 1),
)
ROUTES = ("tweets", "delete", "timeline")
_ARTICLE = re.compile(r'<article[^>]* id="update-([0-9a-f-]{36})".*?</article>', re.DOTALL)
_PHOTO = re.compile(r"photos/([0-9a-f-]+\.(?:jpg|avif))")

happened: Counter[str] = Counter()  # how often each rule did what it says, or was refused

some_pupils = st.sets(st.sampled_from(PUPILS))
some_channels = st.sets(st.sampled_from(PLACES), min_size=1)
some_lanes = st.sets(st.sampled_from(EVERYWHERE), min_size=1)
which = st.integers(0, 7)


@cache
def _upload(number: int) -> bytes:
    """A small picture like no other, with nobody's face in it."""
    file = BytesIO()
    turned = Image.linear_gradient("L").resize((320, 240)).convert("RGB").rotate(number * 17)
    turned.save(file, "JPEG")
    return file.getvalue()


@cache
def _prepared(upload: bytes) -> Prepared:
    return Room().prepare(upload)


class _KnownRoom(Room):
    """The real room, asked once for each picture of the run."""

    def prepare(self, upload: bytes, crop: Any = None, covers: Any = ()) -> Prepared:
        assert crop is None
        assert not covers
        return _prepared(upload)


@dataclass
class Written:
    """An update as its author knows it."""

    id: uuid.UUID
    text: str
    channels: frozenset[Channel]
    photos: dict[uuid.UUID, frozenset[str]] = field(default_factory=dict)
    shown: dict[Channel, frozenset[uuid.UUID]] = field(default_factory=dict)  # as the head saw it


@dataclass(frozen=True)
class Standing:
    """One item as it stands on a channel: its words, and the hashes of its pictures."""

    text: str
    photos: frozenset[str]


class Journey(RuleBasedStateMachine):
    """One school, one trip, three pupils, a practice X, and everything that people and bad luck may do."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="trips-any-"))
        self.stack.callback(shutil.rmtree, folder, ignore_errors=True)
        x = self.stack.enter_context(running_x(folder / "x"))
        (home := folder / "school").mkdir()
        self.school: School = self.stack.enter_context(open_school(home, class_app="The class app"))
        self.school.clock.now = datetime.now(UTC)
        self.school.house = replace(self.school.house, room=_KnownRoom())
        keys = x.keys
        account = XAccount(
            x.base,
            keys.handle,
            keys.consumer_key,
            keys.consumer_secret,
            keys.access_token,
            keys.access_token_secret,
        )
        self.school.house.places[Channel.X] = X(account, timeout=0.4, settle=timedelta(seconds=60))  # type: ignore[index] # a dict underneath
        self.x: State = cast(Flask, x.server.app).extensions["state"]
        self.x.clock = self.school.clock
        self.x.duplicate_window = timedelta(
            0
        )  # X refuses the same words twice; that must not be what saves us
        self.written: list[Written] = []
        self.approved: dict[uuid.UUID, Written] = {}  # by the head, exactly as it was then
        self.yes: set[tuple[str, Channel]] = set()
        self.withdrawn: set[tuple[uuid.UUID, Channel]] = (
            set()
        )  # photos that a no took from where they were approved
        self.names: dict[uuid.UUID, frozenset[str]] = {}  # each photo's files, as hashes
        self.carried: dict[uuid.UUID, Standing] = {}  # words and pictures that have left for the class app
        self.in_the_app: dict[uuid.UUID, Standing] = {}
        self.words = self.pictures = 0
        happened["examples"] += 1

    # What people do.

    @initialize(some=some_channels, one=some_channels, other=some_channels)
    def begin(self, some: set[Channel], one: set[Channel], other: set[Channel]) -> None:
        """Most parents said yes before the trip, and the first updates are approved."""
        self._answer(set(PUPILS), set(PLACES), True)
        self._answer({"Cleo"}, set(PLACES) - some, False)
        self.post(one, [{"Ada", "Bram"}])
        self.post(other, [{"Bram", "Cleo"}, set()])

    @precondition(lambda self: len(self.written) < MOST_UPDATES and self.pictures < PICTURES - 1)
    @rule(channels=some_channels, photos=st.lists(some_pupils, max_size=2))
    def post(self, channels: set[Channel], photos: list[set[str]]) -> None:
        """An update goes its way up to the approval, as far as it gets."""
        self.write(channels)
        newest = len(self.written) - 1
        for pupils in photos:
            self.add_photo(newest, pupils)
        self.submit(newest)
        self.approve(newest)

    @precondition(lambda self: len(self.written) < MOST_UPDATES)
    @rule(channels=some_channels)
    def write(self, channels: set[Channel]) -> None:
        """An author begins an update."""
        text = self._new_words()
        update = draft(self.school, text, tuple(channels))
        self.written.append(Written(update, text, frozenset(channels)))

    @precondition(lambda self: self.written and self.pictures < PICTURES)
    @rule(index=which, pupils=some_pupils)
    def add_photo(self, index: int, pupils: set[str]) -> None:
        """A photo with these pupils in it."""
        update, photo = self._pick(index), uuid.uuid4()
        upload = _upload(self.pictures)
        self.pictures += 1

        def add() -> None:
            house, author = self.school.house, self.school.author
            picturing.add_photo(house, author, update.id, photo, upload)
            self._changed(update)
            update.photos[photo] = frozenset()
            shown = fresh().get_one(Photo, photo).renditions
            self.names[photo] = frozenset(each["name"].partition(".")[0] for each in shown)
            self._tag(update, photo, pupils)

        self._try("add photo", add)

    @precondition(lambda self: any(update.photos for update in self.written))
    @rule(index=which, pupils=some_pupils)
    def tag(self, index: int, pupils: set[str]) -> None:
        """The author says anew who is in a photo."""
        update = self._pick(index)
        if update.photos:
            photo = list(update.photos)[index % len(update.photos)]
            self._try("tag", lambda: self._tag(update, photo, pupils))

    @precondition(lambda self: self.written)
    @rule(index=which, channels=some_channels)
    def edit(self, index: int, channels: set[Channel]) -> None:
        """Other words, other channels."""
        update, text = self._pick(index), self._new_words()

        def save() -> None:
            journey.save_draft(
                self.school.house, self.school.author, update.id, self.school.slug, text, None, channels
            )
            self._changed(update)
            update.text, update.channels = text, frozenset(channels)

        self._try("edit", save)

    @rule(pupils=some_pupils, channels=some_channels, yes=st.booleans())
    def answer(self, pupils: set[str], channels: set[Channel], yes: bool) -> None:
        """Parents answer, or change their minds."""
        self._answer(pupils, channels, yes)
        happened["yes" if yes else "no"] += 1

    @precondition(lambda self: self._any_in(UpdateState.DRAFT, UpdateState.RETURNED))
    @rule(index=which)
    def submit(self, index: int) -> None:
        """The author sends it to the head."""
        update = self._pick(index)
        self._try("submit", lambda: journey.submit(self.school.house, self.school.author, update.id))

    @precondition(lambda self: self._any_in(UpdateState.WAITING))
    @rule(index=which)
    def approve(self, index: int) -> None:
        """The head approves what waits, as it is."""
        update = self._pick(index)

        def approve() -> None:
            if self.school.state(update.id) == UpdateState.WAITING:
                digest = self.school.digest(update.id)
                journey.approve(self.school.house, self.school.head, update.id, digest)
                manifest = fresh().get_one(Version, self.school.update(update.id).version_id).manifest
                shown = {channel: frozenset(found) for channel, found in photos_by_channel(manifest).items()}
                self.approved[update.id] = replace(update, photos=dict(update.photos), shown=shown)

        self._try("approve", approve)

    @precondition(lambda self: self._any_in(UpdateState.WAITING))
    @rule(index=which)
    def send_back(self, index: int) -> None:
        """The head sends back what waits."""
        update = self._pick(index)

        def back() -> None:
            if self.school.state(update.id) == UpdateState.WAITING:
                digest = self.school.digest(update.id)
                journey.send_back(self.school.house, self.school.head, update.id, digest, "Say where it was.")

        self._try("send back", back)

    @precondition(lambda self: len(self.approved) > 2)
    @rule(index=which)
    def take_down(self, index: int) -> None:
        """The head takes one down."""
        update = list(self.approved)[index % len(self.approved)]

        def down() -> None:
            takedown.take_down(self.school.house, self.school.head, update, "A parent rang.")

        self._try("take down", down)

    @precondition(lambda self: len(self.written) > 2)
    @rule()
    def hold(self) -> None:
        """The head holds everything, or lifts that."""
        held = holds.present(fresh()) is not None
        step = holding.lift if held else holding.hold
        self._try("lift" if held else "hold", lambda: step(self.school.house, self.school.head))

    @precondition(lambda self: bool(pauses.until_mended(fresh(), self.school.clock())))
    @rule()
    def mend_account(self) -> None:
        """The office has paid X, or mended what was wrong there."""
        self._try("mend", lambda: office.try_channel_again(self.school.house, self.school.office, Channel.X))

    # What somebody does by hand, in an app that no program sees.

    @precondition(lambda self: self._by_hand(DeliveryState.PENDING))
    @rule(index=which)
    def hand_over(self, index: int) -> None:
        """The author says that they take one out."""
        waits = self._by_hand(DeliveryState.PENDING)
        update = waits[index % len(waits)]
        self._try("hand over", lambda: by_hand.take_out(self.school.house, self.school.author, update))

    @precondition(lambda self: self._by_hand(DeliveryState.SENDING))
    @rule(index=which)
    def carry(self, index: int) -> None:
        """Words and pictures leave. Right then everybody in them has a yes, and nothing is on hold (law 3)."""
        out = self._by_hand(DeliveryState.SENDING)
        update = out[index % len(out)]

        def carry() -> None:
            post = by_hand.package(self.school.house, self.school.author, update)
            files = frozenset(sha256(each.jpeg).hexdigest() for each in post.pictures)
            seen, held = self.approved[update], holds.present(fresh()) is not None
            shown = {pupil for photo in self._of(update, files, APP) for pupil in seen.photos[photo]}
            assert not held, "handed over while all is on hold"
            assert all((pupil, APP) in self.yes for pupil in shown), "handed over without a yes"
            self.carried[update] = Standing(post.text, files)

        self._try("carry", carry)

    @precondition(lambda self: self.carried)
    @rule(index=which, tell=st.booleans())
    def post_by_hand(self, index: int, tell: bool) -> None:
        """They post it there, whatever has happened since, and may forget to say so."""
        update = list(self.carried)[index % len(self.carried)]
        self.in_the_app[update] = self.carried.pop(update)
        happened["posted by hand"] += 1
        if tell:
            self._tell(update)

    @precondition(lambda self: any(channel is APP for _, channel in self._removing()))
    @rule(index=which)
    def look_and_remove(self, index: int) -> None:
        """The office opens the app, deletes what is there, and says that it is gone; nobody has anything in hand any more."""
        waits = sorted(update for update, channel in self._removing() if channel is APP)
        self._remove_by_hand(waits[index % len(waits)])

    # What the machine does, and what befalls it.

    @rule(channels=some_lanes)
    def deliver(self, channels: set[Channel]) -> None:
        """A worker does whatever is due in these lanes."""
        with self._nothing_new_while_held():
            self._try("deliver", lambda: work(self.school, *sorted(channels)))

    @rule(channels=some_lanes)
    def deliver_later(self, channels: set[Channel]) -> None:
        """The same when what had to wait may be tried again."""
        self.school.clock.pass_(minutes=6)
        self.deliver(channels)

    @rule(
        channel=st.sampled_from(list(EVERYWHERE)),
        at=st.one_of(st.integers(1, 60).map(killer_after), st.sampled_from(NAMED).map(killer)),
    )
    def die(self, channel: Channel, at: Act) -> None:
        """A worker dies in the middle by SIGKILL, and another takes the lane over."""
        with self._nothing_new_while_held():
            died = work_in_a_fork(self.school, at, (channel,))
        happened["died" if died else "worked in a fork"] += 1
        worker.take_over(self.school.house, channel)

    @rule(route=st.sampled_from(ROUTES), kind=st.sampled_from(FAULTS), times=st.integers(1, 2))
    def deliver_badly(self, route: str, kind: str, times: int) -> None:
        """X fails, before or after it did what was asked."""
        self.x.plan(route, Fault(kind, 0.5), times)
        self.deliver({Channel.X})
        happened["fault"] += 1

    @rule(pupil=st.sampled_from(PUPILS), channels=some_channels)
    def waver(self, pupil: str, channels: set[Channel]) -> None:
        """A parent withdraws, and thinks better of it before anybody has done anything."""
        self.answer({pupil}, channels, False)
        self.answer({pupil}, channels, True)

    @rule(minutes=st.sampled_from([1, 40]))
    def restart(self, minutes: int) -> None:
        """The computer starts anew on the same disk, after a while."""
        self.school.clock.pass_(minutes=minutes)
        fresh().close()
        db.engine.dispose()
        for channel in EVERYWHERE:
            worker.take_over(self.school.house, channel)
        happened["restart"] += 1

    # What must hold, whatever happened.

    @invariant()
    def nothing_stands_that_may_not(self) -> None:
        """Words and pictures only as approved; every pictured pupil with a yes, or its removal ordered and not yet done."""
        happened["steps"] += 1
        removing = self._removing()
        for channel in PLACES:
            for update, item in self._standing(channel):
                seen = self.approved.get(update)
                assert seen is not None, "something stands that nobody approved"
                assert channel in seen.channels, "it stands where it was not approved for"
                assert seen.text == item.text, "other words stand than were approved"
                photos = self._of(update, item.photos, channel)
                known = frozenset[str]().union(*(self.names[photo] for photo in photos))
                assert item.photos <= known, "a picture stands that was not approved"
                shown = {pupil for photo in photos for pupil in seen.photos[photo]}
                may = all((pupil, channel) in self.yes for pupil in shown)
                lives = self.school.state(update) == UpdateState.APPROVED
                assert (may and lives) or (update, channel) in removing, (
                    "something stands that may not, and nobody was told to remove it"
                )

    @invariant()
    def nothing_is_on_x_twice(self) -> None:
        """Law 6."""
        counted = Counter(tweet.text for tweet in self.x.all())
        assert max(counted.values(), default=0) <= 1, "posted twice"

    def teardown(self) -> None:
        """Everything comes to rest; then all that should stand does, once, and nothing else does."""
        try:
            self.x.faults.clear()
            holding.lift(self.school.house, self.school.head)
            office.try_channel_again(self.school.house, self.school.office, Channel.X)
            for _ in range(16):
                work(self.school, *EVERYWHERE)
                self.school.clock.pass_(minutes=11)
                self._help()
                self._hands()
            self.nothing_stands_that_may_not()
            self.nothing_is_on_x_twice()
            self._all_came_to_rest()
        finally:
            self.stack.close()

    def _help(self) -> None:
        """The office does what it was asked to: it lets what could not be looked up be looked up again."""
        asks = sa.select(Delivery.id).where(Delivery.state == DeliveryState.NEEDS_PERSON)
        for order in fresh().scalars(asks).all():
            office.try_again(self.school.house, self.school.office, order)
            happened["a person was needed"] += 1

    def _hands(self) -> None:
        """Whoever has something to do in the class app does it, and says so."""
        for update, channel in self._removing():
            if channel is APP:
                self._remove_by_hand(update)
        for index in range(len(self._by_hand(DeliveryState.PENDING))):
            self.hand_over(index)
        for index in range(len(self._by_hand(DeliveryState.SENDING))):
            self.carry(index)
        while self.carried:
            self.post_by_hand(0, tell=True)
        for update in set(self.in_the_app) & set(self._by_hand(DeliveryState.SENDING)):
            self._tell(update)

    def _by_hand(self, state: DeliveryState) -> list[uuid.UUID]:
        """What stands so on its way into the class app."""
        return [update for update in self.approved if self._state_of(update, APP) is state]

    def _tell(self, update: uuid.UUID) -> None:
        """Somebody says that it is there."""
        order = self.school.delivery(update, APP).id
        self._try(
            "say it is there", lambda: answering.it_is_there(self.school.house, self.school.author, order)
        )

    def _remove_by_hand(self, update: uuid.UUID) -> None:
        self.in_the_app.pop(update, None)
        self.carried.pop(update, None)
        self._try("remove by hand", lambda: by_hand.it_is_gone(self.school.house, self.school.office, update))

    def _all_came_to_rest(self) -> None:
        assert self._removing() == set(), "a removal never ended"
        for channel in PLACES:
            stands = dict(self._standing(channel))
            for update, seen in self.approved.items():
                publishing = self._state_of(update, channel)
                if self.school.state(update) != UpdateState.APPROVED or channel not in seen.channels:
                    assert update not in stands, "taken down, and still there"
                elif publishing is DeliveryState.SENT and channel in PAGES:
                    assert update in stands, "sent, and not there"
                    shown = stands[update].photos
                    kept = {photo for photo in seen.shown[channel] if (photo, channel) not in self.withdrawn}
                    assert {photo for photo in seen.photos if self.names[photo] & shown} == kept
                elif publishing is DeliveryState.SENT:
                    gone = any((photo, channel) in self.withdrawn for photo in seen.shown[channel])
                    assert (update in stands) != gone, "a post is whole, or not there"
                happened[f"ended {publishing}"] += 1

    def _standing(self, channel: Channel) -> list[tuple[uuid.UUID, Standing]]:
        """Each item that stands there, with its update."""
        if channel is APP:
            return list(self.in_the_app.items())
        if channel is Channel.X:
            ids = {update.text: update.id for update in self.approved.values()}
            return [
                (
                    ids.get(tweet.text, uuid.UUID(int=0)),
                    Standing(tweet.text, frozenset(self.x.media[each].file for each in tweet.media)),
                )
                for tweet in self.x.live()
            ]
        given, slug = self.school.house.settings, self.school.slug
        root = {Channel.FAMILIES: given.families / slug, Channel.WEBSITE: given.site}[channel]
        files = {
            path.name: sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            if path.suffix in {".jpg", ".avif"}
        }
        found: dict[uuid.UUID, Standing] = {}
        for page in root.rglob("*.html"):
            for article in _ARTICLE.finditer(page.read_text("utf-8")):
                said = re.search(r"Update \d+, [a-z ]+\.", article[0])
                assert said is not None
                photos = frozenset(files[name] for name in _PHOTO.findall(article[0]))
                before = found.setdefault(uuid.UUID(article[1]), Standing(said[0], photos))
                assert before.text == said[0], "two pages say different things of one update"
                found[uuid.UUID(article[1])] = Standing(said[0], before.photos | photos)
        loose = set(files.values()) - {name for item in found.values() for name in item.photos}
        removing = {one for one, where in self._removing() if where is channel}
        excused = {
            name for one in removing for photo in self.approved[one].photos for name in self.names[photo]
        }
        assert loose <= excused | self._waits(channel), "a picture lies there that no page shows"
        return list(found.items())

    def _of(self, update: uuid.UUID, files: frozenset[str], channel: Channel) -> set[uuid.UUID]:
        """The photos, of those that were approved for a channel, which these files are of."""
        return {photo for photo in self.approved[update].shown[channel] if self.names[photo] & files}

    def _waits(self, channel: Channel) -> set[str]:
        """The files of what is on its way: photos come before the page that shows them, and a worker may have died there."""
        return {
            name
            for update, seen in self.approved.items()
            if self._state_of(update, channel) not in {None, DeliveryState.SENT, DeliveryState.STOPPED}
            for photo in seen.photos
            for name in self.names[photo]
        }

    def _state_of(self, update: uuid.UUID, channel: Channel) -> DeliveryState | None:
        version = self.school.update(update).version_id
        return fresh().scalar(
            sa.select(Delivery.state).where(
                Delivery.version_id == version,
                Delivery.channel == channel,
                Delivery.order == Order.PUBLISH,
            )
        )

    def _removing(self) -> set[tuple[uuid.UUID, Channel]]:
        rows = fresh().execute(
            sa.select(Delivery.update_id, Delivery.channel).where(
                Delivery.order == Order.REMOVE, Delivery.state != DeliveryState.SENT
            )
        )
        return {(row.update_id, row.channel) for row in rows}

    def _answer(self, pupils: set[str], channels: set[Channel], yes: bool) -> None:
        consent(self.school, {name: tuple(channels) for name in sorted(pupils)}, yes=yes)
        for pupil in pupils:
            for channel in channels:
                (self.yes.add if yes else self.yes.discard)((pupil, channel))
        if yes:
            return
        for update, seen in self.approved.items():
            if self.school.state(update) == UpdateState.APPROVED:
                hit = {photo for photo, shown in seen.photos.items() if shown & pupils}
                self.withdrawn |= {(photo, channel) for photo in hit for channel in channels}

    def _tag(self, update: Written, photo: uuid.UUID, pupils: set[str]) -> None:
        who = self.school.pupils(*sorted(pupils))
        picturing.describe_photo(self.school.house, self.school.author, update.id, photo, "The group.", who)
        if update.photos[photo] != frozenset(pupils):
            self._changed(update)
        update.photos[photo] = frozenset(pupils)

    def _changed(self, update: Written) -> None:
        """An edit that was let through voids the approval (law 4)."""
        if self.school.state(update.id) != UpdateState.APPROVED:
            self.approved.pop(update.id, None)

    @contextmanager
    def _nothing_new_while_held(self) -> Iterator[None]:
        before = {(channel, item) for channel in EVERYWHERE for item in self._standing(channel)}
        yield
        if holds.present(fresh()) is not None:
            after = {(channel, one) for channel in EVERYWHERE for one, _ in self._standing(channel)}
            assert after <= {(channel, one) for channel, (one, _) in before}, "published while all is on hold"

    def _any_in(self, *states: UpdateState) -> bool:
        return any(self.school.state(update.id) in states for update in self.written)

    def _pick(self, index: int) -> Written:
        return self.written[index % len(self.written)]

    def _new_words(self) -> str:
        self.words += 1
        return f"Update {self.words}, up the hill."

    def _try(self, name: str, act: Callable[[], None]) -> None:
        """A refusal is an answer; anything else is a fault of ours."""
        try:
            act()
        except Refused:
            happened[f"{name}: refused"] += 1
        else:
            happened[name] += 1
