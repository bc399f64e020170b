"""Whether a delivery may go out now. What was true when it was planned is checked again when it is sent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, prefetch_related_objects

from aggregator.models import Entry
from notifications.models import AnnouncedEntry, Delivery, DeliveryQuerySet, PushSubscription, Stream
from notifications.notices.news import TOO_LATE

from .circuits import SERVICE_REASON, Circuits
from .desk_admission import why_not_at_desk

LIMIT_SPAN = timedelta(hours=24)
"""The time that `PushSubscription.most_a_day` speaks of."""

SILENT_REASON = "waits until the device speaks again"
"""The reason of a delivery that its device's silence keeps."""

FeedAndCategory = tuple[int, int | None]
"""A post's feed and category, by primary key."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a delivery doesn't go out, for now (with the moment to ask again) or for good."""

    state: Delivery.State
    reason: str
    next_at: datetime | None = None


def refusals(claimed: Sequence[Delivery], circuits: Circuits, now: datetime) -> dict[int, Refusal]:
    """Of these deliveries, those that don't go out, by primary key."""
    refused: dict[int, Refusal] = {}
    of_posts = [delivery for delivery in claimed if not _is_test(delivery) and delivery.stream == Stream.POSTS]
    of_desk = [delivery for delivery in claimed if not _is_test(delivery) and delivery.stream == Stream.DESK]
    wanted, limits, not_at_desk = _Wanted(of_posts), _Limits(of_posts, now), why_not_at_desk(of_desk, now)
    # A device that is always refused must not be the probe each time.
    for delivery in sorted(claimed, key=_is_in_trouble):
        refusal = (
            _outdated(delivery, now)
            or _not_for_this_person(delivery, now)
            or (delivery in of_posts and (_muted(delivery, now) or wanted.refuse(delivery) or limits.refuse(delivery)))
            or (delivery in of_desk and (_not_at_desk(delivery, not_at_desk) or _silent(delivery, now)))
            or _later(delivery, circuits, now)  # last: it may choose this delivery as the probe of a circuit
        )
        if refusal:
            refused[delivery.pk] = refusal
    return refused


def _is_in_trouble(delivery: Delivery) -> bool:
    device = delivery.device
    return device is not None and (device.failing_since or device.gone_at) is not None


def _is_test(delivery: Delivery) -> bool:
    """Whether somebody pressed the button for it: wishes and limits are about new posts."""
    return delivery.announcement_id is None


def _never(reason: str) -> Refusal:
    return Refusal(Delivery.State.SUPPRESSED, reason)


def _outdated(delivery: Delivery, now: datetime) -> Refusal | None:
    if delivery.notice.expires_at <= now:
        return Refusal(Delivery.State.EXPIRED, TOO_LATE)
    return None


def _not_for_this_person(delivery: Delivery, now: datetime) -> Refusal | None:
    device = delivery.device
    if device is None:
        return _never("the device was removed")
    if device.state != PushSubscription.State.ACTIVE:
        return _never("the device needs repair")
    if device.has_ended(now):
        return _never("its subscription has ended")
    if device.user is None or not (device.user.is_active and device.user.is_staff):
        return _never("its owner is no curator any more")
    return None


def _muted(delivery: Delivery, now: datetime) -> Refusal | None:
    device = delivery.device
    return _never("muted") if device and device.is_muted(now) else None


def _not_at_desk(delivery: Delivery, reasons: Mapping[int, str]) -> Refusal | None:
    return _never(reasons[delivery.pk]) if delivery.pk in reasons else None


def _silent(delivery: Delivery, now: datetime) -> Refusal | None:
    """What waits at the desk still does when the device speaks again; it is told then."""
    device = delivery.device
    if device is None or device.muted_until is None or not device.is_muted(now):
        return None
    return _not_before(delivery, device.muted_until, SILENT_REASON)


