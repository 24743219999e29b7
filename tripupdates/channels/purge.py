"""Asking the caches in front of the website to forget: one POST that names the addresses whose content has gone or changed.

What answers is the school's or its host's own: a few lines of a script, or a CDN's own interface behind them.
"""

from collections.abc import Sequence

import requests

from tripupdates.channels.contract import NotSent

TIMEOUT = 10.0  # seconds for each step
NOT_PURGED = (
    "It is gone from the website, but the caches in front of it have not confirmed yet that they forgot it. We ask again; "
    "if it lasts, tell whoever looks after the website."
)


def purge(hook: str, addresses: Sequence[str]) -> None:
    """POST {"gone": [addresses]} to the hook; any 2xx is its word that they are forgotten. Raises NotSent otherwise."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                hook, json={"gone": list(addresses)}, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException:
            raise NotSent(
                NOT_PURGED
            ) from None  # its text would hold the address, and with it perhaps a token
        with answer:
            if not 200 <= answer.status_code < 300:
                raise NotSent(NOT_PURGED)
