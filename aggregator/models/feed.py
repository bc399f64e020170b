"""Categories, feeds and entries: the only place where the polling side and the pages meet."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from .entry import LISTED, SET_ASIDE, CategoryQuerySet, EntryQuerySet, FeedQuerySet, SiteStateQuerySet, free_slug
from .feed_memory import FeedMemory
from .filter_rule import FilterRule

__all__ = ["Category", "Entry", "Feed", "FeedMemory", "FilterRule", "SiteState"]


class Category(models.Model):
    """A shelf of feeds; the pages' navigation."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0, help_text="Smaller numbers come first.")

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ("position", "name")
        verbose_name_plural = "categories"
        constraints = (
            models.UniqueConstraint(fields=["name"], name="category_name_once"),
            models.UniqueConstraint(fields=["slug"], name="category_slug_once"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])


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
    slug = models.SlugField(max_length=100)
    category = models.ForeignKey(Category, models.SET_NULL, null=True, blank=True, related_name="feeds")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    display = models.CharField(max_length=10, choices=Display, default=Display.FULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    etag = models.TextField(blank=True, editable=False)
    last_modified = models.TextField(blank=True, editable=False)
    body_hash = models.CharField(max_length=64, blank=True, editable=False)

    next_poll_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, editable=False)
    rests_until = models.DateTimeField(null=True, editable=False, help_text="As its server asked, for all of the host.")
    interval_seconds = models.PositiveIntegerField(default=3600, editable=False)
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

    def choose_slug(self) -> None:
        """Set a slug made from the title (or the host) that no other feed has."""
        stem = slugify(self.title)[:90] or slugify(self.host.replace(".", "-"))[:90] or "source"
        self.slug = free_slug(stem, Feed.objects.exclude(pk=self.pk))

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


class Entry(models.Model):
    """A post as one feed carried it. Another feed's entry is another row, whatever its guid."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="entries")
    guid = models.CharField(max_length=600, editable=False)
    url = models.CharField("link", max_length=2000, blank=True)
    title = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=300, blank=True)
    source_title = models.CharField(max_length=300, blank=True, help_text="Where a planet took the post from.")
    source_url = models.CharField(max_length=2000, blank=True)
    language = models.CharField(max_length=35, blank=True)
    content_html = models.TextField("content", blank=True, help_text="Sanitized when it was stored.")
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    excerpt = models.CharField(max_length=300, blank=True)
    tags = models.JSONField(default=list, blank=True, editable=False)

    published_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now, editable=False)
    timeline_at = models.DateTimeField("shown at")
    edit_count = models.PositiveSmallIntegerField(default=0, editable=False)

    is_hidden = models.BooleanField("hidden", default=False)
    is_held = models.BooleanField("held", default=False, editable=False, help_text="Until a curator shows or hides it.")
    is_filtered = models.BooleanField("dropped by a rule", default=False, editable=False)
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="duplicates", db_index=False
    )
    link_key = models.CharField(max_length=32, blank=True, editable=False)
    id_key = models.CharField(max_length=32, blank=True, editable=False)
    title_key = models.CharField(max_length=32, blank=True, editable=False)
    announced_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints = (models.UniqueConstraint(fields=["feed", "guid"], name="entry_once_per_feed"),)
        indexes = (
            models.Index(
                fields=["-timeline_at", "-id"],
                name="entry_timeline",
                condition=LISTED,
            ),
            models.Index(
                fields=["feed", "-timeline_at", "-id"],
                name="entry_feed_timeline",
                condition=LISTED,
            ),
            models.Index(fields=["first_seen_at"], name="entry_unannounced", condition=Q(announced_at__isnull=True)),
            models.Index(fields=["feed"], name="entry_set_aside", condition=SET_ASIDE),
            # Partial: nearly all rows have the one empty value, which would tell a planner that the index is no help.
            models.Index(fields=["link_key"], name="entry_link_key", condition=Q(link_key__gt="")),
            models.Index(fields=["id_key"], name="entry_id_key", condition=Q(id_key__gt="")),
            models.Index(fields=["title_key"], name="entry_title_key", condition=Q(title_key__gt="")),
            models.Index(fields=["duplicate_of"], name="entry_copies", condition=Q(duplicate_of__isnull=False)),
        )

    def __str__(self) -> str:
        return self.shown_title

    def get_absolute_url(self) -> str:
        return reverse("post", args=[self.pk])

    @property
    def shown_title(self) -> str:
        """The title; for a note without one, how it begins."""
        if self.title:
            return self.title
        if len(self.excerpt) > 80:
            return self.excerpt[:80].rsplit(" ", 1)[0].rstrip(" .,;:") + "…"
        return self.excerpt or "Untitled"

    @property
    def permalink(self) -> str:
        """The post at its author's; for a feed without links, our own page of it."""
        return self.url or self.get_absolute_url()

    @property
    def also_in(self) -> list[Feed]:
        """The other feeds that brought this post, as far as pages name them. Read the entry with `with_copies()`."""
        rows = vars(self).get("copied_in") or []
        return list({row["slug"]: Feed(**row) for row in rows}.values())


class SiteState(models.Model):
    """The one row that says which version of the site is shown, and when the poller last lived."""

    version = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    ticked_at = models.DateTimeField(null=True)

    objects = SiteStateQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="site_state_is_one_row"),)

    def __str__(self) -> str:
        return f"version {self.version}"
