"""A channel made of pages: what stands at its place is exactly the tree that it was last given."""

import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tripupdates.channels.contract import NotSent, OutcomeUnknown, Sent, Tree
from tripupdates.site.sync import Told, differences, sync
from tripupdates.site.target import Target

CANNOT_WRITE = (
    "The pages could not be written just now, so nothing has changed. The place they go to may be full, away, or "
    "closed to us. We keep trying; if it lasts, tell whoever looks after the computer."
)
CANNOT_REMOVE = (
    "Not everything that must go could be deleted or rewritten just now. The place it lies in may be "
    "away, or closed to us. We keep trying; please tell whoever looks after the computer."
)
CANNOT_READ = "The pages could not be read back just now, so we do not know yet whether they are right."
NOT_THERE = "The pages do not stand as they should yet; we look again."

OFTEN = 10.0  # seconds between two lines of the log about one run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pages:
    """Satisfies `contract.Channel[Tree]`: `target` is where the pages go, `link` the address of its root with a / at the end.

    Writing twice changes nothing twice, so an unknown outcome is simply read again, at once.
    """

    target: Target
    link: str
    settle: timedelta = timedelta(0)
    longest: timedelta = timedelta(0)  # two who write the same pages do no harm
    misses_needed: int = 1

    def publish(self, message: Tree) -> Sent:
        """Write the difference, then read it all again. Raises NotSent, NeedsPerson, OutcomeUnknown."""
        return self.bring(message, _now_and_then())

    def bring(self, message: Tree, told: Told) -> Sent:
        """As `publish`; `told` hears how far it is."""
        return self._bring(message, False, told)

    def look_up(self, message: Tree, since: datetime, known: Collection[str]) -> Sent | None:
        """Whether exactly this tree stands there. Raises NotSent where it cannot be read."""
        try:
            return None if differences(message, self.target) else self._sent(message)
        except OSError as error:
            raise NotSent(CANNOT_READ) from error

    def remove(self, message: Tree, remote_ids: Sequence[str]) -> None:
        """Delete first what is not in the tree any more; return when nothing but the tree stands there.

        Raises NotSent, NeedsPerson, OutcomeUnknown. `remote_ids` has no use here: pages have no names but paths.
        """
        self._bring(message, True, _now_and_then())

    def _bring(self, tree: Tree, removing: bool, told: Told) -> Sent:
        try:
            sync(tree, self.target, removing, told)
        except OSError as error:
            raise NotSent(CANNOT_REMOVE if removing else CANNOT_WRITE) from error
        try:
            wrong = differences(tree, self.target)
        except OSError as error:
            raise OutcomeUnknown(CANNOT_READ) from error
        if wrong:
            raise OutcomeUnknown(NOT_THERE)
        return self._sent(tree)

    def _sent(self, tree: Tree) -> Sent:
        return Sent("", self.link + tree.entry)


def _now_and_then() -> Told:
    """Say in the log how far a run is that takes long; a short one says nothing."""
    said = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= OFTEN:
            said = time.monotonic()
            log.info("pages: %d of %d steps", done, total)

    return tell
