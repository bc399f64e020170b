"""The rules about devices and deliveries, as clauses."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connections, models, transaction

if TYPE_CHECKING:
    from notifications.models import Delivery, PushSubscription, RemovedDevice  # noqa: F401 (named in strings)

OPEN_STATES = ("pending", "leased", "retry")


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    def active(self) -> PushSubscriptionQuerySet:
        return self.filter(state="active")

    def of_curators(self) -> PushSubscriptionQuerySet:
        """Devices of people who may still read the admin: for now, nobody else is told."""
        return self.filter(user__is_active=True, user__is_staff=True)

    def of(self, user: object) -> PushSubscriptionQuerySet:
        return self.filter(user=user)

    def lock(self) -> None:
        """Within a transaction, before anything of their deliveries is written.

        Everybody locks devices first, and in this order: so nobody waits for somebody who waits for him.
        """
        list(self.order_by("pk").select_for_update(no_key=True).values_list("pk"))

    def count_by_key(self) -> dict[str, int]:
        """How many devices subscribed with each VAPID key, by its id."""
        return dict(self.order_by().values_list("key_id").annotate(models.Count("pk")))


class RemovedDeviceQuerySet(models.QuerySet["RemovedDevice"]):
    def remember(self, endpoint_hash: str, now: datetime) -> None:
        """Note a device that was taken away."""
        self.update_or_create(endpoint_hash=endpoint_hash, defaults={"removed_at": now})

    def forget(self, endpoint_hash: str) -> bool:
        """Whether the device had been taken away; from now on it counts as new."""
        deleted, _ = self.filter(endpoint_hash=endpoint_hash).delete()
        return bool(deleted)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def open(self) -> DeliveryQuerySet:
        """Deliveries that have not come to an end."""
        return self.filter(state__in=OPEN_STATES)

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Deliveries to send now; one whose sender died is due when its lease has run out."""
        return self.open().filter(next_at__lte=now)

    def lock_free_ones(self) -> DeliveryQuerySet:
        """Those that no other transaction is changing, locked; within a transaction.

        Workers that lock many rows in different orders would wait for each other, until PostgreSQL ends one of them.
        """
        return self.select_for_update(skip_locked=connections[self.db].features.has_select_for_update_skip_locked)

    def put_off(self, until: datetime, **values: Any) -> None:
        """To `until`; but for those that another worker is taking or settling right now."""
        with transaction.atomic():
            free = self.lock_free_ones().values("pk")
            self.model._default_manager.filter(pk__in=free).update(next_at=until, **values)

    def claim(self, now: datetime, *, lease_seconds: float, limit: int) -> list[Delivery]:
        """Take up to `limit` due deliveries, so that no other worker sends them for `lease_seconds`."""
        if not self.due(now).exists():  # asked without a lock: SQLite has one for all writers
            return []
        lease = uuid.uuid4()
        until = now + timedelta(seconds=lease_seconds)
        with transaction.atomic():
            free = self.due(now).order_by("next_at", "pk").lock_free_ones()
            chosen = list(free.values_list("pk", flat=True)[:limit])
            self.model._default_manager.filter(pk__in=chosen).update(state="leased", lease=lease, next_at=until)
        leased = self.model._default_manager.filter(lease=lease)
        return list(leased.select_related("notice", "device", "device__user").order_by("pk"))

    def finished_before(self, moment: datetime) -> DeliveryQuerySet:
        return self.exclude(state__in=OPEN_STATES).filter(finished_at__lt=moment)
