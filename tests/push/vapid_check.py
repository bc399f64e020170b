"""What a strict push service checks of a sender's identity (RFC 8292)."""

from __future__ import annotations

import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .user_agent import CURVE, to_bytes

MAX_LIFE_SECONDS = 24 * 3600
_CONTACT = re.compile(r"mailto:[^@\s<>]+@[^@\s<>]+|https://[^\s<>]+")
_UNPADDED = re.compile(r"[A-Za-z0-9_-]+")


class Refused(Exception):
    """The status and the reason that the sender is told."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


def check_authorization(header: str | None, *, origin: str, key: bytes, now: float) -> dict[str, object]:
    """The claims. Refused with 401 if nothing was sent, with 403 if it doesn't prove that `key` is the sender's.

    `key` is the 65-byte public point that the subscription was made with; `now` is in seconds since 1970.
    """
    if header is None:
        raise Refused(401, "no Authorization")
    token, sent_key = _parameters(header)
    if to_bytes(sent_key) != key:
        raise Refused(403, "key mismatch")
    claims = _claims(token, key)
    _check_claims(claims, origin, now)
    return claims


def _parameters(header: str) -> tuple[str, str]:
    scheme, _, rest = header.partition(" ")
    pairs = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme.lower() != "vapid" or set(pairs) != {"t", "k"} or not _UNPADDED.fullmatch(pairs["k"]):
        raise Refused(403, "not of the form: vapid t=..., k=...")
    return pairs["t"], pairs["k"]


def _claims(token: str, key: bytes) -> dict[str, object]:
    parts = token.split(".")
    if len(parts) != 3 or not all(_UNPADDED.fullmatch(part) for part in parts):
        raise Refused(403, "not a JWT")
    head, claims, signature = (to_bytes(part) for part in parts)
    if json.loads(head).get("alg") != "ES256" or len(signature) != 64:
        raise Refused(403, "not signed with ES256")
    signed = ".".join(parts[:2]).encode()
    encoded = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key)
    try:
        public.verify(encoded, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused(403, "bad signature") from None
    return dict(json.loads(claims))


def _check_claims(claims: dict[str, object], origin: str, now: float) -> None:
    expires, contact = claims.get("exp"), claims.get("sub")
    if claims.get("aud") != origin:
        raise Refused(403, f"aud is not {origin}")
    if type(expires) is not int or not now < expires <= now + MAX_LIFE_SECONDS:
        raise Refused(403, "exp is past, or more than 24 hours ahead")
    if not isinstance(contact, str) or not _CONTACT.fullmatch(contact):
        raise Refused(403, "sub is no mail or https address")
