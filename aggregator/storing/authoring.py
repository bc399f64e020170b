"""Who wrote entries becomes rows: one door for all who write entries, in the transaction in which they do.

Who are one person? In one feed, equal names. Across feeds, a curator says so; by themselves only those of equal names
for whom both feeds give the same address on the web, **if both feeds lie at or below that address**: Ann's
`notes.ann.example/feed` and `ann.example/blog/feed` both name `https://ann.example/`. Any feed can copy a name and an
address, but none can move to somebody else's site: so no feed puts its posts onto the page of another's author. An
address that a feed gives for two names is nobody's and joins nobody; what was joined by it comes apart. So does an
author for whom the feed gives another address now. Where a curator took somebody apart, or hid the page, no address
joins. Mail addresses join nobody, and aren't kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import Count, Q

from aggregator.ingest.types import Item, Person
from aggregator.models import Author, Entry, EntryAuthor, Feed, FormerAuthorSlug
from aggregator.models.author import MAX_NAME_CHARACTERS
from aggregator.models.bylines import byline_of
from aggregator.models.names import free_slugs
from aggregator.models.person_names import is_nobody, name_key, names_in, slug_stem
from aggregator.models.sql import Locked, lock_words, save_each

from .joining import joining_key, settle

MAX_AUTHORS = 2000
"""Of one feed. One that brings more names than that makes them up, or says with them what tags say: they are named
above their posts, and have no pages."""
MAX_PERSONS = 10
"""Of one entry."""

_FEEDS_AT_ONCE = 100
"""Whose authors one statement looks up."""
_ROWS_AT_ONCE = 500

_Value = TypeVar("_Value")
_Pair = tuple[Entry, Item]
_Persons = Mapping[str, Person]
"""By the keys of their names."""


def save_authors(new: Iterable[_Pair], changed: Iterable[_Pair] = ()) -> bool:
    """Write who wrote these entries, whose feeds are locked: new ones, and such as an author changed.

    Returns whether other sources' pages may show something else by it, as persons were joined or came apart.
    """
    fresh = {entry: _persons_of(entry, item.persons) for entry, item in new}
    others = {entry: _persons_of(entry, item.persons) for entry, item in changed if not entry.emptied_at}
    return _save(fresh, others)


def save_authors_of_lines(entries: Sequence[Entry], known: Mapping[int, set[str]]) -> bool:
    """The same for entries of before, of which only the line of names is here; `known` are names' keys by feed."""
    lines = {entry: names_in(byline_of(entry).author, known.get(entry.feed_id, set())) for entry in entries}
    return _save({}, {entry: _worth_a_row(map(Person, names)) for entry, names in lines.items()})


def _persons_of(entry: Entry, persons: Iterable[Person]) -> _Persons:
    return _worth_a_row(persons or map(Person, names_in(byline_of(entry).author)))


def _worth_a_row(persons: Iterable[Person]) -> _Persons:
    """Those that are somebody, the first of them."""
    found: dict[str, Person] = {}
    for person in persons:
        if not is_nobody(person.name):
            found.setdefault(name_key(person.name), person)
    return dict(list(found.items())[:MAX_PERSONS])


def _save(new: Mapping[Entry, _Persons], changed: Mapping[Entry, _Persons]) -> bool:
    feeds = {entry.feed_id: entry.feed for entry in (*new, *changed)}
    persons = _by_feed(new, changed)
    authors = _known(persons)
    made, moved = _made(persons, authors, feeds), _moved(persons, authors, feeds)
    keys = {author.joining_key for author in made} | {key for change in moved.values() for key in change}
    keys.discard("")
    _lock(made, keys)
    _insert(made)
    save_each(list(moved), ["url", "joining_key"])
    authors |= {(author.feed_id, author.key): author for author in made}
    _insert_rows(_rows(new, authors))
    _follow(changed, authors)
    changes = [settle(some, moved) for some in _lots(sorted(keys))]  # each lot, whatever came of the one before
    return any(changes)


def _by_feed(*of_entries: Mapping[Entry, _Persons]) -> dict[int, dict[str, Person]]:
    """Whom feeds name; of one who is named several times, the first address."""
    persons: defaultdict[int, dict[str, Person]] = defaultdict(dict)
    for found in of_entries:
        for entry, some in found.items():
            of_feed = persons[entry.feed_id]
            of_feed |= {key: one for key, one in some.items() if key not in of_feed or not of_feed[key].url}
    return {feed_id: of_feed for feed_id, of_feed in persons.items() if of_feed}


