"""Entries: the posts, each as one feed carried it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db import models
from django.db.models import Case, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Length
from django.urls import reverse
from django.utils import timezone

from .feed import Feed
from .resembling import ResemblingQuerySet
from .sql import DayInUtc, JSONRow, JSONRows
from .standing import DESK_INDEXES, IN_ORDER_OF_FEED, Standing, StandingWord, stands
from .visible import (
    FILTERED,
    HELD,
    HELD_FOR_ANOTHER,
    KEPT,
    LISTED,
    NOT_WITHHELD,
    OF_ACTIVE_FEEDS,
    OF_PUBLIC_FEEDS,
    SET_ASIDE,
    TURNED_DOWN,
)

MIN_CUT_CHARACTERS = 20
"""Of a title that is the beginning of its text, cut short. "Wait..." is a title that somebody wrote."""


class EntryQuerySet(ResemblingQuerySet["Entry"]):
    def listed(self) -> EntryQuerySet:
        """Entries that readers may see: neither hidden, held nor dropped by a rule, not a copy, of a public feed."""
        return self.filter(LISTED, OF_PUBLIC_FEEDS)

    def of_public_feeds(self) -> EntryQuerySet:
        """Also those that readers may not see, or see no more."""
        return self.filter(OF_PUBLIC_FEEDS)

    def listed_of_one(self) -> EntryQuerySet:
        """Entries of the feed of an outer query that readers may see, if they may see that feed."""
        return self.filter(LISTED, feed=OuterRef("pk"))

    def kept(self) -> EntryQuerySet:
        """Entries that have their text still, whether readers may see it or not."""
        return self.filter(KEPT)

    def in_category(self, slug: str) -> EntryQuerySet:
        return self.filter(feed__category__slug=slug)

    def from_feed(self, feed: Feed) -> EntryQuerySet:
        return self.filter(feed=feed)

    def all_of_feed(self, feed: Feed) -> EntryQuerySet:
        """As `from_feed`, written so that both databases walk them in page order, also those that aren't listed."""
        return self.filter(IN_ORDER_OF_FEED, feed=feed)

    def from_active_feeds(self) -> EntryQuerySet:
        return self.filter(OF_ACTIVE_FEEDS)

    def between(self, start: datetime, end: datetime) -> EntryQuerySet:
        return self.filter(timeline_at__gte=start, timeline_at__lt=end)

    def with_feed(self) -> EntryQuerySet:
        return self.select_related("feed", "feed__category")

    def without_content(self) -> EntryQuerySet:
        return self.defer("content_html")

    def with_content_up_to(self, characters: int) -> EntryQuerySet:
        """With contents up to this length, others empty: no giants are read. `content_characters` says how long."""
        # As names of a mapping, since mypy would take keywords for second attributes of an entry.
        length = {"content_characters": Length("content_html")}
        is_short = When(content_characters__lte=characters, then="content_html")
        content = {"short_content_html": Case(is_short, default=Value(""), output_field=models.TextField())}
        return self.without_content().annotate(**length).annotate(**content)

    def unannounced(self) -> EntryQuerySet:
        return self.filter(announced_at__isnull=True)

    def held(self) -> EntryQuerySet:
        """Entries that wait for a curator to show or hide them."""
        return self.filter(HELD)

    def standing(self, standing: Standing) -> EntryQuerySet:
        """Entries that stand with readers in this way."""
        return self.alias(standing=StandingWord()).filter(stands(standing))

    def beyond_doubt(self) -> EntryQuerySet:
        """Entries of which nobody doubts that they are their feed's: they tell what it is."""
        return self.filter(Q(is_held=False) | HELD_FOR_ANOTHER)

    def by_day(self) -> models.QuerySet[Entry, tuple[int, date, int, datetime]]:
        """For each feed's id and day in UTC with entries, the last day first: how many, and the newest."""
        days = self.order_by().annotate(day=DayInUtc("timeline_at")).values_list("feed", "day")
        return days.annotate(models.Count("pk"), models.Max("timeline_at")).order_by("feed", "-day")

    def count_set_aside(self) -> dict[int, tuple[int, int, int]]:
        """By the feed's id, how many wait for a curator, how many of those do so because of another post, and how many
        a rule dropped; only feeds that have such."""
        conditions = {"held": HELD, "held_for_another": HELD & HELD_FOR_ANOTHER, "filtered": FILTERED}
        counts = {name: models.Count("pk", filter=condition) for name, condition in conditions.items()}
        rows = self.order_by().filter(SET_ASIDE).values_list("feed").annotate(**counts)
        return {feed_id: tuple(counted) for feed_id, *counted in rows}

    def hide(self) -> int:
        return self.filter(is_hidden=False).update(is_hidden=True)

    def unhide(self) -> int:
        """Show what was hidden or held. What was held for its words is not held for them again."""
        withheld = self.filter(Q(is_hidden=True) | Q(is_held=True))
        is_let_pass = Case(When(HELD_FOR_ANOTHER, then=True), default="is_let_pass")
        return withheld.update(is_hidden=False, is_held=False, is_let_pass=is_let_pass, held_for=None)

    def choose(self) -> int:
        """Say that these are the copies to show, and of the posts they are copies of no other."""
        rows = list(self.kept().filter(is_original=False).values_list("pk", "duplicate_of", "held_for"))
        shown = {pk for row in rows for pk in row if pk}
        of_one_post = Q(pk__in=shown) | Q(duplicate_of__in=shown) | Q(held_for__in=shown)
        self.model._default_manager.filter(of_one_post, is_original=True).update(is_original=False)
        return self.model._default_manager.filter(pk__in=[pk for pk, *_ in rows]).update(is_original=True)

    def choose_no_more(self) -> int:
        return self.filter(is_original=True).update(is_original=False)

    def with_copies(self) -> EntryQuerySet:
        """With the feeds that brought copies of the entry, for `also_in`; not one query more, however many entries."""
        copies = self.model._default_manager.filter(NOT_WITHHELD, duplicate_of=OuterRef("pk"))
        copies = copies.filter(OF_PUBLIC_FEEDS).order_by("first_seen_at", "pk")
        names = {name: f"feed__{name}" for name in ("title", "host", "url", "slug", "language")}
        rows = {"copied_in": JSONRows(copies.values(found=JSONRow(**names)))}
        return self.annotate(**rows)  # by name, mypy would take it for a second attribute

    def with_dependent(self, entry_ids: Collection[int]) -> EntryQuerySet:
        """These entries, and those that are folded into them or held for them."""
        return self.filter(Q(pk__in=entry_ids) | _leaning_on(entry_ids))

    def depending_on(self, feed_ids: Collection[int]) -> EntryQuerySet:
        """Entries that are folded into, or held for, entries of these feeds."""
        own = self.model._default_manager.filter(feed__in=feed_ids).values("pk")
        return self.filter(_leaning_on(own))

    def sharing(
        self, keys: Collection[str], titles: Collection[str], since: datetime, until: datetime
    ) -> EntryQuerySet:
        """Entries with one of the keys as link or id, or with one of the titles and a date of that span."""
        dated = self.annotate(dated_at=Coalesce("published_at", "first_seen_at"))
        linked = Q(link_key__in=keys, link_key__gt="")  # the second half leads planners to the partial index
        named = Q(id_key__in=keys, id_key__gt="")
        titled = Q(title_key__in=titles, title_key__gt="", dated_at__gte=since, dated_at__lte=until)
        return dated.filter(linked | named | titled)


