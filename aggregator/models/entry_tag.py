"""Which posts stand under which tags, in page order: what a tag's page costs doesn't grow with the number of posts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import models
from django.db.models import Q

from .entry import Entry, EntryQuerySet
from .page_order import InPageOrder
from .tag import SHOWN, Tag
from .tag_key import slug_of
from .visible import LISTED, OF_PUBLIC_FEEDS, through

IS_LISTED = Q(is_listed=True)


class EntryTagQuerySet(InPageOrder["EntryTag"]):
    entry_id_column = "entry_id"

    def listed_under(self, tag: Tag) -> EntryTagQuerySet:
        """What readers find under this tag. `is_listed` leads the way past what they may not see; the entries decide,
        as they do everywhere: the column can be a moment behind."""
        return self.filter(IS_LISTED, through("entry", LISTED & OF_PUBLIC_FEEDS), tag=tag)

    def entry_ids(self, count: int) -> list[int]:
        """The ids of the first `count` entries."""
        return list(self.values_list("entry", flat=True)[:count])


class EntryTag(models.Model):
    """An entry stands under a tag. `tagging` makes these rows of what entries say, and keeps them as it is."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", db_index=False)
    """Never one that is joined into another, but for as long as the worker hasn't moved its posts."""
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="entry_tags", db_index=False)
    timeline_at = models.DateTimeField()
    """The entry's, so that an index has the page order."""
    is_listed = models.BooleanField()
    """Whether readers could see the entry when somebody last looked: then it counts under the tag."""

    objects = EntryTagQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        # The index of this constraint finds an entry's rows, too.
        constraints = (models.UniqueConstraint(fields=["entry", "tag"], name="entry_once_under_a_tag"),)
        indexes = (
            models.Index(fields=["tag", "-timeline_at", "-entry"], name="entrytag_timeline", condition=IS_LISTED),
            models.Index(fields=["tag"], name="entrytag_unlisted", condition=Q(is_listed=False)),
        )

    def __str__(self) -> str:
        return f"entry {self.entry_id} under tag {self.tag_id}"


class ShownTag(NamedTuple):
    """As much of a tag as stands under a post."""

    name: str
    key: str

    @property
    def slug(self) -> str:
        return slug_of(self.key)


def load_tags(entries: Sequence[Entry]) -> None:
    """Read the tags of these entries that readers may know of into their `shown_tags`: one query for all of them.

    In the order in which their author wrote them, as far as that is known.
    """
    tags: defaultdict[int, list[ShownTag]] = defaultdict(list)
    if tagged := [entry.pk for entry in entries if entry.tags]:
        rows = EntryTag.objects.filter(through("tag", SHOWN), entry__in=tagged).order_by("pk")
        for entry_id, name, key in rows.values_list("entry", "tag__name", "tag__key"):
            tags[entry_id].append(ShownTag(name, key))
    for entry in entries:
        entry.shown_tags = tags[entry.pk]


def listed_of(ids: Iterable[int]) -> EntryQuerySet:
    """The entries with these ids that readers may see, the newest first."""
    return Entry.objects.listed().filter(pk__in=list(ids)).newest_first()
