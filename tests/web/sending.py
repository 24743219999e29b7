"""A signed-in browser that sends the forms of its pages with their token."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Form:
    """`client` is signed in; `home` is a page that it may open, from which the token is taken."""

    def __init__(self, client: FlaskClient, home: str = "/staff/") -> None:
        self.client = client
        token = re.search(r'name="csrf-token" content="([^"]+)"', client.get(home).text)
        assert token is not None
        self._token = token[1]

    def page(self, address: str) -> str:
        """What a page says."""
        return self.client.get(address).text

    def post(self, address: str, **fields: Any) -> TestResponse:
        """Send fields, and the token, as a form does."""
        return self.client.post(address, data=fields | {"csrf_token": self._token})
