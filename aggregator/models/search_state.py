"""The one row that says how far the worker is with what posts of before are found by."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from .entry import Entry, EntryQuerySet


class SearchStateQuerySet(models.QuerySet["SearchState"]):
    def current(self) -> SearchState:
        """The one row, for reading; as long as there is none, what it will begin with."""
        return self.filter(pk=1).first() or SearchState(pk=1)

    def take(self) -> SearchState | None:
        """The row, locked, for the one who goes on; None if somebody else has it. Call it in a transaction."""
        if not self.filter(pk=1).exists():
            SearchState.objects.bulk_create([SearchState(pk=1)], ignore_conflicts=True)
        return self.select_for_update(skip_locked=True).filter(pk=1).first()

    def begin_anew(self) -> None:
        """Have the worker look at all that entries are found by, whatever is stored."""
        begun = {"version": 0, "reached_at": None, "reached_id": None, "is_done": False, "is_thorough": True}
        self.update_or_create(pk=1, defaults=begun)


class SearchState(models.Model):
    """How far the worker is, from the newest post down."""

    version = models.PositiveSmallIntegerField(default=0)
    """That of `search.terms` for which this is said."""
    reached_at = models.DateTimeField(null=True)
    """The place in page order of the last entry that was looked at; all above it are found. Null at the beginning."""
    reached_id = models.PositiveBigIntegerField(null=True)
    is_done = models.BooleanField(default=False)
    is_thorough = models.BooleanField(default=False)
    """Whether entries are looked at that have words of this version, too."""

    objects = SearchStateQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="search_state_is_one_row"),)

    def __str__(self) -> str:
        return "done" if self.is_done else f"reached {self.reached_at}"

    def is_done_for(self, version: int) -> bool:
        return self.is_done and self.version == version

    def begin(self, version: int) -> None:
        """Begin for this version (unsaved), unless it is that already."""
        if self.version != version:
            self.version, self.reached_at, self.reached_id, self.is_done = version, None, None, False

    def reach(self, moment: datetime, entry_id: int) -> None:
        self.reached_at, self.reached_id = moment, entry_id

    def still_to_read(self) -> EntryQuerySet:
        """The entries below that place, in page order."""
        entries = Entry.objects.newest_first()
        if self.reached_at is None:
            return entries
        return entries.older_than(Entry(pk=self.reached_id, timeline_at=self.reached_at))
