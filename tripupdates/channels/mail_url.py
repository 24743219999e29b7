"""Where the school's mail server is: one address read into its parts, so that what is odd stops the start."""

from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from urllib.parse import parse_qs, unquote, urlsplit

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """One mail server. `secure` is "tls" from the first byte, "starttls" (insisted on), or "plain" on this machine only."""

    host: str
    port: int
    secure: str
    sender: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def one_address(text: str) -> str:
    """An e-mail address that is exactly one, and no header in disguise. Raises ValueError."""
    try:
        address = Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise ValueError("not one e-mail address") from error
    if not address.username or not address.domain or not all(33 <= ord(each) <= 126 for each in text):
        raise ValueError("not one e-mail address")
    return address.addr_spec


def read(url: str) -> MailServer:
    """Read `smtp://user:password@host:587?from=trips@school.example`. Raises ValueError with what to write instead."""
    parts = urlsplit(url)
    try:
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise ValueError("the port must be a number, such as smtp://host:587.") from error
    host, asked = parts.hostname or "", parse_qs(parts.query, keep_blank_values=True)
    if parts.scheme not in PORTS or not host:
        raise ValueError(
            "write smtp://user:password@host:587?from=trips@school.example, or smtps:// for port 465."
        )
    if parts.path.strip("/") or parts.fragment or set(asked) - {"from"} or len(asked.get("from", ())) > 1:
        raise ValueError("nothing but ?from=trips@school.example may follow the host and port.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("give both user and password, or neither (write %40 for an @ in them).")
    try:
        sender = one_address((asked.get("from") or [user])[0])
    except ValueError as error:
        raise ValueError("say who the mails come from: ?from=trips@school.example at the end.") from error
    plain = host in LOOPBACK and parts.scheme == "smtp"
    secure = "plain" if plain else {"smtp": "starttls", "smtps": "tls"}[parts.scheme]
    return MailServer(host, port, secure, sender, user, password)
