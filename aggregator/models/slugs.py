"""Words that name a row in an address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet


def free_slug(stem: str, rows: QuerySet[Any]) -> str:
    """The stem if none of the rows has it as slug, else with a number, from 2 on, that none has.

    It is the first such number where the rows have all before it. Few are asked for, each by the index: also where
    thousands of blogs have one name.
    """
    if not _is_taken(stem, rows):
        return stem
    taken, free = 1, 2
    while _is_taken(f"{stem}-{free}", rows):
        taken, free = free, 2 * free
    while free - taken > 1:
        middle = (taken + free) // 2
        taken, free = (middle, free) if _is_taken(f"{stem}-{middle}", rows) else (taken, middle)
    return f"{stem}-{free}"


def _is_taken(slug: str, rows: QuerySet[Any]) -> bool:
    return rows.filter(slug=slug).exists()
