"""The same pages in a bucket and over SFTP: on real servers, whole or not at all, wherever the line breaks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests import elsewhere
from tests.relay import Relay
from tripupdates import buckets
from tripupdates.buckets import Bucket
from tripupdates.channels.contract import NeedsPerson, NotSent, OutcomeUnknown, Sent, Tree
from tripupdates.channels.pages import Pages
from tripupdates.site.bucket import KEEPS, BucketTarget
from tripupdates.site.sftp import Sftp
from tripupdates.site.sync import differences, leftovers, sync
from tripupdates.site.target import NOT_OURS, Target

PIXELS = {f"{sha256(data).hexdigest()}.jpg": data for data in (b"one" * 3000, b"two" * 3000, b"three" * 3000)}
ONE, TWO, THREE = PIXELS
NOW = datetime.now(UTC)

Place = tuple[Target, Relay]


def _tree(pages: dict[str, bytes], *photos: str) -> Tree:
    return Tree(pages, {f"photos/{name}": name for name in photos}, PIXELS.__getitem__, "#update-1")


OLD = _tree({"index.html": b"old", "trips/a/index.html": b"a", "css/x.css": b"css"}, ONE, TWO)
NEW = _tree({"index.html": b"new", "css/x.css": b"css", "news/index.html": b"news" * 900}, TWO, THREE)
EMPTY = _tree({"index.html": b"nothing"})


@pytest.fixture(params=["bucket", "sftp"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    if request.param == "sftp":
        with elsewhere.folder_over_sftp(tmp_path) as sftp:
            yield sftp
    else:
        with elsewhere.bucket(monkeypatch) as (bucket, relay):
            yield BucketTarget(bucket), relay


def _stands(target: Target) -> dict[str, bytes]:
    return {path: target.read(path) for path in target.standing() if not path.endswith("/")}


def _whole(tree: Tree) -> dict[str, bytes]:
    return {**tree.pages, **{path: PIXELS[name] for path, name in tree.photos.items()}}


def test_the_place_holds_exactly_the_tree_and_only_the_difference_is_sent(place: Place) -> None:
    target, _ = place
    assert target.standing() == {}
    sync(OLD, target)
    assert _stands(target) == _whole(OLD)
    done = sync(NEW, target)
    assert done.written == (f"photos/{THREE}", "news/index.html", "index.html")
    assert {path for path in done.deleted if not path.endswith("/")} == {
        "trips/a/index.html",
        f"photos/{ONE}",
    }
    assert _stands(target) == _whole(NEW)
    assert sync(NEW, target).written == ()
    assert differences(NEW, target) == ()


def test_what_somebody_changed_there_is_found_and_mended(place: Place) -> None:
    target, _ = place
    sync(OLD, target)
    target.stage("index.html", lambda: b"defaced")
    target.put("index.html", lambda: b"defaced")
    target.stage("stray.jpg", lambda: b"x")
    target.put("stray.jpg", lambda: b"x")
    assert differences(OLD, target) == ("index.html", "stray.jpg")
    assert leftovers(OLD, target) == ("stray.jpg",)
    sync(OLD, target)
    assert _stands(target) == _whole(OLD)


def test_a_place_that_holds_something_else_is_left_alone(place: Place) -> None:
    target, _ = place
    target.stage("thesis.doc", lambda: b"mine")
    target.put("thesis.doc", lambda: b"mine")
    with pytest.raises(NeedsPerson) as refused:
        sync(OLD, target)
    assert refused.value.title == NOT_OURS
    assert _stands(target) == {"thesis.doc": b"mine"}


@pytest.mark.parametrize("removing", [False, True])
def test_wherever_the_line_breaks_every_file_is_whole_and_the_next_run_ends_right(
    place: Place, removing: bool
) -> None:
    target, relay = place
    sync(OLD, target)
    relay.carried = 0
    sync(NEW, target, removing)
    length = relay.carried
    for cut in range(0, length, length // 7):
        sync(OLD, target)
        relay.room = cut
        with pytest.raises((OSError, OutcomeUnknown)):
            sync(NEW, target, removing)
        relay.room = None
        visible = {path: data for path, data in _stands(target).items() if ".writing-" not in path}
        assert all(data in {_whole(OLD).get(path), _whole(NEW).get(path)} for path, data in visible.items())
        if (
            b"new" in visible.values()
        ):  # the index comes last of all that is written, or what must go went first
            assert NEW.pages.keys() <= visible.keys()
            assert (f"photos/{ONE}" not in visible) if removing else (f"photos/{THREE}" in visible)
        sync(NEW, target, removing)
        assert _stands(target) == _whole(NEW)


def test_a_broken_line_is_not_sent_and_what_was_taken_down_is_confirmed_gone(place: Place) -> None:
    target, relay = place
    pages = Pages(target, "https://school.example/site/")
    relay.room = 0
    with pytest.raises(NotSent):
        pages.publish(OLD)
    with pytest.raises(NotSent):
        pages.look_up(OLD, NOW, ())
    with pytest.raises(OSError, match="answer"):
        target.reach()
    relay.room = None
    target.reach()
    assert pages.publish(OLD) == Sent("", "https://school.example/site/#update-1")
    assert pages.look_up(OLD, NOW, ()) is not None
    pages.remove(EMPTY, ())
    assert _stands(target) == _whole(EMPTY)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with elsewhere.bucket(monkeypatch) as (made, _):
        yield made


def test_a_bucket_that_keeps_versions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with elsewhere.bucket(monkeypatch, versions=True) as (bucket, _):
        with pytest.raises(NeedsPerson) as refused:
            sync(OLD, BucketTarget(bucket))
        assert refused.value.title == KEEPS
        assert BucketTarget(bucket).standing() == {}
        with pytest.raises(buckets.KeepsVersions):
            bucket.reach()


def test_a_wrong_secret_is_told_without_the_secret(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "conkers")
    buckets.forget()
    with pytest.raises(OSError, match="refused us: SignatureDoesNotMatch") as told:
        bucket.listed()
    assert "conkers" not in str(told.value)
    buckets.forget()


def test_browsers_are_told_what_a_file_is_and_how_long_to_keep_it(bucket: Bucket) -> None:
    target = BucketTarget(bucket)
    sync(OLD, target)
    heads = {
        path: buckets.client().head_object(Bucket=bucket.name, Key=f"{bucket.prefix}/{path}")
        for path in ("index.html", "css/x.css", f"photos/{ONE}")
    }
    assert {path: (head["ContentType"], head["CacheControl"]) for path, head in heads.items()} == {
        "index.html": ("text/html", "max-age=60"),
        "css/x.css": ("text/css", "max-age=31536000"),
        f"photos/{ONE}": ("image/jpeg", "max-age=300"),
    }


def test_a_place_in_a_bucket_ends_at_its_prefix(bucket: Bucket) -> None:
    other = Bucket(bucket.name, f"{bucket.prefix}tree")
    other.write("index.html", b"another school", 0)
    sync(OLD, BucketTarget(bucket))
    assert other.listed().keys() == {"index.html"}
    assert BucketTarget(bucket).standing().keys() == _whole(OLD).keys()


def test_more_is_deleted_than_one_request_takes(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "AT_ONCE", 3)
    names = [f"{number}.txt" for number in range(8)]
    for name in names:
        bucket.write(name, b"x", 0)
    assert list(bucket.listed()) == names
    bucket.delete(names)
    assert bucket.is_empty()


def test_another_computer_under_the_same_name_is_not_spoken_to(tmp_path: Path) -> None:
    with elsewhere.folder_over_sftp(tmp_path) as (target, _):
        key = target.address.known.read_text().split()
        target.address.known.write_text(f"{key[0]} {key[1]} {key[2][:-8]}{'A' * 8}\n")
        with pytest.raises(OSError, match="BadHostKey"):
            sync(OLD, target)
        target.address.known.write_text("")
        with pytest.raises(OSError, match="answer"):
            sync(OLD, target)
        assert not Path(target.address.folder).exists()


def test_a_key_that_is_not_taken_is_told(tmp_path: Path) -> None:
    with elsewhere.folder_over_sftp(tmp_path) as (target, _):
        stranger = Sftp(replace(target.address, key=tmp_path / "none", password="conkers"))
        with pytest.raises(OSError, match="answer") as told:
            sync(OLD, stranger)
        assert "conkers" not in str(told.value)


def test_links_there_are_never_followed(tmp_path: Path) -> None:
    with elsewhere.folder_over_sftp(tmp_path) as (target, _):
        sync(OLD, target)
        outside, root = tmp_path / "outside", Path(target.address.folder)
        outside.mkdir()
        (outside / "kept.txt").write_text("mine")
        (root / "link").symlink_to(outside)
        (root / "index.html").unlink()
        (root / "index.html").symlink_to(outside / "kept.txt")
        assert set(differences(OLD, target)) == {"index.html", "link"}
        sync(OLD, target)
        assert _stands(target) == _whole(OLD)
        assert (outside / "kept.txt").read_text() == "mine"
