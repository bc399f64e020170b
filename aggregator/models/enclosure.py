"""What stands beside posts: pictures, sound, films and files, each at its author's address."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import prefetch_related_objects
from django.utils import timezone

from .entry import Entry


class EnclosureQuerySet(models.QuerySet["Enclosure"]):
    def beside(self, entries: Iterable[Entry]) -> EnclosureQuerySet:
        """The enclosures of these entries, those of each in its order."""
        return self.filter(entry__in=[entry.pk for entry in entries]).order_by("entry", "position")


class Enclosure(models.Model):
    """A file beside an entry's text. Nothing of it is kept here but its address and what its feed says of it."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="enclosures", db_index=False)
    position = models.PositiveSmallIntegerField(help_text="Its place beside the entry, from 0 on.")
    url = models.CharField(max_length=2000)
    media_type = models.CharField(max_length=130, blank=True)
    byte_count = models.BigIntegerField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    title = models.CharField(max_length=300, blank=True)
    taken_at = models.DateTimeField(default=timezone.now, help_text="When it was taken over from the feed.")

    objects = EnclosureQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("entry", "position")
        # The index of this constraint finds an entry's rows, too.
        constraints = (models.UniqueConstraint(fields=["entry", "position"], name="enclosure_once_per_place"),)

    def __str__(self) -> str:
        return self.title or self.url

    @property
    def kind(self) -> str:
        """image, audio, video, or what else its type begins with; empty if it has none."""
        return self.media_type.partition("/")[0]


def load_enclosures(entries: Iterable[Entry]) -> None:
    """Read what stands beside these entries, whose feeds are at hand, into their `enclosures`.

    One query for all of them, and none if no feed of theirs ever brought an enclosure.
    """
    prefetch_related_objects([entry for entry in entries if entry.feed.has_enclosures], "enclosures")
