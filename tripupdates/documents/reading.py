"""A document as it is written, read back byte by byte without the library that wrote it. Pure.

Knows the one form in which ours are written: a header, objects one behind the other, a table of them, a trailer. Anything
else, a single byte between two objects even, is an error: so nothing stands in a file that was not looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_HEADER = re.compile(rb"%PDF-1\.[4-7]\n%\xbf\xf7\xa2\xfe\n")
_BEGIN = re.compile(rb"([1-9][0-9]*) 0 obj\n")
_STREAM, _END_STREAM, _END = b"\nstream\n", b"endstream\nendobj\n", b"\nendobj\n"
_TOKEN = re.compile(
    rb" *(?:(?P<ref>[0-9]+) 0 R\b|(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))|(?P<open><<|\[)|(?P<close>>>|\])"
    rb"|/(?P<name>[^\x00-\x20()<>\[\]{}/%\x7f]*)|\((?P<text>(?:[^()\\]|\\.)*)\)|<(?P<digits>[0-9a-fA-F]*)>"
    rb"|(?P<word>true|false|null))",
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_LETTERS = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}
_SHARP = re.compile(rb"#([0-9a-fA-F]{2})")
_CLOSE = re.compile(rb" ?\]")
_DEEPEST = 100


@dataclass(frozen=True)
class Ref:
    """The number of another object."""

    number: int


class Word(str):
    """A name, without its slash."""

    __slots__ = ()


Value = dict[str, "Value"] | list["Value"] | Ref | Word | bytes | float | int | bool | None


@dataclass(frozen=True)
class Read:
    """One object: its value, and its stream as it is packed, None where it has none: a view, for it may be large."""

    value: Value
    stream: memoryview | None = field(default=None, repr=False)

    @property
    def dictionary(self) -> dict[str, Value]:
        """Its value, where that is a dictionary; else an empty one."""
        return self.value if isinstance(self.value, dict) else {}


@dataclass(frozen=True)
class Written:
    """All objects by their numbers, and the trailer."""

    objects: dict[int, Read]
    trailer: dict[str, Value]

    def get(self, value: Value) -> Value:
        """What is meant: the value itself, or that of the object to which it refers."""
        return (
            self.objects[value.number].value
            if isinstance(value, Ref) and value.number in self.objects
            else value
        )

    def held(self, value: Value) -> dict[str, Value]:
        """The dictionary that is meant; an empty one where it is none."""
        found = self.get(value)
        return found if isinstance(found, dict) else {}


def read(data: bytes) -> Written:
    """All of it. Raises ValueError where a byte is not accounted for."""
    header = _HEADER.match(data)
    if header is None:
        raise ValueError("not the first lines that ours have")
    at, objects, places = header.end(), {}, {}
    while begin := _BEGIN.match(data, at):
        number = int(begin[1])
        if number in objects:
            raise ValueError("two objects with one number")
        places[number] = at
        objects[number], at = _object(data, begin.end())
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % places.get(number, 0) for number in range(1, len(objects) + 1))
    if not data.startswith(table + b"trailer ", at):
        raise ValueError("the table does not list exactly the objects that are there")
    trailer, end = _value(data, at + len(table) + len(b"trailer "), 0)
    if not isinstance(trailer, dict) or data[end:] != b"\nstartxref\n%d\n%%%%EOF\n" % at:
        raise ValueError("something stands behind the trailer")
    return Written(objects, trailer)


def _object(data: bytes, at: int) -> tuple[Read, int]:
    value, at = _value(data, at, 0)
    if data.startswith(_END, at):
        return Read(value), at + len(_END)
    length = value.get("Length") if isinstance(value, dict) else None
    if not isinstance(length, int) or not data.startswith(_STREAM, at):
        raise ValueError("an object that ends as none of ours does")
    at += len(_STREAM)
    if not data.startswith(_END_STREAM, at + length):
        raise ValueError("a stream that is longer or shorter than it says")
    return Read(value, memoryview(data)[at : at + length]), at + length + len(_END_STREAM)


def _value(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    found = _TOKEN.match(data, at)
    if found is None or depth > _DEEPEST:
        raise ValueError("something that no object holds")
    if found["open"] == b"<<":
        return _dictionary(data, found.end(), depth)
    if found["open"]:
        return _array(data, found.end(), depth)
    if found["close"]:
        raise ValueError("an end without a beginning")
    return _plain(found), found.end()


def _dictionary(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    held: dict[str, Value] = {}
    while not data.startswith(b" >>", at):
        key, at = _value(data, at, depth + 1)
        if not isinstance(key, Word) or key in held:
            raise ValueError("a key that is no name, or stands there twice")
        held[key], at = _value(data, at, depth + 1)
    return held, at + len(b" >>")


def _array(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    held: list[Value] = []
    while not (end := _CLOSE.match(data, at)):
        value, at = _value(data, at, depth + 1)
        held.append(value)
    return held, end.end()


def _plain(found: re.Match[bytes]) -> Value:
    if found["ref"]:
        return Ref(int(found["ref"]))
    if found["number"]:
        return float(found["number"]) if b"." in found["number"] else int(found["number"])
    if found["name"] is not None:
        return Word(
            _SHARP.sub(lambda digits: bytes.fromhex(digits[1].decode()), found["name"]).decode("latin-1")
        )
    if found["text"] is not None:
        return _ESCAPED.sub(_unescaped, found["text"])
    if found["digits"] is not None:
        return bytes.fromhex(found["digits"].decode())
    return {b"true": True, b"false": False}.get(found["word"])


def _unescaped(found: re.Match[bytes]) -> bytes:
    meant = found[1]
    if meant[:1].isdigit():
        return bytes([int(meant, 8) & 0xFF])
    return _LETTERS.get(meant, meant)


def references(value: Value) -> Iterator[int]:
    """The numbers of all objects to which a value refers itself."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Ref):
            yield each.number
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            waiting += each.values()
