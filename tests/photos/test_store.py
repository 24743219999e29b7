"""The store keeps whole files under the hash of their bytes, and lets go of them for good."""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tripupdates.photos.store import FolderStore

DATA = b"pixels"
NAME = f"{sha256(DATA).hexdigest()}.jpg"
OTHER = f"{sha256(b'other').hexdigest()}.jpg"
NOW = datetime(2031, 5, 14, 21, 0, tzinfo=UTC)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "photos")


def _written(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_what_was_put_can_be_read(store: FolderStore) -> None:
    assert not store.exists(NAME)
    store.put(NAME, DATA)
    assert store.exists(NAME)
    assert store.read(NAME) == DATA
    assert store.names() == {NAME}


@pytest.mark.parametrize("kind", ["jpg", "avif", "pdf"])
def test_it_keeps_renditions_and_documents(kind: str, store: FolderStore) -> None:
    name = f"{sha256(DATA).hexdigest()}.{kind}"
    store.put(name, DATA)
    assert (store.read(name), store.names()) == (DATA, {name})
    assert store.strays(set(), NOW.replace(year=2099)) == {name}
    store.remove(name)
    assert store.names() == set()


def test_a_file_lies_below_the_first_two_digits_of_its_name(store: FolderStore) -> None:
    assert store.path(NAME) == store.root / NAME[:2] / NAME


def test_nothing_unfinished_is_left_beside_it(store: FolderStore) -> None:
    store.put(NAME, DATA)
    assert [path.name for path in store.path(NAME).parent.iterdir()] == [NAME]


def test_putting_the_same_again_is_harmless_and_makes_it_young(store: FolderStore) -> None:
    store.put(NAME, DATA)
    _written(store.path(NAME), LONG_AGO)
    store.put(NAME, DATA)
    assert store.read(NAME) == DATA
    assert store.path(NAME).stat().st_mtime > LONG_AGO.timestamp()
    assert store.names() == {NAME}


def test_a_wrong_hash_is_refused_and_nothing_is_written(store: FolderStore) -> None:
    with pytest.raises(ValueError, match="not the hash of the data"):
        store.put(OTHER, DATA)
    assert not store.root.exists()


@pytest.mark.parametrize(
    "name", ["", "photo.jpg", f"../{NAME}", f"{NAME}\n", NAME.upper(), NAME[:-4], f"{NAME}/..", NAME[1:]]
)
def test_no_other_kind_of_name_is_taken(store: FolderStore, name: str) -> None:
    for ask in (store.path, store.read, store.exists, store.remove, lambda one: store.put(one, DATA)):
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            ask(name)


def test_removing_is_for_good_and_may_be_repeated(store: FolderStore) -> None:
    store.remove(NAME)
    store.put(NAME, DATA)
    store.remove(NAME)
    store.remove(NAME)
    assert not store.exists(NAME)
    with pytest.raises(FileNotFoundError):
        store.read(NAME)


def test_a_disk_that_refuses_leaves_nothing_unfinished(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    store.path(NAME).parent.mkdir(parents=True)
    with pytest.raises(OSError, match="no space left"):
        store.put(NAME, DATA)
    assert list(store.path(NAME).parent.iterdir()) == []


def test_a_sweep_takes_old_strays_and_unfinished_files_only(store: FolderStore) -> None:
    store.put(NAME, DATA)
    store.put(OTHER, b"other")
    third = f"{sha256(b'third').hexdigest()}.jpg"
    store.put(third, b"third")
    crashed = store.path(NAME).parent / "tmpabc.unfinished"
    foreign = store.path(NAME).parent / "README"
    crashed.touch()
    foreign.touch()
    for path in (store.path(NAME), store.path(OTHER), crashed, foreign):
        _written(path, NOW - timedelta(days=2))
    _written(store.path(third), NOW)
    swept = store.sweep(keep={NAME}, older_than=NOW - timedelta(days=1))
    assert swept == {OTHER, crashed.name}
    assert store.names() == {NAME, third}
    assert foreign.exists()


def test_a_sweep_needs_to_know_which_clock_is_meant(store: FolderStore) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.sweep(keep=(), older_than=datetime(2031, 5, 14))  # noqa: DTZ001 - the mistake is what is tested


def test_a_store_that_was_never_written_to_is_empty(store: FolderStore) -> None:
    assert store.names() == set()
    assert store.sweep(keep=(), older_than=NOW) == set()
