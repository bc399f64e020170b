"""What the ORM has no word for: rows saved or added to together, rows as one JSON list, one row cheaply, and locks.

The order of locks: PostgreSQL runs transactions side by side, and two that wait for each other end in a deadlock. So
everybody who changes several kinds of rows locks them in one order, and within a kind in the order of their ids. This
is the only list; it has the kinds of `notifications`, too:

1. the row of an import: `FeedImport.objects.take`; or of a proposal, and before it `lock_kind` if it is a new one, or
   is sent off; or the one that says how far old posts have tags (`TagBacklog`)
2. accounts: whoever deletes one, or lets a person have one device or test more
3. feeds: `Feed.objects....locked()`; after them, what is counted of their days (`FeedDay`), who has shown that their
   blogs are theirs (`Ownership`), or the row that says how far old posts have authors (`UnreadBylines`)
4. categories: when they are changed, deleted or chosen; under it, their former slugs
5. names: `lock_names`, for addresses and slugs, which no two feeds may share
6. posts: `lock_posts`, for what entries have in common that may be one post; under it, they are folded
7. entries, and their enclosures after them: by changing them; the planner's are those that wait to be announced. New
   ones, which nobody else sees yet, can be inserted at any time. What an entry is found by (`search.index`) is written
   by who has changed it, or locked it
   After them, and before devices, the round in which curators are told of the desk: `DeskRound.objects.take`
8. tags: `lock_words` of the keys of new ones, or `lock_kind` for who gives keys to others; then their rows, and what
   says which posts stand under them
9. devices: `PushSubscription.objects....lock()`, and after them the note that one was removed
10. deliveries: what waits for devices that you have locked, `Delivery.objects....lock()`
11. circuits: `Circuits.open` and `close`, in the order of the push services' names
12. what goes or changes with all of these: the sums of deliveries, then notices and devices' choices
13. posts let go: `PostsLetGo.objects.add`
14. who wrote entries: `Locked.AUTHORS`, for what authors' pages are called and who is one person, then the authors
15. the tags' counts, and after them the days': `refresh_counts` in a `site_change`, which adds to them at its end
16. the site's row: `touch` in a `site_change`, which changes it last of all

A transaction may leave a step out, never goes back up, and takes all of a step at once. So storing waits only for
somebody who has the same feed, name or post. Work that takes seconds (curators' expressions) comes before the posts are
locked. If you must count feeds anew that you haven't locked, do it after the commit: others may have locked them. The
planner alone goes back from step 10 to step 9, as it takes devices in chunks: to those with greater ids, and nobody has
the deliveries of a device without the device itself.

What never waits stands outside of this order, and passes over rows that others have: claims of deliveries and mails,
proposals that curators or senders are told of, what circuits put off, purges, the search's index of old posts with the
row that says how far it is (they `skip_locked`), and `keep_first`. So does the lock of workers that claim feeds
(`claim_alone`). SQLite lets one transaction write at a time, so none of this is felt there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from itertools import chain
from typing import Any, TypeVar, cast
from zlib import crc32

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import F, Func, Subquery, Value
from django.utils import timezone

from .derived import with_derived

_Row = TypeVar("_Row", bound=models.Model)

_CLAIMING_LOCK = 0x6F727265
"""Names the lock among those of the database; any number does that nobody else uses."""
MAX_LOCKED_WORDS = 256
"""In one transaction. PostgreSQL's memory for locks takes about 6,400 of all transactions, as it is set by default."""
MAX_INSERTED_ROWS = 100
"""In one statement."""
MAX_INSERTED_CHARACTERS = 2**20
"""Of their texts, which are all there twice while a statement runs; one row that has more goes alone."""
_WHOLE_KIND = 0
"""Stands for all words of a kind; those have numbers from 1 on."""


class Locked(IntEnum):
    """Kinds of words that a transaction can be alone with; the numbers tell them apart in the database."""

    NAMES = 1
    POSTS = 2
    PROPOSALS = 3
    TAGS = 4
    AUTHORS = 5


def claim_alone() -> None:
    """Wait until no other worker claims, and keep the others waiting until this transaction ends.

    Two claims that ran side by side could each take a feed of one host, as neither sees the other's. It is an advisory
    lock and not a row: storing locks rows, and the two could wait for each other.
    """
    if has_word_locks():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIMING_LOCK])


def lock_words(kind: Locked, words: Collection[str]) -> None:
    """Be alone with these words of a kind until the transaction ends; with all of the kind, if these are many.

    They are locked in one order, whoever asks, so that no two wait for each other: as long as each transaction asks
    once for a kind. Two words can share a number, which makes somebody wait who needn't.
    """
    if not words or not has_word_locks():
        return
    if len(words) > MAX_LOCKED_WORDS:
        lock_kind(kind)
        return
    numbers = sorted({crc32(word.encode()) % 2**31 or 1 for word in words})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [kind, _WHOLE_KIND])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, number) FROM unnest(%s::int[]) AS number", [kind, numbers])


def lock_kind(kind: Locked) -> None:
    """Be alone with all words of a kind until the transaction ends."""
    if has_word_locks():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, _WHOLE_KIND])


def has_word_locks() -> bool:
    """Whether there is anybody to be alone from: SQLite lets one transaction write at a time."""
    return connection.vendor == "postgresql"


