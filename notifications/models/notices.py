"""What is said to devices, and what became of saying it.

Never twice is a fact of the database: an entry belongs to one announcement (`announced_entry_once`), and a device gets
one delivery of an announcement (`delivery_once_per_device`). So no device is told of an entry twice, however
many workers plan.

And of what waits for a device there is one delivery of each stream (`one_delivery_waits_per_stream`): news that comes
in the meantime takes its place and counts what it told, too. Beside it, one may be on its way at this moment. If that
one must be tried again, what it tells goes into the one that waits: so nothing old ever follows what is newer.

There are two streams, new posts and what waits at the desk. They lead to different places, so neither takes the place
of the other.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, models, transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from aggregator.models import Entry, Feed, Submission

from .devices import PushSubscription

WAITING_STATES = ("pending", "retry")
UNFINISHED_STATES = ("pending", "leased", "retry")


class Stream(models.TextChoices):
    """What notices are about; of each, one waits for a device."""

    POSTS = "posts", "new posts"
    DESK = "desk", "what waits at the desk"


class Announcement(models.Model):
    """One run of a planner: a set of new entries, or of matters at the desk, told of together."""

    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"announcement of {self.created_at:%Y-%m-%d %H:%M}"


class AnnouncedEntryQuerySet(models.QuerySet["AnnouncedEntry"]):
    def within(self, span: tuple[int, int]) -> AnnouncedEntryQuerySet:
        """Of these announcements, from the first to the last."""
        first, last = span
        return self.filter(announcement__gte=first, announcement__lte=last)


class AnnouncedEntry(models.Model):
    """An entry's one announcement."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="announced")
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+")

    objects = AnnouncedEntryQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["entry"], name="announced_entry_once"),)

    def __str__(self) -> str:
        return f"{self.entry_id} in {self.announcement_id}"


