"""Devices that want to be told, what is said, and what became of saying it.

Never twice is a fact of the database: an entry belongs to one announcement (`announced_entry_once`), and a device gets
one delivery of an announcement (`delivery_once_per_device`). So no device is told of an entry again, whoever plans.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from aggregator.models import Category, Entry, Feed

from .devices import DeliveryQuerySet, PushSubscriptionQuerySet, RemovedDeviceQuerySet


def endpoint_digest(endpoint: str) -> str:
    """What stands for an endpoint in keys, logs and forms: the endpoint itself lets anyone send (RFC 8030, 8.3)."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


class PushSubscription(models.Model):
    """A browser on a device, as its push service knows it (RFC 8030). Preferences belong to the device."""

    class State(models.TextChoices):
        ACTIVE = "active", "on"
        STALE = "stale", "needs repair"
        DISABLED = "disabled", "given up"

    class Text(models.TextChoices):
        DETAILED = "detailed", "titles of posts"
        GENERIC = "generic", "only that there is something new"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="push_subscriptions"
    )
    endpoint = models.TextField(editable=False)
    endpoint_hash = models.CharField(max_length=64, editable=False)
    p256dh = models.CharField(max_length=88, editable=False)
    auth = models.CharField(max_length=24, editable=False)
    key_id = models.CharField("VAPID key", max_length=16, editable=False)
    name = models.CharField(max_length=80, help_text="What you call this device.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField("last seen", default=timezone.now, editable=False)
    accepted_at = models.DateTimeField("last accepted", null=True, editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)

    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE, editable=False)
    error_count = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=200, blank=True, editable=False)
    paused_until = models.DateTimeField(null=True, editable=False)

    muted_until = models.DateTimeField(null=True, blank=True)
    wants_everything = models.BooleanField("all posts", default=True)
    categories = models.ManyToManyField(Category, blank=True, related_name="+")
    feeds = models.ManyToManyField(Feed, blank=True, related_name="+")
    text = models.CharField(max_length=10, choices=Text, default=Text.DETAILED)
    most_a_day = models.PositiveSmallIntegerField(
        "at most a day", null=True, blank=True, help_text="Notices in 24 hours; empty for no limit."
    )

    objects = PushSubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "device"
        ordering = ("-seen_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=["endpoint_hash"], name="push_endpoint_once"),
            models.CheckConstraint(
                condition=Q(state__in=["active", "stale", "disabled"]), name="push_subscription_state_known"
            ),
        )

    def __str__(self) -> str:
        return self.name or "device"

    @property
    def short_hash(self) -> str:
        """Names the device in logs."""
        return self.endpoint_hash[:12]

    def is_muted(self, now: datetime) -> bool:
        return self.muted_until is not None and self.muted_until > now


class RemovedDevice(models.Model):
    """A device that its owner took away or left. Its browser may not know yet, and must not come back by itself."""

    endpoint_hash = models.CharField(max_length=64, editable=False)
    removed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RemovedDeviceQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["endpoint_hash"], name="removed_device_once"),)

    def __str__(self) -> str:
        return self.endpoint_hash[:12]


class Announcement(models.Model):
    """One run of the planner: a set of new entries, told of together."""

    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"announcement of {self.created_at:%Y-%m-%d %H:%M}"


class AnnouncedEntry(models.Model):
    """An entry's one announcement."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="announced")
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["entry"], name="announced_entry_once"),)

    def __str__(self) -> str:
        return f"{self.entry_id} in {self.announcement_id}"


class Notice(models.Model):
    """What is said to every device with the same wishes: built once, read by many. A test push is a notice, too."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, null=True, related_name="notices")
    title = models.CharField(max_length=200)
    body = models.CharField(max_length=500, blank=True)
    entry = models.ForeignKey(Entry, models.SET_NULL, null=True, related_name="+")
    """The newest of its entries: where a click leads."""
    entry_count = models.PositiveIntegerField(default=0)
    topic = models.CharField(max_length=32)
    """RFC 8030 section 5.4: a later message of this topic replaces one that was not delivered yet."""
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    clicked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


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

    FINAL = (State.ACCEPTED, State.GONE, State.FAILED, State.EXPIRED, State.SUPPRESSED)

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    announcement = models.ForeignKey(Announcement, models.CASCADE, null=True, related_name="deliveries")
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
        )
        indexes = (
            models.Index(
                fields=["next_at"], name="delivery_due", condition=Q(state__in=["pending", "leased", "retry"])
            ),
            models.Index(fields=["lease"], name="delivery_lease", condition=Q(lease__isnull=False)),
            models.Index(fields=["device", "state", "finished_at"], name="delivery_of_device"),
        )

    def __str__(self) -> str:
        return f"{self.notice_id} to {self.device_name or 'a device'}: {self.state}"


class Circuit(models.Model):
    """An origin that refuses us in a way that is our own fault: sending to it rests, and no device is dropped."""

    origin = models.CharField(max_length=255)
    key_id = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField(default=timezone.now)
    open_until = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["origin"], name="circuit_once_per_origin"),)

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"
