"""What waits at the desk for somebody who decides: which matters curators were told of, and when they last were.

A proposal knows itself whether it was told (`Submission.announced_at`). Of a feed, polls must not write more than they
do, so what was told of it is a row here, which comes and goes as seldom as feeds get into trouble.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from aggregator.models import Feed, Submission

from .notices import Announcement


class Kind(models.TextChoices):
    """Of matters at the desk."""

    PROPOSALS = "proposals", "proposals"
    HELD = "held", "posts held"
    TROUBLE = "trouble", "a feed in trouble"


class ToldFeed(models.Model):
    """A feed of which curators were told that it holds posts, or that it is in trouble."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    announced_at = models.DateTimeField(default=timezone.now)
    over_since = models.DateTimeField(null=True)
    """When it was first seen to be well again; null while it is not."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["feed", "kind"], name="told_feed_once"),)

    def __str__(self) -> str:
        return f"{self.feed_id}: {self.kind}"


class AnnouncedMatterQuerySet(models.QuerySet["AnnouncedMatter"]):
    def within(self, span: tuple[int, int]) -> AnnouncedMatterQuerySet:
        """Of these announcements, from the first to the last."""
        first, last = span
        return self.filter(announcement__gte=first, announcement__lte=last)


class AnnouncedMatter(models.Model):
    """A proposal or a feed, as one announcement told of it."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="matters")
    kind = models.CharField(max_length=10, choices=Kind)
    submission = models.ForeignKey(Submission, models.CASCADE, null=True, related_name="+")
    feed = models.ForeignKey(Feed, models.CASCADE, null=True, related_name="+")

    objects = AnnouncedMatterQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="proposals", submission__isnull=False, feed__isnull=True)
                | Q(kind__in=["held", "trouble"], submission__isnull=True, feed__isnull=False),
                name="announced_matter_is_one_thing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.submission_id or self.feed_id} in {self.announcement_id}"


class DeskRoundQuerySet(models.QuerySet["DeskRound"]):
    def last_at(self) -> datetime | None:
        """When curators were last told what waits at the desk."""
        return self.values_list("last_at", flat=True).first()

    def take(self) -> DeskRound:
        """The row, locked until the transaction ends: so one worker at a time tells."""
        self.get_or_create(pk=DeskRound.ONLY)
        return self.select_for_update().get(pk=DeskRound.ONLY)


class DeskRound(models.Model):
    """The last time that curators were told what waits at the desk: one row, from which the quiet time counts."""

    ONLY = 1

    last_at = models.DateTimeField(null=True)

    objects = DeskRoundQuerySet.as_manager()

    def __str__(self) -> str:
        return f"last told {self.last_at}"


class MailWish(models.Model):
    """Of which matters at the desk a curator is told by mail; without a row, of none."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_wish")
    wants_proposals = models.BooleanField("proposals", default=False)
    wants_held = models.BooleanField("posts held", default=False)
    wants_trouble = models.BooleanField("a feed in trouble", default=False)

    def __str__(self) -> str:
        return f"mail for {self.user_id}"


def wanted_kinds(wishes: object) -> frozenset[str]:
    """The kinds that a device or a person wants to be told of."""
    return frozenset(kind.value for kind in Kind if getattr(wishes, f"wants_{kind.value}"))
