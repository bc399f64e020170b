"""Thousands of rows at the cost of one: the database copies them by itself."""

from __future__ import annotations

from django.db import connection
from django.db.models import Model


def multiply(row: Model, count: int, **values: str) -> None:
    """So many more rows like this one, which is stored; columns that differ are given in SQL.

    In it, `number` counts the copies from 1 on: `slug="'feed-' || number"`.
    """
    quote, meta = connection.ops.quote_name, row._meta
    columns = [field.column for field in meta.concrete_fields if not field.primary_key]
    assert values.keys() <= set(columns)
    copied = ", ".join(values.get(column, quote(column)) for column in columns)
    table, key = quote(meta.db_table), quote(meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(quote, columns))})"
            " WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < %s)"
            f" SELECT {copied} FROM {table}, numbers WHERE {table}.{key} = %s",
            [count, row.pk],
        )
