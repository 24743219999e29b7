"""Texts are packed when they are published: all three say the same, and the same bytes come of the same text."""

import gzip

import brotli

from tests.site.public_school import SITE, made
from tripupdates.site import packing
from tripupdates.site.kinds import kind, unpacked


def test_every_text_lies_there_plain_as_gzip_and_as_brotli_and_all_say_the_same() -> None:
    pages = made().pages
    texts = [path for path in pages if kind(path).text and unpacked(path) == path]
    assert {path.rpartition(".")[2] for path in texts} == {"html", "css", "xml", "json", "txt", "svg"}
    for path in texts:
        assert brotli.decompress(pages[f"{path}.br"]) == gzip.decompress(pages[f"{path}.gz"]) == pages[path]
    assert len(pages) == 3 * len(texts) + 1  # the icon as a PNG is packed by itself


def test_packing_forgets_nothing_that_matters_and_gives_the_same_bytes_again() -> None:
    first = made().pages
    packing._made.clear()
    assert made().pages == first
    assert {data[4:8] for path, data in first.items() if path.endswith(".gz")} == {
        bytes(4)
    }  # no clock in them
    assert made(school=f"{SITE.school} II").pages["index.html.br"] != first["index.html.br"]


def test_what_is_remembered_has_an_end() -> None:
    packing._made.clear()
    for number in range(packing.KEPT + 1):
        packing.packed({"a.txt": b"%d" % number})
    assert len(packing._made) == 1
