"""A newsletter: its PDF cleaned and answered for, sealed with its words, approved, and gone when it must be."""

import io
import uuid
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests import factories
from tests.factories import School, paper, settings, without_x, work
from tripupdates import erasure, files, issues, journey, newsletters, publishing, reviewing, takedown
from tripupdates import school as steps
from tripupdates.approval.records import Version
from tripupdates.database import fresh
from tripupdates.documents import rules
from tripupdates.documents.records import Document
from tripupdates.newsletters import Issue
from tripupdates.school import Draft
from tripupdates.vocabulary import Channel, Conflict, Kind, NotFound, Refused

DATED = date(2027, 5, 4)
WORDS = "The choir sang, and the book fair comes."


def written(school: School, by: str = "office", update: uuid.UUID | None = None, **changes: Any) -> uuid.UUID:
    """The words of a newsletter, without its PDF."""
    number = update or uuid.uuid4()
    said: dict[str, Any] = {"title": "The Puddle Post 7", "text": WORDS, "channels": ("website", "x")}
    steps.save(school.house, school.people[by], number, Draft(Kind.NEWSLETTER, **(said | changes)))
    return number


def attach(school: School, update: uuid.UUID, by: str = "office", **changes: Any) -> None:
    """Its PDF, with what is declared of it."""
    issue: dict[str, Any] = {"dated": DATED, "upload": paper(), "declared": True}
    newsletters.attach(school.house, school.people[by], update, Issue(**(issue | changes)))


def begun(school: School, by: str = "office", **changes: Any) -> uuid.UUID:
    update = written(school, by, **changes)
    attach(school, update, by)
    return update


def sent(school: School, by: str = "office", **changes: Any) -> uuid.UUID:
    update = begun(school, by, **changes)
    journey.submit(school.house, school.people[by], update)
    return update


def approved(school: School) -> uuid.UUID:
    update = sent(school)
    journey.approve(school.house, school.head, update, school.digest(update))
    return update


def document(update: uuid.UUID) -> Document:
    return fresh().get_one(Document, update)


def manifest(school: School, update: uuid.UUID) -> dict[str, Any]:
    return fresh().get_one(Version, school.update(update).version_id).manifest


def with_settings(school: School, **changes: Any) -> None:
    """The school decided something else meanwhile."""
    given = settings(school.house.settings.instance, **changes)
    school.house = replace(school.house, settings=given)


@pytest.mark.both_engines
@pytest.mark.parametrize("author", ["office", "stranger", "head"])
def test_a_newsletter_goes_from_anybody_at_school_past_somebody_else(school: School, author: str) -> None:
    update = sent(school, author)
    journey.approve(school.house, school.deputy, update, school.digest(update))
    assert school.deliveries(update) == {"website": "pending", "x": "pending"}
    kept = document(update)
    assert (kept.pages, kept.dated, kept.declared_by) == (2, DATED, school.people[author].id)
    assert kept.declared == rules.CONSENTED
    assert len(school.house.photos.read(kept.name)) == kept.size
    assert [(each["format"], each["height"]) for each in kept.cover] == [
        (kind, height) for kind in ("AVIF", "JPEG") for height in (480, 960, 1600)
    ]
    assert "where a picture was taken" in kept.removed
    assert school.house.photos.names() == kept.files


def test_the_version_seals_exactly_this_file_cover_title_date_and_declaration(school: School) -> None:
    update = sent(school)
    sealed, kept = manifest(school, update), document(update)
    assert sealed["document"] == {
        "name": kept.name,
        "size": kept.size,
        "pages": 2,
        "dated": "2027-05-04",
        "cover": kept.cover,
        "cropped": [],
        "declared": rules.CONSENTED,
        "declared_by": str(school.office.id),
        "declared_at": school.clock().isoformat(),
    }
    assert sealed["title"] == "The Puddle Post 7"
    assert "photos" not in sealed["channels"]["website"] or sealed["channels"]["website"]["photos"] == []


def test_another_pdf_or_date_is_another_digest_and_the_old_one_cannot_be_approved(school: School) -> None:
    update = sent(school)
    for change in ({"upload": paper("The Pond Post")}, {"dated": date(2027, 5, 5), "upload": None}):
        seen = school.digest(update)
        attach(school, update, **change)
        assert school.state(update) == "draft"
        journey.submit(school.house, school.office, update)
        with pytest.raises(Conflict, match="has changed since you opened it"):
            journey.approve(school.house, school.head, update, seen)


