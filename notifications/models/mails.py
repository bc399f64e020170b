"""Mails to write, and what became of each. Pages and planners only make rows; the worker sends.

What a mail says is put together when it is sent: so it tells what is true then, and no row holds a secret address.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import Q
from django.utils import timezone

from aggregator.models import Submission


class MailQuerySet(models.QuerySet["Mail"]):
    def unfinished(self) -> MailQuerySet:
        """Mails that have not come to an end."""
        return self.filter(finished_at__isnull=True)

    def due(self, now: datetime) -> MailQuerySet:
        """Mails to send now; one whose sender died is due again when its time with it is over."""
        return self.unfinished().filter(next_at__lte=now)

    def claim(self, now: datetime, *, lease: timedelta, limit: int) -> list[Mail]:
        """Take up to `limit` due mails, so that no other worker sends them for so long."""
        if not self.due(now).exists():  # asked without a lock: SQLite has one for all writers
            return []
        can_skip = connections[self.db].features.has_select_for_update_skip_locked
        with transaction.atomic():
            free = self.due(now).order_by("next_at", "pk").select_for_update(of=("self",), skip_locked=can_skip)
            chosen = list(free[:limit])
            self.model._default_manager.filter(pk__in=[mail.pk for mail in chosen]).update(next_at=now + lease)
        return list(
            self.model._default_manager.filter(pk__in=[mail.pk for mail in chosen])
            .select_related("user", "submission", "submission__feed")
            .order_by("pk")
        )


class Mail(models.Model):
    """One mail to one person: to a curator, or to who proposed a blog."""

    class About(models.TextChoices):
        DESK = "desk", "what waits at the desk"
        ADDRESS = "address", "whether an address is its owner's"
        DECISION = "decision", "what was decided about a proposal"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENT = "sent", "sent"
        NEEDLESS = "needless", "not wanted any more"
        FAILED = "failed", "failed"

    about = models.CharField(max_length=10, choices=About)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    submission = models.ForeignKey(Submission, models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["about", "user"], condition=Q(user__isnull=False, finished_at=None), name="one_mail_a_curator"
            ),
            models.UniqueConstraint(
                fields=["about", "submission"],
                condition=Q(submission__isnull=False, finished_at=None),
                name="one_mail_a_proposal",
            ),
        )
        indexes = (models.Index(fields=["next_at"], name="mail_due", condition=Q(finished_at=None)),)

    def __str__(self) -> str:
        return f"{self.about} to {self.user or self.submission}: {self.state}"
