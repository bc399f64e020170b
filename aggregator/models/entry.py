"""The rules about rows, as clauses that read as a sentence: `Entry.objects.listed().in_category("python")`."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject, Lower, TruncMonth

from .locks import claim_alone

if TYPE_CHECKING:
    from aggregator.ingest.types import Item
    from aggregator.models import Entry, Feed, SiteState

PUBLIC_STATES = ("active", "paused", "gone")
_READ_AT_ONCE = 256
NOT_WITHHELD = Q(is_hidden=False, is_held=False, is_filtered=False)
LISTED = Q(duplicate_of__isnull=True) & NOT_WITHHELD
HELD = Q(is_held=True, is_hidden=False, is_filtered=False)
FILTERED = Q(is_filtered=True)
SET_ASIDE = Q(is_held=True) | FILTERED
"""Held or dropped; few rows are, so they have an index."""


def free_slug(stem: str, rows: models.QuerySet[Any]) -> str:
    """The stem if none of the rows has it as slug, else with the first number, from 2 on, that none has."""
    taken = set(rows.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(slug for slug in chain([stem], numbered) if slug not in taken)


class CategoryQuerySet(models.QuerySet[models.Model]):
    def in_use(self) -> CategoryQuerySet:
        """Categories that hold at least one feed readers can see, in the curators' order."""
        return self.filter(feeds__state__in=PUBLIC_STATES).distinct()


class FeedQuerySet(models.QuerySet["Feed"]):
    def active(self) -> FeedQuerySet:
        return self.filter(state="active")

    def public(self) -> FeedQuerySet:
        """Feeds that readers may know of: all but those that wait for a decision or were turned down."""
        return self.filter(state__in=PUBLIC_STATES)

    def polled(self) -> FeedQuerySet:
        """Feeds that the worker asks by itself; those that are gone only about once a month."""
        return self.filter(state__in=("pending", "active", "gone"))

    def due(self, now: datetime) -> FeedQuerySet:
        return self.polled().filter(next_poll_at__lte=now)

    def unclaimed(self, now: datetime) -> FeedQuerySet:
        """Feeds that no worker holds; a lease that ran out holds nothing."""
        return self.filter(Q(lease__isnull=True) | Q(next_poll_at__lte=now))

    def claimed(self, now: datetime) -> FeedQuerySet:
        """Feeds that a worker holds."""
        return self.filter(lease__isnull=False, next_poll_at__gt=now)

    def rested(self, now: datetime) -> FeedQuerySet:
        """Feeds but for those whose server asked, for one of them, to be left alone for longer."""
        resting = self.model._default_manager.filter(rests_until__gt=now)
        return self.exclude(host__in=resting.values("host"))

    def on_quiet_hosts(self, now: datetime, spacing_seconds: float) -> FeedQuerySet:
        """Feeds whose host nobody is asking now, nor asked within the last `spacing_seconds`."""
        feeds = self.model._default_manager
        held = feeds.claimed(now)
        just_asked = feeds.filter(last_polled_at__gt=now - timedelta(seconds=spacing_seconds), last_polled_at__lte=now)
        # Not one question a feed about its neighbors: of a host with thousands, each would ask about all the others.
        return self.exclude(host__in=held.values("host")).exclude(host__in=just_asked.values("host"))

    def claim(self, now: datetime, *, lease_seconds: float, spacing_seconds: float, limit: int) -> list[Feed]:
        """Take up to `limit` of these feeds, one a host, so that no other worker polls them for `lease_seconds`.

        No other worker asks their hosts either, whatever machine it is on. A row that is being stored in this instant
        is left alone.
        """
        free = self.unclaimed(now).on_quiet_hosts(now, spacing_seconds)
        if not free.exists():
            return []
        lease = uuid.uuid4()
        with transaction.atomic():
            claim_alone()
            chosen = free._first_of_hosts(limit)
            taken = free.filter(pk__in=chosen).order_by().select_for_update(skip_locked=True)
            until = now + timedelta(seconds=lease_seconds)
            feeds = self.model._default_manager
            feeds.filter(pk__in=taken.values("pk")).update(lease=lease, next_poll_at=until)
        return list(feeds.filter(lease=lease).order_by("pk"))

    def _first_of_hosts(self, limit: int) -> list[int]:
        """The ids of the feeds that have waited longest, one a host.

        Read until there are enough hosts: of one with thousands of feeds, all of them can come first.
        """
        waiting = self.order_by("next_poll_at", "pk").values_list("pk", "host")
        first_of_host: dict[str, int] = {}
        for pk, host in waiting.iterator(chunk_size=_READ_AT_ONCE):
            first_of_host.setdefault(host, pk)
            if len(first_of_host) == limit:
                break
        return list(first_of_host.values())

    def locked(self) -> FeedQuerySet:
        """These feeds, their rows locked until the transaction ends.

        In one order, in which everybody locks them: so nobody waits for somebody who waits for him. Whoever changes
        several feeds in a transaction locks them so first.
        """
        return self.order_by("pk").select_for_update()

    def on_host(self, host: str) -> FeedQuerySet:
        return self.filter(host=host)

    def at_address(self, url: str) -> FeedQuerySet:
        """The feed that has this normalized address, over http or https."""
        rest = url.partition("://")[2]
        return self.filter(url__in=[f"https://{rest}", f"http://{rest}"])

    def by_title(self) -> FeedQuerySet:
        return self.order_by(Lower("title"), "pk")

    def with_category(self) -> FeedQuerySet:
        return self.select_related("category")