def test_nothing_is_kept_of_a_pdf_for_whose_pupils_nobody_answers(school: School) -> None:
    update = written(school)
    with pytest.raises(Refused) as refused:
        attach(school, update, declared=False)
    assert refused.value.title == rules.NOT_DECLARED
    assert school.house.photos.names() == set()
    assert factories.count(Document) == 0


def test_without_its_pdf_it_cannot_be_sent(school: School) -> None:
    update = written(school)
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.office, update)
    assert refused.value.reasons == (rules.NONE_YET,)


def test_it_stands_on_the_website_or_nowhere(school: School) -> None:
    update = begun(school, channels=("x",))
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.office, update)
    assert refused.value.reasons == (rules.ON_WEBSITE,)


@pytest.mark.parametrize("dated", [date(2026, 5, 1), date(2027, 9, 1), date(1, 1, 1), date(9999, 1, 1)])
def test_the_date_of_an_issue_is_a_likely_one(school: School, dated: date) -> None:
    update = written(school)
    with pytest.raises(Refused) as refused:
        attach(school, update, dated=dated)
    assert refused.value.title == rules.NOT_ITS_DATE


def test_what_is_no_pdf_is_refused_and_nothing_is_lost(school: School) -> None:
    update = begun(school)
    before = document(update).name
    with pytest.raises(Refused, match="This is not a PDF"):
        attach(school, update, upload=b"Dear parents")
    assert (document(update).name, school.state(update)) == (before, "draft")


def test_only_its_author_adds_a_pdf_and_only_to_a_newsletter(school: School) -> None:
    update = written(school)
    with pytest.raises(NotFound):
        attach(school, update, by="head")
    news = uuid.uuid4()
    steps.save(school.house, school.office, news, Draft(Kind.NEWS, "Concert", WORDS, None, ("website",)))
    with pytest.raises(NotFound, match="Only a newsletter has a PDF"):
        attach(school, news)


def test_the_same_again_changes_nothing(school: School) -> None:
    update = sent(school)
    seen, at = school.digest(update), document(update).declared_at
    school.clock.pass_(hours=1)
    attach(school, update)
    attach(school, update, upload=None, declared=False)
    assert (school.state(update), school.digest(update), document(update).declared_at) == (
        "waiting",
        seen,
        at,
    )


def test_another_pdf_takes_its_place_and_the_old_files_are_gone(school: School) -> None:
    update = begun(school)
    before = set(document(update).files)
    attach(school, update, upload=paper("The Pond Post"))
    assert school.house.photos.names() == document(update).files
    assert not before & school.house.photos.names()


def test_another_date_alone_needs_no_file_and_declares_nothing_anew(school: School) -> None:
    update = begun(school)
    before = document(update)
    name, at, removed = before.name, before.declared_at, list(before.removed)
    school.clock.pass_(days=1)
    attach(school, update, dated=date(2027, 5, 5), upload=None, declared=False)
    after = document(update)
    assert (after.dated, after.declared_at, list(after.removed)) == (date(2027, 5, 5), at, removed)
    assert after.name != name  # its title says the date
    assert b"newsletter of 5 May 2027" in school.house.photos.read(after.name)
    assert school.house.photos.names() == after.files


def test_a_date_without_a_file_is_asked_for_one(school: School) -> None:
    with pytest.raises(Refused, match="Choose the newsletter’s PDF"):
        attach(school, written(school), upload=None)


# --- what X says ---


def test_x_tells_of_the_issue_without_a_link_and_without_a_picture(school: School) -> None:
    update = sent(school)
    assert manifest(school, update)["channels"]["x"] == {
        "text": "Our newsletter, 4 May 2027: The Puddle Post 7",
        "photos": [],
        "widest": 2048,
    }
    assert "link" not in manifest(school, update)


def test_its_author_may_choose_other_words_for_x(school: School) -> None:
    update = sent(school, x_text="Out now: The Puddle Post 7.")
    assert manifest(school, update)["channels"]["x"]["text"] == "Out now: The Puddle Post 7."


@pytest.mark.parametrize("own", [None, "Out now: The Puddle Post 7."])
def test_a_school_that_pays_for_links_has_one_to_its_page(school: School, own: str | None) -> None:
    with_settings(school, x_links="on", site_public_url="https://trips.example.org")
    update = sent(school, x_text=own)
    link = f"https://trips.example.org/newsletters/2027-05-04-the-puddle-post-7-{str(update)[:6]}/"
    text = own or "Our newsletter, 4 May 2027: The Puddle Post 7"
    sealed = manifest(school, update)
    assert (sealed["channels"]["x"]["text"], sealed["link"]) == (f"{text}\n{link}", link)
    assert sealed["channels"]["website"]["text"] == WORDS


