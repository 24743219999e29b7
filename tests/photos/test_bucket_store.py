"""The photo store in a bucket keeps the same promises as the one in a folder."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from tests import elsewhere
from tripupdates.photos.store import BucketStore

DATA = b"pixels"
NAME = f"{sha256(DATA).hexdigest()}.jpg"
OTHER = f"{sha256(b'other').hexdigest()}.pdf"
HOUR = timedelta(hours=1)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketStore]:
    with elsewhere.bucket(monkeypatch) as (bucket, _):
        yield BucketStore(bucket)


def test_what_was_put_is_there_until_it_is_removed(store: BucketStore) -> None:
    assert not store.exists(NAME)
    store.put(NAME, DATA)
    store.put(NAME, DATA)
    assert (store.exists(NAME), store.read(NAME), store.names()) == (True, DATA, {NAME})
    store.remove(NAME)
    store.remove(NAME)
    assert (store.exists(NAME), store.names()) == (False, set())
    with pytest.raises(FileNotFoundError):
        store.read(NAME)


def test_a_wrong_hash_or_name_is_refused_and_nothing_is_written(store: BucketStore) -> None:
    with pytest.raises(ValueError, match="not the hash of the data"):
        store.put(OTHER, DATA)
    for ask in (store.read, store.exists, store.remove):
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            ask("../config.toml")
    assert store.bucket.is_empty()


def test_a_sweep_takes_old_strays_only(store: BucketStore) -> None:
    now = datetime.now(UTC)
    store.put(NAME, DATA)
    store.put(OTHER, b"other")
    store.bucket.write("README", b"not ours")
    assert store.sweep(keep={NAME}, older_than=now - HOUR) == set()
    assert store.strays(keep={NAME}, older_than=now + HOUR) == {OTHER}
    assert store.sweep(keep={NAME}, older_than=now + HOUR) == {OTHER}
    assert store.names() == {NAME}
    assert store.bucket.has("README")


def test_a_sweep_needs_to_know_which_clock_is_meant(store: BucketStore) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.sweep(keep=(), older_than=datetime(2031, 5, 14))  # noqa: DTZ001 - the mistake is what is tested


def test_a_bucket_that_is_away_is_told_apart_from_a_photo_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with elsewhere.bucket(monkeypatch) as (bucket, relay):
        store = BucketStore(bucket)
        store.put(NAME, DATA)
        relay.room = 0
        with pytest.raises(OSError, match="answer") as told:
            store.read(NAME)
        assert not isinstance(told.value, FileNotFoundError)
        with pytest.raises(OSError, match="answer"):
            store.put(OTHER, b"other")
