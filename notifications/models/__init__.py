"""Rows, each model with its queryset. This is the room's face: other rooms use these names.

Dependencies run one way, and each module may use `aggregator.models`:

    devices <- notices <- delivery_sums
    circuits stands alone
"""

from .circuits import Circuit
from .delivery_sums import DeliverySum
from .devices import PushSubscription, PushSubscriptionQuerySet, RemovedDevice, endpoint_digest
from .notices import AnnouncedEntry, Announcement, Delivery, DeliveryQuerySet, Notice

__all__ = [
    "AnnouncedEntry",
    "Announcement",
    "Circuit",
    "Delivery",
    "DeliveryQuerySet",
    "DeliverySum",
    "Notice",
    "PushSubscription",
    "PushSubscriptionQuerySet",
    "RemovedDevice",
    "endpoint_digest",
]
