"""The receiving end of a push message: the keys that a browser makes, and how it reads what arrives (RFC 8188, 8291).

Written from the RFCs with `cryptography` alone, so that it agrees with the sender's library only if both are right.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HEADER_BYTES = 16 + 4 + 1 + 65
TAG_BYTES = 16
CURVE = ec.SECP256R1()


class Undecryptable(ValueError):
    """A browser would acknowledge this message and show nothing."""


def to_text(data: bytes) -> str:
    """base64url without padding, as browsers write it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def to_bytes(text: str) -> bytes:
    """From base64url, with or without padding. ValueError for any other character."""
    data = text.rstrip("=").replace("-", "+").replace("_", "/") if not set(text) & set("+/") else "?"
    return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)


def new_vapid_key() -> tuple[str, bytes]:
    """A key pair of an application server: the public point as base64url, the private number as 32 bytes."""
    key = ec.generate_private_key(CURVE)
    return to_text(public_point(key.public_key())), key.private_numbers().private_value.to_bytes(32, "big")


def public_point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass(frozen=True, slots=True)
class UserAgent:
    """One subscription's secrets."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    auth_secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def p256dh(self) -> str:
        return to_text(public_point(self.private.public_key()))

    @property
    def auth(self) -> str:
        return to_text(self.auth_secret)

    def decrypt(self, body: bytes) -> bytes:
        """The plaintext. Undecryptable if the body is not exactly one record that was made for this user agent."""
        salt, sender, sealed = split(body)
        shared = self.private.exchange(ec.ECDH(), _point(sender))
        info = b"WebPush: info\0" + public_point(self.private.public_key()) + sender
        secret = _expand(_extract(self.auth_secret, shared), info, 32)
        pseudorandom = _extract(salt, secret)
        key = _expand(pseudorandom, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _expand(pseudorandom, b"Content-Encoding: nonce\0", 12)
        try:
            padded = AESGCM(key).decrypt(nonce, sealed, None)
        except InvalidTag as error:
            raise Undecryptable("made for other keys, or damaged") from error
        return _without_padding(padded)


def split(body: bytes) -> tuple[bytes, bytes, bytes]:
    """Salt, sender's point and ciphertext of an aes128gcm body; Undecryptable if RFC 8291 section 4 forbids it."""
    if len(body) < HEADER_BYTES + TAG_BYTES + 1:
        raise Undecryptable("shorter than an empty message")
    salt, record_bytes, id_length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, sealed = body[21:HEADER_BYTES], body[HEADER_BYTES:]
    if id_length != 65 or sender[0] != 4:
        raise Undecryptable("the key id is not an uncompressed point")
    if record_bytes < 18 or len(sealed) > record_bytes:
        raise Undecryptable("not exactly one record")
    return salt, sender, sealed


def _point(data: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)
    except ValueError as error:
        raise Undecryptable("the sender's point is not on the curve") from error


def _extract(salt: bytes, material: bytes) -> bytes:
    return hmac.digest(salt, material, hashlib.sha256)


def _expand(pseudorandom: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand (RFC 5869) for at most 32 bytes: one round."""
    return hmac.digest(pseudorandom, info + b"\x01", hashlib.sha256)[:length]


def _without_padding(padded: bytes) -> bytes:
    text = padded.rstrip(b"\0")
    if text[-1:] != b"\x02":
        raise Undecryptable("the delimiter of the last record is missing")
    return text[:-1]
