"""Whether what X shows is what we sent: it escapes words, shortens addresses, and adds a link to pictures. Pure."""

import html
import re
import unicodedata

SHORT_LINK = r"https://t\.co/[A-Za-z0-9]+"  # what X makes of an address, and adds at the end for pictures


def shows(shown: str, text: str) -> bool:
    """Whether a timeline shows this text. X escapes it, shortens its addresses, and adds a link to its pictures."""
    words, wanted = _words(html.unescape(shown)), _words(text)
    if len(words) == len(wanted) + 1 and re.fullmatch(SHORT_LINK, words[-1]):
        words.pop()
    return len(words) == len(wanted) and all(map(_same_word, words, wanted))


def _same_word(shown: str, wanted: str) -> bool:
    """Where X shows a short link, any address will do: X finds some where we see none ("the tower.It was")."""
    if shown == wanted:
        return True
    around = re.split(SHORT_LINK, shown)
    is_link = len(around) > 1 and "." in wanted.strip(".")
    return is_link and wanted.startswith(around[0]) and wanted.endswith(around[-1])


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()
