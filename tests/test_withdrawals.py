"""The log of withdrawals is readable whatever was cut off in it, and no line of it is half there unnoticed."""

import resource
import uuid
from pathlib import Path

import pytest

from tripupdates.vocabulary import Channel
from tripupdates.withdrawals import NAME, Withdrawal, keep, read

ONE, TWO = (Withdrawal(pupil=uuid.UUID(int=number), channel=Channel.X) for number in (1, 2))


def test_after_a_line_that_broke_off_the_next_one_is_whole(tmp_path: Path) -> None:
    keep(tmp_path, [ONE])
    with (tmp_path / NAME).open("a") as log:
        log.write('{"pupil": "0000')  # the power failed here, before the commit that it was about
    keep(tmp_path, [TWO])
    assert list(read(tmp_path / NAME)) == [ONE, TWO]


def test_a_line_that_the_disk_took_only_half_of_is_an_error(tmp_path: Path) -> None:
    keep(tmp_path, [ONE])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / NAME).stat().st_size + 20, hard))
    try:
        with pytest.raises(OSError, match="No space left"):
            keep(tmp_path, [TWO])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    keep(tmp_path, [TWO])
    assert list(read(tmp_path / NAME)) == [ONE, TWO]
