"""From a document into a new one, by the grammar: only what is named there is carried over.

Kinds that need more than a list of keys have a rule each (`rules`). Objects that refer to each other in circles (an
outline, the order of reading) are begun first and filled later.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from tripupdates.documents import places
from tripupdates.documents.grammar import GRAMMAR, STREAMS
from tripupdates.documents.removed import LAYERS, OF_KEY
from tripupdates.documents.streams import Value


class Copy:
    """One copying of `old` into `new`. `told` gathers words about what stayed behind.

    `rules` make a value of the kinds that the grammar does not list, and `pour` the bytes of a stream of a kind.
    """

    def __init__(
        self,
        old: Pdf,
        new: Pdf,
        rules: "Mapping[str, Callable[[Copy, Value], Value]]",
        pour: "Callable[[Copy, Stream, Object, str], tuple[bytes, Name]]",
    ) -> None:
        self.old, self.new = old, new
        self.told: set[str] = set()
        self.places = places.named(old)
        self.identifiers: dict[str, str] = {}
        self._of_identifier: dict[str, Object] = {}
        self._rules, self._pour = rules, pour
        self._made: dict[tuple[tuple[int, int], str], Object] = {}
        self._ahead: list[tuple[Object, Object, str]] = []

    def begin(self, old: Object, kind: str, new: Object) -> None:
        """`new` is what `old` becomes; it is filled by `finish`."""
        self._made[old.objgen, kind] = new
        self._ahead.append((old, new, kind))

    def finish(self) -> None:
        """Fill everything that was begun, and whatever that refers to."""
        while self._ahead:
            self._fill(*self._ahead.pop())

    def value(self, old: Value, kind: str) -> Value:
        """What becomes of a value of this kind; None where it is not of it, or may not stay."""
        if old is None:
            return None
        if kind == "plain":
            return self._plain(old)
        if kind.startswith("["):
            return Array(self.several(old, kind[1:-1])) if isinstance(old, Array) else None
        if kind.startswith("{"):
            return self._named(old, kind[1:-1])
        return self.dictionary(old, kind) if kind in GRAMMAR else self._rules[kind](self, old)

    def several(self, old: Iterable[Value], kind: str) -> list[Value]:
        """What becomes of each, without those that stay behind."""
        return [value for each in old if (value := self.value(each, kind)) is not None]

    def dictionary(self, old: Value, kind: str) -> Value:
        """The dictionary or stream that `old` becomes, once however often it is referred to."""
        if not isinstance(old, (Dictionary, Stream)) or (kind in STREAMS and not isinstance(old, Stream)):
            return None
        known = self.known(old, kind)
        if known is not None:
            return known
        if isinstance(old, Stream):
            new: Value = self.new.make_stream(b"")
            self.begin(old, kind, new)
            data, packing = self._pour(self, old, new, kind)
            new.write(data, filter=packing, decode_parms=new.get("/DecodeParms"))
            return new
        if old.is_indirect:
            new = self.new.make_indirect(Dictionary())
            self.begin(old, kind, new)
            return new
        new = Dictionary()
        self._fill(old, new, kind)
        return new

    def known(self, old: Value, kind: str) -> Value:
        """What this one is known to become already, None where it is not."""
        is_one = isinstance(old, (Dictionary, Stream)) and old.is_indirect
        return self._made.get((old.objgen, kind)) if is_one else None

    def packed(self, data: bytes) -> Object:
        """A new stream of this."""
        stream = self.new.make_stream(b"")
        stream.write(zlib.compress(data), filter=Name.FlateDecode)
        return stream

    def index(self) -> list[tuple[str, Object]]:
        """The parts that have an identifier, in the order of those."""
        return sorted(self._of_identifier.items(), key=lambda pair: pair[0])

    def _fill(self, old: Object, new: Object, kind: str) -> None:
        keys = GRAMMAR[kind]
        for key, held in old.items():
            value = self.value(held, keys[key[1:]]) if key[1:] in keys else None
            if value is not None:
                new[key] = value
            elif key in OF_KEY:
                self.told.add(OF_KEY[key])
            elif key == "/OC":
                self.told.add(LAYERS)
        if kind == "part" and "/ID" in new:
            self._of_identifier[str(new["/ID"])] = new

    def _named(self, old: Value, kind: str) -> Value:
        if not isinstance(old, Dictionary):
            return None
        made = {key: self.value(held, kind) for key, held in old.items()}
        return Dictionary({key: value for key, value in made.items() if value is not None})

    def _plain(self, old: Value) -> Value:
        if isinstance(old, Array):
            return Array(self.several(old, "plain"))
        if isinstance(old, Name):
            return Name(str(old))  # the old one belongs to its document
        return None if isinstance(old, Object) else old
