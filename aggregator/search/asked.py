"""A query with its names looked up: what is asked of the index, and what is looked at in the posts themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeVar

from django.db.models import Q

from aggregator.models import Category, EntryQuerySet, FeedQuerySet, Tag
from aggregator.models.spelling import caseless
from aggregator.models.tag_key import key_of

from .condition import Beside, Condition, beside, condition_of, is_told_by_index
from .entry_terms import IN_TAG, OF_FEED
from .index_rows import among
from .query import Query
from .terms import terms

_Found = TypeVar("_Found", bound=Collection[object])

MAX_MARKED_FEEDS = 100
"""So many the index is asked for; of more, the rows themselves are asked whose they are."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What posts must have."""

    condition: Condition
    beside: tuple[Beside, ...]
    feed_ids: frozenset[int] | None
    """None if any will do."""
    excluded_feed_ids: frozenset[int]
    unknown: tuple[str, ...]
    """A sentence for each name that nothing has; none of the posts can have it."""

    def among(self, entries: EntryQuerySet) -> EntryQuerySet:
        """These entries, but for those whose feeds the index isn't asked about."""
        if self.feed_ids is not None and len(self.feed_ids) > MAX_MARKED_FEEDS:
            entries = entries.filter(feed__in=among(self.feed_ids))
        if len(self.excluded_feed_ids) > MAX_MARKED_FEEDS:
            entries = entries.exclude(feed__in=among(self.excluded_feed_ids))
        return entries

    def is_beside_in(self, terms_of_entry: str) -> bool:
        """Whether words stand side by side in a post that meets the condition as they must, or must not."""
        padded = f" {terms_of_entry} "
        return all(each.is_met_by(padded) for each in self.beside)

    def is_met_by(self, terms_of_entry: str) -> bool:
        """Whether a post is looked for, by its terms alone."""
        return self.condition.is_met_by(f" {terms_of_entry} ") and self.is_beside_in(terms_of_entry)


def look_up(query: Query, feeds: FeedQuerySet) -> Asked:
    """What a query asks for, whose sources and categories are among these feeds."""
    unknown: list[str] = []
    wanted_sources = [_known(of_title(name, feeds), "source", name, unknown) for name in query.named("source")]
    wanted_shelves = [_known(in_category(name, feeds), "category", name, unknown) for name in query.named("category")]
    excluded = [of_title(name, feeds) for name in query.named("source", is_excluded=True)]
    excluded += [in_category(name, feeds) for name in query.named("category", is_excluded=True)]
    tags = [Tag.objects.keys_of(name) for name in query.named("tag")]
    if unknown or not all(tags):
        unknown += unknown_tags(query)
    excluded_keys = [key for name in query.named("tag", is_excluded=True) for key in Tag.objects.keys_of(name)]
    feed_ids = _in_all([frozenset().union(*each) for each in (wanted_sources, wanted_shelves) if each])
    excluded_ids: frozenset[int] = frozenset().union(*excluded)
    condition = condition_of(query.wanted, query.unwanted)
    for keys in tags:
        condition = condition.and_one_of(_marks(IN_TAG, keys))
    if feed_ids is not None and len(feed_ids) <= MAX_MARKED_FEEDS:
        condition = condition.and_one_of(_marks(OF_FEED, feed_ids))
    none_of = [*condition.none_of, *_marks(IN_TAG, excluded_keys)]
    if len(excluded_ids) <= MAX_MARKED_FEEDS:
        none_of += _marks(OF_FEED, excluded_ids)
    return Asked(
        condition=replace(condition, none_of=tuple(none_of)),
        beside=tuple(beside(words) for words in query.words if not is_told_by_index(words)),
        feed_ids=feed_ids,
        excluded_feed_ids=excluded_ids,
        unknown=tuple(unknown),
    )


def unknown_tags(query: Query) -> list[str]:
    """A sentence for each tag asked for under which readers know no post: nobody learns here what was hidden."""
    tags = {name: Tag.objects.of_key(key_of(name)) for name in query.named("tag")}
    return [_none("tag is", name) for name, tag in tags.items() if not (tag and tag.post_count) or tag.is_hidden]


def of_title(name: str, feeds: FeedQuerySet) -> frozenset[int]:
    """The ids of the feeds that have this name in their addresses here, else of those that have its words as title."""
    if found := frozenset(feeds.filter(slug=caseless(name)).values_list("pk", flat=True)):
        return found
    looked_for = f" {' '.join(terms(name))} "
    titles = feeds.order_by().values_list("pk", "title", "host") if looked_for.strip() else ()
    return frozenset(pk for pk, title, host in titles if looked_for in f" {' '.join(terms(title or host))} ")


def in_category(name: str, feeds: FeedQuerySet) -> frozenset[int]:
    """The ids of the feeds that stand in the category of this slug or name."""
    named = Category.objects.filter(Q(slug=caseless(name)) | Q(caseless_name=caseless(name)))
    return frozenset(feeds.filter(category__in=named).values_list("pk", flat=True))


def _known(found: _Found, kind: str, name: str, unknown: list[str]) -> _Found:
    if not found:
        unknown.append(_none("source stands in a category" if kind == "category" else f"{kind} is", name))
    return found


def _none(is_called: str, name: str) -> str:
    return f"No {is_called} called “{name}”."


def _in_all(sets: Sequence[frozenset[int]]) -> frozenset[int] | None:
    return reduce(frozenset.intersection, sets) if sets else None


def _marks(kind: str, names: Iterable[object]) -> list[str]:
    return sorted(f"{kind}{name}" for name in names)
