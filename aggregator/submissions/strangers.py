"""Who may send the form: whoever was shown it a while ago, and leaves empty what is to be left empty.

A signed moment stands in for the cookie that Django's own token needs: it shows that somebody asked for the page first.
It names nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.core import signing

TOKEN_FIELD = "token"  # noqa: S105 -- its name, no secret
EMPTY_FIELD = "leave_empty"
SHORTEST = timedelta(seconds=3)
"""Between the page and the form: nobody types faster."""
LONGEST = timedelta(hours=24)
_SALT = "aggregator.submissions form"


def new_token(now: datetime) -> str:
    """For a page that is made now."""
    return signing.Signer(salt=_SALT).sign(f"{int(now.timestamp())}")


def why_not(sent: Mapping[str, str], now: datetime) -> str:
    """In a sentence, why a form with these fields isn't taken; empty if it is."""
    age = _age(sent.get(TOKEN_FIELD, ""), now)
    if age is None:
        return "It isn’t certain that this was sent from our form. Here it is once more: please send it again."
    if age > LONGEST:
        return "The form was open for longer than a day. Here it is anew: please send it again."
    if age < SHORTEST:
        return "That was fast. Please look it over for a moment, and send it again."
    if sent.get(EMPTY_FIELD) is None:
        return f"A field was missing that has to be there and empty, “{EMPTY_FIELD}”. Please send it again."
    if sent[EMPTY_FIELD]:
        return f"The field “{EMPTY_FIELD}” has to stay empty: programs fill it. Please send it again."
    return ""


def is_to_be_kept(token: str, now: datetime) -> bool:
    """Whether a form that is shown once more may keep the token that it was sent with."""
    age = _age(token, now)
    return age is not None and age <= LONGEST


def _age(token: str, now: datetime) -> timedelta | None:
    try:
        seconds = int(signing.Signer(salt=_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    age = now - datetime.fromtimestamp(seconds, UTC)
    return max(age, timedelta())