class JSONRows(Subquery):
    """The rows of a subquery of one JSON column, which must be named `found`, as one JSON list."""

    template = "(SELECT json_group_array(json(one.found)) FROM (%(subquery)s) AS one)"
    output_field = models.JSONField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = "(SELECT jsonb_agg(one.found) FROM (%(subquery)s) AS one)"
        return self.as_sql(compiler, connection, template=template)


class EntryQuerySet(models.QuerySet["Entry"]):
    def listed(self) -> EntryQuerySet:
        """Entries that readers may see: neither hidden, held nor dropped by a rule, not a copy, of a public feed."""
        return self.filter(LISTED, feed__state__in=PUBLIC_STATES)

    def in_category(self, slug: str) -> EntryQuerySet:
        return self.filter(feed__category__slug=slug)

    def from_feed(self, feed: Feed) -> EntryQuerySet:
        return self.filter(feed=feed)

    def from_active_feeds(self) -> EntryQuerySet:
        return self.filter(feed__state="active")

    def newest_of_each_feed(self, count: int) -> EntryQuerySet:
        """No more than `count` entries of a feed, so that one busy blog can't fill a page.

        Correlated on purpose: a window over the table costs seconds where this walks the index.
        """
        newest = self.model._default_manager.filter(LISTED, feed=OuterRef("feed")).newest_first()
        return self.filter(pk__in=Subquery(newest.values("pk")[:count]))

    def newest_first(self) -> EntryQuerySet:
        """Page order. Entries of one moment keep their document's order: `store` inserts a document from its end."""
        return self.order_by("-timeline_at", "-pk")

    def oldest_first(self) -> EntryQuerySet:
        return self.order_by("timeline_at", "pk")

    def between(self, start: datetime, end: datetime) -> EntryQuerySet:
        return self.filter(timeline_at__gte=start, timeline_at__lt=end)

    def older_than(self, entry: Entry) -> EntryQuerySet:
        """Entries after this one in page order. Written so that both databases walk the index."""
        return self.filter(timeline_at__lte=entry.timeline_at).exclude(timeline_at=entry.timeline_at, pk__gte=entry.pk)

    def newer_than(self, entry: Entry) -> EntryQuerySet:
        return self.filter(timeline_at__gte=entry.timeline_at).exclude(timeline_at=entry.timeline_at, pk__lte=entry.pk)

    def with_feed(self) -> EntryQuerySet:
        return self.select_related("feed", "feed__category")

    def without_content(self) -> EntryQuerySet:
        return self.defer("content_html")

    def unannounced(self) -> EntryQuerySet:
        return self.filter(announced_at__isnull=True)

    def held(self) -> EntryQuerySet:
        """Entries that wait for a curator to show or hide them."""
        return self.filter(HELD)

    def beyond_doubt(self) -> EntryQuerySet:
        """Entries that were never held, or that a curator let pass: they tell what their feed is."""
        return self.filter(is_held=False)

    def by_month(self) -> models.QuerySet[Entry, tuple[int, datetime, int, datetime]]:
        """For each feed's id and month with entries, the last month first: its beginning, how many, the newest."""
        months = self.order_by().annotate(month=TruncMonth("timeline_at")).values_list("feed", "month")
        return months.annotate(models.Count("pk"), models.Max("timeline_at")).order_by("feed", "-month")

    def count_set_aside(self) -> dict[int, tuple[int, int]]:
        """By the feed's id, how many wait for a curator, and how many a rule dropped; only feeds that have such."""
        held, filtered = (models.Count("pk", filter=condition) for condition in (HELD, FILTERED))
        counts = self.order_by().filter(SET_ASIDE).values_list("feed").annotate(held=held, filtered=filtered)
        return {feed_id: tuple(both) for feed_id, *both in counts}

    def hide(self) -> int:
        return self.filter(is_hidden=False).update(is_hidden=True)

    def unhide(self) -> int:
        """Show what was hidden or held."""
        return self.filter(Q(is_hidden=True) | Q(is_held=True)).update(is_hidden=False, is_held=False)

    def with_copies(self) -> EntryQuerySet:
        """With the feeds that brought copies of the entry, for `also_in`; not one query more, however many entries."""
        copies = self.model._default_manager.filter(NOT_WITHHELD, duplicate_of=OuterRef("pk"))
        copies = copies.filter(feed__state__in=PUBLIC_STATES).order_by("first_seen_at", "pk")
        names = {name: f"feed__{name}" for name in ("title", "host", "url", "slug")}
        return self.annotate(copied_in=JSONRows(copies.values(found=JSONObject(**names))))

    def with_folded(self, entry_ids: Collection[int]) -> EntryQuerySet:
        """These entries, and those that are folded into them."""
        return self.filter(Q(pk__in=entry_ids) | Q(duplicate_of__in=entry_ids, duplicate_of__isnull=False))

    def sharing(
        self, keys: Collection[str], titles: Collection[str], since: datetime, until: datetime
    ) -> EntryQuerySet:
        """Entries with one of the keys as link or id, or with one of the titles and a date of that span."""
        dated = self.annotate(dated_at=Coalesce("published_at", "first_seen_at"))
        linked = Q(link_key__in=keys, link_key__gt="")  # the second half leads planners to the partial index
        named = Q(id_key__in=keys, id_key__gt="")
        titled = Q(title_key__in=titles, title_key__gt="", dated_at__gte=since, dated_at__lte=until)
        return dated.filter(linked | named | titled)

    def known_to(self, guids_of: Mapping[int, Collection[str]]) -> EntryQuerySet:
        """The entries that feeds, by their ids, have under these guids.

        Written so that databases look up feed by feed: each has ids of its own.
        """
        clauses = [Q(feed=feed_id, guid__in=guids) for feed_id, guids in guids_of.items()]
        return self.filter(Q(*clauses, _connector=Q.OR)) if clauses else self.none()

    def resembling(self, items_of: Mapping[int, Collection[Item]]) -> EntryQuerySet:
        """The entries of feeds, by their ids, that resemble one of the items, be it one of another of these feeds.

        That is, they have its link (by http or https), its date or its title, or no link and its text. Whose item it
        is makes no difference here, as one clause for all feeds takes a database less time than one for each.
        """
        items = list(chain.from_iterable(items_of.values()))
        return self.filter(_like_one_of(items), feed__in=items_of) if items else self.none()


