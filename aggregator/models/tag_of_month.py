"""What was written about in the last month: a few tags, chosen when posts come and not when the front page is read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, OuterRef

from .entry import Entry
from .entry_tag import EntryTag
from .sql import Locked, lock_words
from .tag import MIN_PAGE_POSTS, SHOWN, Tag
from .visible import LISTED, OF_PUBLIC_FEEDS, through

MONTH = timedelta(days=30)
MAX_TAGS = 12
MIN_SOURCES = 2
"""Of the posts under a tag: else one blog could fill the place with words of its own."""
_WORD = "tags of the month"
"""No tag's key, as it has spaces."""


class TagOfMonthQuerySet(models.QuerySet["TagOfMonth"]):
    def shown(self) -> list[Tag]:
        """The tags, the one that most sources wrote about first; without those that a curator has just hidden, and
        those of which nobody may see a post any more."""
        seen = EntryTag.objects.filter(through("entry", LISTED & OF_PUBLIC_FEEDS), tag=OuterRef("tag"), is_listed=True)
        shown = self.filter(Exists(seen), through("tag", SHOWN)).order_by("place").select_related("tag")
        return [row.tag for row in shown if row.tag.post_count >= MIN_PAGE_POSTS]

    def chosen(self) -> list[int]:
        """The ids of the tags that were chosen last."""
        return list(self.order_by("place").values_list("tag", flat=True))

    def choose(self, now: datetime) -> list[int]:
        """The ids of the tags that most sources have written about in the month before, the one of most first."""
        lately = Entry.objects.listed().filter(timeline_at__gte=now - MONTH).order_by()
        by_tag = lately.filter(through("entry_tags__tag", SHOWN)).values_list("entry_tags__tag")
        used = by_tag.annotate(sources=Count("feed", distinct=True), posts=Count("pk")).filter(sources__gte=MIN_SOURCES)
        return [tag_id for tag_id, *_ in used.order_by("-sources", "-posts", "entry_tags__tag")[:MAX_TAGS]]

    def replace(self, tag_ids: Iterable[int]) -> None:
        """Show these from now on. Within a transaction."""
        lock_words(Locked.TAGS, [_WORD])  # another worker may do the same
        self.all().delete()
        self.bulk_create(self.model(place=place, tag_id=tag_id) for place, tag_id in enumerate(tag_ids))


class TagOfMonth(models.Model):
    """One of them, and its place."""

    place = models.PositiveSmallIntegerField(primary_key=True)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")

    objects = TagOfMonthQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.place}: tag {self.tag_id}"
