"""Which entries the items of a document are, even if their feed gave them new ids. Reads rows, changes none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from aggregator.ingest.types import MADE_OF_TEXT, Item
from aggregator.models import Entry
from aggregator.models.emptying import excerpt_key

MAX_REPEATED_POSTS = 5
"""People repeat a post now and then. If more posts than this have the texts of older ones, and nothing else of theirs,
they are those older ones: a blog was built anew."""
COMPARED_FIELDS = (
    *("feed", "guid", "url", "title", "author", "content_hash", "excerpt", "tags", "edit_count", "is_held"),
    *("held_for", "published_at", "first_seen_at", "timeline_at", "duplicate_of", "emptied_at", "excerpt_key"),
)
"""What tells whether an entry is an item, and whether it has changed. The rest is loaded only for entries that have."""

Post = TypeVar("Post", Entry, Item)


@dataclass(frozen=True, slots=True)
class Match:
    """What the items of a document are, in its order."""

    known: list[tuple[Entry, Item]]
    fresh: list[Item]


def match(items_of: Mapping[int, Sequence[Item]], read_anew: Collection[int] = ()) -> dict[int, Match]:
    """For each feed, by its id: the entries that the items of its document are, and the items that are new.

    An item whose id is unknown can still be an entry whose id has left the document: blogs that move or change their
    software give old posts new ids, and some feeds give new ones at every poll. In doubt, an item is new: if it were
    wrongly taken for an older post, it would overwrite that post.

    `read_anew` are the feeds that other rules read before: ids that we made of texts may be others by those of today.
    """
    guids_of = {feed_id: [item.guid for item in items] for feed_id, items in items_of.items()}
    entries: defaultdict[int, dict[str, Entry]] = defaultdict(dict)
    for entry in Entry.objects.known_to(guids_of).only(*COMPARED_FIELDS):
        entries[entry.feed_id][entry.guid] = entry
    strangers = {pk: [item for item in items if item.guid not in entries[pk]] for pk, items in items_of.items()}
    alike: defaultdict[int, list[Entry]] = defaultdict(list)
    resembling = Entry.objects.resembling({pk: items for pk, items in strangers.items() if items})
    for entry in resembling.only(*COMPARED_FIELDS):
        alike[entry.feed_id].append(entry)
    for feed_id, others in alike.items():
        entries[feed_id] |= _under_new_ids(
            items_of[feed_id], others, frozenset(entries[feed_id]), is_read_anew=feed_id in read_anew
        )
    return {feed_id: _match(items, entries[feed_id]) for feed_id, items in items_of.items()}


def load_contents(entries: Iterable[Entry]) -> None:
    """Load the contents of entries that `match` found, with one query: else each needs one when it is saved."""
    by_id = {entry.pk: entry for entry in entries}
    contents = Entry.objects.filter(pk__in=by_id).values_list("pk", "content_html") if by_id else ()
    for pk, content_html in contents:
        by_id[pk].content_html = content_html


def _match(items: Iterable[Item], entries: Mapping[str, Entry]) -> Match:
    match = Match(known=[], fresh=[])
    for item in items:
        if item.guid in entries:
            match.known.append((entries[item.guid], item))
        else:
            match.fresh.append(item)
    return match


def _under_new_ids(
    items: Sequence[Item], alike: Sequence[Entry], known_ids: Collection[str], *, is_read_anew: bool
) -> dict[str, Entry]:
    """The entries that have a new id in the document, by that id.

    An entry and an item are one post if they share a trait that no other entry of the feed and no other item has. A
    text alone is no such trait, as people announce the same thing again each year; for a whole archive, it is.
    """
    found: dict[str, Entry] = {}
    for trait in (_link_and_title, _link_and_date, _text_and_date, _text_without_link):
        found |= _pairs(items, alike, trait, known_ids, found)
    repeated = _pairs(items, alike, _text, known_ids, found)
    if len(repeated) > MAX_REPEATED_POSTS:
        found |= repeated
    if is_read_anew:
        nameless = [entry for entry in alike if entry.guid.startswith(MADE_OF_TEXT) and not entry.url]
        for trait in (_title_and_date, _title):
            found |= _pairs(items, nameless, trait, known_ids, found)
    return found


def _pairs(
    items: Sequence[Item],
    alike: Sequence[Entry],
    trait: Callable[[Entry | Item], Hashable],
    known_ids: Collection[str],
    found: Mapping[str, Entry],
) -> dict[str, Entry]:
    """The entries that share the trait with an item, by the item's id; without those that are `found` already."""
    pairs: dict[str, Entry] = {}
    taken, placed = {*known_ids, *found}, {entry.pk for entry in found.values()}
    posts = _by_sole_trait(items, trait)
    for key, entry in _by_sole_trait(alike, trait).items():
        item = posts.get(key)
        if item and taken.isdisjoint((item.guid, entry.guid)) and entry.pk not in placed:
            pairs[item.guid] = entry
            taken.add(item.guid)
    return pairs


def _by_sole_trait(posts: Iterable[Post], trait: Callable[[Entry | Item], Hashable]) -> dict[Hashable, Post]:
    """The posts by their trait; without those that lack it or share it with another, as where all link to one page."""
    pairs = [(key, post) for post in posts if (key := trait(post))]
    counts = Counter(key for key, _ in pairs)
    return {key: post for key, post in pairs if counts[key] == 1}


def beginning_of(post: Entry | Item) -> UUID | None:
    """A digest of how its text begins, which an emptied entry has, too; None for no text."""
    if isinstance(post, Entry) and post.emptied_at:
        return post.excerpt_key
    return excerpt_key(post.excerpt) if post.excerpt else None


def _link_and_title(post: Entry | Item) -> Hashable:
    return post.url and (_without_scheme(post.url), post.title)


def _link_and_date(post: Entry | Item) -> Hashable:
    return post.url and post.published_at and (_without_scheme(post.url), post.published_at)


def _text_and_date(post: Entry | Item) -> Hashable:
    """By the excerpt and not the whole text: links in it change when a blog moves."""
    beginning = beginning_of(post)
    return beginning and post.published_at and (post.title, beginning, post.published_at)


def _text(post: Entry | Item) -> Hashable:
    beginning = beginning_of(post)
    return post.title and beginning and (post.title, beginning)


def _title_and_date(post: Entry | Item) -> Hashable:
    return post.title and post.published_at and (post.title, post.published_at)


def _title(post: Entry | Item) -> Hashable:
    return post.title


def _text_without_link(post: Entry | Item) -> Hashable:
    return not post.url and (post.title, post.content_hash, post.published_at)


def _without_scheme(url: str) -> str:
    return url.partition("://")[2]
