"""What a strict push service checks of a POST before it says 201 (RFC 8030 section 5, RFC 8291 section 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .mailbox import Mailbox
from .user_agent import Undecryptable, split
from .vapid_check import Refused, check_authorization

MAX_BODY_BYTES = 4096
URGENCIES = {"very-low", "low", "normal", "high"}
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_TTL = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Checked:
    """What the headers say."""

    ttl_seconds: int
    urgency: str
    topic: str
    claims: Mapping[str, object]


def check_post(mailbox: Mailbox, headers: Mapping[str, str], body: bytes, *, now: float) -> Checked:
    """What the request says; Refused with the status that the specifications name for its first fault."""
    if mailbox.is_gone:
        raise Refused(410, "unsubscribed")
    claims = check_authorization(headers.get("authorization"), origin=mailbox.origin, key=mailbox.vapid_key, now=now)
    ttl = headers.get("ttl", "")
    if not _TTL.fullmatch(ttl):
        raise Refused(400, "TTL is missing, or no number of seconds")
    urgency, topic = headers.get("urgency", "normal"), headers.get("topic", "")
    if urgency not in URGENCIES:
        raise Refused(400, "no such urgency")
    if "topic" in headers and not _TOPIC.fullmatch(topic):
        raise Refused(400, "the topic is not 1 to 32 characters of base64url")
    _check_body(headers, body)
    return Checked(int(ttl), urgency, topic, claims)


def _check_body(headers: Mapping[str, str], body: bytes) -> None:
    if len(body) > MAX_BODY_BYTES:
        raise Refused(413, "more than 4096 bytes")
    if not body:
        return
    if headers.get("content-encoding") != "aes128gcm":
        raise Refused(400, "not encoded as aes128gcm")
    try:
        split(body)
    except Undecryptable as error:
        raise Refused(400, str(error)) from error
