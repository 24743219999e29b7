"""A channel made of pages says precisely what happened."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tripupdates.channels.contract import Channel, NeedsPerson, NotSent, OutcomeUnknown, Sent, Tree
from tripupdates.channels.families import Families
from tripupdates.channels.pages import Pages
from tripupdates.channels.website import Website
from tripupdates.site.folder import Folder

NAME = f"{sha256(b'pixels').hexdigest()}.jpg"
TREE = Tree({"index.html": b"hello"}, {f"photos/{NAME}": NAME}, lambda _: b"pixels", "#update-1")
WITHOUT = Tree({"index.html": b"hello"}, {}, lambda _: b"pixels", "#update-1")
NOW = datetime.now(UTC)
HERE = Sent("", "https://school.example/site/#update-1")


@pytest.fixture(params=[Website, Families])
def pages(request: pytest.FixtureRequest, tmp_path: Path) -> Pages:
    made = request.param(Folder(tmp_path / "pages"), "https://school.example/site/")
    assert isinstance(made, Pages)
    return made


def _root(pages: Pages) -> Path:
    assert isinstance(pages.target, Folder)
    return pages.target.root


def test_publishing_says_where_it_is(pages: Pages) -> None:
    assert pages.publish(TREE) == HERE
    assert (_root(pages) / "index.html").read_bytes() == b"hello"


def test_looking_finds_exactly_the_tree_or_nothing(pages: Pages) -> None:
    assert pages.look_up(TREE, NOW, ()) is None
    pages.publish(TREE)
    assert pages.look_up(TREE, NOW, ()) == HERE
    assert pages.look_up(WITHOUT, NOW, ()) is None


def test_removing_deletes_the_photo_and_confirms_it(pages: Pages) -> None:
    pages.publish(TREE)
    pages.remove(WITHOUT, ())
    assert not (_root(pages) / "photos").exists()


def test_removing_deletes_first_whatever_happens_then(pages: Pages) -> None:
    pages.publish(TREE)
    other = f"{sha256(b'other').hexdigest()}.jpg"
    with pytest.raises(NeedsPerson):
        pages.remove(Tree(TREE.pages, {f"photos/{other}": other}, TREE.read), ())
    assert not (_root(pages) / "photos" / NAME).exists()


def test_an_unknown_outcome_may_be_looked_up_at_once(pages: Pages) -> None:
    channel: Channel[Tree] = pages
    assert (channel.settle, channel.misses_needed) == (timedelta(0), 1)


def test_what_appears_beside_the_tree_while_it_is_written_leaves_the_outcome_unknown(pages: Pages) -> None:
    def meanwhile(_: str) -> bytes:
        (_root(pages) / "stray.html").write_text("not ours")
        return b"pixels"

    with pytest.raises(OutcomeUnknown):
        pages.publish(Tree(TREE.pages, TREE.photos, meanwhile))


def test_a_removal_that_meets_a_stray_is_not_confirmed(pages: Pages) -> None:
    def meanwhile(_: str) -> bytes:
        (_root(pages) / "stray.html").write_text("not ours")
        return b"pixels"

    pages.publish(WITHOUT)
    with pytest.raises(OutcomeUnknown):
        pages.remove(Tree(TREE.pages, TREE.photos, meanwhile), ())


def test_looking_where_the_disk_gives_no_answer_is_not_a_miss(pages: Pages) -> None:
    pages.publish(TREE)
    closed = replace(pages, target=Folder(_root(pages) / ("a name that no disk takes " * 20)))
    with pytest.raises(NotSent):
        closed.look_up(TREE, NOW, ())


def test_a_photo_missing_from_the_store_is_not_sent(pages: Pages) -> None:
    def missing(_: str) -> bytes:
        raise OSError

    with pytest.raises(NotSent):
        pages.publish(Tree(TREE.pages, TREE.photos, missing))


def test_a_place_that_cannot_be_made_is_not_sent(pages: Pages) -> None:
    _root(pages).parent.joinpath("file").write_text("a file where a folder should be")
    with pytest.raises(NotSent):
        replace(pages, target=Folder(_root(pages).parent / "file" / "pages")).publish(TREE)


def test_a_photo_that_is_lost_needs_a_person(pages: Pages) -> None:
    with pytest.raises(NeedsPerson, match="photo"):
        pages.publish(Tree(TREE.pages, TREE.photos, lambda _: b"other pixels"))


def test_somebody_elses_folder_needs_a_person(pages: Pages) -> None:
    _root(pages).mkdir()
    (_root(pages) / "thesis.doc").write_text("mine")
    with pytest.raises(NeedsPerson):
        pages.publish(TREE)


def test_a_long_run_says_now_and_then_how_far_it_is(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tripupdates.channels.pages")
    pages.publish(TREE)
    assert caplog.messages == []  # a short one says nothing
    monkeypatch.setattr("tripupdates.channels.pages.OFTEN", 0.0)
    pages.publish(replace(TREE, pages={"index.html": b"new"}))
    assert caplog.messages == [f"pages: {done} of 2 steps" for done in range(3)]


def test_whoever_watches_hears_how_far_it_is(pages: Pages) -> None:
    told: list[tuple[int, int]] = []
    assert pages.bring(TREE, lambda *far: told.append(far)) == HERE
    assert told[-1] == (4, 4)
