"""The VAPID keys (RFC 8292): one for new subscriptions, and older ones that still sign for the devices that know them.

They come from the environment, or else from DATA_DIR. What can't be read is named in `KeyRing.problems`; nothing here
ever makes a key because one is missing or broken.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from django.conf import settings

from aggregator.unreadable import WAY_OUT, why_unreadable

CURVE = ec.SECP256R1()
POINT_BYTES = 65
AUTH_BYTES = 16
PRIVATE_BYTES = 32

_UNREADABLE = "unreadable:"
"""Begins the text of a file that is there and can't be read. No key has a colon."""
_EMPTY = "(empty)"
"""The text of a file in which there is none."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
# A file of `openssl ecparam -genkey` contains another block before the key's.
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.+?)-----END", re.DOTALL)


@dataclass(frozen=True, slots=True)
class VapidKey:
    """A key pair. `public` is the 65-byte point and `private` the 32-byte number; text is base64url without padding."""

    id: str
    """The first 16 hex digits of the SHA-256 of the point: names the key where the key itself must not be shown."""
    public: str
    private: bytes = field(repr=False)

    @classmethod
    def of(cls, private: ec.EllipticCurvePrivateKey) -> VapidKey:
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        number = private.private_numbers().private_value.to_bytes(PRIVATE_BYTES, "big")
        return cls(key_id(point), to_base64url(point), number)

    @classmethod
    def new(cls) -> VapidKey:
        return cls.of(ec.generate_private_key(CURVE))

    @classmethod
    def read(cls, text: str) -> VapidKey:
        """The pair of a private key: base64url of its 32 bytes, or PEM with or without its first and last line.

        Raises ValueError, in plain words, for anything else.
        """
        try:
            return cls.of(_private_key(_decode_leniently(text)))
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ValueError("it is no private key of the curve P-256") from error

    @property
    def private_text(self) -> str:
        """As it is kept and given to `VAPID_PRIVATE_KEY`."""
        return to_base64url(self.private)


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """Why a key can't be used, by variable or file."""

    what: str
    way_out: str


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys that we can sign with."""

    current: VapidKey | None = None
    """For new subscriptions; None if there is none yet, or if it can't be used."""
    old: tuple[VapidKey, ...] = ()
    problems: tuple[KeyProblem, ...] = ()

    @property
    def all(self) -> tuple[VapidKey, ...]:
        return (self.current, *self.old) if self.current else self.old

    def get(self, key_id: str) -> VapidKey | None:
        return next((key for key in self.all if key.id == key_id), None)


@dataclass(frozen=True, slots=True)
class Source:
    """A private key's text, and where it was found."""

    name: str
    text: str
    way_out: str = (
        "Restore it from a backup: without it, the devices that subscribed with it can't be reached. "
        "Only if it is lost, remove it and run `manage.py vapid_keys --ensure`, which makes a new pair."
    )


_OLD_WAY_OUT = (
    "Restore it from a backup, or remove it: the devices that subscribed with it then repair themselves when their "
    "owners next come by."
)


def keyring() -> KeyRing:
    """The site's keys, read again when they change: web servers and workers run on while keys are rotated."""
    return _assemble(
        Source("VAPID_PRIVATE_KEY", settings.VAPID_PRIVATE_KEY),
        settings.VAPID_PUBLIC_KEY,
        tuple(Source("VAPID_OLD_PRIVATE_KEYS", text, _OLD_WAY_OUT) for text in settings.VAPID_OLD_PRIVATE_KEYS),
        Source(str(current_path()), text_of(current_path())),
        tuple(Source(str(path), text_of(path), _OLD_WAY_OUT) for path in old_paths()),
    )


def current_path() -> Path:
    return Path(settings.DATA_DIR) / "vapid_private_key"


def old_folder() -> Path:
    return Path(settings.DATA_DIR) / "vapid_old"


def old_paths() -> list[Path]:
    folder = old_folder()
    if not folder.is_dir():
        return []
    try:
        # Files with a dot are being written.
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except PermissionError:
        return [folder / "*"]  # can't be read either, so it is named


