"""What a single phrase cannot tell: questions to the reader, mentions of accounts, and phone numbers."""

import re
from collections.abc import Iterator

from tripupdates.policy.findings import Hit
from tripupdates.policy.folding import Folded
from tripupdates.vocabulary import Severity

_QUESTION = "This asks the reader, which invites debate. Say it without the question."
_PHONE = "This looks like a phone number. Take it out: families have the school’s number already."
_MENTION = (
    "This reads as an account on X. Whoever is mentioned may answer even where replies are closed, and "
    "personal "
    "accounts are never shown: take it out."
)
_OWN_MENTION = (
    "This mentions the school’s own account. The update comes from it already, and on X a mention opens"
    " it to replies: "
    "take it out."
)

# X sees a mention after anything that is not part of a name or of an e-mail address.
_MENTIONS = re.compile(r"(?<![\w@])@+[A-Za-z0-9_]+")
_QUESTION_MARKS = re.compile(r"[?!]*\?[?!]*(?=[\s\"')\]*]|$|[^\x00-\x7f])")
_SENTENCE_END = re.compile(r"[.!?\n](?=[\s\"')])|\n")
_LONGEST_QUESTION = 200

# Ofcom: a UK number has nine or ten digits after its 0 or +44. E.164: any number has at most fifteen digits.
_NUMBERS = re.compile(
    r"(?<![\w.,])(?:"
    r"(?:\+|00)\s?44[\s.-]?(?:\(0\)[\s.-]?)?[0-9](?:[\s().\-/]{0,2}[0-9]){8,9}"
    r"|\+[1-9](?:[\s().\-/]{0,2}[0-9]){7,14}"
    r"|\(?0[0-9](?:[\s().\-/]{0,2}[0-9]){8,9}"
    r"|7[0-9]{3}\s?[0-9]{3}\s?[0-9]{3}"
    r")(?![0-9])"
)
# A shorter number counts where the words say that it is one.
_CUED = re.compile(
    r"(?<!\w)(?:call|ring|phone|telephone|tel|mobile|mob|text|whats ?app|number is|dial)(?!\w)[^\w\n]{0,4}"
    r"(?:us |on |at |the |school |centre |office ){0,4}"
    r"(?P<number>[0-9](?:[ -]?[0-9]){4,14})(?![0-9]|[,.:][0-9])",
    re.IGNORECASE,
)
_DATE_OR_TIME = re.compile(
    r"[0-3]?[0-9][./-][01]?[0-9][./-](?:[0-9]{2}){1,2}|[0-2]?[0-9]\.[0-5][0-9]|(?:19|20)[0-9]{2}(?:[-/][0-9]{2,4}){1,2}"
)


def find_questions(folded: Folded) -> Iterator[Hit]:
    """Every sentence that ends with a question mark. A question mark inside a link is none."""
    text = folded.text
    last = 0
    for marks in _QUESTION_MARKS.finditer(text):
        ends = [end.end() for end in _SENTENCE_END.finditer(text, last, marks.start())]
        start = max([last, marks.start() - _LONGEST_QUESTION, *ends[-1:]])
        start += len(text[start : marks.start()]) - len(text[start : marks.start()].lstrip(" \n\"'"))
        yield Hit("debate", Severity.ASK, start, marks.end(), _QUESTION)
        last = marks.end()


def find_mentions(folded: Folded, handle: str) -> Iterator[Hit]:
    """Every @account. The school's own is stopped too: X lets a mentioned account reply (reply_settings)."""
    own = handle.lstrip("@").casefold()
    for match in _MENTIONS.finditer(folded.text):
        is_own = bool(own) and match.group().lstrip("@").casefold() == own
        message = _OWN_MENTION if is_own else _MENTION
        yield Hit("mentions", Severity.STOP, match.start(), match.end(), message)


def find_phone_numbers(folded: Folded) -> Iterator[Hit]:
    """Phone numbers in any usual spacing. Runs of dates and times look alike and are left alone."""
    for match in _NUMBERS.finditer(folded.text):
        chunks = re.split(r"\s|(?<=\s)-", match.group())
        if not any(_DATE_OR_TIME.fullmatch(chunk) for chunk in chunks):
            yield Hit("contact", Severity.STOP, match.start(), match.end(), _PHONE)
    for match in _CUED.finditer(folded.text):
        yield Hit("contact", Severity.STOP, *match.span("number"), _PHONE)
