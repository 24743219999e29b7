"""A photo is read once, and again after anybody has touched it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tripupdates.site import seen


@pytest.fixture
def place(tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"pixels")
    return file


@pytest.fixture
def looks(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """How often the file was read for a question; as if every change were long ago."""
    monkeypatch.setattr(seen, "SETTLED", -1.0)

    def ask(name: str = "pixels", times: int = 3) -> int:
        read = []

        def look() -> bool:
            read.append(place.read_bytes())
            return read[-1] == name.encode()

        for _ in range(times):
            seen.holds(place, name, look)
        return len(read)

    yield ask
    seen._right.clear()


def test_it_is_read_once(looks: Callable[..., int]) -> None:
    assert (looks(), looks()) == (1, 0)


def _rewrite(place: Path) -> None:
    place.write_bytes(b"PIXELS")
    os.utime(place, (1, 1))  # whoever sets back the time of the content


def _replace(place: Path) -> None:
    other = place.with_suffix(".new")
    other.write_bytes(b"pixels")
    other.replace(place)


@pytest.mark.parametrize(("touch", "right"), [(_rewrite, False), (_replace, True)])
def test_it_is_read_again_after_anybody_has_touched_it(
    place: Path, looks: Callable[..., int], touch: Callable[[Path], None], right: bool
) -> None:
    looks()
    touch(place)
    assert seen.holds(place, "pixels", lambda: place.read_bytes() == b"pixels") is right


def test_the_same_file_for_another_name_is_read(looks: Callable[..., int]) -> None:
    looks()
    assert looks("other") == 3  # and what is wrong, each time


def test_what_was_touched_just_now_is_read_each_time(place: Path) -> None:
    for right in (True, False, True):  # whatever reading says, each time
        assert seen.holds(place, "pixels", lambda: right) is right  # noqa: B023 - asked at once


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        seen.holds(tmp_path / "nothing", "pixels", lambda: True)
