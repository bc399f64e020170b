"""What is left of deliveries when their rows go: how many came to which end, by day and push service."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from django.db import models
from django.db.models import F
from django.db.models.functions import Greatest

from .notices import Delivery, Notice


class DeliverySumQuerySet(models.QuerySet["DeliverySum"]):
    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Count finished deliveries, whose rows are deleted in the same transaction; each once, as rows are locked."""
        sums: dict[tuple[object, ...], DeliverySum] = {}
        notices: dict[int, list[int]] = {}
        for delivery in deliveries:
            assert delivery.finished_at is not None, "only what has come to an end is summed up"
            key = (delivery.finished_at.astimezone(UTC).date(), delivery.service, delivery.state)
            found = sums.setdefault(key, DeliverySum(day=key[0], service=delivery.service, state=delivery.state))
            found.count += 1
            found.slowest_ms = max(found.slowest_ms, delivery.latency_ms or 0)
            of_notice = notices.setdefault(delivery.notice_id, [0, 0])
            of_notice[0] += 1
            of_notice[1] += delivery.state == Delivery.State.ACCEPTED
        for _, one in sorted(sums.items(), key=lambda item: item[0]):
            self._add_one(one)
        for notice, (count, accepted) in sorted(notices.items()):
            Notice.objects.filter(pk=notice).update(
                summed_count=F("summed_count") + count, summed_accepted_count=F("summed_accepted_count") + accepted
            )

    def _add_one(self, one: DeliverySum) -> None:
        names = {"day": one.day, "service": one.service, "state": one.state}
        DeliverySum.objects.bulk_create([DeliverySum(**names)], ignore_conflicts=True)
        slowest = Greatest("slowest_ms", one.slowest_ms)
        self.filter(**names).update(count=F("count") + one.count, slowest_ms=slowest)


class DeliverySum(models.Model):
    """How many deliveries through a push service came to an end on a day (of UTC), of those whose rows are gone."""

    day = models.DateField()
    service = models.CharField("push service", max_length=255, blank=True)
    state = models.CharField(max_length=10, choices=Delivery.State)
    count = models.PositiveIntegerField(default=0)
    slowest_ms = models.PositiveIntegerField(default=0)

    objects = DeliverySumQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["day", "service", "state"], name="delivery_sum_once"),)

    def __str__(self) -> str:
        return f"{self.day} {self.service}: {self.count} {self.state}"
