"""The static pages: from a school's trips, news and newsletters to {path: bytes}. Pure: the same values give the same bytes.

No clock, no network, nothing from elsewhere, and no script needed. Links are relative, so the tree works below any
address. What the rest of the program asks for is named here; `public.py` and `families.py` make the two sets of pages.
"""

from tripupdates.site.families import families
from tripupdates.site.filling import BrokenTemplate, Look
from tripupdates.site.public import website
from tripupdates.site.slugs import slug
from tripupdates.site.values import (
    Announcement,
    Article,
    Issue,
    Item,
    Notice,
    Photo,
    Policy,
    Rendered,
    Section,
    Site,
    Size,
    Trip,
)

__all__ = [
    "Announcement",
    "Article",
    "BrokenTemplate",
    "Issue",
    "Item",
    "Look",
    "Notice",
    "Photo",
    "Policy",
    "Rendered",
    "Section",
    "Site",
    "Size",
    "Trip",
    "families",
    "slug",
    "website",
]
