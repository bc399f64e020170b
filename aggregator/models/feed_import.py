"""A list of feeds that a curator has imported: what it names, how far it came, and what became of each line.

The rows are what is left to do. Whoever goes on with an import takes its next lines, adds their feeds and notes it, all
in one transaction: where a worker is killed, another one goes on, and does nothing twice. Each line is a row of its
own, so that a step costs the same however long the list is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

KEPT_DAYS = 30
"""How long the report of a finished import is kept: what it refused is looked at within days, or never."""
KEPT_IMPORTS = 20
"""Finished imports whose reports are kept. A list has up to 5,000 lines, and the rows stay below those of the posts."""


class FeedImportQuerySet(models.QuerySet["FeedImport"]):
    def unfinished(self) -> FeedImportQuerySet:
        """Those that are not done yet, in the order in which they began."""
        return self.filter(finished_at__isnull=True).order_by("pk")

    def lately(self) -> FeedImportQuerySet:
        return self.order_by("-pk")

    def take(self, pk: int, *, skip_locked: bool = True) -> FeedImport | None:
        """This import, its row locked until the transaction ends. None if it is done, or somebody else is at it.

        It is locked before everything else: `sql` tells the order. Without `skip_locked`, somebody else is waited for.
        """
        return self.unfinished().filter(pk=pk).select_for_update(skip_locked=skip_locked).first()

    def forget_old(self, now: datetime) -> None:
        """Forget the reports of imports that have had their time. What isn't done yet stays."""
        finished = self.filter(finished_at__isnull=False)
        kept = finished.order_by("-finished_at", "-pk").values_list("pk", flat=True)[:KEPT_IMPORTS]
        is_old = Q(finished_at__lt=now - timedelta(days=KEPT_DAYS)) | ~Q(pk__in=list(kept))
        old = list(finished.filter(is_old).values_list("pk", flat=True))
        if old:  # a deletion, even of nothing, waits for SQLite's lock
            self.filter(pk__in=old).delete()


class FeedImport(models.Model):
    """One import: who began it, and how far it came."""

    curator = models.CharField(max_length=150, help_text="The name of who began it; the account may be gone.")
    category = models.CharField(max_length=80, blank=True, help_text="Of new feeds; goes before the list's own.")
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField(help_text="When it last came further.")
    finished_at = models.DateTimeField(null=True)
    line_count = models.PositiveIntegerField()
    added_count = models.PositiveIntegerField(default=0)
    known_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)

    notes = models.JSONField(default=list, help_text="What of the file isn't taken over, line by line.")
    shelves = models.JSONField(default=dict, help_text="The categories of its feeds, by the list's names for them.")
    env_lines = models.JSONField(default=list, help_text="What the file says of the site, as lines for .env.")

    objects = FeedImportQuerySet.as_manager()

    class Meta:
        default_permissions = ()  # who may add feeds may import them, and see what others have imported

    def __str__(self) -> str:
        return f"import of {self.line_count} feeds"

    @property
    def looked_at_count(self) -> int:
        """Lines that are done; they are taken in the order of their numbers, so it is the number of the next one."""
        return self.added_count + self.known_count + self.refused_count

    @property
    def left_count(self) -> int:
        """Lines that nobody looks at any more, as somebody stopped the import."""
        return self.line_count - self.looked_at_count if self.is_finished else 0

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


class ImportLineQuerySet(models.QuerySet["ImportLine"]):
    def waiting(self) -> ImportLineQuerySet:
        return self.filter(kind=ImportLine.Kind.WAITING).order_by("number")

    def looked_at(self) -> ImportLineQuerySet:
        """Those that are done, with their feeds: what was refused or left comes first, what was added last."""
        kinds = (ImportLine.Kind.REFUSED, ImportLine.Kind.LEFT, ImportLine.Kind.KNOWN, ImportLine.Kind.ADDED)
        rank = models.Case(*(models.When(kind=kind, then=place) for place, kind in enumerate(kinds)))
        return self.exclude(kind=ImportLine.Kind.WAITING).order_by(rank, "number").select_related("feed")


class ImportLine(models.Model):
    """One line of the list."""

    class Kind(models.TextChoices):
        WAITING = "waiting", "waiting"
        ADDED = "added", "added"
        KNOWN = "known", "already here"
        REFUSED = "refused", "refused"
        LEFT = "left", "not looked at"

    feed_import = models.ForeignKey(FeedImport, models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveIntegerField(help_text="Its place in the list, from 0 on.")
    url = models.CharField(max_length=2000, help_text="As a report may show it.")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.WAITING)
    text = models.TextField(blank=True, help_text="What became of it, in a sentence.")
    wanted = models.JSONField(default=dict, help_text="What the list says. Emptied then: it may hold a password.")
    # No constraint: with one, PostgreSQL would lock the feed's row for a line that names it, out of the order of locks.
    feed = models.ForeignKey(
        "aggregator.Feed", models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )

    objects = ImportLineQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["feed_import", "number"], name="import_line_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["waiting", "added", "known", "refused", "left"]), name="import_line_kind_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.url}: {self.kind}"
