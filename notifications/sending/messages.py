"""Notices and devices become messages, ready to be encrypted."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import salted_hmac

from notifications.models import Delivery, Notice, PushSubscription, Stream
from notifications.notices.desk_text import generic_desk_text
from notifications.notices.payload import generic_text, payload

from .types import Message

MIN_TTL_SECONDS = 60
"""With no time to live, a message is dropped if its browser is off at that moment."""
ICON = "icons/notification-192.png"
BADGE = "icons/notification-badge.png"


class Messages:
    """Makes messages; what a notice says is put together once for all of its devices."""

    def __init__(self) -> None:
        self._payloads: dict[tuple[int, bool], bytes] = {}

    def make(self, delivery: Delivery, now: datetime, *, is_short: bool = False) -> Message:
        """The message of a delivery whose device is there; `is_short`: as short as can be."""
        device, notice = delivery.device, delivery.notice
        assert device is not None, "only deliveries to devices are sent"
        is_test = notice.announcement_id is None
        is_generic = not is_test and not device.names_posts  # asked anew: it may have changed since
        left = notice.expires_at - now
        return Message(
            endpoint=device.endpoint,
            p256dh=device.p256dh,
            auth=device.auth,
            key_id=device.key_id,
            payload=self._payload(notice, is_generic=is_generic or is_short),
            ttl_seconds=max(MIN_TTL_SECONDS, int(left.total_seconds())),
            urgency="normal",
            topic=topic(notice, device),
        )

    def _payload(self, notice: Notice, *, is_generic: bool) -> bytes:
        key = (notice.pk, is_generic)
        if key not in self._payloads:
            self._payloads[key] = _payload(notice, is_generic=is_generic)
        return self._payloads[key]


def topic(notice: Notice, device: PushSubscription) -> str:
    """32 characters (RFC 8030 section 5.4) that tell the push service nothing, not even which devices share them.

    All notices of a stream to a device have the same: of those that wait for a browser that is off, the newest stays.
    """
    digest = salted_hmac("notifications.topic", f"{notice.topic} {device.pk}", algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:24]).decode()


def _payload(notice: Notice, *, is_generic: bool) -> bytes:
    title, body = _generic(notice) if is_generic else (notice.title, notice.body)
    return payload(
        title=title,
        body=body,
        navigate=_absolute(reverse("notifications:landing", args=[notice.pk])),
        tag=f"notice-{notice.pk}",
        icon=_absolute(_static(ICON)),
        badge=_absolute(_static(BADGE)),
        timestamp=notice.created_at,
        lang="" if is_generic else _language(notice),
    )


def _generic(notice: Notice) -> tuple[str, str]:
    text_of = generic_desk_text if notice.topic == Stream.DESK else generic_text
    return text_of(settings.SITE_NAME)


def _language(notice: Notice) -> str:
    """Of a notice that is a post's title; of our own words none, so that browsers take the page's."""
    entry = notice.entry
    if entry is None or notice.entry_count != 1:
        return ""
    return entry.language or entry.feed.language


def _static(name: str) -> str:
    try:
        return static(name)
    except ValueError:  # static files were not collected on the worker's machine; web servers know the plain name, too
        return f"{settings.STATIC_URL}{name}"


def _absolute(path: str) -> str:
    return f"{settings.WEBSITE_URL}{path}"
