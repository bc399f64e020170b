"""Which entries the items of a document are, also when their feed gave them new ids. Reads rows, changes none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import TypeVar

from .ingest.types import Item
from .models import Entry, Feed

Post = TypeVar("Post", Entry, Item)


def match(feed: Feed, items: Sequence[Item]) -> tuple[list[tuple[Entry, Item]], list[Item]]:
    """The entries that the items are, and the items that are new; both in the document's order.

    An item whose id is unknown can still be an entry whose id has left the document: blogs that move or change their
    software give old posts new ids, and some feeds give new ones at every poll. In doubt it is new, because an item
    that is wrongly taken for an older post would overwrite that.
    """
    ids = [item.guid for item in items]
    entries = {entry.guid: entry for entry in Entry.objects.known_to(feed, ids).without_content()}
    entries |= _under_new_ids(feed, items, frozenset(entries))
    known = [(entries[item.guid], item) for item in items if item.guid in entries]
    return known, [item for item in items if item.guid not in entries]


def _under_new_ids(feed: Feed, items: Sequence[Item], known_ids: Collection[str]) -> dict[str, Entry]:
    """By its new id, each entry that has one: the only one of the feed with a trait that one item alone has, too."""
    strangers = [item for item in items if item.guid not in known_ids]
    if not strangers:
        return {}
    alike = list(Entry.objects.from_feed(feed).resembling(strangers).without_content())
    new_id_of: dict[int, str] = {}
    for trait in (_link_and_title, _link_and_date, _text_and_date, _text_without_link):
        posts = _by_sole_trait(items, trait)
        for key, entry in _by_sole_trait(alike, trait).items():
            item = posts.get(key)
            if item and not {item.guid, entry.guid} & {*known_ids, *new_id_of.values()} and entry.pk not in new_id_of:
                new_id_of[entry.pk] = item.guid
    return {new_id_of[pk]: entry for pk, entry in Entry.objects.in_bulk(new_id_of).items()}


def _by_sole_trait(posts: Iterable[Post], trait: Callable[[Entry | Item], Hashable]) -> dict[Hashable, Post]:
    """The posts by their trait; without those that lack it or share it, as where all posts link to one page."""
    pairs = [(key, post) for post in posts if (key := trait(post))]
    counts = Counter(key for key, _ in pairs)
    return {key: post for key, post in pairs if counts[key] == 1}


def _link_and_title(post: Entry | Item) -> Hashable:
    return post.url and (_without_scheme(post.url), post.title)


def _link_and_date(post: Entry | Item) -> Hashable:
    return post.url and post.published_at and (_without_scheme(post.url), post.published_at)


def _text_and_date(post: Entry | Item) -> Hashable:
    """Not the whole text: links in it change when a blog moves."""
    return post.excerpt and post.published_at and (post.title, post.excerpt, post.published_at)


def _text_without_link(post: Entry | Item) -> Hashable:
    return not post.url and (post.title, post.content_hash, post.published_at)


def _without_scheme(url: str) -> str:
    return url.partition("://")[2]
