"""What goes to a push service: a message, encrypted (RFC 8291) and signed, with its headers (RFC 8030).

pywebpush encrypts. The headers are our own: pywebpush has none for the push services that want some of theirs, and
changes the claims that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pywebpush import NoData, WebPusher, WebPushException
from yarl import URL

from notifications.push_services import EndpointRefused, Service, check_endpoint, operator_of
from notifications.vapid.keys import KeyRing, check_subscription_keys
from notifications.vapid.signing import Tokens

from .types import Message, Problem

MAX_PLAINTEXT_BYTES = 3993
"""RFC 8291 section 4: 4,096 bytes in one record, less 86 of header, 1 of delimiter and 16 of tag."""

_MAX_ENCRYPTED_BYTES = 4096
"""Every push service takes this much (RFC 8030 section 7.2); more may be refused."""
_MIN_TTL_SECONDS = 60
"""With 0, a message for a browser that is off is dropped."""
_MAX_TTL_SECONDS = 28 * 86400
"""More is refused."""
_URGENCIES = {"very-low", "low", "normal", "high"}
_TOPIC = re.compile(r"[A-Za-z0-9_-]{0,32}", re.ASCII)


class Unsendable(Exception):
    """Nothing can be sent, and trying again changes nothing."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Request:
    """A request, ready to go."""

    url: URL
    origin: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class RequestMaker:
    """Makes requests of messages for push services, signed with the ring's keys."""

    ring: KeyRing
    tokens: Tokens
    contact: str
    extra_hosts: Sequence[str]

    def request_for(self, message: Message) -> Request:
        """The request for a message. Raises Unsendable."""
        try:
            origin = check_endpoint(message.endpoint, self.extra_hosts)
        except EndpointRefused as error:
            raise Unsendable(Problem.ENDPOINT_REFUSED) from error
        if message.urgency not in _URGENCIES or not _TOPIC.fullmatch(message.topic):
            raise Unsendable(Problem.NOT_A_MESSAGE)
        headers = _headers(message, operator_of(origin)) | {
            "Authorization": self._authorization(origin, message.key_id)
        }
        # Taken as it is: the path is the push service's, and another spelling of it is another address.
        return Request(URL(message.endpoint, encoded=True), origin, headers, encrypt(message))

    def _authorization(self, origin: str, key_id: str) -> str:
        key = self.ring.get(key_id)
        if key is None:
            raise Unsendable(Problem.KEY_IS_GONE)
        return self.tokens.authorization(origin, key, self.contact)


def encrypt(message: Message) -> bytes:
    """The body: one record of aes128gcm, with a key and a salt of its own. Raises Unsendable."""
    if not 0 < len(message.payload) <= MAX_PLAINTEXT_BYTES:
        raise Unsendable(Problem.TOO_LARGE if message.payload else Problem.NOT_A_MESSAGE)
    keys = {"p256dh": message.p256dh, "auth": message.auth}
    try:
        check_subscription_keys(**keys)
        pusher = WebPusher({"endpoint": message.endpoint, "keys": keys})
        body = bytes(pusher.encode(message.payload, "aes128gcm")["body"])
    except (WebPushException, NoData, LookupError, TypeError, ValueError) as error:
        raise Unsendable(Problem.KEYS_UNUSABLE) from error
    if len(body) > _MAX_ENCRYPTED_BYTES:
        raise Unsendable(Problem.TOO_LARGE)
    return body


def _headers(message: Message, service: Service) -> dict[str, str]:
    ttl_seconds = min(max(message.ttl_seconds, _MIN_TTL_SECONDS), _MAX_TTL_SECONDS)
    is_apple = service is Service.APPLE
    headers = {
        "TTL": str(ttl_seconds),
        "Urgency": message.urgency,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/notification+json" if is_apple else "application/octet-stream",
    }
    if message.topic:
        headers["Topic"] = message.topic
    if service is Service.MICROSOFT:
        headers["X-WNS-Cache-Policy"] = "cache"  # without it a TTL contradicts the default, and is refused
    return headers
