"""The pages of a newsletter: what is asked, what the head sees, and who may open the PDF."""

import io
import re
import uuid
from dataclasses import replace
from typing import Any

import pytest

from tests.factories import RememberingPaperRoom, School, paper, settings
from tests.test_newsletters import WORDS, approved, attach, begun, document, manifest, sent, written
from tests.web.sending import Form
from tripupdates import takedown
from tripupdates.documents import rules
from tripupdates.documents.room import Prepared
from tripupdates.vocabulary import Kind


def fields(**changes: Any) -> dict[str, Any]:
    said = {"kind": "newsletter", "title": "The Puddle Post 7", "text": WORDS, "channels": ["website", "x"]}
    said |= {"dated": "2027-05-04", "action": "save"}
    return said | changes


def pdf(data: bytes | None = None) -> tuple[io.BytesIO, str]:
    return io.BytesIO(paper() if data is None else data), "Newsletter 7 final.pdf"


def test_the_office_writes_one_declares_and_sends_it_to_the_head(school: School) -> None:
    form, update = Form(school.client("office"), "/staff/school/"), uuid.uuid4()
    assert "/staff/school/new/newsletter" in form.page("/staff/school/")
    page = form.page("/staff/school/new/newsletter")
    assert rules.CONSENTED in page
    assert 'name="declared" value="yes"> ' in page
    answer = form.post(f"/staff/updates/{update}", **fields(pdf=pdf(), declared="yes"))
    assert (answer.status_code, school.update(update).kind) == (302, Kind.NEWSLETTER)
    form.post(f"/staff/updates/{update}", **fields(action="submit"))
    assert school.state(update) == "waiting"


def test_the_head_sees_its_first_page_who_answers_for_it_and_what_was_taken_out(school: School) -> None:
    update = sent(school)
    kept = document(update)
    page = school.client("head").get(f"/review/{update}").text
    assert f'href="/staff/newsletters/{update}/{kept.name}">Open the PDF</a>' in page
    assert re.search(r"2 pages, \d+ kB", page)
    assert 'alt="The first page of the newsletter"' in page
    assert "Issue of 4 May 2027." in page
    assert f"Ms Office Sample declared on Monday 3 May, 10:00: “{rules.CONSENTED}”" in page
    assert (
        "Taken out before it was kept: author, dates and programs, hidden XMP data, where a picture" in page
    )
    assert "is not checked for names and words" in page
    assert "Our newsletter, 4 May 2027: The Puddle Post 7" in page
    assert "X charges 0.015 dollars for it, and 0.20 with a link" in page


class CroppingRoom(RememberingPaperRoom):
    """As if a picture on the second page showed half of what is in the file."""

    def prepare(self, upload: bytes, title: str) -> Prepared:
        return replace(super().prepare(upload, title), cropped=(2,))


def test_author_and_head_read_that_more_is_in_the_file_than_is_seen(school: School) -> None:
    school.house = replace(school.house, paper=CroppingRoom())
    update = sent(school)
    for who, page in (("office", f"/staff/updates/{update}"), ("head", f"/review/{update}")):
        assert "On page 2 a picture is cropped." in school.client(who).get(page).text
    assert manifest(school, update)["document"]["cropped"] == [2]


def test_a_school_with_links_reads_what_they_cost(school: School) -> None:
    given = settings(school.house.settings.instance, x_links="on")
    school.house = replace(school.house, settings=given)
    school.app.extensions["house"] = school.house
    page = school.client("office").get("/staff/school/new/newsletter").text
    assert "for which X charges 0.20 dollars instead of 0.015" in page
    assert "has a link, for which X charges 0.20" in school.client("head").get(f"/review/{sent(school)}").text