def _leaning_on(entry_ids: Collection[int] | models.QuerySet[Entry, Any]) -> Q:
    """Folded into one of these or held for one. The second half of each leads planners to a partial index."""
    folded = Q(duplicate_of__in=entry_ids, duplicate_of__isnull=False)
    return folded | Q(held_for__in=entry_ids, held_for__isnull=False)


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
    held_for = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    """The post that is shown under the link of this one, in other words. Null if that isn't why this one is held."""
    is_original = models.BooleanField("chosen", default=False, editable=False, help_text="The copy to show.")
    is_let_pass = models.BooleanField(default=False, editable=False)
    """A curator has shown it though its words are not those of another post that is shown under its link."""
    link_key = models.CharField(max_length=32, blank=True, editable=False)
    id_key = models.CharField(max_length=32, blank=True, editable=False)
    title_key = models.CharField(max_length=32, blank=True, editable=False)
    announced_at = models.DateTimeField(null=True, blank=True, editable=False)
    emptied_at = models.DateTimeField(
        "text let go", null=True, editable=False, help_text="Since then only what it is known by is here."
    )
    excerpt_key = models.UUIDField(null=True, editable=False)
    """Of an emptied entry, a digest of the excerpt that it had: `emptying` makes it."""

    content_characters: int = 0
    """No column: how long the content is, as `with_content_up_to` reads it."""
    short_content_html: str = ""
    """No column: the content, if it isn't longer than `with_content_up_to` was told."""
    shown_tags: Sequence[Any] = ()
    """No column: the tags that readers may know of, as `load_tags` reads them."""
    is_cut: bool = False
    """No column: whether a listing shows of this post its beginning alone."""
    is_bare: bool = False
    """No column: whether a listing shows nothing that stands beside it; its title leads to our page of it."""
    written_by: Sequence[tuple[str, Any]] = ()
    """No column: who wrote it, as `load_authors` reads them: names, each with the author who has a page, or None."""
    author_urls: Mapping[str, str] = MappingProxyType({})
    """No column: by the name of who wrote it, the address that is surely theirs, as `load_authors` reads it."""
    max_also_in: int = 10
    """No column: how many of the other feeds a page names."""
    copied_in: Sequence[Mapping[str, str]] | None = None
    """No column: what `with_copies` reads of the other feeds, a mapping each. `also_in` makes feeds of it."""

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints = (models.UniqueConstraint(fields=["feed", "guid"], name="entry_once_per_feed"),)
        indexes = (
            models.Index(fields=["-timeline_at", "-id"], name="entry_timeline", condition=LISTED),
            models.Index(fields=["feed", "-timeline_at", "-id"], name="entry_feed_timeline", condition=LISTED),
            models.Index(fields=["first_seen_at"], name="entry_unannounced", condition=Q(announced_at__isnull=True)),
            models.Index(fields=["feed"], name="entry_set_aside", condition=SET_ASIDE),
            models.Index(fields=["feed", "timeline_at"], name="entry_turned_down", condition=TURNED_DOWN),
            # Partial: nearly all rows have the one empty value, which would tell a planner that the index is no help.
            models.Index(fields=["link_key"], name="entry_link_key", condition=Q(link_key__gt="")),
            models.Index(fields=["id_key"], name="entry_id_key", condition=Q(id_key__gt="")),
            models.Index(fields=["title_key"], name="entry_title_key", condition=Q(title_key__gt="")),
            models.Index(fields=["duplicate_of"], name="entry_copies", condition=Q(duplicate_of__isnull=False)),
            models.Index(fields=["held_for"], name="entry_held_for", condition=Q(held_for__isnull=False)),
            *DESK_INDEXES,
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
    def shown_language(self) -> str:
        """The language that it is in, as it says or, if it doesn't, its feed, which is at hand; empty if none does."""
        return self.language or self.feed.language

    @property
    def is_note(self) -> bool:
        """Whether its title says no more than its text: there is none, or it is the text, whole or cut short."""
        if self.title in {"", self.excerpt}:
            return True
        head = self.title.rstrip(" .…")
        return MIN_CUT_CHARACTERS <= len(head) < len(self.title) and self.excerpt.startswith(head)

    @property
    def also_in(self) -> list[Feed]:
        """The other feeds that brought this post, as far as pages name them. Read the entry with `with_copies()`."""
        return [Feed(**row) for row in self._rows_by_slug[: self.max_also_in]]

    @property
    def also_in_unnamed(self) -> int:
        """How many others did."""
        return len(self._rows_by_slug[self.max_also_in :])

    @property
    def _rows_by_slug(self) -> list[Mapping[str, str]]:
        """One of each feed: it may have brought the post twice."""
        return list({row["slug"]: row for row in self.copied_in}.values()) if self.copied_in else []
