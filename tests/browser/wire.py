"""The air between a phone and the school: a loopback proxy in which signal is lost at any byte.

Every fault of the trials is made here, on the wire; nothing inside the app or the browser is faked. One connection
carries one request, for the server closes each after its answer.
"""

import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

CHUNK = 8 * 1024
LONGEST_HEAD = 64 * 1024
PATIENCE = 60.0  # for the server
PORTAL = b"<!doctype html><title>Free Wi-Fi</title><h1>Welcome! Tap to accept the terms.</h1>"
RESET = struct.pack(
    "ii", 1, 0
)  # close() sends a reset, as a connection that broke does (socket(7), SO_LINGER)


class Air(StrEnum):
    """What becomes of a connection."""

    FINE = "fine"
    DOWN = "down"  # broken off at once
    SILENT = "silent"  # everything is swallowed, nothing answered, and the connection stays: the worst
    PORTAL = "portal"  # somebody's Wi-Fi answers everything itself: 200, HTML


@dataclass
class Call:
    """One request on its way. What became of it: an `Air`, or "cut", "lost", "dropped", "broken" by somebody else."""

    method: str
    path: str
    head: bytes
    length: int  # of the body, as the browser announced it
    fate: str = Air.FINE
    status: int = 0  # as the server answered, whether or not the phone heard it
    up: int = 0  # bytes that left the phone
    down: int = 0  # bytes that reached it

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def size(self) -> int:
        return len(self.head) + self.length


@dataclass
class Fault:
    """A thing that goes wrong for requests whose line fits `where`, `left` times."""

    where: re.Pattern[str]
    left: int
    after: int | None = None  # cut after these bytes of the body; None: the answer is lost


@dataclass
class Bucket:
    """At most `rate` bytes in a second, shared by all connections in one direction."""

    rate: float
    free_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, size: int) -> None:
        with self.lock:
            now = time.monotonic()
            self.free_at = max(now, self.free_at) + size / self.rate
            wait = self.free_at - now
        time.sleep(wait)


