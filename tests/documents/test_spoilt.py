"""Spoilt documents end in a refusal, or in a clean document that is proven: nothing else comes out."""

import random
from datetime import date

import pytest

from tests.documents.making import document
from tests.documents.planted import PLACES, behind_the_back
from tripupdates.documents.clean import clean
from tripupdates.documents.proof import prove
from tripupdates.practice.paper import newsletter
from tripupdates.vocabulary import Refused

TITLE = "T"
SOUND = [newsletter("The Puddle Post", date(2026, 11, 26), photo=(64, 48)), behind_the_back(document())]
SOUND += [document(plant) for plant in PLACES.values()]
EACH = 3  # ways in which each is spoilt, in each of the parts
TOKENS = (
    b"<<",
    b">>",
    b"[",
    b"]",
    b"(",
    b"R",
    b"null",
    b"-1",
    b"99999999999",
    b"/Type",
    b"stream\n",
    b"endobj",
    b"%",
)


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, lost or put in; words of the language among them."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(9, len(spoilt) - 9)
        how = chance.random()
        if how < 0.4:
            spoilt[at] = chance.randrange(256)
        elif how < 0.6:
            del spoilt[at : at + chance.randint(1, 30)]
        else:
            token = chance.choice(TOKENS)
            spoilt[at : at + len(token)] = token
    return bytes(spoilt)


@pytest.mark.parametrize("part", range(8))
def test_what_comes_of_a_spoilt_document_is_proven_or_refused(part: int) -> None:
    chance, clean_ones = random.Random(part), 0
    for data in SOUND:
        for _ in range(EACH):
            try:
                cleaned = clean(_spoilt(data, chance), TITLE)
                prove(cleaned.data, TITLE, cleaned.pages)
            except Refused:
                continue
            clean_ones += 1
    assert clean_ones > EACH * len(SOUND) / 10  # not all are refused for the same first thing
