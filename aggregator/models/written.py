"""The posts of a person, found from the authors that the person is: what a page costs doesn't grow with their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from heapq import merge
from itertools import islice, pairwise

from django.db.models import Count, Exists, OuterRef, Q

from .author import Author, AuthorQuerySet, EntryAuthor, EntryAuthorQuerySet, has_others
from .entry import Entry, EntryQuerySet
from .person_names import names_in
from .visible import PUBLIC_STATES

MIN_POSTS = 2
"""Of an author who wrote in one feed: with fewer, the page would say what the post says."""


def older_by(authors: Collection[Author], before: Entry | None, count: int) -> EntryQuerySet:
    """The first `count` posts of the person who is these authors, after `before` in page order."""
    lists = (_after(author, before).newest_first() for author in authors)
    return Entry.objects.listed().filter(pk__in=_first(lists, count, is_reverse=True)).newest_first()


def newer_ids_by(authors: Collection[Author], after: Entry, count: int) -> list[int]:
    """The ids of the `count` posts of the person that come before this one in page order, the nearest first."""
    lists = (_by(author).newer_than(after).oldest_first() for author in authors)
    return _first(lists, count, is_reverse=False)


def entries_by(authors: Iterable[Author]) -> EntryQuerySet:
    """All that the person wrote, whether readers may see it or not: by it, a page that was opened before goes on."""
    return Entry.objects.of_public_feeds().filter(authors__author__in=[author.pk for author in authors])


def has_page(person: Author, authors: Collection[Author]) -> bool:
    """Whether readers find a page of the person, who is these authors. `person` stands for all of them.

    One of whom readers never saw a post has none, also if that is because it was hidden: a name alone would tell of it.
    """
    if person.joined_to_id or person.is_hidden or (len(authors) == 1 and person.is_blog):
        return False
    return any(EntryAuthor.objects.filter(author=author).ever_shown().exists() for author in authors)


def load_authors(entries: Iterable[Entry]) -> None:
    """Read who wrote these entries, whose feeds are at hand, into their `written_by`: names, and pages that they have.

    Two queries for all of them, or none. An author has a link who is one of several of the feed and wrote more here,
    or who writes elsewhere, too; where all of a blog is by one person, it leads to the blog already.
    """
    entries = list(entries)
    rows = EntryAuthor.objects.filter(entry__in=[entry.pk for entry in entries]).order_by("pk")
    authors: dict[int, list[Author]] = {}
    for row in rows.select_related("author", "author__joined_to") if entries else ():
        authors.setdefault(row.entry_id, []).append(row.author)
    linked = _linked({author for found in authors.values() for author in found})
    for entry in entries:
        found = {author.key: author for author in authors.get(entry.pk, ())}
        entry.written_by = [(name, linked.get(pk)) for name, pk in _named(entry, found)]


def _by(author: Author) -> EntryAuthorQuerySet:
    return EntryAuthor.objects.filter(author=author).shown()
