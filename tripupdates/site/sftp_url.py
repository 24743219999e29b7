"""Where the public site lies on another computer: one address read into its parts, so that what is odd stops the start."""

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

_PATH = re.compile(r"(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")


@dataclass(frozen=True)
class SftpAddress:
    """A folder on another computer. `known` is the file that holds its host key, `key` that of our own key, if any."""

    host: str
    port: int
    user: str
    folder: str
    known: Path
    key: Path
    password: str = field(default="", repr=False)


def read(value: str, instance: Path) -> SftpAddress:
    """Read `sftp://user[:password]@host[:port]/absolute/folder`. Raises ValueError with what to write instead."""
    parts = urlsplit(value)
    try:
        port = parts.port or 22
    except ValueError as error:
        raise ValueError("has a port that is no number.") from error
    folder = parts.path.rstrip("/")
    if not parts.hostname or not parts.username or parts.query or parts.fragment:
        raise ValueError("must be sftp://user@host/absolute/folder.")
    if not _PATH.fullmatch(folder):
        raise ValueError("must end with a folder of its own, such as sftp://user@host/var/www/trips.")
    if find_spec("paramiko") is None:
        raise ValueError("names SFTP, and its client is not installed: pip install 'tripupdates[sftp]'.")
    known, key = instance / "known_hosts", instance / "sftp_key"
    if not known.exists():
        raise ValueError(
            f"names {parts.hostname}, and {known} is not there. Type `ssh-keyscan -p {port} {parts.hostname} > {known}`, "
            "and compare the key with what its owner tells you."
        )
    if not key.exists() and not parts.password:
        raise ValueError(f"needs a password, or a key in {key}: type `ssh-keygen -t ed25519 -N '' -f {key}`.")
    return SftpAddress(
        parts.hostname,
        port,
        unquote(parts.username),
        folder,
        known,
        key,
        unquote(parts.password or ""),
    )
