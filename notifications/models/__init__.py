"""Rows and the rules about them."""

from .notices import (
    AnnouncedEntry,
    Announcement,
    Circuit,
    Delivery,
    Notice,
    PushSubscription,
    RemovedDevice,
    endpoint_digest,
)

__all__ = [
    "AnnouncedEntry",
    "Announcement",
    "Circuit",
    "Delivery",
    "Notice",
    "PushSubscription",
    "RemovedDevice",
    "endpoint_digest",
]
