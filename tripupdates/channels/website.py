"""The school's public website: a folder that any web server can hand out."""

from collections.abc import Sequence
from dataclasses import dataclass

from tripupdates.channels.contract import Tree
from tripupdates.channels.pages import Pages
from tripupdates.channels.purge import purge


@dataclass(frozen=True)
class Website(Pages):
    """Built with the folder and the address of its root, which ends with a /; `purge_hook` is '' where no cache needs it."""

    purge_hook: str = ""

    def remove(self, message: Tree, remote_ids: Sequence[str]) -> None:
        """As `Pages.remove`; then the caches are asked to forget. Raises NotSent until they have confirmed."""
        super().remove(message, remote_ids)
        if self.purge_hook and message.gone:
            purge(self.purge_hook, [self.link + path for path in message.gone])
