"""The families' pages: a folder that only the app hands out, to phones that know the trip's code."""

from tripupdates.channels.pages import Pages


class Families(Pages):
    """Built with the folder and the address below which each trip has its page, which ends with a /."""
