"""How long a text is for X, and whether X finds an address in it. Pure.

Source: twitter-text configuration v3 (docs.x.com, "Counting characters"): 280 weighted characters, an address counts 23,
an emoji 2, most letters beyond Latin 2.
"""

import unicodedata
from dataclasses import dataclass

X_LIMIT = 280


@dataclass(frozen=True)
class Weight:
    """`weighted` characters, and whether they are no more than X_LIMIT. An empty text weighs 0, and fits."""

    weighted: int
    fits: bool


def weigh(text: str) -> Weight:
    """The weighted length of a text, after NFC as X does."""
    from twitter_text import parse_tweet  # noqa: PLC0415 - 11 MB, which most processes never need

    weighted = int(parse_tweet(unicodedata.normalize("NFC", text)).weightedLength)
    return Weight(weighted, weighted <= X_LIMIT)


def has_address(text: str) -> bool:
    """Whether X finds an address in it, and takes the price of one that has."""
    from twitter_text import extract_urls  # noqa: PLC0415 - as above

    return bool(extract_urls(unicodedata.normalize("NFC", text)))