@dataclass
class Wire:
    """A proxy at `base` before the server at `upstream`. What it does can be changed at any time, from any thread."""

    upstream: int
    port: int = 0
    air: Air = Air.FINE
    drop: float = (
        0.0  # chance that a connection breaks: at a random byte of the request, or else of the answer
    )
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    log: list[Call] = field(default_factory=list)
    _faults: list[Fault] = field(default_factory=list)
    _latency: float = 0.0
    _ways: tuple[Bucket, Bucket] | None = None
    _open: dict[socket.socket, threading.Thread] = field(default_factory=dict)
    _broken: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base(self) -> str:
        return f"http://localhost:{self.port}"

    def turn(self, air: Air) -> None:
        """From now on; what is under way breaks, unless the air is fine."""
        self.air = air
        if air is not Air.FINE:
            self.break_all()

    def break_all(self) -> None:
        """Everything that is under way breaks."""
        for each in list(self._open):
            self._broken.add(each)
            _hang_up(each)

    def cut(self, after: int, where: str = r"PUT .*/photos/", times: int = 1) -> None:
        """Break off the next requests that fit when so many bytes of the body have passed.

        After all of them, the server has the request, and goes on with it alone.
        """
        self._faults.append(Fault(re.compile(where), times, after))

    def lose(self, where: str = r"(PUT|POST) /api/updates/", times: int = 1) -> None:
        """Let the next requests that fit reach the server, which does all it is asked; its answer never arrives."""
        self._faults.append(Fault(re.compile(where), times))

    def mend(self) -> None:
        """No cuts and no losses any more."""
        self._faults.clear()

    def slow(self, rate: float = 50_000, latency: float = 0.4) -> None:
        """So many bytes a second each way, and so many seconds for there and back (and once more to connect)."""
        self._ways, self._latency = (Bucket(rate), Bucket(rate)), latency

    def count(self, where: str = r"(PUT|POST|DELETE) /api/") -> Counter[str]:
        """How often what fits met which fate."""
        return Counter(call.fate for call in list(self.log) if re.match(where, call.line))

    def sent(self, where: str = "") -> int:
        """Bytes that left the phone in what fits."""
        return sum(call.up for call in list(self.log) if re.match(where, call.line))

    def meet(self, phone: socket.socket) -> None:
        """One connection from a phone, until it ends."""
        with phone, suppress(OSError):  # however it ends: the log says what became of it
            if self.air is Air.DOWN:
                return _hang_up(phone)
            call, begun = _listen(phone)
            if call is None:
                return None
            call.fate = self.air
            self.log.append(call)
            if self.air is Air.FINE:
                self._through(phone, call, begun)
                return None
            call.up = len(begun)
            while (call.up < call.size or call.fate == Air.SILENT) and (piece := self._hear(phone)):
                call.up += len(piece)
            if call.fate == Air.PORTAL:
                self._answer(phone, call, _html(PORTAL))
        return None

    def _through(self, phone: socket.socket, call: Call, begun: bytes) -> None:
        stop, keep = self._doom(call)
        with socket.create_connection(("127.0.0.1", self.upstream), PATIENCE) as school:
            try:
                time.sleep(self._latency)  # the handshake
                self._up(phone, school, call, begun, call.size if stop is None else stop)
                if stop is None:
                    self._down(phone, school, call, keep)
            except OSError:
                call.fate = "broken" if call.fate == Air.FINE else call.fate
                raise
            finally:
                if call.fate != Air.FINE:
                    _hang_up(phone)
                if call.up == call.size:
                    _finish(school, call)
                else:
                    _hang_up(school)

    def _doom(self, call: Call) -> tuple[int | None, float | None]:
        """Where this one breaks: after so many bytes of head and body, or when this share of the answer has arrived."""
        with self._lock:
            for fault in self._faults:
                if fault.left and fault.where.match(call.line):
                    fault.left -= 1
                    call.fate = "lost" if fault.after is None else "cut"
                    return (None, 0.0) if fault.after is None else (len(call.head) + fault.after, None)
            if self.chance.random() >= self.drop:
                return None, None
            call.fate = "dropped"
            if self.chance.random() < 0.5:
                return self.chance.randint(1, call.size), None
            return None, self.chance.random()

    def _up(self, phone: socket.socket, school: socket.socket, call: Call, begun: bytes, stop: int) -> None:
        """The request, as far as `stop`; `begun` is what has been heard of it."""
        piece = begun[:stop]
        if stop < len(call.head):  # no server begins before it has the whole head
            call.up = stop
            return
        while piece:
            call.up += len(piece)
            if self._ways:
                self._ways[0].take(len(piece))
            school.sendall(piece)
            if call.up == stop:
                break
            piece = self._hear(phone, stop - call.up)
        if call.up < stop:
            raise ConnectionResetError
        time.sleep(self._latency / 2)

    def _down(self, phone: socket.socket, school: socket.socket, call: Call, keep: float | None) -> None:
        """The answer as it comes; or, if only a share of it arrives, first all of it."""
        pieces = iter(lambda: school.recv(CHUNK), b"")
        first = next(pieces, b"")
        call.status = int(first.split(maxsplit=2)[1]) if first else 0
        if keep is None:
            while first:
                self._answer(phone, call, first)
                first = next(pieces, b"")
        else:
            answer = first + b"".join(pieces)
            self._answer(phone, call, answer[: int(keep * len(answer))])

    def _hear(self, phone: socket.socket, most: int = CHUNK) -> bytes:
        piece = phone.recv(min(CHUNK, most))
        if phone in self._broken:
            raise ConnectionResetError
        return piece

    def _answer(self, phone: socket.socket, call: Call, piece: bytes) -> None:
        if self._ways:
            self._ways[1].take(len(piece))
            if not call.down:
                time.sleep(self._latency / 2)
        if phone in self._broken:
            raise ConnectionResetError
        call.down += len(piece)
        phone.sendall(piece)


def _listen(phone: socket.socket) -> tuple[Call | None, bytes]:
    """A request's head, and what of its body came with it. None where the browser opened a connection in vain."""
    heard = b""
    while b"\r\n\r\n" not in heard and len(heard) < LONGEST_HEAD:
        piece = phone.recv(CHUNK)
        if not piece:
            return None, b""
        heard += piece
    head = heard[: heard.index(b"\r\n\r\n") + 4]
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    named = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    return Call(method, path, head, int(named.get("content-length", 0))), heard


def _html(page: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
    return head.encode() + page


def _finish(school: socket.socket, call: Call) -> None:
    """Let the server end what it was asked, though nobody may be listening."""
    while piece := school.recv(CHUNK):
        call.status = call.status or int(piece.split(maxsplit=2)[1])


def _hang_up(one: socket.socket) -> None:
    """Break a connection, from any thread: whoever reads from it wakes, and closing it sends a reset.

    It must not end in good order: where there is no TLS, Chromium takes half of an answer's head for the whole, and
    keeps half a cookie.
    """
    with suppress(OSError):  # it is closed already
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        one.shutdown(socket.SHUT_RD)


@contextmanager
def wire_to(upstream: int) -> Iterator[Wire]:
    """A wire before the server on this port, for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as door:
        wire = Wire(upstream, door.getsockname()[1])

        def handle(phone: socket.socket) -> None:
            wire.meet(phone)
            del wire._open[phone]
            wire._broken.discard(phone)

        def serve() -> None:
            with suppress(OSError):  # the door is shut
                while True:
                    phone, _ = door.accept()
                    wire._open[phone] = threading.Thread(target=handle, args=(phone,))
                    wire._open[phone].start()

        porter = threading.Thread(target=serve)
        porter.start()
        try:
            yield wire
        finally:
            door.shutdown(socket.SHUT_RDWR)
            porter.join()
            wire.break_all()
            for thread in list(wire._open.values()):
                thread.join()
