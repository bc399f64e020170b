"""Secret addresses: who has one may see and change the row that it belongs to, and nobody else can guess it."""

from __future__ import annotations

from django.core import signing


def token_of(kind: str, key: str) -> str:
    """The part of an address that leads to the row with this key, for pages of that `kind` alone."""
    return _signer(kind).sign(key)


def key_of(kind: str, token: str) -> str | None:
    """The key of the row, or None if nobody was given this."""
    try:
        return _signer(kind).unsign(token)
    except signing.BadSignature:
        return None


def _signer(kind: str) -> signing.Signer:
    return signing.Signer(sep=".", salt=f"aggregator.submissions {kind}")
