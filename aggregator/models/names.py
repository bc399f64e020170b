"""Names that only one row may have: the addresses of feeds, and the words that name a row in an address of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from .spelling import caseless
from .sql import Locked, lock_words

NEAR_NUMBERS = 50
"""So many are looked up at once: seldom do more blogs have one name."""


def lock_names(
    *, addresses: Iterable[str] = (), slug_stems: Iterable[str] = (), categories: Iterable[str] = ()
) -> None:
    """Be alone until the transaction ends in looking whether these names are taken, and in taking them.

    Without it, one feed could be added twice in the same instant. Call it once in a transaction, with all names, and
    before entries are changed: `sql` tells the order of locks.
    """
    words = {f"address {address.partition('://')[2]}" for address in addresses}
    words |= {f"slug {re.sub(r'(-[0-9]+)+$', '', stem)}" for stem in slug_stems}  # `free_slug` adds numbers
    words |= {f"category {caseless(name)}" for name in categories}
    lock_words(Locked.NAMES, words)


def free_slug(stem: str, *tables: QuerySet[Any]) -> str:
    """The stem if none of the rows of these tables has it as slug, else with a number, from 2 on, that none has.

    It is the first such number up to NEAR_NUMBERS, and after that where the rows have all before it. Few are asked for,
    each by the index: also where thousands of blogs have one name.
    """
    return f"{stem}-{_free_number(stem, *tables)}" if _is_taken(stem, *tables) else stem


def free_slugs(stems: Iterable[str], *tables: QuerySet[Any]) -> list[str]:
    """A slug for each of these stems, each another one that no row of these tables has, as `free_slug` chooses them.

    One look tells for all whether their stems are free; only of those that aren't are numbers asked for.
    """
    stems = list(stems)
    taken = {slug for rows in tables for slug in rows.filter(slug__in=stems).values_list("slug", flat=True)}
    numbers: dict[str, int] = {}
    slugs = []
    for stem in stems:
        slug = stem
        while slug in taken or (slug != stem and _is_taken(slug, *tables)):
            numbers[stem] = numbers[stem] + 1 if stem in numbers else _free_number(stem, *tables)
            slug = f"{stem}-{numbers[stem]}"
        taken.add(slug)
        slugs.append(slug)
    return slugs


def choose_slugs(feeds: Iterable[Any], rows: QuerySet[Any]) -> None:
    """Set (unsaved) slugs that none of the rows has; one stays that says what it would. Call `lock_names` before."""
    unnamed = [feed for feed in feeds if not re.fullmatch(rf"{re.escape(feed.slug_stem)}(-[0-9]+)?", feed.slug)]
    slugs = free_slugs([feed.slug_stem for feed in unnamed], rows)
    for feed, slug in zip(unnamed, slugs, strict=True):
        feed.slug = slug


def _free_number(stem: str, *tables: QuerySet[Any]) -> int:
    near = [f"{stem}-{number}" for number in range(2, NEAR_NUMBERS + 1)]
    known = {slug for rows in tables for slug in rows.filter(slug__in=near).values_list("slug", flat=True)}
    for number, slug in enumerate(near, 2):
        if slug not in known:
            return number
    taken, free = NEAR_NUMBERS, 2 * NEAR_NUMBERS
    while _is_taken(f"{stem}-{free}", *tables):
        taken, free = free, 2 * free
    while free - taken > 1:
        middle = (taken + free) // 2
        taken, free = (middle, free) if _is_taken(f"{stem}-{middle}", *tables) else (taken, middle)
    return free


def _is_taken(slug: str, *tables: QuerySet[Any]) -> bool:
    return any(rows.filter(slug=slug).exists() for rows in tables)
