"""The school's public website: a folder that any web server can hand out."""

from tripupdates.channels.pages import Pages


class Website(Pages):
    """Built with the folder and the address of its root, which ends with a /."""
