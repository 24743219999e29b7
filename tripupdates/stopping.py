"""The link at the foot of each mail by which a family asks for no more: it names nobody, opens nothing, and is kept nowhere.

It holds the hash of the address that it was sent to, and a signature of ours over that, so that nobody makes one up for
somebody else.
"""

import base64
import hmac

from tripupdates.settings import Settings

_SIGNED = 16  # bytes of the signature


def address(settings: Settings, mark: str) -> str:
    """What a family opens. `mark` is the hash of its address."""
    token = base64.urlsafe_b64encode(bytes.fromhex(mark) + _signature(settings, mark)).decode()
    return f"{settings.public_base_url}/messages/stop/{token}"


def mark_of(settings: Settings, token: str) -> str | None:
    """The hash that a link was made for; None for what is no link of ours."""
    try:
        data = base64.urlsafe_b64decode(token.encode("ascii"))
    except ValueError:
        return None
    mark, signature = data[:-_SIGNED].hex(), data[-_SIGNED:]
    fits = len(mark) == 64 and hmac.compare_digest(signature, _signature(settings, mark))
    return mark if fits else None


def _signature(settings: Settings, mark: str) -> bytes:
    return hmac.digest(settings.families_key, f"no more mails to {mark}".encode(), "sha256")[:_SIGNED]