def test_a_school_that_shows_no_faces_asks_for_that(school: School) -> None:
    given = settings(school.house.settings.instance, public_faces="families")
    school.app.extensions["house"] = replace(school.house, settings=given)
    page = school.client("office").get("/staff/school/new/newsletter").text
    assert rules.NO_FACES in page
    assert rules.CONSENTED not in page


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"declared": ""}, rules.NOT_DECLARED),
        ({"dated": "yesterday"}, rules.ODD_DATE),
        ({"dated": "1999-01-01"}, rules.NOT_ITS_DATE),
        ({"pdf": pdf(b"Dear parents")}, "This is not a PDF."),
        ({"pdf": pdf(b"")}, "This file is empty."),
    ],
    ids=["not declared", "no date", "an old date", "no PDF", "an empty file"],
)
def test_what_is_refused_is_told_and_the_words_are_kept(
    school: School, wrong: dict[str, Any], told: str
) -> None:
    form, update = Form(school.client("office"), "/staff/school/"), uuid.uuid4()
    said = fields(pdf=pdf(), declared="yes") | {
        name: (io.BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
        for name, value in wrong.items()
    }
    answer = form.post(f"/staff/updates/{update}", **said)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert "Everything else you entered is saved." in answer.text
    assert school.update(update).text == WORDS
    assert school.house.photos.names() == set()


def test_it_is_never_ticked_beforehand(school: School) -> None:
    update, client = begun(school), school.client("office")
    for page in ("/staff/school/new/newsletter", f"/staff/updates/{update}"):
        box = re.search(r'<input type="checkbox" name="declared"[^>]*>', client.get(page).text)
        assert box is not None
        assert "checked" not in box.group()


def test_a_draft_may_come_before_its_pdf_and_says_what_it_needs(school: School) -> None:
    form, update = Form(school.client("office"), "/staff/school/"), uuid.uuid4()
    assert form.post(f"/staff/updates/{update}", **fields()).status_code == 302
    assert rules.NONE_YET in form.page(f"/staff/updates/{update}")
    answer = form.post(f"/staff/updates/{update}", **fields(action="submit"))
    assert (answer.status_code, school.state(update)) == (422, "draft")


def test_saving_the_page_again_keeps_the_pdf_and_another_date_changes_it(school: School) -> None:
    update = begun(school)
    form, before = Form(school.client("office"), "/staff/school/"), document(update).name
    page = form.page(f"/staff/updates/{update}")
    assert 'name="dated" type="date" value="2027-05-04"' in page
    assert "Another PDF instead" in page
    form.post(f"/staff/updates/{update}", **fields(title="The Puddle Post 8"))
    assert document(update).name == before
    form.post(f"/staff/updates/{update}", **fields(dated="2027-05-05"))
    assert document(update).dated.isoformat() == "2027-05-05"


def test_the_pdf_is_for_those_who_may_see_its_update(school: School) -> None:
    update = sent(school)
    names = sorted(document(update).files)
    assert {name.rpartition(".")[2] for name in names} == {"pdf", "jpg", "avif"}
    for who, status in (("office", 200), ("head", 200), ("deputy", 200), ("stranger", 404), ("author", 404)):
        client = school.client(who)
        assert {client.get(f"/staff/newsletters/{update}/{name}").status_code for name in names} == {status}
    answer = school.client("head").get(f"/staff/newsletters/{update}/{document(update).name}")
    assert (answer.mimetype, answer.data[:9]) == ("application/pdf", b"%PDF-1.7\n")
    assert answer.headers["Cache-Control"] == "max-age=300, private"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_other_file_is_handed_out_under_it(school: School) -> None:
    first, second = sent(school), written(school)
    attach(school, second, upload=paper("The Pond Post"))
    head = school.client("head")
    assert head.get(f"/staff/newsletters/{first}/{document(second).name}").status_code == 404
    assert head.get(f"/staff/newsletters/{first}/tripupdates.db").status_code == 404
    assert head.get(f"/staff/newsletters/{uuid.uuid4()}/{document(first).name}").status_code == 404


def test_what_was_taken_down_is_gone_for_everybody(school: School) -> None:
    update = approved(school)
    name = document(update).name
    takedown.take_down(school.house, school.head, update, "A name stood in it.")
    for who, page in (("office", f"/staff/updates/{update}"), ("head", f"/review/{update}")):
        assert school.client(who).get(f"/staff/newsletters/{update}/{name}").status_code == 404
        assert "This PDF was deleted." in school.client(who).get(page).text


def test_its_story_says_who_answers_for_it(school: School) -> None:
    page = school.client("office").get(f"/review/{sent(school)}/story").text
    assert "Ms Office Sample added the newsletter’s PDF, and answers for the pupils in it." in page