def _later(delivery: Delivery, circuits: Circuits, now: datetime) -> Refusal | None:
    device = delivery.device
    if device and device.paused_until and device.paused_until > now:
        return _not_before(delivery, device.paused_until, "its push service asked us to wait")
    if until := circuits.rests_until(delivery, now):
        return _not_before(delivery, until, SERVICE_REASON)
    return None


def _not_before(delivery: Delivery, until: datetime, reason: str) -> Refusal:
    """It waits, unless it would wait longer than it is of use."""
    if until < delivery.notice.expires_at:
        return Refusal(Delivery.State.RETRY, reason, until)
    return Refusal(Delivery.State.EXPIRED, f"{TOO_LATE} when its push service is asked again")


class _Wanted:
    """Whether a device still wants some post of a notice that readers can still see.

    A notice of one post must be about just that one: it says its title. Of several, one that is wanted is enough.
    """

    def __init__(self, claimed: Sequence[Delivery]) -> None:
        shown = Entry.objects.listed().from_active_feeds()
        spans = [delivery.notice.span for delivery in claimed]
        told = (min((first for first, _ in spans), default=0), max((last for _, last in spans), default=0))
        rows = AnnouncedEntry.objects.within(told).filter(entry__in=shown.values("pk"))
        self._of_announcement: defaultdict[int, set[FeedAndCategory]] = defaultdict(set)
        for announcement, feed, category in rows.values_list(
            "announcement_id", "entry__feed_id", "entry__feed__category_id"
        ).distinct():
            self._of_announcement[announcement].add((feed, category))
        alone = shown.filter(pk__in={delivery.notice.entry_id for delivery in claimed if _is_of_one_post(delivery)})
        self._of_entry: dict[int | None, set[FeedAndCategory]] = {
            entry: {(feed, category)} for entry, feed, category in alone.values_list("pk", "feed", "feed__category")
        }
        devices = [delivery.device for delivery in claimed if delivery.device]
        prefetch_related_objects([device for device in devices if not device.wants_everything], "categories", "feeds")

    def refuse(self, delivery: Delivery) -> Refusal | None:
        sources = self._sources(delivery)
        if not sources:
            return _never("its posts are no longer shown")
        return None if _wants_any(delivery.device, sources) else _never("no longer wanted on this device")

    def _sources(self, delivery: Delivery) -> set[FeedAndCategory]:
        if _is_of_one_post(delivery):
            return self._of_entry.get(delivery.notice.entry_id, set())
        first, last = delivery.notice.span
        return set().union(*(of for number, of in self._of_announcement.items() if first <= number <= last))


def _is_of_one_post(delivery: Delivery) -> bool:
    return delivery.notice.entry_count == 1


def _wants_any(device: PushSubscription | None, sources: set[FeedAndCategory]) -> bool:
    if device is None:
        return True
    if device.wants_everything or not device.wants_posts:
        return device.wants_posts
    feeds = {feed.pk for feed in device.feeds.all()}
    categories = {category.pk for category in device.categories.all()}
    return any(feed in feeds or category in categories for feed, category in sources)


class _Limits:
    """Counts, for devices that asked for it, the notices of the last day. To a device, one is on its way at a time."""

    def __init__(self, claimed: Sequence[Delivery], now: datetime) -> None:
        limited = {
            delivery.device_id
            for delivery in claimed
            if delivery.device is not None and delivery.device.most_a_day is not None
        }
        taken = Delivery.objects.of(Stream.POSTS).filter(
            state=Delivery.State.ACCEPTED, finished_at__gte=now - LIMIT_SPAN
        )
        self._counts = _by_device(taken.filter(device__in=limited), limited)

    def refuse(self, delivery: Delivery) -> Refusal | None:
        most = delivery.device.most_a_day if delivery.device else None
        if most is None or self._counts[delivery.device_id] < most:
            return None
        return _never(f"more than {most} in 24 hours")


def _by_device(deliveries: DeliveryQuerySet, devices: set[int | None]) -> Counter[int | None]:
    return Counter(dict(deliveries.values_list("device").annotate(Count("pk"))) if devices else {})
