"""Devices that want to be told of new posts, and those that were taken away."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from aggregator.models import Category, Feed

RENEWAL_SPAN = timedelta(days=3)
"""A browser that comes by in the last days of its subscription is given a new one."""


def endpoint_digest(endpoint: str) -> str:
    """What stands for an endpoint in keys, logs and forms: the endpoint itself lets anyone send (RFC 8030, 8.3)."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    def active(self) -> PushSubscriptionQuerySet:
        return self.filter(state="active")

    def of_curators(self) -> PushSubscriptionQuerySet:
        """Devices of people who may still read the admin: for now, nobody else is told."""
        return self.filter(user__is_active=True, user__is_staff=True)

    def of(self, user: object) -> PushSubscriptionQuerySet:
        return self.filter(user=user)

    def of_service(self, service: str) -> PushSubscriptionQuerySet:
        """Devices whose messages this push service carries, as deliveries name it."""
        return self.filter(endpoint__startswith=f"https://{service}/")

    def lock(self) -> None:
        """Lock these devices until the transaction ends, before anything of their deliveries is written.

        In the order of their ids, as everybody does; `aggregator.models.sql` tells why, and the order of all kinds.
        """
        list(self.order_by("pk").select_for_update(no_key=True).values_list("pk"))

    def count_by_key(self) -> dict[str, int]:
        """How many devices subscribed with each VAPID key, by its id."""
        return dict(self.order_by().values_list("key_id").annotate(models.Count("pk")))


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
    gone_at = models.DateTimeField("gone since", null=True, editable=False)
    """When its push service first said that it knows the device no more, and has not taken a message for it since."""
    paused_until = models.DateTimeField(null=True, editable=False)

    muted_until = models.DateTimeField(null=True, blank=True)
    wants_posts = models.BooleanField("new posts", default=True)
    wants_proposals = models.BooleanField("proposals", default=True)
    wants_held = models.BooleanField("posts held", default=True)
    wants_trouble = models.BooleanField("a feed in trouble", default=True)
    wants_everything = models.BooleanField("all posts", default=True)
    categories = models.ManyToManyField(Category, blank=True, related_name="+")
    feeds = models.ManyToManyField(Feed, blank=True, related_name="+")
    text = models.CharField(max_length=10, choices=Text, default=Text.DETAILED)
    most_a_day = models.PositiveSmallIntegerField(
        "at most a day", null=True, blank=True, help_text="Notices of new posts in 24 hours; empty for no limit."
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

    @property
    def names_posts(self) -> bool:
        """Whether its notices may say titles and sources: neither its owner nor the site (PUSH_NAME_NO_POST) minds."""
        return self.text == self.Text.DETAILED and not settings.PUSH_NAME_NO_POST

    @property
    def wording(self) -> str:
        """Which `Text` its notices have."""
        return self.Text.DETAILED if self.names_posts else self.Text.GENERIC

    def has_ended(self, now: datetime) -> bool:
        """Whether its subscription had an end (`expirationTime` of the W3C Push API), and that is past."""
        return self.expires_at is not None and self.expires_at <= now

    def is_told(self, now: datetime) -> bool:
        """Whether notices are sent to it at all: not while it must be repaired."""
        return self.state == self.State.ACTIVE and not self.has_ended(now)

    def ends_soon(self, now: datetime) -> bool:
        """Whether it has ended or is about to: three days before, or in the last quarter of a shorter time."""
        if self.expires_at is None:
            return False
        return self.expires_at - min(RENEWAL_SPAN, (self.expires_at - self.changed_at) / 4) <= now

    def is_muted(self, now: datetime) -> bool:
        return self.muted_until is not None and self.muted_until > now


class RemovedDeviceQuerySet(models.QuerySet["RemovedDevice"]):
    def remember(self, endpoint_hash: str, now: datetime) -> None:
        """Note a device that was taken away."""
        self.update_or_create(endpoint_hash=endpoint_hash, defaults={"removed_at": now})

    def forget(self, endpoint_hash: str) -> bool:
        """Whether the device had been taken away; from now on it counts as new."""
        deleted, _ = self.filter(endpoint_hash=endpoint_hash).delete()
        return bool(deleted)


class RemovedDevice(models.Model):
    """A device that its owner took away or left. Its browser may not know yet, and must not come back by itself."""

    endpoint_hash = models.CharField(max_length=64, editable=False)
    removed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RemovedDeviceQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["endpoint_hash"], name="removed_device_once"),)

    def __str__(self) -> str:
        return self.endpoint_hash[:12]
