"""Rows, each model with its queryset: what the parts of this app know of each other. This is its face.

Other rooms say all that they say by these names. Dependencies run one way, and all of them may use `aggregator.models`:

    devices <- notices
    circuits stands alone
"""

from .circuits import Circuit
from .devices import PushSubscription, PushSubscriptionQuerySet, RemovedDevice, endpoint_digest
from .notices import AnnouncedEntry, Announcement, Delivery, DeliveryQuerySet, Notice

__all__ = [
    "AnnouncedEntry",
    "Announcement",
    "Circuit",
    "Delivery",
    "DeliveryQuerySet",
    "Notice",
    "PushSubscription",
    "PushSubscriptionQuerySet",
    "RemovedDevice",
    "endpoint_digest",
]
