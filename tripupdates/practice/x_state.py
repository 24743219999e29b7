"""What the practice X remembers: posts, media and alt texts, in an append-only file that survives a kill."""

import json
import os
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

FIRST_ID = 1_900_000_000_000_000_000
DUPLICATE_WINDOW = timedelta(hours=24)


@dataclass
class Media:
    """An uploaded picture: where its bytes are, what kind, and its alt text."""

    id: str
    file: str
    kind: str
    alt_text: str = ""


@dataclass
class Tweet:
    """A post, deleted or not."""

    id: str
    text: str
    media: tuple[str, ...]
    at: datetime
    deleted: bool = False


@dataclass
class Fault:
    """Something to go wrong on a route: what kind, and for how many seconds where time matters."""

    kind: str
    seconds: float


def _write(path: Path, mode: str, data: bytes) -> None:
    """Write, and return when it is on the disk."""
    with path.open(mode) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@dataclass
class State:
    """Everything there is. Every change is appended to a file and flushed to the disk before it counts."""

    folder: Path
    media: dict[str, Media] = field(default_factory=dict)
    tweets: dict[str, Tweet] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    nonces: set[tuple[str, str]] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)
    duplicate_window: timedelta = DUPLICATE_WINDOW
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        """Read what was there before. A kill can leave half a line: that change never counted, and is cut off."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._journal = self.folder / "journal.jsonl"
        self._journal.touch()
        whole = self._journal.read_bytes().rpartition(b"\n")
        os.truncate(self._journal, len(whole[0] + whole[1]))
        for line in whole[0].splitlines():
            self._apply(json.loads(line))

    def _append(self, line: dict[str, Any]) -> None:
        _write(self._journal, "ab", json.dumps(line).encode() + b"\n")
        self._apply(line)

    def _apply(self, line: dict[str, Any]) -> None:
        match line:
            case {"media": id_, "file": file, "kind": kind}:
                self.media[id_] = Media(id_, file, kind)
            case {"alt": id_, "text": text}:
                self.media[id_].alt_text = text
            case {"tweet": id_, "text": text, "with": media, "at": at}:
                self.tweets[id_] = Tweet(id_, text, tuple(media), datetime.fromisoformat(at))
            case {"delete": id_}:
                self.tweets[id_].deleted = True

    def _new_id(self) -> str:
        return str(FIRST_ID + len(self.media) + len(self.tweets) + 1)

    def add_media(self, data: bytes, kind: str) -> str:
        """Keep a picture; returns its id."""
        with self.lock:
            name = sha256(data).hexdigest()
            _write(self.folder / name, "wb", data)
            id_ = self._new_id()
            self._append({"media": id_, "file": name, "kind": kind})
            return id_

    def set_alt(self, media: str, text: str) -> None:
        """Say what a picture shows."""
        with self.lock:
            self._append({"alt": media, "text": text})

    def add_tweet(self, text: str, media: list[str]) -> str:
        """Post; returns its id."""
        with self.lock:
            id_ = self._new_id()
            now = self.clock().isoformat()
            self._append({"tweet": id_, "text": text, "with": media, "at": now})
            return id_

    def delete(self, tweet: str) -> None:
        """Delete a post."""
        with self.lock:
            self._append({"delete": tweet})

    def all(self) -> list[Tweet]:
        """Every post, deleted or not, the newest first."""
        with self.lock:
            return list(reversed(self.tweets.values()))

    def live(self) -> list[Tweet]:
        """Posts that are not deleted, the newest first."""
        return [tweet for tweet in self.all() if not tweet.deleted]

    def is_duplicate(self, text: str) -> bool:
        """Whether the same words were posted within the window, and are still there."""
        since = self.clock() - self.duplicate_window
        return any(tweet.text == text and tweet.at > since for tweet in self.live())

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
