"""What parents are asked: each place in plain words, the same for a yes and for a no. Pure.

A place without words here is not asked for, and without an answer it is a no (law 1).
"""

from dataclasses import dataclass

from tripupdates.vocabulary import PUBLIC, Channel

NO_FACES = "No face that can be recognised is shown there."


@dataclass(frozen=True)
class Words:
    """A question, who can see pictures there, and what nobody can undo.

    `{child}` is the child's first name, `{place}` what the school calls the place.
    """

    question: str
    seen_by: str
    lasting: str

    def about(self, child: str, place: str) -> "Words":
        """The same about this child and this place."""
        said = (
            each.replace("{place}", place).replace("{child}", child)
            for each in (self.question, self.seen_by, self.lasting)
        )
        return Words(*said)


WORDS = {
    Channel.FAMILIES: Words(
        "May {child} be in pictures on this trip’s page for families?",
        "Only families who have this trip’s code can open it, and search engines cannot. {child} can be in a group, or alone.",
        "Families can save or print what they see there.",
    ),
    Channel.WEBSITE: Words(
        "May {child} be in pictures on the school’s website?",
        "Anybody in the world can see them. {child} is shown in a group only, never alone.",
        "Search engines and visitors may keep copies.",
    ),
    Channel.X: Words(
        "May {child} be in pictures on X (Twitter)?",
        "Anybody in the world can see them, and pass them on. {child} is shown in a group only, never alone.",
        "Others may keep copies, and the company keeps them by its own rules.",
    ),
    Channel.APP: Words(
        "May {child} be in pictures on {place}?",
        "Only families of our school who use the app can see them. {child} is shown in a group only, never alone.",
        "Families can save what they see there. Our staff take pictures down there by hand.",
    ),
}


def words(channel: Channel, child: str, place: str, hides_faces: bool) -> Words:
    """What is asked about one place, by its name. `hides_faces`: this school shows no face in public."""
    found = WORDS[channel].about(child, place)
    if hides_faces and channel in PUBLIC:
        return Words(found.question, f"{found.seen_by} {NO_FACES}", found.lasting)
    return found
