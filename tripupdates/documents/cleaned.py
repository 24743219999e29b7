"""What comes out of cleaning a document. Apart from `clean`, so that who keeps it need not load what opens PDFs. Pure."""

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True)
class Cleaned:
    """A document fit to keep: its bytes, how many pages it has, and what was taken out, in words."""

    data: bytes = field(repr=False)
    pages: int
    removed: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name it is stored and published under: the SHA-256 of its bytes, which tells nothing."""
        return f"{sha256(self.data).hexdigest()}.pdf"
