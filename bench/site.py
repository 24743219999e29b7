"""Claim: the public page costs nginx what any small file does, and update 2,000 of a trip is published like its tenth.

`python -m bench.site`: requests a second of a trip's page from nginx, with the example of `deploy/` and all its headers,
against a bare file of the same length from the same nginx (Debian's `wrk` asks for both as a phone does); then the time
and the files that one more update takes to publish, each page in its three forms.
"""

import logging
import tempfile
from pathlib import Path
from statistics import median

from bench.families import ON_PAGE, PAIRS, asked, one_more, write
from tests.factories import open_school, work
from tests.servers import free_port
from tests.web import nginx
from tripupdates.vocabulary import Channel

BELOW = "/school/trips/"


def serving() -> tuple[float, float, float, int]:
    """Requests a second of the page, of the bare file, the ratio, and how many bytes either is; medians of pairs."""
    with tempfile.TemporaryDirectory() as folder, open_school(Path(folder)) as school:
        write(school, ON_PAGE, photos=False, channels=(Channel.WEBSITE,))
        work(school, Channel.WEBSITE, limit=10 * ON_PAGE)
        site, place, port = school.house.settings.site, Path(folder) / "nginx", free_port()
        path = f"trips/{school.slug}/index.html"
        packed = (site / f"{path}.br").read_bytes()
        place.mkdir()
        (place / "bare").write_bytes(packed)
        with nginx.running(nginx.mounted(place, port, site, BELOW, bare=place, workers=2), port) as base:
            pairs = [
                (asked(f"{base}{BELOW}{path}", {}), asked(f"{base}/bare/bare", {})) for _ in range(PAIRS)
            ]
    page, bare = (median(each) for each in zip(*pairs, strict=True))
    return page, bare, median(one / other for one, other in pairs), len(packed)


def table() -> str:
    """The figures, as Markdown."""
    page, bare, ratio, size = serving()
    asks = (
        f"| requests a second, {ON_PAGE} updates, {size / 1000:.1f} KB | {page:.0f} the page | {bare:.0f} a bare file "
        f"| {ratio:.2f} |"
    )
    return "\n".join(
        ["| the public page | | | ratio |", "|---|---|---|---|", asks, *one_more(Channel.WEBSITE)]
    )


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print(table())  # noqa: T201 - printing is what it is for
