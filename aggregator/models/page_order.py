"""Page order: the newest first and, of one moment, the one that was stored last. Of entries, and of rows that stand for
one under a tag or an author."""

from __future__ import annotations

from typing import Any, Protocol, Self, TypeVar

from django.db import models
from django.db.models import Q

_Row = TypeVar("_Row", bound=models.Model)


class Placed(Protocol):
    """An entry, or what tells its place."""

    pk: Any
    timeline_at: Any


class InPageOrder(models.QuerySet[_Row]):
    """Rows with the moment of an entry, and its id."""

    entry_id_column = "pk"

    def newest_first(self) -> Self:
        """Page order. Entries of one moment keep their document's order: `storing` inserts a document from its end."""
        return self.order_by("-timeline_at", f"-{self.entry_id_column}")

    def oldest_first(self) -> Self:
        return self.order_by("timeline_at", self.entry_id_column)

    def older_than(self, entry: Placed) -> Self:
        """Those after this one in page order. Written so that both databases walk the index."""
        return self.filter(timeline_at__lte=entry.timeline_at).exclude(self._of_the_moment(entry, "gte"))

    def newer_than(self, entry: Placed) -> Self:
        return self.filter(timeline_at__gte=entry.timeline_at).exclude(self._of_the_moment(entry, "lte"))

    def _of_the_moment(self, entry: Placed, side: str) -> Q:
        return Q(("timeline_at", entry.timeline_at), (f"{self.entry_id_column}__{side}", entry.pk))
