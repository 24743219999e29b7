"""What somebody declares who sends a newsletter, what it is called, and what X says of it. Pure."""

from datetime import date, timedelta

from tripupdates.vocabulary import Refused

# The pupils in a newsletter's pictures are nobody's to tag: its sender answers for them. UK GDPR asks for the same yes as
# for any picture on the website; a school that shows no faces there (PUBLIC_FACES) shows none in a newsletter either.
CONSENTED = (
    "Every pupil who can be recognised in this newsletter has a parent’s yes for the school’s website. "
    "I have checked, and answer for it."
)
NO_FACES = (
    "No pupil can be recognised in this newsletter: no face in a picture, and no name at one. "
    "I have checked, and answer for it."
)
NOT_DECLARED = (
    "Tick the sentence about the pupils in it once you have checked. Without that it cannot be kept."
)
NOT_ANY_MORE = "The school now shows no pupil’s face in public. Look through the newsletter again, and send its PDF once more."
NONE_YET = "Add the newsletter’s PDF, with its date, and tick the sentence about the pupils in it."
NO_FILE = "Choose the newsletter’s PDF."
ODD_DATE = "Choose the date of the issue, for example 2027-05-04."
NOT_ITS_DATE = "The date of the issue must be within the last year or the next three months."
ON_WEBSITE = "A newsletter stands on the school’s website, and X only tells of it. Tick the website."
BACK, AHEAD = timedelta(days=366), timedelta(days=92)


def declaration(hides_faces: bool) -> str:
    """The sentence to be ticked. `hides_faces`: whether the school shows no face in public."""
    return NO_FACES if hides_faces else CONSENTED


def check_dated(dated: date, today: date) -> None:
    """Raise Refused for the date of no issue that anybody sends today."""
    if not today - BACK <= dated <= today + AHEAD:
        raise Refused(NOT_ITS_DATE)


def day(dated: date) -> str:
    """A date as people say it: 26 November 2026."""
    return f"{dated.day} {dated:%B %Y}"


def title_of(school: str, dated: date) -> str:
    """What the PDF calls itself, to whoever hears it read: of the school and the date alone, which never change after."""
    return f"{school}: newsletter of {day(dated)}"


def for_x(title: str, dated: date | None) -> str:
    """What X says where nobody wrote other words: that there is an issue, and its title."""
    when = f", {day(dated)}" if dated else ""
    return f"Our newsletter{when}: {title}"