def keep_first(model: type[models.Model], keys: Iterable[int]) -> int | None:
    """The key of the first of these rows that is here; nobody can delete it until the transaction ends.

    For whoever is about to refer to it: PostgreSQL looks at the commit whether it is there, and undoes all if it isn't.
    The lock is PostgreSQL's own for that, which keeps nobody from changing the row. It waits for nobody: a row that is
    being deleted, or may be, counts as gone. So it stands outside of the order.
    """
    quote, key = connection.ops.quote_name, model._meta.pk
    question = f"SELECT 1 FROM {quote(model._meta.db_table)} WHERE {quote(str(key.column))} = %s"  # noqa: S608 -- ours
    lock = " FOR KEY SHARE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for found in keys:
            cursor.execute(question + lock, [found])
            if cursor.fetchone():
                return found
    return None


def time_of_day() -> datetime:
    """Now: by the clock of a database that serves several machines, else by ours."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [now] = cursor.fetchone()
    return cast("datetime", now)


class FirstCharacter(Func):
    """The first character of a text. Written without parameters: SQLite looks into an index of it for no others."""

    template = "SUBSTR(%(expressions)s, 1, 1)"
    output_field = models.CharField()


class DayInUtc(Func):
    """The day of a moment, in UTC. SQLite has moments as text, in UTC; Django's TruncDate would call Python for each,
    which takes four times as long.
    """

    template = "SUBSTR(%(expressions)s, 1, 10)"
    output_field = models.DateField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s AT TIME ZONE 'UTC')::date")


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


def by_statements(rows: Iterable[_Row], characters: Callable[[_Row], int]) -> Iterator[list[_Row]]:
    """The rows in their order, in as many lots as there are to be statements that insert them."""
    lot: list[_Row] = []
    total = 0
    for row in rows:
        total += characters(row)
        if lot and (len(lot) == MAX_INSERTED_ROWS or total > MAX_INSERTED_CHARACTERS):
            yield lot
            lot, total = [], characters(row)
        lot.append(row)
    if lot:
        yield lot


def save_each(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Save these fields of these rows, which are all of one model and in the database already.

    Each row has values of its own; one statement, prepared once, is run for each. Django's `bulk_update` writes a CASE
    with a branch for each cell instead, and making that costs ten times what the database takes. Like it, this sends no
    signals; unlike it, it takes values only, no expressions. What is derived from these fields is saved with them.
    """
    if not rows:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    columns = {field.name: field for field in meta.concrete_fields}
    fields = [columns[name] for name in with_derived(type(rows[0]), names)]
    # The names are our own models'; all that comes from outside goes as parameters.
    changes = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    statement = f"UPDATE {quote(meta.db_table)} SET {changes} WHERE {quote(str(meta.pk.column))} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[*_values(row, fields), row.pk] for row in rows])


def add_to_each(model: type[models.Model], number: str, more: Mapping[Any, int]) -> None:
    """Add to a number of each of the rows that have these keys, in their order; where there is no row, make one.

    The model has the key and the number as columns, and no others. It is read and written by one statement, so two
    transactions can add side by side.
    """
    if not more:
        return
    quote, key = connection.ops.quote_name, model._meta.pk
    table, columns = quote(model._meta.db_table), (quote(str(key.column)), quote(number))
    statement = (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES (%s, %s) "  # noqa: S608 -- the names are our own models'
        f"ON CONFLICT ({columns[0]}) DO UPDATE SET {columns[1]} = {table}.{columns[1]} + excluded.{columns[1]}"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[key.get_db_prep_save(at, connection), more[at]] for at in sorted(more)])


def add_to_rows(model: type[models.Model], number: str, more: Mapping[int, int]) -> None:
    """Add to a number of each of these rows, in the order of their ids; a row that is gone is left out."""
    if not more:
        return
    quote, key = connection.ops.quote_name, model._meta.pk
    statement = (
        f"UPDATE {quote(model._meta.db_table)} SET {quote(number)} = {quote(number)} + %s "  # noqa: S608 -- our own
        f"WHERE {quote(str(key.column))} = %s"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[more[pk], pk] for pk in sorted(more)])


def _values(row: models.Model, fields: Iterable[models.Field[Any, Any]]) -> Iterator[Any]:
    return (field.get_db_prep_save(field.pre_save(row, add=False), connection) for field in fields)


def first_number_row(question: str, *numbers: int) -> tuple[int, ...] | None:
    """The first row that a question finds, whose columns are whole numbers and never null; None if it finds none.

    It goes past the cursors of Django and psycopg, which take five times as long as the question itself: that is more
    than all else of a page that is in memory. In the usual way it is asked while questions are counted or logged, and
    once more if PostgreSQL finds fault with it, so that the error is what Django makes of it.
    """
    line = connections[DEFAULT_DB_ALIAS]  # found once: `connection` looks for it each time that it is named
    if not (line.queries_logged or line.execute_wrappers):
        line.ensure_connection()
        with line.wrap_database_errors:
            if line.vendor == "sqlite":
                row: tuple[int, ...] | None = line.connection.execute(_marked(question), numbers).fetchone()
                return row
            found = line.connection.pgconn.exec_((question % numbers).encode())
        if found.nfields:
            columns = range(found.nfields)
            return tuple(int(found.get_value(0, column)) for column in columns) if found.ntuples else None
    with line.cursor() as cursor:
        cursor.execute(question, numbers)
        return cast("tuple[int, ...] | None", cursor.fetchone())


def _marked(question: str) -> str:
    """As SQLite writes it."""
    return question.replace("%s", "?")
