"""Nothing is kept for ever: not the log, not devices that nobody uses."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from notifications.models import Announcement, Circuit, Delivery, Notice, PushSubscription, RemovedDevice

logger = logging.getLogger(__name__)

LOG = timedelta(days=30)
UNUSED = timedelta(days=180)
"""Without a visit and without an accepted message."""
UNREPAIRED = timedelta(days=30)
"""For a device that waits for its browser to subscribe anew."""
FORGOTTEN_CIRCUIT = timedelta(days=1)
"""Since it could have been tried again, and nothing was to be sent: its devices are gone."""
CHUNK = 500


def purge(now: datetime) -> Counter[str]:
    """Delete what has had its time; how many rows of which kind."""
    counts: Counter[str] = Counter()
    for rows in _outlived(now):
        name = rows.model._meta.verbose_name_plural
        counts[str(name)] += _delete(rows)
    if counts.total():
        logger.info("purged %s", " ".join(f"{name.replace(' ', '_')}={count}" for name, count in counts.items()))
    return counts


def _outlived(now: datetime) -> list[QuerySet[Model]]:
    """What may go, in an order that leaves no row without the one that it belongs to."""
    old = now - LOG
    deliveries = Delivery.objects.filter(notice=OuterRef("pk"))
    notices = Notice.objects.filter(announcement=OuterRef("pk"))
    return [
        Delivery.objects.finished_before(old),
        Notice.objects.filter(~Exists(deliveries), created_at__lt=old),
        Announcement.objects.filter(~Exists(notices), created_at__lt=old),
        _unused(now),
        PushSubscription.objects.filter(state=PushSubscription.State.STALE, failing_since__lt=now - UNREPAIRED),
        PushSubscription.objects.filter(expires_at__lt=now - UNREPAIRED),
        RemovedDevice.objects.filter(removed_at__lt=now - UNUSED),  # for so long, its push service knows it no more
        Circuit.objects.filter(open_until__lt=now - FORGOTTEN_CIRCUIT),
    ]


def _unused(now: datetime) -> QuerySet[PushSubscription]:
    since = now - UNUSED
    return PushSubscription.objects.filter(Q(accepted_at__isnull=True) | Q(accepted_at__lt=since), seen_at__lt=since)


def _delete(rows: QuerySet[Model]) -> int:
    """In chunks, so that pollers and senders needn't wait long for the database."""
    count = 0
    while chunk := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        rows.model._default_manager.filter(pk__in=chunk).delete()
        count += len(chunk)
    return count
