"""Law 1, 2 and 9 as a pure rule."""

from uuid import UUID

import pytest

from tripupdates.consent.rules import (
    ALONE,
    NO_CONSENT,
    NO_FACES,
    NO_PICTURES,
    UNANSWERED,
    barrier,
    can_be_shown,
    may_appear,
)
from tripupdates.vocabulary import PICTURED, TO_FAMILIES, Channel

ADA, BRAM, CLEO = UUID(int=1), UUID(int=2), UUID(int=3)
EVERYWHERE = set(PICTURED)


def test_no_record_is_a_no() -> None:
    assert not any(can_be_shown({}, ADA, channel) for channel in Channel)


def test_a_yes_for_one_channel_is_no_yes_for_another() -> None:
    consents = {ADA: {Channel.FAMILIES}}
    assert [can_be_shown(consents, ADA, channel) for channel in PICTURED] == [True, False, False, False]


@pytest.mark.parametrize("channel", PICTURED)
def test_a_photo_about_which_nobody_has_answered_goes_nowhere(channel: Channel) -> None:
    assert barrier(None, {ADA: EVERYWHERE}, channel) == UNANSWERED


@pytest.mark.parametrize("channel", PICTURED)
def test_a_photo_without_pupils_may_appear_anywhere(channel: Channel) -> None:
    assert barrier((), {}, channel) is None


@pytest.mark.parametrize("channel", PICTURED)
def test_one_pupil_without_consent_keeps_the_whole_photo_out(channel: Channel) -> None:
    assert barrier({ADA, BRAM, CLEO}, {ADA: EVERYWHERE, BRAM: EVERYWHERE}, channel) == NO_CONSENT


@pytest.mark.parametrize("channel", PICTURED)
def test_a_group_with_consent_may_appear(channel: Channel) -> None:
    assert may_appear({ADA, BRAM}, {ADA: EVERYWHERE, BRAM: EVERYWHERE}, channel)


def test_a_picture_of_one_pupil_alone_is_for_the_families_only() -> None:
    found = {channel: barrier({ADA}, {ADA: EVERYWHERE}, channel) for channel in PICTURED}
    assert found == {Channel.FAMILIES: None, Channel.WEBSITE: ALONE, Channel.X: ALONE, Channel.APP: ALONE}


def test_where_a_school_hides_faces_none_is_public() -> None:
    everybody = {ADA: EVERYWHERE, BRAM: EVERYWHERE}
    found = {channel: barrier({ADA, BRAM}, everybody, channel, faces_to_hide=1) for channel in PICTURED}
    assert found == {
        Channel.FAMILIES: None,
        Channel.WEBSITE: NO_FACES,
        Channel.X: NO_FACES,
        Channel.APP: None,
    }


@pytest.mark.parametrize("channel", TO_FAMILIES)
def test_no_picture_goes_by_text_message_or_mail(channel: Channel) -> None:
    assert barrier((), {}, channel) == NO_PICTURES


def test_the_reason_names_no_pupil() -> None:
    assert barrier({ADA}, {}, Channel.X) == barrier({BRAM}, {}, Channel.X)
