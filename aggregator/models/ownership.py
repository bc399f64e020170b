"""Who has shown that a blog is theirs: of a proposal, or of a source that is listed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .feed import Feed
from .submission import KEY_CHARACTERS, OPEN_STATES, Submission, new_key

MAX_ANSWER_CHARACTERS = 300
MAX_DEEDS = 20
"""Of what an owner did: as many are remembered, for curators."""
LOOKED_AT_AGAIN_AFTER = timedelta(days=7)
MISSED_LOOKED_AT_AGAIN_AFTER = timedelta(days=1)
"""A proof that was missed once is looked for a second time, sooner."""
MISSES_THAT_LOSE = 2
TAKEN_FOR = timedelta(minutes=5)
"""If a worker is killed, what it was looking at waits this long for another one."""
UNPROVEN_KEPT_FOR = timedelta(days=14)
LOST_KEPT_FOR = timedelta(days=365)


class OwnershipQuerySet(models.QuerySet["Ownership"]):
    def proven(self) -> OwnershipQuerySet:
        """Those whose proof was there when it was looked at last."""
        return self.exclude(proven_at=None).filter(lost_at=None)

    def never_proven(self) -> OwnershipQuerySet:
        return self.filter(proven_at=None)

    def to_look_at(self, now: datetime) -> OwnershipQuerySet:
        """Those that wait for a look: first what somebody asked for, then what is looked at again on a schedule."""
        is_proven = Q(proven_at__isnull=False, lost_at=None)
        is_due = Q(misses=0, looked_at__lte=now - LOOKED_AT_AGAIN_AFTER)
        is_missed = Q(misses__gt=0, looked_at__lte=now - MISSED_LOOKED_AT_AGAIN_AFTER)
        waiting = self.filter(Q(asked_at__isnull=False) | (is_proven & (is_due | is_missed)), ended_at=None)
        free = waiting.filter(Q(taken_at=None) | Q(taken_at__lte=now - TAKEN_FOR) | Q(taken_at__gt=now + TAKEN_FOR))
        return free.order_by(models.F("asked_at").asc(nulls_last=True), "looked_at", "pk")

    def take(self, now: datetime, most: int) -> list[Ownership]:
        """Up to so many that wait for a look, which no other worker takes meanwhile."""
        ids = list(self.to_look_at(now).values_list("pk", flat=True)[:most])
        # Of two that saw the same ids, the second finds the row taken.
        taken = [pk for pk in ids if self.to_look_at(now).filter(pk=pk).update(taken_at=now)]
        return list(self.filter(pk__in=taken).select_related("feed", "submission"))

    def forget_old(self, now: datetime) -> int:
        """Delete what was never proven within a fortnight, and what has been lost for a year. Returns how many."""
        is_open = Q(submission__state__in=OPEN_STATES)
        unproven = self.never_proven().filter(created_at__lt=now - UNPROVEN_KEPT_FOR).exclude(is_open)
        lost = self.filter(lost_at__lt=now - LOST_KEPT_FOR)
        ids = [*unproven.values_list("pk", flat=True), *lost.values_list("pk", flat=True)]
        return self.filter(pk__in=ids).delete()[0]


class Ownership(models.Model):
    """A proof that is asked for, seen, or lost. What is to be seen on the blog is its `code`, which is no secret."""

    class Way(models.TextChoices):
        FEED_LINE = "line", "a line in the feed"
        META = "meta", "a <meta> of the site"
        FILE = "file", "a file of the site"
        REL_ME = "rel_me", "a link to the source's page here"

    key = models.CharField(max_length=KEY_CHARACTERS, default=new_key, unique=True, editable=False)
    code = models.CharField(max_length=KEY_CHARACTERS, default=new_key, unique=True, editable=False)
    submission = models.OneToOneField(Submission, models.SET_NULL, null=True, blank=True, related_name="ownership")
    feed = models.ForeignKey(Feed, models.CASCADE, null=True, blank=True, related_name="ownerships")
    way = models.CharField(max_length=10, choices=Way, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False, help_text="When a look was asked for; null: none is.")
    looked_at = models.DateTimeField(null=True, editable=False)
    proven_at = models.DateTimeField(null=True, editable=False)
    lost_at = models.DateTimeField(null=True, editable=False)
    answer = models.CharField(
        max_length=MAX_ANSWER_CHARACTERS, blank=True, editable=False, help_text="What the last look saw."
    )
    misses = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="Looks in a row that found its place without it."
    )
    taken_at = models.DateTimeField(null=True, editable=False, help_text="When a worker began to look.")
    ended_at = models.DateTimeField(null=True, editable=False, help_text="When a curator ended it, for good.")
    paused_at = models.DateTimeField(null=True, editable=False, help_text="When its owner paused the source.")
    deeds = models.JSONField(
        default=list, editable=False, help_text="What its owner did, the last first: [[ISO time, words]]."
    )

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["asked_at"], name="ownership_asked", condition=Q(asked_at__isnull=False)),)

    def __str__(self) -> str:
        return f"{self.feed or self.submission}: {self.get_way_display() or 'not proven'}"

    @property
    def is_proven(self) -> bool:
        return self.proven_at is not None and self.lost_at is None

    @property
    def is_asked(self) -> bool:
        """Whether a look was asked for, and hasn't ended."""
        return self.asked_at is not None

    def note(self, did: str, now: datetime) -> None:
        """Remember (unsaved) what its owner did, for curators."""
        self.deeds = [[now.isoformat(), did], *self.deeds][:MAX_DEEDS]

    def last_deed(self) -> tuple[datetime, str] | None:
        """When its owner did something last, and what."""
        deeds: list[list[Any]] = self.deeds
        return (datetime.fromisoformat(deeds[0][0]), deeds[0][1]) if deeds else None
