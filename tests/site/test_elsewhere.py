"""The same pages in a bucket and over SFTP: on real servers, whole or not at all, wherever the line breaks."""

import gzip
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import brotli
import pytest

from tests import elsewhere
from tests.relay import Relay
from tripupdates import buckets
from tripupdates.buckets import Bucket
from tripupdates.channels.contract import NeedsPerson, NotSent, OutcomeUnknown, Sent, Tree
from tripupdates.channels.pages import Pages
from tripupdates.site.bucket import KEEPS, BucketTarget
from tripupdates.site.kinds import packing
from tripupdates.site.packing import packed
from tripupdates.site.sftp import Sftp
from tripupdates.site.sync import differences, leftovers, sync
from tripupdates.site.target import NOT_OURS, Target

KINDS = {"one": "jpg", "two": "jpg", "three": "avif", "first issue": "pdf", "second issue": "pdf"}
PIXELS = {
    f"{sha256(data).hexdigest()}.{kind}": data
    for word, kind in KINDS.items()
    for data in [word.encode() * 2000]
}
ONE, TWO, THREE, FIRST, SECOND = PIXELS
NOW = datetime.now(UTC)

Place = tuple[Target, Relay]


def _tree(pages: dict[str, str], *names: str) -> Tree:
    """Pages, each packed too, and photos and PDFs, as a site has them."""
    stored = {_path(name): name for name in names}
    texts = packed({path: text.encode() for path, text in pages.items()})
    return Tree(texts, stored, PIXELS.__getitem__, "#update-1")


def _path(name: str) -> str:
    return (
        f"files/2027-05-03-post-{name[:16]}.pdf"
        if name.endswith(".pdf")
        else f"photos/{name[:16]}-480{name[64:]}"
    )


def _links(*to: str) -> str:
    return "".join(f'<a href="{link}">' for link in to)


OLD = _tree(
    {
        "index.html": "old" + _links("css/1.css", "icon.svg", "trips/a/index.html", "news/index.html"),
        "trips/a/index.html": _links("../../css/1.css", f"../../{_path(ONE)}", f"../../{_path(TWO)}"),
        "news/index.html": _links("../css/1.css", f"../{_path(FIRST)}"),
        "css/1.css": "css",
        "icon.svg": "<svg/>",
        "feed.xml": "old feed",
        "sitemap.xml": "map",
    },
    ONE,
    TWO,
    FIRST,
)
NEW = _tree(
    {
        "index.html": "new" + _links("css/2.css", "icon.svg", "trips/b/index.html", "news/index.html"),
        "trips/b/index.html": _links("../../css/2.css", f"../../{_path(TWO)}", f"../../{_path(THREE)}"),
        "news/index.html": _links("../css/2.css", "post/index.html") + "news" * 900,
        "news/post/index.html": _links("../../css/2.css", f"../../{_path(SECOND)}"),
        "css/2.css": "new css",
        "icon.svg": "<svg/>",
        "feed.xml": "new feed",
        "feed.json": "{}",
        "robots.txt": "all may",
        "sitemap.xml": "map",
    },
    TWO,
    THREE,
    SECOND,
)
GONE, COME = {_path(ONE), _path(FIRST)}, {_path(THREE), _path(SECOND)}
EMPTY = _tree({"index.html": "nothing"})


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
    plain = [path for path in done.written if not packing(path)]
    assert sorted(plain[:2]) == sorted(COME)
    assert plain[2:] == [
        "css/2.css",
        "news/post/index.html",
        "trips/b/index.html",
        "news/index.html",
        "feed.json",
        "feed.xml",
        "robots.txt",
        "index.html",
    ]
    gone = [path for path in done.deleted if not packing(path) and not path.endswith("/")]
    assert gone[:2] == ["trips/a/index.html", "css/1.css"]
    assert set(gone[2:]) == GONE
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
    for tree in (OLD, NEW, OLD):  # what was read once need not be fetched again
        sync(tree, target)
    relay.carried = 0
    sync(NEW, target, removing)
    length = relay.carried * 9 // 10
    for cut in range(0, length, length // 4):
        sync(OLD, target)
        relay.room = cut
        with pytest.raises((OSError, OutcomeUnknown)):
            sync(NEW, target, removing)
        relay.room = None
        visible = {path: data for path, data in _stands(target).items() if ".writing-" not in path}
        assert all(data in {_whole(OLD).get(path), _whole(NEW).get(path)} for path, data in visible.items())
        if not removing:
            assert _loose_ends(visible) == []
        elif any(visible.get(path) != data for path, data in OLD.pages.items()):
            assert GONE.isdisjoint(visible)  # what must go went before any page was touched
        if visible["index.html"] == NEW.pages["index.html"] and not removing:
            assert {*NEW.pages, *NEW.photos} - {"index.html.br", "index.html.gz"} <= visible.keys()
        sync(NEW, target, removing)
        assert _stands(target) == _whole(NEW)


def _loose_ends(visible: dict[str, bytes]) -> list[tuple[str, str]]:
    """Where a page, as it lies there or packed, leads to what is not there."""
    unpack = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    return [
        (path, link)
        for path, data in visible.items()
        if ".html" in path
        for link in re.findall(r'href="([^"]+)"', unpack[packing(path)](data).decode())
        if posixpath.normpath(posixpath.join(posixpath.dirname(path), link)) not in visible
    ]


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
        for path in ("index.html", "index.html.br", "css/1.css.gz", "feed.xml", _path(ONE), _path(FIRST))
    }
    said = {
        path: (head["ContentType"], head["CacheControl"], head.get("ContentEncoding", ""))
        for path, head in heads.items()
    }
    assert said == {
        "index.html": ("text/html", "max-age=60", ""),
        "index.html.br": ("text/html", "max-age=60", "br"),
        "css/1.css.gz": ("text/css", "max-age=31536000, immutable", "gzip"),
        "feed.xml": ("application/xml", "max-age=300", ""),
        _path(ONE): ("image/jpeg", "max-age=300", ""),
        _path(FIRST): ("application/pdf", "max-age=300", ""),
    }


def test_a_place_in_a_bucket_ends_at_its_prefix(bucket: Bucket) -> None:
    other = Bucket(bucket.name, f"{bucket.prefix}tree")
    other.write("index.html", b"another school")
    sync(OLD, BucketTarget(bucket))
    assert other.listed().keys() == {"index.html"}
    assert BucketTarget(bucket).standing().keys() == _whole(OLD).keys()


def test_more_is_deleted_than_one_request_takes(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "AT_ONCE", 3)
    names = [f"{number}.txt" for number in range(8)]
    for name in names:
        bucket.write(name, b"x")
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


def test_a_page_that_was_read_is_not_fetched_again_until_something_about_it_changes(tmp_path: Path) -> None:
    with elsewhere.folder_over_sftp(tmp_path) as (target, relay):
        sync(OLD, target)
        asked = []
        for _ in range(2):
            relay.carried = 0
            assert differences(OLD, target) == ()
            asked.append(relay.carried)
        assert asked[1] < asked[0] / 3
        page = Path(target.address.folder) / "index.html"
        page.write_bytes(page.read_bytes().replace(b"old", b"odd"))
        os.utime(page, (1, 1))
        assert differences(OLD, target) == ("index.html",)
        sync(OLD, target)
        assert differences(OLD, target) == ()
        before = page.stat()
        new = Tree({**OLD.pages, "index.html": b"odd" + OLD.pages["index.html"][3:]}, OLD.photos, OLD.read)
        sync(new, target)
        os.utime(page, (before.st_atime, before.st_mtime))  # as if all of it were done within one second
        assert differences(new, target) == ()
