"""Nothing is kept for ever: not the log, not devices that nobody uses.

Whatever is deleted is locked before, in the order of its ids, and what others are changing at that moment is left for
the next time: nobody waits for this in a ring, and nothing is deleted that has just come to be of use.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from notifications.models import (
    Announcement,
    Circuit,
    Delivery,
    DeliverySum,
    Mail,
    Notice,
    PushSubscription,
    RemovedDevice,
)

logger = logging.getLogger(__name__)

MAX_TOLD_AGE = timedelta(days=1)
"""What was accepted, or told with newer posts, is no longer asked for; until then, it counts for how many a device gets
in a day. There is one for each device and plan."""
TOLD_STATES = (Delivery.State.ACCEPTED, Delivery.State.MERGED)
MAX_LOG_AGE = timedelta(days=30)
"""For this long, it is worth asking what became of a notice that never arrived."""
MAX_SUM_AGE = timedelta(days=400)
"""The sums of days, to compare a month with that of a year ago."""
MAX_UNUSED_TIME = timedelta(days=180)
"""A device is deleted after this long without a visit and without an accepted message."""
MAX_REPAIR_WAIT = timedelta(days=30)
"""A device is deleted after this long if its browser doesn't subscribe anew."""
MAX_UNTRIED_TIME = timedelta(days=1)
"""A circuit is deleted if nothing was sent to try it for this long: its devices are gone."""
ROWS_PER_CHUNK = 500
"""Deleted in one transaction: others wait for it."""


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
    old = now - MAX_LOG_AGE
    deliveries = Delivery.objects.filter(notice=OuterRef("pk"))
    notices = Notice.objects.filter(announcement=OuterRef("pk"))
    return [
        Delivery.objects.filter(state__in=TOLD_STATES).finished_before(now - MAX_TOLD_AGE),
        Delivery.objects.finished_before(old),
        Mail.objects.filter(finished_at__lt=old),
        DeliverySum.objects.filter(day__lt=(now - MAX_SUM_AGE).date()),
        Notice.objects.filter(~Exists(deliveries), created_at__lt=old),
        Announcement.objects.filter(~Exists(notices), created_at__lt=old),
        _unused(now),
        PushSubscription.objects.filter(state=PushSubscription.State.STALE, failing_since__lt=now - MAX_REPAIR_WAIT),
        PushSubscription.objects.filter(expires_at__lt=now - MAX_REPAIR_WAIT),
        # By then its push service has forgotten the device, too.
        RemovedDevice.objects.filter(removed_at__lt=now - MAX_UNUSED_TIME),
        Circuit.objects.filter(open_until__lt=now - MAX_UNTRIED_TIME),
    ]


def _unused(now: datetime) -> QuerySet[PushSubscription]:
    since = now - MAX_UNUSED_TIME
    return PushSubscription.objects.filter(Q(accepted_at__isnull=True) | Q(accepted_at__lt=since), seen_at__lt=since)


def _delete(rows: QuerySet[Model]) -> int:
    """In chunks, so that pollers and senders needn't wait long for the database."""
    count = 0
    while found := _delete_chunk(rows):
        count += found
    return count


def _delete_chunk(rows: QuerySet[Model]) -> int:
    if not rows.exists():  # asked without a lock: SQLite has one for all writers
        return 0
    can_skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        locked = rows.order_by("pk").select_for_update(of=("self",) if can_skip else (), skip_locked=can_skip)
        chunk = list(locked[:ROWS_PER_CHUNK])
        if rows.model is Delivery:
            DeliverySum.objects.add(row for row in chunk if isinstance(row, Delivery))
        rows.model._default_manager.filter(pk__in=[row.pk for row in chunk]).delete()
    return len(chunk)
