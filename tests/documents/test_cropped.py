"""A picture of which a part is cut off, while all of it is in the file, is told of by its page."""

from collections.abc import Callable
from datetime import date

import pytest
from pikepdf import Array, Name, Object, Pdf

from tests.documents.making import ROWS, document, draw, form, image, show
from tests.photos.pictures import quarters, saved
from tripupdates.documents.clean import clean
from tripupdates.documents.cropped import pages_with_cropped_pictures
from tripupdates.practice.paper import newsletter


def _drawn(instructions: bytes) -> Callable[[Pdf, Object], None]:
    def plant(pdf: Pdf, page: Object) -> None:
        page.Resources.XObject.P1 = image(pdf, saved(quarters((120, 80)), "JPEG"), Filter=Name.DCTDecode)
        draw(pdf, page, instructions)

    return plant


def _in_a_form(window: bytes) -> Callable[[Pdf, Object], None]:
    def plant(pdf: Pdf, page: Object) -> None:
        page.Resources.XObject.P1 = image(pdf, ROWS)
        show(pdf, page, form(pdf, window + b" 100 0 0 100 0 0 cm /P1 Do", Resources=page.Resources))

    return plant


def _on_a_smaller_page(pdf: Pdf, page: Object) -> None:
    _drawn(b"q 120 0 0 80 100 100 cm /P1 Do Q")(pdf, page)
    page.CropBox = Array([0, 0, 160, 842])


CASES: dict[str, tuple[Callable[[Pdf, Object], None], tuple[int, ...]]] = {
    "whole": (_drawn(b"q 120 0 0 80 100 100 cm /P1 Do Q"), ()),
    "a frame around it": (_drawn(b"q 90 90 140 100 re W n 120 0 0 80 100 100 cm /P1 Do Q"), ()),
    "a hair cut off": (_drawn(b"q 100 100 115 80 re W n 120 0 0 80 100 100 cm /P1 Do Q"), ()),
    "a half cut off": (_drawn(b"q 100 100 60 80 re W n 120 0 0 80 100 100 cm /P1 Do Q"), (1,)),
    "cut twice": (
        _drawn(b"q 100 100 90 80 re W n 130 100 90 80 re W n 120 0 0 80 100 100 cm /P1 Do Q"),
        (1,),
    ),
    "cut to a triangle": (
        _drawn(b"q 100 100 m 150 100 l 125 140 l h W n 120 0 0 80 100 100 cm /P1 Do Q"),
        (1,),
    ),
    "off the paper": (_drawn(b"q 600 0 0 400 300 100 cm /P1 Do Q"), (1,)),
    "off a smaller page": (_on_a_smaller_page, (1,)),
    "turned": (_drawn(b"q 0 120 -80 0 200 100 cm /P1 Do Q"), ()),
    "whole in a form": (_in_a_form(b""), ()),
    "cut in a form": (_in_a_form(b"0 0 50 100 re W n"), (1,)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_page_is_named_where_more_is_in_the_file_than_is_seen(case: str) -> None:
    plant, pages = CASES[case]
    assert pages_with_cropped_pictures(clean(document(plant), "T").data) == pages


def test_nothing_is_said_of_an_ordinary_newsletter() -> None:
    assert pages_with_cropped_pictures(newsletter("The Puddle Post", date(2026, 11, 26))) == ()
