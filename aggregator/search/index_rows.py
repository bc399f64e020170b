"""The ids of entries whose terms meet a condition, as each database's index gives them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from aggregator.models.entry_text import FULL_TEXT, TERMS_ARRAY

from .condition import Condition

_TABLE = "aggregator_entrytext"


def ids_meeting(condition: Condition, limit: int | None = None) -> list[int]:
    """The ids of entries that meet a condition, in no order; at most so many of them. It must not be open."""
    sql, params = (_on_sqlite if connection.vendor == "sqlite" else _on_postgresql)(condition)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT {limit}" if limit else sql, params)
        return [pk for (pk,) in cursor.fetchall()]


def among(ids: Collection[int]) -> RawSQL:
    """These ids, for `pk__in`, as one parameter however many they are."""
    written = ",".join(map(str, ids))
    if connection.vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", [f"[{written}]"])
    return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{written}}}"])  # the driver takes longer to write a list


def _on_sqlite(condition: Condition) -> tuple[str, list[Any]]:
    """Every term is quoted, so that none is an operator of FTS5."""
    groups = [_quoted("AND", condition.every), *(_quoted("OR", group) for group in condition.one_of)]
    match = " AND ".join(filter(None, groups))
    if condition.none_of:
        match = f"({match}) NOT {_quoted('OR', condition.none_of)}"
    return f"SELECT rowid FROM {FULL_TEXT} WHERE {FULL_TEXT} MATCH %s", [match]  # noqa: S608 -- names of ours


def _quoted(operator: str, terms: Sequence[str]) -> str:
    written = f" {operator} ".join('"{}"'.format(term.replace('"', '""')) for term in terms)
    return f"({written})" if written else ""


def _on_postgresql(condition: Condition) -> tuple[str, list[Any]]:
    """What must not be there is taken away by the index, too: to look into the rows takes fifty times as long."""
    found = [f"{TERMS_ARRAY} @> %s::text[]"] if condition.every else []
    found += [f"{TERMS_ARRAY} && %s::text[]" for _ in condition.one_of]
    params: list[Any] = [list(condition.every)] if condition.every else []
    params += [list(group) for group in condition.one_of]
    sql = f"SELECT entry_id FROM {_TABLE} WHERE {' AND '.join(found)}"  # noqa: S608 -- names of ours
    if not condition.none_of:
        return sql, params
    return f"{sql} EXCEPT {sql} AND {TERMS_ARRAY} && %s::text[]", [*params, *params, list(condition.none_of)]
