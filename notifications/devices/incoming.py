"""What browsers post, read into values; pure. Whatever can't be used raises `Malformed` with a plain sentence.

The shape of an offer is what `PushSubscription.toJSON()` gives (W3C Push API), plus what that leaves out: the key.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from notifications.push_services import MAX_ENDPOINT_CHARACTERS

MAX_POST_BYTES = 4096
"""An offer is an endpoint of at most 1,000 characters, two keys and a name."""
_MAX_NAME_CHARACTERS = 80
"""The column `PushSubscription.name` has no room for more."""
_MAX_P256DH_CHARACTERS = 88
"""65 bytes in base64, and the column's size."""
_MAX_AUTH_CHARACTERS = 24
"""16 bytes in base64, and the column's size."""
_HASH = re.compile("[0-9a-f]{64}")
_KEY_ID = re.compile("[0-9a-f]{16}")


class Malformed(ValueError):
    """The message is what to tell the sender."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A browser's subscription, as it says."""

    endpoint: str
    p256dh: str
    auth: str
    key_id: str
    name: str
    expires_at: datetime | None
    previous_hash: str = ""
    """Of the endpoint that the browser had before, if it says so."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A browser's subscription that is no more; without `auth` only its owner may say so."""

    endpoint: str
    auth: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a browser believes; both are empty when it has no subscription."""

    endpoint_hash: str
    key_id: str


def read_offer(body: bytes) -> Offer:
    post = _read_object(body)
    keys = _object(post, "keys")
    return Offer(
        endpoint=_text(post, "endpoint", MAX_ENDPOINT_CHARACTERS),
        p256dh=_text(keys, "p256dh", _MAX_P256DH_CHARACTERS),
        auth=_text(keys, "auth", _MAX_AUTH_CHARACTERS),
        key_id=_matching(post, "key_id", _KEY_ID),
        name=_name(post),
        expires_at=_moment(post.get("expirationTime")),
        previous_hash=_matching(post, "previous_hash", _HASH) if post.get("previous_hash") else "",
    )


def read_withdrawal(body: bytes) -> Withdrawal:
    post = _read_object(body)
    auth = _text(_object(post, "keys"), "auth", _MAX_AUTH_CHARACTERS) if post.get("keys") else ""
    return Withdrawal(endpoint=_text(post, "endpoint", MAX_ENDPOINT_CHARACTERS), auth=auth)


def read_standing(body: bytes) -> Standing:
    post = _read_object(body)
    if not post.get("endpoint_hash"):
        return Standing("", "")
    return Standing(_matching(post, "endpoint_hash", _HASH), _matching(post, "key_id", _KEY_ID))


def _read_object(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_POST_BYTES:
        raise Malformed(f"That is longer than {MAX_POST_BYTES} bytes.")
    try:
        post = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("That is not JSON.") from error
    if not isinstance(post, dict):
        raise Malformed("A JSON object is expected.")
    return post


def _object(post: dict[str, Any], name: str) -> dict[str, Any]:
    value = post.get(name)
    if not isinstance(value, dict):
        raise Malformed(f"“{name}” must be an object.")
    return value


def _text(post: dict[str, Any], name: str, longest: int) -> str:
    """Printable ASCII: all that an address and base64url are made of."""
    value = post.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not (value.isascii() and value.isprintable()):
        raise Malformed(f"“{name}” must be a text of at most {longest} plain characters.")
    return value


def _matching(post: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = post.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Malformed(f"“{name}” does not look as it should.")
    return value


def _name(post: dict[str, Any]) -> str:
    """The device's name on one line; empty if there is none."""
    value = post.get("name") or ""
    if not isinstance(value, str) or len(value) > 4 * _MAX_NAME_CHARACTERS:
        raise Malformed("“name” must be a short text.")
    shown = "".join(character if character.isprintable() else " " for character in value)
    return " ".join(shown.split())[:_MAX_NAME_CHARACTERS]


def _moment(value: object) -> datetime | None:
    """A DOMHighResTimeStamp: milliseconds since 1970, or null."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed("“expirationTime” must be a number or null.")
    try:
        seconds = float(value) / 1000
        if not math.isfinite(seconds) or seconds < 0:
            raise Malformed("“expirationTime” is no moment.")
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Malformed("“expirationTime” is no moment.") from error
