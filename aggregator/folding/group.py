"""All entries that may be the same posts as some that changed, with what tells whether they are. Reads rows only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from aggregator.models import Entry

from .likeness import shingles
from .sharing import MAX_SAME_TEXT_GAP, Keys, Shingles, dated_at, keys_of, may_be_one_post, telling_keys

MAX_SEARCH_ROUNDS = 4
"""From copies to copies of copies. A longer chain doesn't come about by itself: somebody plays a trick."""
MAX_GROUP_ENTRIES = 5000
"""Read in a round. A group that reaches this is taken apart: its rows must fit into memory."""
MAX_SAME_TITLE_ENTRIES = 20
"""An entry is compared with fewer than this of its title, the next ones by date. A title that more posts have at one
time belongs to none of them."""
MAX_COMPARED_TEXTS = 500
"""A group needs no more texts, or is taken apart: they must be read, and fit into memory."""

_COLUMNS = (
    *("guid", "url", "link_key", "id_key", "title_key", "published_at", "first_seen_at", "announced_at"),
    *("is_hidden", "is_held", "is_filtered", "is_original", "is_let_pass", "duplicate_of", "held_for"),
    *("title", "emptied_at"),
    *("feed__url", "feed__state"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that may be the same posts."""

    entries: list[Entry]
    keys: Keys
    compared_ids: set[int]
    """The ids of those entries whose texts decide: whether they are one post, or have other words under one link."""

    @property
    def is_too_large(self) -> bool:
        return len(self.entries) >= MAX_GROUP_ENTRIES or len(self.compared_ids) > MAX_COMPARED_TEXTS

    def read_texts(self) -> Shingles:
        """The texts to compare; if they are too many, the newest of them."""
        if not self.compared_ids:
            return {}
        newest = sorted(self.compared_ids)[-MAX_COMPARED_TEXTS:]
        rows = Entry.objects.filter(pk__in=newest).values_list("pk", "content_html")
        of_one_text = cache(shingles)  # copies are often the same to the letter
        return {pk: of_one_text(content_html) for pk, content_html in rows}


def group_of(entry_ids: Collection[int]) -> Group:
    """These entries, all that may be the same posts, and all that may be the same as those."""
    entries = related_entries(entry_ids)
    keys = telling_keys(entries)
    pairs = (pair for pair in _pairs_of_one_title(entries) if not keys[pair[0].pk] & keys[pair[1].pk])
    titled = {entry.pk for pair in pairs for entry in pair}
    return Group(entries, keys, titled | {entry.pk for entry in _with_others_keys(entries, keys)})


def related_entries(entry_ids: Collection[int], *, drafts: Iterable[Entry] = ()) -> list[Entry]:
    """These entries, and all that share with them, or with the unsaved `drafts`, what tells which post it is."""
    light = Entry.objects.select_related("feed").only(*_COLUMNS)
    found = {entry.pk: entry for entry in light.with_dependent(entry_ids)}
    fresh, asked_keys = [*found.values(), *drafts], set[str]()
    for _ in range(MAX_SEARCH_ROUNDS):
        keys = {key for entry in fresh for key in keys_of(entry)} - asked_keys
        titles = {entry.title_key for entry in fresh} - {""}
        if not keys and not titles:
            break
        asked_keys |= keys
        dates = [dated_at(entry) for entry in fresh]
        related = light.sharing(keys, titles, min(dates) - MAX_SAME_TEXT_GAP, max(dates) + MAX_SAME_TEXT_GAP)
        related = related.exclude(pk__in=entry_ids)  # most that share something with these are these
        fresh = [entry for entry in related[:MAX_GROUP_ENTRIES] if entry.pk not in found]
        found |= {entry.pk: entry for entry in fresh}
    return list(found.values())


def _with_others_keys(entries: Iterable[Entry], keys: Keys) -> Iterator[Entry]:
    """Entries that have a key in common with one of another feed, which it tells which post it is."""
    bearers: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for key in keys_of(entry):
            bearers[key].append(entry)
    for key, of_one_key in bearers.items():
        is_of_several_feeds = len({entry.feed_id for entry in of_one_key}) > 1
        if is_of_several_feeds and any(key in keys[entry.pk] for entry in of_one_key):
            yield from of_one_key


def _pairs_of_one_title(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of entries of different feeds with one title and neighboring dates."""
    entries_by_title: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=dated_at):
        if entry.title_key:
            entries_by_title[entry.title_key].append(entry)
    for of_one_title in entries_by_title.values():
        for at, entry in enumerate(of_one_title):
            neighbors = of_one_title[at + 1 : at + MAX_SAME_TITLE_ENTRIES]
            yield from ((entry, other) for other in neighbors if may_be_one_post(entry, other))
