"""Whether a notice about the desk may go out now: whether anything of it still waits, and who gets it may decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from notifications.models import AnnouncedMatter, Delivery, Kind, wanted_kinds
from notifications.notices.matters import deciders, still_open

SETTLED = "settled in the meantime"
NOT_WANTED = "no longer wanted on this device"

_Key = tuple[str, int | None, int | None]
"""A matter by its kind, its proposal and its feed."""


def why_not_at_desk(claimed: Sequence[Delivery], now: datetime) -> dict[int, str]:
    """Of these deliveries, those that need not be sent, by primary key, with the reason."""
    if not claimed:
        return {}
    open_matters, may_decide = _open_matters(claimed, now), deciders(Kind.values)
    reasons: dict[int, str] = {}
    for delivery in claimed:
        kinds = {kind for kind, _, _ in _still_open(delivery, open_matters)}
        wanted = wanted_kinds(delivery.device) if delivery.device else frozenset()
        if not kinds:
            reasons[delivery.pk] = SETTLED
        elif not any(kind in wanted and _may(delivery, may_decide[kind]) for kind in kinds):
            reasons[delivery.pk] = NOT_WANTED
    return reasons


def _open_matters(claimed: Sequence[Delivery], now: datetime) -> dict[int, set[_Key]]:
    """By announcement, what still waits."""
    spans = [delivery.notice.span for delivery in claimed]
    rows = AnnouncedMatter.objects.within((min(first for first, _ in spans), max(last for _, last in spans)))
    found: defaultdict[int, set[_Key]] = defaultdict(set)
    for number, kind, submission, feed in rows.filter(still_open(now)).values_list(
        "announcement_id", "kind", "submission_id", "feed_id"
    ):
        found[number].add((kind, submission, feed))
    return found


def _still_open(delivery: Delivery, open_matters: dict[int, set[_Key]]) -> set[_Key]:
    """Of a notice about one thing, whether just that waits: it says its name. Of several, one that waits is enough."""
    notice = delivery.notice
    first, last = notice.span
    told = set().union(*(of for number, of in open_matters.items() if first <= number <= last))
    kinds = set(notice.kinds.split(","))
    return {
        (kind, submission, feed)
        for kind, submission, feed in told
        if kind in kinds and notice.submission_id in {None, submission} and notice.feed_id in {None, feed}
    }


def _may(delivery: Delivery, people: frozenset[int]) -> bool:
    return delivery.device is not None and delivery.device.user_id in people
