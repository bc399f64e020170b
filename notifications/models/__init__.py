"""Rows, each model with its queryset. This is the room's face: other rooms use these names.

Dependencies run one way, and each module may use `aggregator.models`:

    devices <- notices <- delivery_sums
               notices <- matters
    circuits and mails stand alone
"""

from .circuits import Circuit
from .delivery_sums import DeliverySum
from .devices import PushSubscription, PushSubscriptionQuerySet, RemovedDevice, endpoint_digest
from .mails import Mail, MailQuerySet
from .matters import AnnouncedMatter, DeskRound, Kind, MailWish, ToldFeed, wanted_kinds
from .notices import AnnouncedEntry, Announcement, Delivery, DeliveryQuerySet, Notice, Stream

__all__ = [
    "AnnouncedEntry",
    "AnnouncedMatter",
    "Announcement",
    "Circuit",
    "Delivery",
    "DeliveryQuerySet",
    "DeliverySum",
    "DeskRound",
    "Kind",
    "Mail",
    "MailQuerySet",
    "MailWish",
    "Notice",
    "PushSubscription",
    "PushSubscriptionQuerySet",
    "RemovedDevice",
    "Stream",
    "ToldFeed",
    "endpoint_digest",
    "wanted_kinds",
]
