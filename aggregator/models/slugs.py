"""Words that name a row in an address."""

from __future__ import annotations

from itertools import chain, count
from typing import Any

from django.db.models import QuerySet


def free_slug(stem: str, rows: QuerySet[Any]) -> str:
    """The stem if none of the rows has it as slug, else with the first number, from 2 on, that none has."""
    taken = set(rows.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(slug for slug in chain([stem], numbered) if slug not in taken)
