"""Feeds: a blog's address, what its server said last, when to ask it again, and how it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from .category import Category
from .claiming import ClaimingQuerySet
from .derived import DerivedField, DerivingRow
from .site_state import next_step
from .spelling import plain
from .sql import FirstCharacter
from .visible import PUBLIC_STATES, WITHHELD_STATES

# Where a database puts rows without a moment differs, and SQLite's indexes know no "NULLS LAST".
_HAS_NO_POSTS = ExpressionWrapper(Q(newest_at__isnull=True), output_field=BooleanField())
_LATEST_FIRST = (_HAS_NO_POSTS, F("newest_at").desc(), F("id"))
_FIRST_CHARACTER = FirstCharacter("plain_title")

MANY_A_DAY = "more in a day than one feed may bring"
"""Why posts are held, as a feed's `held_reason`. An archive that was published once more may wait with them."""


class FeedQuerySet(ClaimingQuerySet["Feed"]):
    def active(self) -> FeedQuerySet:
        return self.filter(state="active")

    def public(self) -> FeedQuerySet:
        """Feeds that readers may know of: all but those that wait for a decision or were turned down."""
        return self.filter(state__in=PUBLIC_STATES)

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

    def latest_first(self) -> FeedQuerySet:
        """The feeds that posted last come first, those without posts last."""
        return self.order_by(*_LATEST_FIRST)

    def by_title(self) -> FeedQuerySet:
        return self.order_by("plain_title", "pk")

    def public_by_title(self) -> FeedQuerySet:
        """`public` feeds, found in the order of their titles: a page of them costs the same however many there are.

        Written so that SQLite walks the index of titles; by the states that it looks for, it would gather all and sort.
        """
        return self.exclude(state__in=WITHHELD_STATES).by_title()

    def beginning_with(self, characters: Collection[str]) -> FeedQuerySet:
        """Feeds whose plain titles begin with one of these characters; "" stands for those without a title."""
        return self.annotate(first_character=_FIRST_CHARACTER).filter(first_character__in=characters)

    def count_public_by_first_character(self) -> dict[str, int]:
        """How many public feeds have plain titles that begin with a character; "" stands for those without a title."""
        groups = self.order_by().annotate(first_character=_FIRST_CHARACTER).values_list("first_character", "state")
        counts: Counter[str] = Counter()
        for character, state, count in groups.annotate(models.Count("pk")):  # an index has all of this
            if state in PUBLIC_STATES:
                counts[character] += count
        return dict(counts)

    def with_category(self) -> FeedQuerySet:
        return self.select_related("category")

    def categories(self) -> models.QuerySet[Category]:
        """The categories that these feeds stand in: one look into an index each, however many feeds there are."""
        return Category.objects.filter(Exists(self.filter(category=OuterRef("pk"))))

    def counted_categories(self) -> models.QuerySet[Category]:
        """The categories that these feeds stand in, each with how many they are as `source_count`."""
        of_category = self.filter(category=OuterRef("pk")).order_by().values("category")
        count = {"source_count": Subquery(of_category.annotate(count=models.Count("pk")).values("count"))}
        return self.categories().annotate(**count)  # by name, mypy would take it for a second attribute


def _by_both_schemes(urls: Iterable[str]) -> list[str]:
    """Each address over https and over http."""
    rests = [url.partition("://")[2] for url in urls]
    return [f"{scheme}://{rest}" for scheme in ("https", "http") for rest in rests]