def check_subscription_keys(p256dh: str, auth: str) -> None:
    """Pass for keys that a message can be encrypted to (RFC 8291 sections 3.1 and 3.2). ValueError in plain words."""
    point = from_base64url(p256dh)
    if point is None or len(point) != POINT_BYTES:
        raise ValueError("p256dh is not 65 bytes of base64url")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError as error:
        raise ValueError("p256dh is not a point on the curve P-256") from error
    secret = from_base64url(auth)
    if secret is None or len(secret) != AUTH_BYTES:
        raise ValueError("auth is not 16 bytes of base64url")


def key_id(point: bytes) -> str:
    return hashlib.sha256(point).hexdigest()[:16]


def to_base64url(data: bytes) -> str:
    """Without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes | None:
    """The bytes, or None unless the text is exactly what `to_base64url` makes: bytes have one spelling only."""
    if not _BASE64URL.fullmatch(text):
        return None
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return data if to_base64url(data) == text else None


@functools.lru_cache(maxsize=8)
def _assemble(
    private: Source, public: str, old_private: Sequence[Source], kept: Source, old_kept: Sequence[Source]
) -> KeyRing:
    """The environment wins over the file; a key in the file then counts as an old one."""
    problems: list[KeyProblem] = []
    is_in_environment = bool(private.text or public)
    current = _from_environment(private, public, problems) if is_in_environment else _read(kept, problems)
    rest = [*old_private, *old_kept, *([kept] if is_in_environment else [])]
    found = [_read(source, problems) for source in rest]
    old = {key.id: key for key in found if key and (current is None or key.id != current.id)}
    return KeyRing(current, tuple(old.values()), tuple(problems))


def _from_environment(private: Source, public: str, problems: list[KeyProblem]) -> VapidKey | None:
    if not private.text:
        problems.append(
            KeyProblem(
                "VAPID_PUBLIC_KEY is set and VAPID_PRIVATE_KEY is not",
                "Set both, or neither to use the pair in DATA_DIR.",
            )
        )
        return None
    key = _read(private, problems)
    if key and public and _public_point(public) != from_base64url(key.public):
        problems.append(
            KeyProblem(
                "VAPID_PUBLIC_KEY is not the public half of VAPID_PRIVATE_KEY",
                "Remove it (it can be computed), or set the private key that it belongs to.",
            )
        )
        return None
    return key


def _read(source: Source, problems: list[KeyProblem]) -> VapidKey | None:
    """The key, or None if there is none or if it can't be read; then `problems` says so."""
    if not source.text:
        return None
    if source.text.startswith(_UNREADABLE):
        problem = f"{source.name} {source.text.removeprefix(_UNREADABLE)}"
        problems.append(KeyProblem(problem, WAY_OUT))
        return None
    if source.text == _EMPTY:
        problems.append(KeyProblem(f"{source.name} is empty", source.way_out))
        return None
    try:
        return VapidKey.read(source.text)
    except ValueError as error:
        problems.append(KeyProblem(f"{source.name} can't be used: {error}", source.way_out))
        return None


def text_of(path: Path) -> str:
    """What a file contains; empty only if there is none, so that a file that can't be read is named, not passed by."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip() or _EMPTY
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{_UNREADABLE}{why_unreadable(error)}"


def _decode_leniently(text: str) -> bytes:
    """The bytes of a key as people paste it: either base64 alphabet, PEM lines, spaces, `\\n` written out."""
    unfolded = text.replace("\\n", "\n")
    block = _PEM.search(unfolded)
    body = "".join((block[1] if block else unfolded).split())
    body = body.rstrip("=").replace("+", "-").replace("/", "_")
    if not _BASE64URL.fullmatch(body):
        raise ValueError("not base64")
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


def _public_point(text: str) -> bytes | None:
    try:
        return _decode_leniently(text)
    except ValueError:
        return None


def _private_key(data: bytes) -> ec.EllipticCurvePrivateKey:
    if len(data) == PRIVATE_BYTES:
        return ec.derive_private_key(int.from_bytes(data, "big"), CURVE)
    key = load_der_private_key(data, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != CURVE.name:
        raise ValueError("another kind of key")
    return key
