"""Rows, each model with its queryset: the only place where the polling side and the pages meet. This is its face.

What other rooms say, they say by these names; beside them they use `visible` (conditions), `standing`, `newest`,
`counting`, `bylines`, `faults`, `names` and `sql` by their own. Dependencies run one way:

    visible, sql <- names <- category; category, claiming <- feed <- entry <- enclosure, newest, counting, bylines
    sql <- posts_of_day <- site_state <- counting
    visible <- standing <- entry
    tick, filter_rule, feed_memory, feed_import, attempts, uncounted_feed and faults stand alone
"""

from .attempts import Attempts
from .category import Category
from .enclosure import Enclosure, load_enclosures
from .entry import Entry, EntryQuerySet
from .feed import Feed, FeedQuerySet
from .feed_import import FeedImport, ImportLine
from .feed_memory import FeedMemory
from .filter_rule import FilterRule
from .posts_of_day import DaysOfFeed, PostsOfDay
from .site_state import SiteState, site_change
from .tick import Tick
from .uncounted_feed import UncountedFeed

__all__ = [
    "Attempts",
    "Category",
    "DaysOfFeed",
    "Enclosure",
    "Entry",
    "EntryQuerySet",
    "Feed",
    "FeedImport",
    "FeedMemory",
    "FeedQuerySet",
    "FilterRule",
    "ImportLine",
    "PostsOfDay",
    "SiteState",
    "Tick",
    "UncountedFeed",
    "load_enclosures",
    "site_change",
]
