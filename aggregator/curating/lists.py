"""Adding what a list of feeds names, all together, and what became of each of its entries."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Protocol

from django.db import transaction
from django.utils import timezone

from aggregator.exchange.links import without_password
from aggregator.ingest.errors import SourceRemoved
from aggregator.ingest.text import one_line
from aggregator.models import Category, Feed, FilterRule, RemovedSource
from aggregator.models.names import choose_slugs
from aggregator.models.spelling import caseless

from .adding import Draft, FeedRefused, category_named, draft_of, lock_drafts, make_pending

if TYPE_CHECKING:
    from aggregator.exchange.opml import ListedRule  # it reads XML, which a poll that adds nothing can do without

MAX_ADDRESS_CHARACTERS = 2000
"""Of an address as it is repeated in a report; a longer one can't be a feed's."""
ADDED_AT_ONCE = 100
"""Feeds in one transaction. While it lasts, who adds the same names waits, and on SQLite everybody who writes."""
PAUSE_SECONDS = 0.15
"""Between two of them. Who waits for SQLite's lock looks ten times a second whether it is free."""


Shelves = dict[str, int]
"""The ids of categories, by the names that a list has for them, without case."""


class Wanted(Protocol):
    """A feed as a list names it."""

    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def site_url(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def rules(self) -> Sequence[ListedRule]: ...


@dataclass(frozen=True, slots=True)
class ListLine:
    """What became of one entry of a list."""

    url: str
    """As the list writes it, on one line."""
    kind: str
    """added, known or refused."""
    text: str
    """One plain sentence."""
    feed: Feed | None = None


@dataclass(frozen=True, slots=True)
class ListReport:
    """What became of a list of feeds, entry by entry, in its order."""

    lines: tuple[ListLine, ...]

    @property
    def added(self) -> list[Feed]:
        return [line.feed for line in self.lines if line.kind == "added" and line.feed]

    @property
    def refused(self) -> list[ListLine]:
        return [line for line in self.lines if line.kind == "refused"]

    def with_doubles(self, doubles: Iterable[Feed]) -> ListReport:
        """The same, once the first poll has shown that these were here already at another address, or removed."""
        kinds = {feed.pk: "refused" if feed.last_error_kind == SourceRemoved.kind else "known" for feed in doubles}
        lines = (replace(line, kind=kinds.get(line.feed.pk, line.kind)) if line.feed else line for line in self.lines)
        return ListReport(tuple(lines))

    @property
    def summary(self) -> str:
        known = len(self.lines) - len(self.added) - len(self.refused)
        return f"{len(self.added)} added, {known} already here, {len(self.refused)} refused."


def add_many(
    wanted: Iterable[Wanted], *, category: str = "", on_looked_at: Callable[[int], object] = lambda _: None
) -> ListReport:
    """Add what a list names; `category`, if given, goes before the list's own.

    An entry that is refused stops nobody: its line says why. It is stored bit by bit, so that nobody waits long for a
    lock meanwhile. What an interruption leaves out comes with the same list once more; what is here already stays.
    After each bit `on_looked_at` is told how many entries that was.
    """
    entries, lines = list(wanted), list[ListLine]()  # read to its end first: of a list that is broken, nothing is added
    for start in range(0, len(entries), ADDED_AT_ONCE):
        if start:
            time.sleep(PAUSE_SECONDS)
        some = add_some(entries[start : start + ADDED_AT_ONCE], category=category)
        on_looked_at(len(some))
        lines += some
    return ListReport(tuple(lines))


def add_some(wanted: Sequence[Wanted], *, category: str = "", shelves: Shelves | None = None) -> list[ListLine]:
    """Add what some lines of a list name, in one transaction. What became of each.

    As `add_feed` would one by one; but what is here already, and which slugs are free, is asked once for all. The
    categories of the lines before are in `shelves`, and those of these lines are put there.
    """
    shelves = {} if shelves is None else shelves
    drafts = [_draft(entry, category or entry.category) for entry in wanted]
    rules: dict[str, Sequence[ListedRule]] = {}
    wants_rules = any(entry.rules for entry in wanted)
    with transaction.atomic():
        good = [draft for draft in drafts if isinstance(draft, Draft)]
        lock_drafts(good)
        here, new = _known(draft.feed.url for draft in good), dict[str, Feed]()
        drafts = _without_removed(drafts, here)
        ruled = _rules_of(here) if wants_rules else {}
        shelf = cache(partial(_shelf, shelves))
        for entry, draft in zip(wanted, drafts, strict=True):
            if isinstance(draft, FeedRefused):
                continue
            bare = _bare(draft.feed)
            if bare not in here and bare not in new:
                draft.feed.category = shelf(draft.category)
                new[bare], rules[bare] = draft.feed, entry.rules
        _enroll(list(new.values()))
        FilterRule.objects.bulk_create(row for bare, feed in new.items() for row in _rules(feed, rules[bare]))
    have = {bare: {(action, pattern) for action, pattern in found} for bare, found in {**ruled, **rules}.items()}
    return [_line(entry, draft, here, new, have) for entry, draft in zip(wanted, drafts, strict=True)]


def _without_removed(drafts: Sequence[Draft | FeedRefused], here: dict[str, Feed]) -> list[Draft | FeedRefused]:
    """The same, with a refusal in place of each that was removed and isn't one of the feeds that are `here`."""
    known = {bare for bare, feed in here.items() if feed.state != Feed.State.REJECTED}
    urls = [draft.feed.url for draft in drafts if isinstance(draft, Draft) and _bare(draft.feed) not in known]
    removed = RemovedSource.objects.covering(urls)
    return [
        FeedRefused(f"{removed[draft.feed.url].sentence}.")
        if isinstance(draft, Draft) and draft.feed.url in removed
        else draft
        for draft in drafts
    ]


def shown_address(url: str) -> str:
    """What a list writes as an address, for a report."""
    return one_line(without_password(url), MAX_ADDRESS_CHARACTERS)


def _draft(entry: Wanted, category: str) -> Draft | FeedRefused:
    try:
        return draft_of(entry.url, category=category, title=entry.title, site_url=entry.site_url)
    except FeedRefused as refusal:
        return refusal


def _bare(feed: Feed) -> str:
    """Its address, which is the same over http and https."""
    return feed.url.partition("://")[2]


def _shelf(shelves: Shelves, name: str) -> Category | None:
    """The category that the list calls so, in any case, whatever curators call it since its first feed came."""
    called = caseless(name)
    category = Category.objects.filter(pk=shelves.get(called, 0)).first() or category_named(name)
    if category:
        shelves[called] = category.pk
    return category


def _known(addresses: Iterable[str]) -> dict[str, Feed]:
    """By its bare address each feed that is here; where both are, the first."""
    found = Feed.objects.at_addresses(addresses).order_by("-pk")
    return {_bare(feed): feed for feed in found}


def _rules_of(here: dict[str, Feed]) -> dict[str, list[tuple[str, str]]]:
    """By their bare addresses, what feeds that are here demand as lists do."""
    rows = FilterRule.objects.filter(feed__in=here.values(), is_regex=True, field=FilterRule.Field.WHOLE)
    found: dict[int, list[tuple[str, str]]] = {}
    for feed_id, action, pattern in rows.values_list("feed", "action", "pattern"):
        found.setdefault(feed_id, []).append((action, pattern))
    return {bare: found[feed.pk] for bare, feed in here.items() if feed.pk in found}


def _enroll(feeds: Sequence[Feed]) -> None:
    now = timezone.now()
    for feed in feeds:
        make_pending(feed, now)
    choose_slugs(feeds, Feed.objects.all())
    Feed.objects.bulk_create(feeds)


def _rules(feed: Feed, listed: Iterable[ListedRule]) -> Iterator[FilterRule]:
    """Unsaved rows. What a list demands is looked for in a post as a whole, as planets do."""
    for position, (action, pattern) in enumerate(listed):
        yield FilterRule(
            feed=feed, action=action, pattern=pattern, field=FilterRule.Field.WHOLE, is_regex=True, position=position
        )


def _line(
    entry: Wanted,
    draft: Draft | FeedRefused,
    here: dict[str, Feed],
    new: dict[str, Feed],
    have: Mapping[str, AbstractSet[tuple[str, str]]],
) -> ListLine:
    """What became of the next line. Whom it finds new is here for those that follow. `have` are the feeds' rules."""
    url = shown_address(entry.url)
    if isinstance(draft, FeedRefused):
        return ListLine(url=url, kind="refused", text=str(draft))
    bare = _bare(draft.feed)
    if feed := new.pop(bare, None):
        here[bare] = feed
        with_rules = f" with {_rules_in_words(len(entry.rules))}" if entry.rules else ""
        return ListLine(url=url, kind="added", text=f"Added{with_rules}; it waits for its first poll.", feed=feed)
    feed = here[bare]
    others = {tuple(rule) for rule in entry.rules} - have.get(bare, frozenset())
    left_out = f" It keeps its own rules; {_rules_in_words(len(others))} of the list left out." if others else ""
    text = f"Already here: {feed.shown_title} ({feed.state}).{left_out}"
    return ListLine(url=url, kind="known", text=text, feed=feed)


def _rules_in_words(count: int) -> str:
    return "1 rule" if count == 1 else f"{count} rules"
