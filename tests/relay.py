"""A line to a server on loopback that can be cut after so many bytes, whatever is spoken on it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_CHUNK = 4096


@dataclass
class Relay:
    """`room` counts down the bytes that may still leave for the server; at 0 every connection breaks, and new ones do too.

    None: all is well. `carried` counts what left.
    """

    port: int
    room: int | None = None
    carried: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, wanted: int) -> int:
        """How many of these bytes may still leave."""
        with self._lock:
            may = wanted if self.room is None else min(wanted, self.room)
            if self.room is not None:
                self.room -= may
            self.carried += may
            return may


@contextmanager
def relay_to(upstream: int) -> Iterator[Relay]:
    """A relay to a port of this machine, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        relay = Relay(door.getsockname()[1])
        threading.Thread(target=_serve, args=(door, upstream, relay), daemon=True).start()
        yield relay
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)


def _serve(door: socket.socket, upstream: int, relay: Relay) -> None:
    while True:
        try:
            here, _ = door.accept()
        except OSError:
            return
        there = socket.create_connection(("127.0.0.1", upstream))
        threading.Thread(target=_up, args=(here, there, relay), daemon=True).start()
        threading.Thread(target=_down, args=(there, here), daemon=True).start()


def _up(here: socket.socket, there: socket.socket, relay: Relay) -> None:
    with suppress(OSError):
        while data := here.recv(_CHUNK):
            may = relay.take(len(data))
            there.sendall(data[:may])
            if may < len(data):
                break
    _hang_up(here, there)


def _down(there: socket.socket, here: socket.socket) -> None:
    with suppress(OSError):
        while data := there.recv(_CHUNK):
            here.sendall(data)
    _hang_up(there, here)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