class Notice(models.Model):
    """What is said to every device with the same wishes: built once, read by many. A test push is a notice, too."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, null=True, related_name="notices")
    since = models.ForeignKey(Announcement, models.SET_NULL, null=True, related_name="+")
    """The oldest announcement whose posts it counts; null if it counts none but those of its own."""
    title = models.CharField(max_length=200)
    body = models.CharField(max_length=500, blank=True)
    entry = models.ForeignKey(Entry, models.SET_NULL, null=True, related_name="+")
    """The newest of its entries: where a click leads."""
    entry_count = models.PositiveIntegerField(default=0)
    submission = models.ForeignKey(Submission, models.SET_NULL, null=True, related_name="+")
    feed = models.ForeignKey(Feed, models.SET_NULL, null=True, related_name="+")
    """Of a notice about one matter at the desk: where a click leads."""
    kinds = models.CharField(max_length=60, blank=True)
    """Of a notice about the desk: the kinds of its matters, with commas between them."""
    topic = models.CharField(max_length=32)
    """RFC 8030 section 5.4: a later message of this topic replaces one that was not delivered yet."""
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    clicked_at = models.DateTimeField(null=True)
    summed_count = models.PositiveIntegerField(default=0, editable=False)
    """Of its deliveries, how many are no longer in the log; and of those, how many were accepted."""
    summed_accepted_count = models.PositiveIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return self.title

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last announcement that it is about; (0, 0) for a test."""
        last = self.announcement_id or 0
        return self.since_id or last, last


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def unfinished(self) -> DeliveryQuerySet:
        """Deliveries that have not come to an end."""
        return self.filter(state__in=UNFINISHED_STATES)

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Deliveries to send now; one whose sender died is due when its lease has run out."""
        return self.unfinished().filter(next_at__lte=now)

    def announced(self) -> DeliveryQuerySet:
        """All but tests."""
        return self.filter(announcement__isnull=False)

    def of(self, stream: str) -> DeliveryQuerySet:
        """Those of a stream; tests belong to none."""
        return self.announced().filter(stream=stream)

    def tests(self) -> DeliveryQuerySet:
        """Those that somebody pressed a button for."""
        return self.filter(announcement__isnull=True)

    def waiting(self) -> DeliveryQuerySet:
        """Deliveries that are neither on their way nor at their end."""
        return self.filter(state__in=WAITING_STATES)

    def waiting_for(self, devices: Collection[int | None]) -> DeliveryQuerySet:
        """Of what waits, that for these devices; tests aside."""
        return self.waiting().announced().filter(device__in=devices)

    def lock(self) -> None:
        """Lock these deliveries until the transaction ends; after their devices, as `aggregator.models.sql` tells."""
        list(self.order_by("pk").select_for_update().values_list("pk"))

    def first_announcement(self) -> int:
        """The oldest announcement that any of these is about; 0 without any."""
        oldest = self.announced().aggregate(first=Min(Coalesce("notice__since", "announcement")))
        return oldest["first"] or 0

    def whose_turn_it_is(self) -> DeliveryQuerySet:
        """All but those of devices that an older delivery of their stream is on its way to: of that one, it isn't known
        yet whether it must be tried again, and it must not come after what is newer.
        """
        older = self.model._default_manager.filter(
            device=OuterRef("device"),
            stream=OuterRef("stream"),
            state="leased",
            announcement__isnull=False,
            pk__lt=OuterRef("pk"),
        )
        return self.filter(Q(announcement__isnull=True) | ~Exists(older))

    def lock_free_ones(self) -> DeliveryQuerySet:
        """Those that no other transaction is changing, locked; within a transaction.

        Workers that lock many rows in different orders would wait for each other, until PostgreSQL ends one of them.
        """
        can_skip = connections[self.db].features.has_select_for_update_skip_locked
        return self.select_for_update(of=("self",), skip_locked=can_skip)

    def put_off(self, until: datetime, **values: Any) -> None:
        """Make these deliveries due at `until`, except those that another worker is taking or settling right now."""
        with transaction.atomic():
            free = self.lock_free_ones().values("pk")
            self.model._default_manager.filter(pk__in=free).update(next_at=until, **values)

    def end(self, state: str, reason: str, now: datetime) -> None:
        """Bring these deliveries to an end, except those that another worker is taking or settling right now."""
        with transaction.atomic():
            free = self.lock_free_ones().values("pk")
            ended = self.model._default_manager.filter(pk__in=free)
            ended.update(state=state, reason=reason, finished_at=now, lease=None)

    def claim(self, now: datetime, *, lease_seconds: float, limit: int) -> list[Delivery]:
        """Take up to `limit` due deliveries, so that no other worker sends them for `lease_seconds`."""
        if not self.due(now).whose_turn_it_is().exists():  # asked without a lock: SQLite has one for all writers
            return []
        lease = uuid.uuid4()
        until = now + timedelta(seconds=lease_seconds)
        with transaction.atomic():
            free = self.due(now).whose_turn_it_is().order_by("next_at", "pk").lock_free_ones()
            chosen = list(free.values_list("pk", flat=True)[:limit])
            self.model._default_manager.filter(pk__in=chosen).update(state="leased", lease=lease, next_at=until)
        leased = self.model._default_manager.filter(lease=lease)
        return list(leased.select_related("notice", "device", "device__user").order_by("pk"))

    def finished_before(self, moment: datetime) -> DeliveryQuerySet:
        return self.exclude(state__in=UNFINISHED_STATES).filter(finished_at__lt=moment)


class Delivery(models.Model):
    """One notice on its way to one device. The push service can only say that it accepted it, never that it arrived."""

    class State(models.TextChoices):
        PENDING = "pending", "waiting"
        LEASED = "leased", "being sent"
        RETRY = "retry", "to be tried again"
        ACCEPTED = "accepted", "accepted"
        GONE = "gone", "device gone"
        FAILED = "failed", "failed"
        EXPIRED = "expired", "too late"
        SUPPRESSED = "suppressed", "not wanted"
        MERGED = "merged", "told with newer ones"

    FINAL = (State.ACCEPTED, State.GONE, State.FAILED, State.EXPIRED, State.SUPPRESSED, State.MERGED)

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    announcement = models.ForeignKey(Announcement, models.CASCADE, null=True, related_name="deliveries")
    stream = models.CharField(max_length=10, choices=Stream, default=Stream.POSTS)
    device = models.ForeignKey(PushSubscription, models.SET_NULL, null=True, related_name="deliveries")
    device_name = models.CharField(max_length=80, blank=True)
    service = models.CharField("push service", max_length=255, blank=True)
    """The endpoint's host: all that the log keeps of it."""
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    """When to send; while leased, when the lease runs out."""
    lease = models.UUIDField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    returned_ttl_seconds = models.PositiveIntegerField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(fields=["announcement", "device"], name="delivery_once_per_device"),
            models.UniqueConstraint(fields=["notice", "device"], name="notice_once_per_device"),
            models.UniqueConstraint(
                fields=["device", "stream"],
                condition=Q(state__in=["pending", "retry"], announcement__isnull=False),
                name="one_delivery_waits_per_stream",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_at"], name="delivery_due", condition=Q(state__in=["pending", "leased", "retry"])
            ),
            models.Index(fields=["lease"], name="delivery_lease", condition=Q(lease__isnull=False)),
            models.Index(fields=["device", "state", "finished_at"], name="delivery_of_device"),
            models.Index(fields=["state", "-id"], name="delivery_by_state"),
            models.Index(fields=["created_at"], name="delivery_created"),
        )

    def __str__(self) -> str:
        return f"{self.notice_id} to {self.device_name or 'a device'}: {self.state}"
