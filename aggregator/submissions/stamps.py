"""What a page of an owner showed, as its forms send it along: signed, for that owner alone, and for a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.core import signing

STAMP_FIELD = "stamp"
LONGEST = timedelta(hours=24)
_SALT = "aggregator.submissions stamp"


def stamp_of(key: str, shown: Sequence[object]) -> str:
    """For a page that is made now, of the row with this key."""
    return signing.dumps([key, list(shown)], salt=_SALT)


def shown_by(stamp: str, key: str) -> list[object] | None:
    """What the page showed; None if it was no page of this row's, or is older than a day."""
    try:
        of_key, shown = signing.loads(stamp, salt=_SALT, max_age=LONGEST)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return list(shown) if of_key == key else None
