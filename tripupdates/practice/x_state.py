"""What the practice X remembers: posts, media and alt texts, in an append-only file that survives a kill."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tripupdates.practice.memory import Memory, write

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
class State(Memory):
    """Everything there is on the one account."""

    media: dict[str, Media] = field(default_factory=dict)
    tweets: dict[str, Tweet] = field(default_factory=dict)
    nonces: set[tuple[str, str]] = field(default_factory=set)
    duplicate_window: timedelta = DUPLICATE_WINDOW

    def apply(self, line: dict[str, Any]) -> None:
        """A picture, its alt text, a post, or its end."""
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
            write(self.folder / name, "wb", data)
            id_ = self._new_id()
            self.append({"media": id_, "file": name, "kind": kind})
            return id_

    def set_alt(self, media: str, text: str) -> None:
        """Say what a picture shows."""
        with self.lock:
            self.append({"alt": media, "text": text})

    def add_tweet(self, text: str, media: list[str]) -> str:
        """Post; returns its id."""
        with self.lock:
            id_ = self._new_id()
            now = self.clock().isoformat()
            self.append({"tweet": id_, "text": text, "with": media, "at": now})
            return id_

    def delete(self, tweet: str) -> None:
        """Delete a post."""
        with self.lock:
            self.append({"delete": tweet})

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
