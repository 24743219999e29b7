"""A valley, photos in the gallery, and a phone that can be killed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType

from tests.browser.conftest import Town
from tests.browser.phones import (
    OUTBOX,
    Phone,
    phone_in,
    settled,
    sign_in,
)
from tests.browser.valley import (
    Valley,
    files,
    taken,
    valley_of,
)


@pytest.fixture
def valley(town: Town) -> Iterator[Valley]:
    with valley_of(town) as valley:
        yield valley


@pytest.fixture
def gallery(tmp_path: Path) -> list[Path]:
    """Two photos of twelve megapixels."""
    return files(tmp_path, taken(1), taken(2))


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """Two that are less work, where the pixels are not the point."""
    return files(tmp_path, taken(1, width=1024), taken(2, width=1024))


@pytest.fixture
def small(tmp_path: Path) -> list[Path]:
    """A small one."""
    return files(tmp_path, taken(3, width=640))


@pytest.fixture
def phone(
    tmp_path: Path, browser_type: BrowserType, whole_chromium: dict[str, Any], valley: Valley
) -> Iterator[Phone]:
    """A phone on which the author signed in yesterday."""
    with phone_in(tmp_path / "profile", browser_type, valley.wire.base, whole_chromium) as phone:
        page = phone.start()
        sign_in(page, "author")
        page.goto(OUTBOX)
        settled(page)
        phone.stop()
        yield phone
