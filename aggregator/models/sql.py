"""What the ORM has no word for: rows saved together, rows as one JSON list, and locks.

The order of locks: PostgreSQL runs transactions side by side, and two that wait for each other end in a deadlock. So
everybody who changes several kinds of rows locks them in one order, and within a kind in the order of their ids:

1. feeds: `Feed.objects....locked()`
2. the site's row: `SiteState.objects.lock()` (or `touch`, which changes it); under it, feeds are added and addresses
   and slugs are taken, which no two feeds may share
3. entries: by changing them

The row of an import (`FeedImport.objects.take`) is locked before all of these.

A transaction may leave a step out, and never goes back up. Work that takes seconds (curators' expressions) comes before
the site's row is locked, as all storing waits for that. If you must count feeds anew that you haven't locked, do it
after the commit: others may have locked them. Workers that claim feeds take an advisory lock (`claim_alone`), which
stands outside of this order. SQLite lets one transaction write at a time, so none of this is felt there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from django.db import connection, models
from django.db.models import F, Func, Subquery, Value

_CLAIMING_LOCK = 0x6F727265
"""Names the lock among those of the database; any number does that nobody else uses."""


def claim_alone() -> None:
    """Wait until no other worker claims, and keep the others waiting until this transaction ends.

    Two claims that ran side by side could each take a feed of one host, as neither sees the other's. It is an advisory
    lock and not a row: storing locks rows, and the two could wait for each other.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIMING_LOCK])


class JSONRow(Func):
    """One JSON object a row, of columns under names of ours: `JSONRow(title="feed__title")`.

    Django's JSONObject first asks SQLite whether it knows JSON, in a transaction, which here waits for the write lock;
    if it waits in vain, that counts as a No as long as the process lives. A SQLite without JSON fails Django's own
    check (fields.E180) at the start.
    """

    function = "json_object"
    output_field = models.JSONField()

    def __init__(self, **columns: str) -> None:
        super().__init__(*chain.from_iterable((Value(name), F(column)) for name, column in columns.items()))

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, function="jsonb_build_object")


class JSONRows(Subquery):
    """The rows of a subquery of one JSON column, which must be named `found`, as one JSON list."""

    template = "(SELECT json_group_array(json(one.found)) FROM (%(subquery)s) AS one)"
    output_field = models.JSONField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = "(SELECT jsonb_agg(one.found) FROM (%(subquery)s) AS one)"
        return self.as_sql(compiler, connection, template=template)


def save_each(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Save these fields of these rows, which are all of one model and in the database already.

    Each row has values of its own; one statement, prepared once, is run for each. Django's `bulk_update` writes a CASE
    with a branch for each cell instead, and making that costs ten times what the database takes. Like it, this sends no
    signals; unlike it, it takes values only, no expressions.
    """
    if not rows:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    columns = {field.name: field for field in meta.concrete_fields}
    fields = [columns[name] for name in names]
    # The names are our own models'; all that comes from outside goes as parameters.
    changes = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    statement = f"UPDATE {quote(meta.db_table)} SET {changes} WHERE {quote(str(meta.pk.column))} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[*_values(row, fields), row.pk] for row in rows])


def _values(row: models.Model, fields: Iterable[models.Field[Any, Any]]) -> Iterator[Any]:
    return (field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields)