def _like_one_of(items: Collection[Item]) -> Q:
    links = {f"{scheme}://{item.url.partition('://')[2]}" for item in items for scheme in ("https", "http")}
    dates = {item.published_at for item in items if item.published_at}
    texts = {item.content_hash for item in items}
    titles = {item.title for item in items if item.title}
    return Q(url__in=links) | Q(published_at__in=dates) | Q(url="", content_hash__in=texts) | Q(title__in=titles)


class SiteStateQuerySet(models.QuerySet["SiteState"]):
    def touch(self, now: datetime) -> None:
        """Say that something visible changed: every stored page is out of date. Call it in the change's transaction."""
        self._set({"version": F("version") + 1, "changed_at": now}, {"version": 1, "changed_at": now})

    def tick(self, now: datetime) -> None:
        """Note that the poller lives."""
        self._set({"ticked_at": now}, {"ticked_at": now})

    def current(self) -> SiteState:
        """The one row, made when it isn't there yet."""
        return self.get_or_create(pk=1)[0]

    def hold(self) -> None:
        """Add and name feeds alone until the transaction ends, so that none is added twice in one instant.

        Needed where transactions run side by side (PostgreSQL); SQLite lets one write at a time anyway.
        """
        locked = self.select_for_update().filter(pk=1)
        if locked.first() is None:
            self.current()
            locked.get()

    def _set(self, changes: dict[str, Any], first: dict[str, Any]) -> None:
        if not self.filter(pk=1).update(**changes):
            self.get_or_create(pk=1, defaults=first)
