"""A CSV file as schools really send it, read into a table. Pure: bytes in, a table or a kind refusal out.

Nothing in the file says how it was written, so the encoding is told from its first bytes and from what
decodes, and the separator from the heading row (RFC 4180 describes the common form; Excel's own habits are
noted where they matter).
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tripupdates.vocabulary import Refused, TooLarge

MOST_BYTES = 2_000_000
MOST_ROWS = 2_000
MOST_COLUMNS = 200  # rows are filled up to the heading's width, so the width needs a bound
OPENING = 10  # how many rows are searched for the headings: reports put titles above them

SAVE_AS = "choose Save As, then “CSV UTF-8 (Comma delimited)”, and use that file."
NOT_A_TABLE = f"This is not a CSV file. Open your list in Excel, {SAVE_AS}"

# What people give by mistake, told by how it begins; the first that matches is named.
KINDS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"PK\x03\x04(?=.*xl/)", re.DOTALL), f"This is an Excel workbook. In Excel {SAVE_AS}"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), f"This is an Excel workbook of the old kind. In Excel {SAVE_AS}"),
    (re.compile(rb"PK\x03\x04"), f"This is a document or a zip folder. Open your list in Excel, {SAVE_AS}"),
    (re.compile(rb"%PDF"), "This is a PDF. Export the list again from the school's system, as CSV."),
    (
        re.compile(rb"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE),
        f"This is a web page, whatever its name ends in. Open it in Excel, {SAVE_AS}",
    ),
)
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
WITHOUT_MARK = ("utf-8", "cp1252")
DELIMITERS = (",", ";", "\t")
# Excel's own hint about the delimiter, which it never shows as a row.
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?[ ,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One row. `number` is the line of the file, from 1, where it begins; a "sep=" line is not counted.

    `cells` are trimmed, with single spaces, in Unicode's NFC, and never fewer than the headings. More of them
    than headings means that the row does not fit its table.
    """

    number: int
    cells: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Table:
    """The headings, as written but trimmed, and the rows below them that hold anything."""

    headers: tuple[str, ...]
    rows: tuple[Line, ...]


def tidy(text: str) -> str:
    """The same words trimmed, with single spaces, in Unicode's NFC, so that equal cells compare equal."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def header_key(header: str) -> str:
    """What a heading is compared by: letters and digits, whatever their case ("Reg. Group" is "reggroup")."""
    return "".join(letter for letter in tidy(header).casefold() if letter.isalnum())


def _no_headings(_: str) -> bool:
    return False


def read_table(data: bytes, known: Callable[[str], bool] = _no_headings) -> Table:
    """Read a CSV file: UTF-8, UTF-16 with its mark or Windows-1252; commas, semicolons or tabs.

    `known` says whether a heading is one the reader looks for. Where a row among the first ten has such
    headings, the lines above it are a report's title and are passed over; else the first row is the headings.
    Blank lines, empty columns at the right edge and headings repeated at a page break are passed over too.
    Raises TooLarge above 2 MB, 2,000 rows or 200 columns, and Refused where it is no table, has no rows, or
    has the same heading twice.
    """
    text, delimiters = _separator(_decode(data))
    delimiter, heading = _find_heading(text, delimiters, known)
    headers = heading.cells
    _check(headers)
    rows = [
        line for line in _records(text, delimiter) if line.number > heading.number and line.cells != headers
    ]
    if not rows:
        raise Refused("There is a row of headings in this file, and nothing below it. Export the list again.")
    if len(rows) > MOST_ROWS:
        raise TooLarge("This file has more than 2,000 rows. Export only the pupils of this trip.")
    return Table(headers, tuple(_filled(line, len(headers)) for line in rows))


def _decode(data: bytes) -> str:
    for kind, title in KINDS:
        if kind.match(data):
            raise Refused(title)
    if len(data) > MOST_BYTES:
        raise TooLarge("This file is larger than 2 MB. Export only the pupils of this trip.")
    marked = tuple(encoding for mark, encoding in BYTE_ORDER_MARKS if data.startswith(mark))
    for encoding in marked or WITHOUT_MARK:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue  # the next encoding; when none is left, the refusal below
        if "\0" in text:  # no text has it; UTF-16 without its mark, pictures and programs do
            raise Refused(NOT_A_TABLE)
        return text
    raise Refused(f"The letters in this file cannot be read. Open your list in Excel, {SAVE_AS}")


def _separator(text: str) -> tuple[str, tuple[str, ...]]:
    told = SEPARATOR_LINE.match(text)
    return (text[told.end() :], (told[1],)) if told else (text, DELIMITERS)


def _records(text: str, delimiter: str) -> Iterator[Line]:
    """The rows that hold anything, without the empty cells at their ends."""
    # StringIO makes every line end the same. Strict: a quotation mark left open would swallow rows unseen.
    reader = csv.reader(
        io.StringIO(text, newline=None), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    begins = 1
    try:
        for record in reader:
            cells = [tidy(cell) for cell in record]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield Line(begins, tuple(cells))
            begins = reader.line_num + 1
    except csv.Error:
        # The parser's own message would tell a teacher nothing.
        raise Refused(f"The row on line {begins} cannot be read. Check its quotation marks.") from None


def _opening(text: str, delimiter: str) -> list[Line]:
    lines: list[Line] = []
    try:
        for line in islice(_records(text, delimiter), OPENING):
            lines.append(line)
    except Refused:
        return lines  # with another delimiter it may be well; if not, reading the whole file says so
    return lines


def _find_heading(text: str, delimiters: tuple[str, ...], known: Callable[[str], bool]) -> tuple[str, Line]:
    found = [
        (_rank(line, position, known), delimiter, line)
        for delimiter in delimiters
        for position, line in enumerate(_opening(text, delimiter))
    ]
    if not found:
        next(_records(text, delimiters[0]), None)  # says which line is broken, where that is the reason
        raise Refused("This file is empty. Export the list again.")
    _, delimiter, heading = max(found, key=lambda candidate: candidate[0])
    return delimiter, heading


def _rank(line: Line, position: int, known: Callable[[str], bool]) -> tuple[int, int, int]:
    """The most known headings win, then the earliest row, then the most cells. One alone may be chance."""
    cells = [cell for cell in line.cells if cell]
    count = len({header_key(cell) for cell in cells if known(cell)})
    if count < 2 and not all(known(cell) for cell in cells):
        count = 0
    return count, -position, len(cells)


def _check(headers: tuple[str, ...]) -> None:
    if len(headers) > MOST_COLUMNS:
        raise TooLarge("This file has more than 200 columns. Export only the ones that are needed.")
    keys = [header_key(header) for header in headers]
    twice = [header for header, key in zip(headers, keys, strict=True) if key and keys.count(key) > 1]
    if twice:
        raise Refused(f"Two columns have the heading “{twice[0][:60]}”. Give each its own, or delete one.")


def _filled(line: Line, width: int) -> Line:
    return Line(line.number, line.cells + ("",) * (width - len(line.cells)))
