"""Feeds: a blog's address, what its server said last, when to ask it again, and how it is."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from .category import Category
from .names import free_slug
from .sql import claim_alone
from .visible import PUBLIC_STATES

_CLAIM_READ_FEEDS = 256
"""How many waiting feeds a claim reads at a time while it looks for enough hosts."""


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
        """Feeds that no worker has claimed, or whose claim has run out."""
        return self.filter(Q(lease__isnull=True) | Q(next_poll_at__lte=now))

    def claimed(self, now: datetime) -> FeedQuerySet:
        """Feeds that a worker has claimed and still may poll."""
        return self.filter(lease__isnull=False, next_poll_at__gt=now)

    def rested(self, now: datetime) -> FeedQuerySet:
        """Feeds but for those that wait, or whose host does, because a server asked to be left alone for longer."""
        resting = self.model._default_manager.filter(rests_until__gt=now)
        return self.exclude(rests_until__gt=now).exclude(host__in=resting.values("resting_host"))

    def on_quiet_hosts(self, now: datetime, spacing_seconds: float) -> FeedQuerySet:
        """Feeds whose host nobody is asking now, nor asked within `spacing_seconds`.

        Before `now` or after it: the clocks of two workers can differ by a little. Rows from further ahead were written
        by a wrong clock, and stop nobody.
        """
        feeds = self.model._default_manager
        claimed, spacing = feeds.claimed(now), timedelta(seconds=spacing_seconds)
        just_asked = feeds.filter(last_polled_at__gt=now - spacing, last_polled_at__lt=now + spacing)
        # Not one question a feed about its neighbors: of a host with thousands, each would ask about all the others.
        return self.exclude(host__in=claimed.values("host")).exclude(host__in=just_asked.values("host"))

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
        for pk, host in waiting.iterator(chunk_size=_CLAIM_READ_FEEDS):
            first_of_host.setdefault(host, pk)
            if len(first_of_host) == limit:
                break
        return list(first_of_host.values())

    def locked(self) -> FeedQuerySet:
        """These feeds, their rows locked until the transaction ends. `sql` tells the order of all locks.

        Whoever changes several feeds in a transaction locks them with this first.
        """
        return self.order_by("pk").select_for_update()

    def on_host(self, host: str) -> FeedQuerySet:
        return self.filter(host=host)

    def at_address(self, url: str) -> FeedQuerySet:
        """The feed that has this normalized address, over http or https."""
        return self.at_addresses([url])

    def at_addresses(self, urls: Iterable[str]) -> FeedQuerySet:
        """The feeds that have these normalized addresses, over http or https."""
        return self.filter(url__in=_by_both_schemes(urls))

    def read_at(self, urls: Iterable[str]) -> FeedQuerySet:
        """The feeds that have these normalized addresses, over http or https, and active ones that lead to them.

        Those that a curator stopped keep nobody from adding the place to which they led.
        """
        spellings = _by_both_schemes(urls)
        return self.filter(Q(url__in=spellings) | Q(leads_to__in=spellings, state="active"))

    def by_title(self) -> FeedQuerySet:
        return self.order_by(Lower("title"), "pk")

    def with_category(self) -> FeedQuerySet:
        return self.select_related("category")


def _by_both_schemes(urls: Iterable[str]) -> list[str]:
    """Each address over https and over http."""
    rests = [url.partition("://")[2] for url in urls]
    return [f"{scheme}://{rest}" for scheme in ("https", "http") for rest in rests]


class Feed(models.Model):
    """A blog's feed: its address, its validators, its schedule and its health."""

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        ACTIVE = "active", "active"
        PAUSED = "paused", "paused"
        GONE = "gone", "gone"
        REJECTED = "rejected", "rejected"

    class Display(models.TextChoices):
        FULL = "full", "full posts"
        EXCERPT = "excerpt", "excerpts"
        LINK = "link", "titles only"

    url = models.CharField("feed address", max_length=2000)
    host = models.CharField(max_length=255, editable=False, help_text="Of the address; requests are spaced per host.")
    site_url = models.CharField("site address", max_length=2000, blank=True)
    title = models.CharField(max_length=300, blank=True, help_text="Left empty, it is taken from the feed.")
    reported_title = models.CharField(max_length=300, blank=True, editable=False)
    reported_site_url = models.CharField(max_length=2000, blank=True, editable=False)
    reported_id = models.CharField("id by the feed's own word", max_length=500, blank=True, editable=False)
    description = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=35, blank=True, editable=False)
    has_author_titles = models.BooleanField(default=False, editable=False)
    has_enclosures = models.BooleanField(default=False, editable=False, help_text="It has brought some.")
    slug = models.SlugField(max_length=100)
    category = models.ForeignKey(Category, models.SET_NULL, null=True, blank=True, related_name="feeds")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    display = models.CharField(max_length=10, choices=Display, default=Display.FULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    etag = models.TextField(blank=True, editable=False)
    last_modified = models.TextField(blank=True, editable=False)
    body_hash = models.CharField(max_length=64, blank=True, editable=False)
    content_version = models.CharField(max_length=10, blank=True, editable=False)
    """Of the rules by which its document was read last (`ingest.types`)."""

    next_poll_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, editable=False)
    rests_until = models.DateTimeField(null=True, editable=False, help_text="As the server asked that answered last.")
    resting_host = models.CharField(
        max_length=255, blank=True, editable=False, help_text="That server's; behind a redirect, not the address's."
    )
    interval_seconds = models.PositiveIntegerField(default=3600, editable=False)
    skip_hours = models.JSONField(default=list, blank=True, editable=False, help_text="In UTC, as the feed asks.")
    skip_days = models.JSONField(default=list, blank=True, editable=False, help_text="Monday is 0.")
    unchanged_since = models.DateTimeField(
        null=True, editable=False, help_text="Since when its server has said nothing but 304."
    )
    leads_to = models.CharField(
        max_length=2000, blank=True, editable=False, help_text="Where it was read last, if elsewhere than its address."
    )
    double_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="+", help_text="What is read there, too."
    )
    moved_to = models.CharField(max_length=2000, blank=True, editable=False)
    moved_since = models.DateTimeField(null=True, editable=False)
    moved_count = models.PositiveSmallIntegerField(default=0, editable=False)

    last_polled_at = models.DateTimeField(null=True, editable=False)
    last_ok_at = models.DateTimeField("last good poll", null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failure_count = models.PositiveIntegerField("failures", default=0, editable=False)
    last_error_kind = models.CharField(max_length=20, blank=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    proposed_url = models.CharField("proposed address", max_length=2000, blank=True, editable=False)
    dismissed_url = models.CharField(max_length=2000, blank=True, editable=False)
    looked_at = models.DateTimeField("last look for a new address", null=True, editable=False)

    entry_count = models.PositiveIntegerField("entries", default=0, editable=False)
    held_count = models.PositiveIntegerField("held entries", default=0, editable=False)
    held_reason = models.CharField(max_length=300, blank=True, editable=False)
    is_drifting = models.BooleanField(default=False, editable=False, help_text="It looks like another feed now.")
    filtered_count = models.PositiveIntegerField("entries dropped by rules", default=0, editable=False)
    unjudged_below = models.BigIntegerField(null=True, editable=False, help_text="Older entries await new rules.")
    skipped = models.JSONField(default=dict, blank=True, editable=False, help_text="Items left out, by their reasons.")
    newest_at = models.DateTimeField("last post", null=True, editable=False)
    posts_by_month = models.JSONField(default=dict, blank=True, editable=False)

    objects = FeedQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["url"], name="feed_url_once"),
            models.UniqueConstraint(fields=["slug"], name="feed_slug_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "active", "paused", "gone", "rejected"]), name="feed_state_known"
            ),
        )
        indexes = (
            # Of all states: SQLite can't tell that a partial one would do, as it plans before it knows the values.
            models.Index(fields=["next_poll_at", "id"], name="feed_due"),
            models.Index(fields=["host"], name="feed_host"),
            models.Index(fields=["leads_to"], name="feed_leads_to"),
            models.Index(fields=["last_polled_at"], name="feed_polled"),
            models.Index(fields=["lease"], name="feed_lease", condition=Q(lease__isnull=False)),
            models.Index(fields=["rests_until"], name="feed_resting", condition=Q(rests_until__isnull=False)),
        )

    def __str__(self) -> str:
        return self.shown_title

    def get_absolute_url(self) -> str:
        return reverse("source", args=[self.slug])

    @property
    def shown_title(self) -> str:
        return self.title or self.host or self.url

    @property
    def home_url(self) -> str:
        """The blog itself; for a feed that names no site, the root of its host."""
        parts = urlsplit(self.url)
        return self.site_url or f"{parts.scheme}://{parts.netloc}/"

    @property
    def is_polled(self) -> bool:
        """Whether the worker asks this feed by itself; one that is gone, too, though seldom."""
        return self.state not in {self.State.PAUSED, self.State.REJECTED}

    @property
    def is_disabled(self) -> bool:
        """Whether this feed brings nothing until a curator resumes it or, if it is gone, it comes back."""
        return self.state in {self.State.PAUSED, self.State.GONE, self.State.REJECTED}

    @property
    def shelf_order(self) -> tuple[bool, int, str]:
        """Sorts feeds by the curators' order of categories; those without one come last."""
        if self.category is None:
            return (True, 0, "")
        return (False, self.category.position, self.category.name)

    def point_to(self, url: str) -> None:
        """Set the address. What the old address said of its content no longer holds."""
        self.url = url
        self.host = urlsplit(url).hostname or ""
        self.etag = self.last_modified = self.body_hash = ""

    @property
    def slug_stem(self) -> str:
        """What the slug is made from, the title or the host; a number may have to follow."""
        return slugify(self.title)[:90] or slugify(self.host.replace(".", "-"))[:90] or "source"

    def choose_slug(self) -> None:
        """Set a slug that no other feed has. Call `lock_names` with its stem before."""
        self.slug = free_slug(self.slug_stem, Feed.objects.exclude(pk=self.pk))

    def pause(self) -> None:
        self.state = self.State.PAUSED
        self.save(update_fields=["state"])

    def resume(self, now: datetime) -> None:
        """Poll again, at once, without the errors of before. A feed that was never read well is pending, not active."""
        self.state = self.State.ACTIVE if self.last_ok_at else self.State.PENDING
        self.next_poll_at = now
        self.save(update_fields=["state", "next_poll_at", *self.forget_errors()])

    def forget_errors(self) -> set[str]:
        """As if it had never failed (unsaved). Returns the names of what was set."""
        self.failing_since, self.failure_count = None, 0
        self.last_error_kind = self.last_error = ""
        return {"failing_since", "failure_count", "last_error_kind", "last_error"}
