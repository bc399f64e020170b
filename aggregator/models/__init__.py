"""Rows, each model with its queryset: the only place where the polling side and the pages meet. This is its face.

What other rooms say, they say by these names; beside them they use `visible` (conditions), `standing`, `newest`,
`counting`, `bylines`, `person_names`, `written`, `tag_key`, `tagging`, `emptying`, `faults`, `tables`, `names`,
`spelling`, `public_trouble`, `unseen`, `steps` and `sql` by their own. Dependencies run one way:

    spelling <- alike; derived <- sql; spelling, sql <- names; spelling, derived <- category <- former_slug
    derived, sql <- claiming
    visible, sql, category, claiming <- feed <- entry <- enclosure, entry_text, search_state, newest, counting, bylines
    derived, entry, person_names <- author <- written, emptying; bylines <- written; spelling <- person_names
    visible <- standing <- entry; page_order <- resembling <- entry; enclosure <- emptying
    page_order <- author, entry_tag
    feed <- removed_source, submission; submission <- ownership
    sql <- posts_let_go; sql <- posts_of_day <- site_state <- counting
    spelling <- tag_key; sql, derived, tag_key <- tag <- site_state; entry, tag <- entry_tag <- tag_of_month
    site_state, standing, entry_tag <- tagging <- counting, emptying
    feed <- public_trouble; entry <- unseen
    tick, tag_backlog, filter_rule, feed_memory, feed_day, feed_import, attempts, uncounted_feed, tables and faults
    stand alone
"""

from .alike import Alike
from .attempts import Attempts
from .author import Author, EntryAuthor, FormerAuthorSlug
from .category import Category
from .enclosure import Enclosure, load_enclosures
from .entry import Entry, EntryQuerySet
from .entry_tag import EntryTag, load_tags
from .entry_text import EntryText
from .feed import Feed, FeedQuerySet
from .feed_day import FeedDay, Look
from .feed_import import FeedImport, ImportLine
from .feed_memory import FeedMemory
from .filter_rule import FilterRule
from .former_slug import FormerSlug
from .ownership import Ownership
from .posts_let_go import PostsLetGo
from .posts_of_day import DaysOfFeed, PostsOfDay
from .removed_source import RemovedSource
from .search_state import SearchState
from .site_state import SiteState, site_change
from .submission import Submission, SubmissionQuerySet
from .tag import Tag, TagQuerySet
from .tag_backlog import TagBacklog
from .tag_of_month import TagOfMonth
from .tick import Tick
from .uncounted_feed import UncountedFeed
from .written import load_authors

__all__ = [
    "Alike",
    "Attempts",
    "Author",
    "Category",
    "DaysOfFeed",
    "Enclosure",
    "Entry",
    "EntryAuthor",
    "EntryQuerySet",
    "EntryTag",
    "EntryText",
    "Feed",
    "FeedDay",
    "FeedImport",
    "FeedMemory",
    "FeedQuerySet",
    "FilterRule",
    "FormerAuthorSlug",
    "FormerSlug",
    "ImportLine",
    "Look",
    "Ownership",
    "PostsLetGo",
    "PostsOfDay",
    "RemovedSource",
    "SearchState",
    "SiteState",
    "Submission",
    "SubmissionQuerySet",
    "Tag",
    "TagBacklog",
    "TagOfMonth",
    "TagQuerySet",
    "Tick",
    "UncountedFeed",
    "load_authors",
    "load_enclosures",
    "load_tags",
    "site_change",
]
