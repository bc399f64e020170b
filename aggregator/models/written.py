"""The posts of a person, found from the authors that the person is: a page costs the same, however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from heapq import merge
from itertools import islice, pairwise

from .author import Author, EntryAuthor, EntryAuthorQuerySet
from .bylines import byline_of
from .entry import Entry, EntryQuerySet
from .person_names import name_key, names_in
from .visible import PUBLIC_STATES


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
    Neither has one whose posts were let go, and whose feed was turned down since.
    """
    if person.joined_to_id or person.is_hidden or (len(authors) == 1 and person.is_blog):
        return False
    return any((author.had_more and author.feed.state in PUBLIC_STATES) or _by(author).exists() for author in authors)


def load_authors(entries: Iterable[Entry], *, with_pages: bool = True) -> None:
    """Read who wrote these entries, whose feeds are at hand, into their `written_by`: names and, if they are asked for,
    persons who have a page; and into `author_urls`, which addresses are surely theirs. One query for all of them, and
    none where nobody is named.

    A person has a link who is one of several authors of the feed and wrote something else here, or who writes in other
    feeds, too. Where all of a blog is by one person, the link to the blog says as much.
    """
    named = {entry.pk: entry for entry in entries if entry.author or entry.feed.has_author_titles}
    rows = EntryAuthor.objects.filter(entry__in=named).order_by("pk").select_related("author", "author__joined_to")
    authors: defaultdict[int, dict[str, EntryAuthor]] = defaultdict(dict)
    for row in rows.with_worth() if with_pages else rows:
        authors[row.entry_id][row.author.key] = row
    for pk, found in authors.items():
        entry = named[pk]
        blog = found.get(name_key(entry.feed.shown_title))
        if blog and not blog.author.joined_to_id:
            blog.is_worth_a_link = False  # it has a page only if others are joined to it, and few blogs name themselves
        names = names_in(byline_of(entry).author, found)
        of_names = {name: found.get(name_key(name)) for name in names}
        entry.written_by = [(name, _linked(row)) for name, row in of_names.items()]
        entry.author_urls = {name: row.author.own_url for name, row in of_names.items() if row and row.author.own_url}


def _linked(row: EntryAuthor | None) -> Author | None:
    return row.author.person if row and row.is_worth_a_link and not row.author.person.is_hidden else None


def _by(author: Author) -> EntryAuthorQuerySet:
    return EntryAuthor.objects.filter(author=author).shown()


def _after(author: Author, before: Entry | None) -> EntryAuthorQuerySet:
    return _by(author).older_than(before) if before else _by(author)


def _first(lists: Iterable[EntryAuthorQuerySet], count: int, *, is_reverse: bool) -> list[int]:
    """The ids of the first `count` entries of these lists together; a post that two of them have is there once."""
    places = (rows.values_list("timeline_at", "entry_id")[:count] for rows in lists)
    ids = (pk for _, pk in merge(*places, reverse=is_reverse))
    return list(islice(_each_once(ids), count))


def _each_once(ids: Iterable[int]) -> Iterable[int]:
    """Of ids that are in order, so that equal ones are neighbors."""
    return (pk for last, pk in pairwise((None, *ids)) if pk is not None and pk != last)