def test_the_link_weighs_23_and_the_rest_must_leave_room_for_it(school: School) -> None:
    with_settings(school, x_links="on", site_public_url="https://trips.example.org")
    update = begun(school, x_text="x" * 256)
    journey.submit(school.house, school.office, update)
    update = begun(school, x_text="x" * 257)
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.office, update)
    assert refused.value.reasons == ("The text for X is 1 characters too long. Write a shorter one for X.",)


def test_a_link_goes_with_the_page_that_it_leads_to(school: School) -> None:
    with_settings(school, x_links="on", site_public_url="https://trips.example.org")
    update = sent(school)
    reviewing.drop(school.house, school.head, update, school.digest(update), channels=["website"])
    assert manifest(school, update)["channels"] == {
        "x": {"text": "Our newsletter, 4 May 2027: The Puddle Post 7", "photos": [], "widest": 2048}
    }
    assert "link" not in manifest(school, update)


def test_a_school_without_x_has_no_link(school: School) -> None:
    with_settings(school, x_links="on")
    school.house = replace(without_x(school), settings=school.house.settings)
    update = sent(school, channels=("website",))
    assert "link" not in manifest(school, update)


def test_title_and_words_keep_to_the_policy(school: School) -> None:
    update = begun(school, title="The Puddle Post by Ada Puddlewick")
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.office, update)
    assert "“Ada Puddlewick” in the title" in refused.value.reasons[0]


# --- on the website ---


def on_site(school: School, pattern: str) -> list[Path]:
    return sorted(school.house.settings.site.rglob(pattern))


def test_the_website_has_its_page_its_first_page_and_the_very_file_that_was_approved(school: School) -> None:
    update = approved(school)
    work(school, Channel.WEBSITE)
    kept = document(update)
    (pdf,) = on_site(school, "*.pdf")
    assert sha256(pdf.read_bytes()).hexdigest() == kept.name.removesuffix(".pdf")
    assert pdf.name == f"2027-05-04-the-puddle-post-7-{str(update)[:6]}-{kept.name[:16]}.pdf"
    link = school.delivery(update, Channel.WEBSITE).link
    assert link == f"http://localhost/site/newsletters/2027-05-04-the-puddle-post-7-{str(update)[:6]}/"
    page = (
        school.house.settings.site / link.removeprefix("http://localhost/site/") / "index.html"
    ).read_text()
    assert "The Puddle Post 7" in page
    assert WORDS in page
    assert f"../../files/{pdf.name}" in page
    assert issues.COVER in page
    assert {sha256(each.read_bytes()).hexdigest() for each in on_site(school, "photos/*")} == {
        each["name"].partition(".")[0] for each in kept.cover
    }


def test_a_school_with_small_photos_has_small_covers(school: School) -> None:
    with_settings(school, public_photos="small")
    approved(school)
    work(school, Channel.WEBSITE)
    covers = [Image.open(io.BytesIO(each.read_bytes())) for each in on_site(school, "photos/*.jpg")]
    assert [each.height for each in covers] == [480, 960]


def test_the_newest_of_several_stands_first_and_each_keeps_its_address(school: School) -> None:
    first = approved(school)
    second = written(school, title="The Pond Post")
    attach(school, second, upload=paper("The Pond Post"), dated=date(2027, 5, 11))
    journey.submit(school.house, school.office, second)
    journey.approve(school.house, school.head, second, school.digest(second))
    work(school, Channel.WEBSITE)
    archive = (school.house.settings.site / "newsletters" / "index.html").read_text()
    assert archive.index("The Pond Post") < archive.index("The Puddle Post 7")
    assert all(str(each)[:6] in archive for each in (first, second))


