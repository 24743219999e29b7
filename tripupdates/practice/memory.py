"""What every practice service has: an append-only file that survives a kill, a count of its requests, faults on demand."""

import json
import os
import threading
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass
class Fault:
    """Something to go wrong on a route: what kind, and for how many seconds where time matters."""

    kind: str
    seconds: float


def write(path: Path, mode: str, data: bytes) -> None:
    """Write, and return when it is on the disk."""
    with path.open(mode) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@dataclass
class Memory(ABC):
    """Everything that a service remembers. Every change is appended to a file and flushed to the disk before it counts."""

    folder: Path
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    lock: threading.RLock = field(default_factory=threading.RLock)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        """Read what was there before. A kill can leave half a line: that change never counted, and is cut off."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._journal = self.folder / "journal.jsonl"
        self._journal.touch()
        whole = self._journal.read_bytes().rpartition(b"\n")
        os.truncate(self._journal, len(whole[0] + whole[1]))
        for line in whole[0].splitlines():
            self.apply(json.loads(line))

    @abstractmethod
    def apply(self, line: dict[str, Any]) -> None:
        """What one line of the file changes."""

    def append(self, line: dict[str, Any]) -> None:
        """Write a change down, then let it count."""
        write(self._journal, "ab", json.dumps(line).encode() + b"\n")
        self.apply(line)

    def plan(self, route: str, fault: Fault, times: int) -> None:
        """Let the next `times` calls of a route go wrong."""
        with self.lock:
            self.faults.setdefault(route, deque()).extend([fault] * times)

    def next_fault(self, route: str) -> Fault | None:
        """What goes wrong with this call, if anything."""
        with self.lock:
            self.requests[route] += 1
            waiting = self.faults.get(route)
            return waiting.popleft() if waiting else None