class Feed(DerivingRow):
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

    url = models.CharField("feed address", max_length=2000)  # empty for the source of guests alone
    host = models.CharField(max_length=255, editable=False, help_text="Of the address; requests are spaced per host.")
    site_url = models.CharField("site address", max_length=2000, blank=True)
    title = models.CharField(max_length=300, blank=True, help_text="Left empty, it is taken from the feed.")
    plain_title = DerivedField(of="title", by=plain, max_length=300)
    reported_title = models.CharField(max_length=300, blank=True, editable=False)
    reported_site_url = models.CharField(max_length=2000, blank=True, editable=False)
    reported_id = models.CharField("id by the feed's own word", max_length=500, blank=True, editable=False)
    description = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=35, blank=True, editable=False)
    has_author_titles = models.BooleanField(default=False, editable=False)
    has_enclosures = models.BooleanField(default=False, editable=False, help_text="It has brought some.")
    slug = models.SlugField(max_length=100)
    category = models.ForeignKey(Category, models.SET_NULL, null=True, blank=True, related_name="feeds", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    display = models.CharField(max_length=10, choices=Display, default=Display.FULL)
    is_unlimited = models.BooleanField(
        "any number of posts a day", default=False, help_text="None waits for a curator because it brings so many."
    )
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
    passed_posts = models.JSONField(
        default=list, blank=True, editable=False, help_text="Of the last day: at which moment how many were not held."
    )
    is_drifting = models.BooleanField(default=False, editable=False, help_text="It looks like another feed now.")
    filtered_count = models.PositiveIntegerField("entries dropped by rules", default=0, editable=False)
    unjudged_below = models.BigIntegerField(null=True, editable=False, help_text="Older entries await new rules.")
    skipped = models.JSONField(default=dict, blank=True, editable=False, help_text="Items left out, by their reasons.")
    newest_at = models.DateTimeField("last post", null=True, editable=False)
    posts_by_month = models.JSONField(default=dict, blank=True, editable=False)
    shown_version = models.PositiveBigIntegerField(default=0, editable=False, help_text="Of the pages of it alone.")
    shown_changed_at = models.DateTimeField(null=True, editable=False)

    places: list[dict[str, Any]] | None = None
    """No column: where the newest of its posts stand on pages, as `newest` reads it."""

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
            models.Index("state", *_LATEST_FIRST, name="feed_latest"),
            models.Index("category", "state", *_LATEST_FIRST, name="feed_category_latest"),
            models.Index(fields=["plain_title", "id"], name="feed_title"),
            models.Index(fields=["category", "plain_title", "id"], name="feed_category_title"),
            models.Index(_FIRST_CHARACTER, "state", name="feed_first_character"),
            models.Index(fields=["host"], name="feed_host"),
            models.Index(fields=["leads_to"], name="feed_leads_to"),
            models.Index(fields=["site_url"], name="feed_site"),
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
        """The blog itself; for a feed that names no site, the root of its host. Empty if it has neither."""
        parts = urlsplit(self.url)
        return self.site_url or (f"{parts.scheme}://{parts.netloc}/" if self.url else "")

    @property
    def has_address(self) -> bool:
        """Whether it can be read at all: curators add what the source of guests has, post by post."""
        return bool(self.url)

    @property
    def is_polled(self) -> bool:
        """Whether the worker asks this feed by itself; one that is gone, too, though seldom."""
        return self.has_address and self.state not in {self.State.PAUSED, self.State.REJECTED}

    @property
    def is_disabled(self) -> bool:
        """Whether this feed brings nothing until a curator resumes it or, if it is gone, it comes back."""
        return self.state in {self.State.PAUSED, self.State.GONE, self.State.REJECTED}

    @property
    def shelf_order(self) -> tuple[bool, int, str, str]:
        """Sorts feeds by the curators' order of categories; those without one come last."""
        if self.category is None:
            return (True, 0, "", "")
        return (False, self.category.position, self.category.plain_name, self.category.caseless_name)

    def point_to(self, url: str) -> None:
        """Set the address. What the old address said of its content no longer holds."""
        self.url = url
        self.host = urlsplit(url).hostname or ""
        self.etag = self.last_modified = self.body_hash = ""

    @property
    def slug_stem(self) -> str:
        """What the slug is made from, the title or the host; a number may have to follow."""
        return slugify(self.title)[:90] or slugify(self.host.replace(".", "-"))[:90] or "source"

    def note_shown(self, now: datetime) -> None:
        """Say (unsaved) that its own pages show something else from now on. The row must be locked."""
        self.shown_version, self.shown_changed_at = self.shown_version + next_step(), now

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