def test_one_taken_down_leaves_the_website_and_caches_are_told(school: School) -> None:
    update = approved(school)
    work(school, Channel.WEBSITE)
    (pdf,) = on_site(school, "*.pdf")
    photos = [f"photos/{each.name}" for each in on_site(school, "photos/*")]
    takedown.take_down(school.house, school.head, update, "A name stood in it.")
    version = school.update(update).version
    assert version is not None
    gone = publishing.without(school.house, fresh(), Channel.WEBSITE, school.update(update), version).gone
    assert {f"files/{pdf.name}", "index.html", *photos} <= set(gone)
    work(school, Channel.WEBSITE)
    assert (
        on_site(school, "*.pdf")
        == on_site(school, "photos/*")
        == on_site(school, f"*{str(update)[:6]}*")
        == []
    )
    assert erasure.still_there(school.house, fresh()) == []


# --- schools that show no face in public ---


def test_where_no_face_is_public_that_is_what_is_declared(school: School) -> None:
    with_settings(school, public_faces="families")
    update = begun(school)
    assert document(update).declared == newsletters.declaration(school.house) == rules.NO_FACES
    journey.submit(school.house, school.office, update)


def test_a_school_that_hides_faces_from_now_on_asks_again_at_every_door(school: School) -> None:
    draft, waiting = begun(school), sent(school)
    with_settings(school, public_faces="families")
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.office, draft)
    assert refused.value.reasons == (rules.NOT_ANY_MORE,)
    with pytest.raises(Conflict, match="shows no pupil’s face in public"):
        journey.approve(school.house, school.head, waiting, school.digest(waiting))
    attach(school, draft)
    journey.submit(school.house, school.office, draft)
    assert document(draft).declared == rules.NO_FACES


def test_what_stands_comes_off_the_website_where_faces_are_hidden_from_now_on(school: School) -> None:
    approved(school)
    work(school, Channel.WEBSITE)
    with_settings(school, public_faces="families")
    factories.approved(school)
    work(school, Channel.WEBSITE)
    assert on_site(school, "*.pdf") == []


# --- gone ---


def test_a_rejected_newsletter_loses_its_files_at_once_and_keeps_what_was_declared(school: School) -> None:
    update = sent(school)
    journey.reject(school.house, school.head, update, school.digest(update), "Not this one.")
    assert school.house.photos.names() == set()
    assert (document(update).gone, document(update).declared) == (True, rules.CONSENTED)
    assert files.deleted(fresh()) == document(update).files


def test_one_sent_back_keeps_them(school: School) -> None:
    update = sent(school)
    journey.send_back(school.house, school.head, update, school.digest(update), "Another title, please.")
    assert school.house.photos.names() == document(update).files


def test_a_deleted_draft_leaves_nothing(school: School) -> None:
    update = begun(school)
    journey.discard(school.house, school.office, update)
    assert school.house.photos.names() == set()
    assert factories.count(Document) == 0


def test_one_taken_down_loses_its_files_and_cannot_come_back(school: School) -> None:
    update = approved(school)
    takedown.take_down(school.house, school.head, update, "A name stood in it.")
    assert school.house.photos.names() == set()
    assert document(update).gone


def test_a_file_that_another_newsletter_needs_stays(school: School) -> None:
    first, second = sent(school), begun(school)
    assert document(first).name == document(second).name
    journey.reject(school.house, school.head, first, school.digest(first), "Twice.")
    assert school.house.photos.names() == document(second).files
    assert files.deleted(fresh()) == set()


def test_one_that_nobody_approved_for_two_weeks_loses_its_files_and_keeps_its_words(school: School) -> None:
    draft, waiting = begun(school), sent(school)
    school.clock.pass_(days=14)
    erasure.expire(school.house)
    assert not document(draft).gone
    school.clock.pass_(days=2)
    erasure.expire(school.house)
    assert document(draft).gone
    assert document(waiting).gone
    assert school.house.photos.names() == set()
    assert (school.update(draft).text, school.state(waiting)) == (WORDS, "returned")
    erasure.expire(school.house)
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.office, draft)
    assert refused.value.reasons == (rules.NONE_YET,)


def test_an_approved_one_stays_for_good(school: School) -> None:
    update = approved(school)
    school.clock.pass_(days=400)
    erasure.expire(school.house)
    erasure.sweep(school.house)
    assert school.house.photos.names() == document(update).files


def test_a_file_without_a_record_is_swept_and_listed(school: School) -> None:
    kept = begun(school)
    prepared = school.house.paper.prepare(paper("Nobody’s"), "T")
    school.house.photos.put(prepared.document.name, prepared.document.data)
    school.clock.pass_(hours=48)
    assert erasure.still_there(school.house, fresh()) == [f"photo store: {prepared.document.name}"]
    erasure.sweep(school.house)
    assert school.house.photos.names() == document(kept).files