def _known(persons: Mapping[int, _Persons]) -> dict[tuple[int, str], Author]:
    """The authors who are here already, by feed and name."""
    found: dict[tuple[int, str], Author] = {}
    wanted = [(feed_id, some) for feed_id, of_feed in persons.items() for some in _lots(list(of_feed))]
    for lot in _lots(wanted, _FEEDS_AT_ONCE):
        is_one = reduce(or_, (Q(feed=feed_id, key__in=keys) for feed_id, keys in lot))
        found |= {(author.feed_id, author.key): author for author in Author.objects.filter(is_one)}
    return found


def _made(
    persons: Mapping[int, _Persons], known: Mapping[tuple[int, str], Author], feeds: Mapping[int, Feed]
) -> list[Author]:
    """Authors (unsaved, without slugs) for those who aren't here yet, as many as a feed may have."""
    fresh = {feed_id: [key for key in of_feed if (feed_id, key) not in known] for feed_id, of_feed in persons.items()}
    fresh = {feed_id: keys for feed_id, keys in fresh.items() if keys}
    if not fresh:
        return []
    counts = Author.objects.filter(feed__in=fresh).order_by().values_list("feed").annotate(Count("pk"))
    room = {feed_id: MAX_AUTHORS - count for feed_id, count in counts}
    return [
        Author(
            feed=feeds[feed_id],
            key=key,
            name=persons[feed_id][key].name[:MAX_NAME_CHARACTERS],
            url=persons[feed_id][key].url,
            joining_key=joining_key(persons[feed_id][key].url, feeds[feed_id].url),
        )
        for feed_id, keys in fresh.items()
        for key in keys[: max(0, room.get(feed_id, MAX_AUTHORS))]
    ]


def _moved(
    persons: Mapping[int, _Persons], known: Mapping[tuple[int, str], Author], feeds: Mapping[int, Feed]
) -> dict[Author, tuple[str, str]]:
    """Authors for whom the feed gives another address now, which is set (unsaved); with what could join them before,
    and now."""
    moved: dict[Author, tuple[str, str]] = {}
    for (feed_id, key), author in known.items():
        person = persons[feed_id].get(key)
        if person and person.url and person.url != author.url:
            before, author.url = author.joining_key, person.url
            author.joining_key = joining_key(person.url, feeds[feed_id].url)
            moved[author] = (before, author.joining_key)
    return moved


def _lock(made: Iterable[Author], keys: Iterable[str]) -> None:
    """Be alone with the slugs that are about to be taken, and with the addresses by which authors are joined."""
    words = {f"slug {re.sub(r'(-[0-9]+)+$', '', slug_stem(author.name))}" for author in made}
    lock_words(Locked.AUTHORS, words | {f"address {key}" for key in keys})


def _insert(made: Sequence[Author]) -> None:
    for some in _lots(made):
        stems = [slug_stem(author.name) for author in some]
        # No newcomer takes an address to which somebody may have subscribed when it was another's.
        slugs = free_slugs(stems, Author.objects.all(), FormerAuthorSlug.objects.all())
        for author, slug in zip(some, slugs, strict=True):
            author.slug = slug
        Author.objects.bulk_create(some)


def _rows(of_entries: Mapping[Entry, _Persons], authors: Mapping[tuple[int, str], Author]) -> Iterator[EntryAuthor]:
    for entry, some in of_entries.items():
        for key in some:
            if author := authors.get((entry.feed_id, key)):
                yield EntryAuthor(entry=entry, author=author, timeline_at=entry.timeline_at)


def _insert_rows(rows: Iterable[EntryAuthor]) -> None:
    if rows := list(rows):
        EntryAuthor.objects.bulk_create(rows, batch_size=_ROWS_AT_ONCE)


def _follow(changed: Mapping[Entry, _Persons], authors: Mapping[tuple[int, str], Author]) -> None:
    """Have the rows of known entries say what these say; nothing is written where they do."""
    if not changed:
        return
    ids = [entry.pk for entry in changed]
    rows = [row for some in _lots(ids) for row in EntryAuthor.objects.filter(entry__in=some)]
    before = {(row.entry_id, row.author_id): row for row in rows}
    after = {(row.entry_id, row.author_id): row for row in _rows(changed, authors)}
    for gone in _lots([row.pk for place, row in before.items() if place not in after]):
        EntryAuthor.objects.filter(pk__in=gone).delete()
    _insert_rows(row for place, row in after.items() if place not in before)
    shifted = [row for place, row in before.items() if place in after and row.timeline_at != after[place].timeline_at]
    for row in shifted:
        row.timeline_at = after[row.entry_id, row.author_id].timeline_at
    save_each(shifted, ["timeline_at"])


def _lots(values: Sequence[_Value], size: int = 0) -> Iterator[Sequence[_Value]]:
    size = size or _ROWS_AT_ONCE  # read when it is called: tests make it small
    return (values[start : start + size] for start in range(0, len(values), size))
