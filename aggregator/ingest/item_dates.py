"""When the items of a document were published and changed: what each says, held against the others and the time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .address_dates import day_in_address
from .dates import can_be_guessed, first_to_believe, is_believable, parse_date
from .types import RawDocument, RawItem

_BUILD_AGE = timedelta(days=1)
"""A feed that says it is younger was written anew for us, or by a nightly build; that dates none of its posts."""

_MIN_BUILT_TOGETHER = 4
"""Items that say they were published in one moment of today. Three can be; and no more are on the front page."""

_ONE_MOMENT = timedelta(minutes=1)
"""A program that dates each item when it writes it takes no longer for all."""

_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
"""In a title that is a day. Without one, "Django 5.2.12" would be in February of 2012."""

_MIN_AGE_OF_A_DAY = timedelta(days=2)
"""When a day that is named without a time says more than the moment at which the item is seen first."""


@dataclass(frozen=True, slots=True)
class Dates:
    """Of one item. Neither is later than the moment of the poll."""

    published: datetime | None
    updated: datetime | None


def all_dates(items: Sequence[RawItem], now: datetime) -> list[Dates]:
    """When the items were published and changed, none of it later than `now`.

    If all items claim to have changed at one and the same moment, the whole site was rebuilt then, and no post is new.
    Nor do many that were all published just now say when they were. An item without a date has that of the day that its
    address or its whole title names, unless that is today or yesterday.
    """
    published = [_moment(item.published, item.published_guess, now) for item in items]
    updated = [_moment(item.updated, item.updated_guess, now) for item in items]
    if len(items) > 1 and len(set(updated)) == 1:
        updated = [None] * len(items)
    if _is_of_the_build(published, now):
        published = updated = [None] * len(items)
    return [
        Dates(_clamped(_best(item, first_to_believe(first, then, now), now), now), _clamped(then, now))
        for item, first, then in zip(items, published, updated, strict=True)
    ]


def age_of(raw: RawDocument, now: datetime) -> datetime | None:
    """The date of the feed itself, which may stand for posts that have none; the first that is no build of today."""
    moments = (parse_date(text, now) for text in raw.dates)
    return next((moment for moment in moments if moment and now - moment >= _BUILD_AGE), None)


def _moment(text: str, guess: datetime | None, now: datetime) -> datetime | None:
    """What the text says, else what the parser made of it, if that can be true."""
    moment = parse_date(text, now) if text else None
    if moment is None and guess is not None and is_believable(guess, now) and can_be_guessed(text, guess):
        return guess
    return moment


def _is_of_the_build(published: Sequence[datetime | None], now: datetime) -> bool:
    """Whether these are many dates, and all of the moment, today, at which the document was written."""
    if len(published) < _MIN_BUILT_TOGETHER or published[0] is None or published[-1] is None:
        return False
    if abs(published[0] - published[-1]) > _ONE_MOMENT or now - published[0] > _BUILD_AGE:
        return False
    moments = [moment for moment in published if moment]
    return len(moments) == len(published) and max(moments) - min(moments) <= _ONE_MOMENT


def _best(item: RawItem, written: datetime | None, now: datetime) -> datetime | None:
    """The date that is written, or the day that is named elsewhere if that is none to believe."""
    if written and is_believable(written, now):
        return written
    return _named_day(item, now) or written


def _named_day(item: RawItem, now: datetime) -> datetime | None:
    day = day_in_address(item.url) or (parse_date(item.title, now) if _YEAR.search(item.title) else None)
    return day if day and is_believable(day, now) and now - day >= _MIN_AGE_OF_A_DAY else None


def _clamped(moment: datetime | None, now: datetime) -> datetime | None:
    return None if moment is None else min(moment, now)
