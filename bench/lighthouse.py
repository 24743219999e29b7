"""Claim: on a slow phone both pages of a trip are there at once, and nothing moves while they load.

`python -m bench.lighthouse PROGRAM`: Lighthouse (mobile, its own throttling) looks at the families' page and at the public one,
with 60 updates and 120 photos full of grain, behind nginx with the example of `deploy/`. PROGRAM is `npx lighthouse@12.8`, or
wherever it lies; Chromium is Debian's.
"""

import io
import json
import logging
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from statistics import median
from typing import Any
from uuid import uuid4

from bench.families import ON_PAGE, SmallRoom, town
from bench.photos import grainy
from tests.factories import School, draft, work
from tripupdates import journey, picturing
from tripupdates.vocabulary import Channel

RUNS, PHOTOS, SIZE = 3, 2, (1600, 1200)
PAGES = (Channel.FAMILIES, Channel.WEBSITE)
SCORES = ("performance", "accessibility", "best-practices", "seo")


def fill(school: School) -> None:
    """A trip with so many updates, each with its photos, on both pages."""
    school.house = replace(school.house, room=SmallRoom())
    for number in range(ON_PAGE):
        text = f"We climbed step {number} of the tower, and counted all of them on the way down."
        update = draft(school, text, PAGES)
        for _ in range(PHOTOS):
            photo, upload = uuid4(), io.BytesIO()
            grainy(SIZE).save(upload, "JPEG", quality=90)
            picturing.add_photo(school.house, school.author, update, photo, upload.getvalue())
            picturing.describe_photo(school.house, school.author, update, photo, f"Step {number}.", [])
        journey.submit(school.house, school.author, update)
        journey.approve(school.house, school.head, update, school.digest(update))
        school.clock.pass_(minutes=1)
    work(school, *PAGES, limit=20 * ON_PAGE)


def row(program: list[str], name: str, address: str, headers: dict[str, str]) -> str:
    """The medians of one page, as a row of the table."""
    runs = [_looked(program, address, headers) for _ in range(RUNS)]
    lcp, cls, size, photos = (
        median(figure(run) for run in runs) for figure in (_lcp, _cls, _before_photos, _photos)
    )
    scores = ", ".join(
        f"{100 * median(run['categories'][score]['score'] for run in runs):.0f}" for score in SCORES
    )
    return f"| {name} | {lcp / 1000:.1f} s | {cls:.3f} | {size / 1000:.0f} kB | {photos / 1000:.0f} kB | {scores} |"


def _looked(program: list[str], address: str, headers: dict[str, str]) -> Any:
    flags = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking"
    how = ["--quiet", "--output=json", "--output-path=stdout", f"--chrome-flags={flags}"]
    how += [f"--extra-headers={json.dumps(headers)}"]
    chromium = shutil.which("chromium") or sys.exit("This bench needs: sudo apt-get install chromium")
    said = subprocess.run(  # noqa: S603 - what was typed
        [*program, address, *how], capture_output=True, check=True, env=os.environ | {"CHROME_PATH": chromium}
    )
    return json.loads(said.stdout)


def _lcp(run: Any) -> float:
    return float(run["audits"]["largest-contentful-paint"]["numericValue"])


def _cls(run: Any) -> float:
    return float(run["audits"]["cumulative-layout-shift"]["numericValue"])


def _before_photos(run: Any) -> float:
    return float(sum(each["transferSize"] for each in _loaded(run) if each["resourceType"] != "Image"))


def _photos(run: Any) -> float:
    return float(sum(each["transferSize"] for each in _loaded(run) if each["resourceType"] == "Image"))


def _loaded(run: Any) -> Any:
    return run["audits"]["network-requests"]["details"]["items"]


def table(program: list[str]) -> str:
    """The figures, as Markdown."""
    rows = [
        f"| {ON_PAGE} updates, {PHOTOS * ON_PAGE} photos | LCP | CLS | before photos | photos loaded | {', '.join(SCORES)} |",
        "|---|---|---|---|---|---|",
    ]
    with town(fill) as (base, slug, cookie):
        rows.append(row(program, "families’ page", f"{base}/trips/{slug}/", cookie))
        rows.append(row(program, "public page", f"{base}/site/trips/{slug}/", {}))
    return "\n".join(rows)


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("Type: python -m bench.lighthouse npx lighthouse@12.8")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print(table(sys.argv[1:]))  # noqa: T201 - printing is what it is for
