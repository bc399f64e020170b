"""Whether the index says what the rows say, and making it anew where it doesn't. Readers search meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.db import DatabaseError, connection, transaction

from aggregator.models import Entry, EntryText, SearchState
from aggregator.models.entry_text import FULL_TEXT, FULL_TEXT_DROPPED, FULL_TEXT_MADE, FULL_TEXT_TRIGGERS, TermsIndex
from aggregator.models.steps import MIN_PAUSE_SECONDS

from .catching_up import step
from .index import SOURCES, differing
from .terms import VERSION

STEP_ROWS = 200
"""Compared at once: their contents are in memory."""
Tell = Callable[[int, int], object]
"""Is told how many entries are done, and how many there are."""


def faults_of_index() -> str:
    """What is wrong with the database's own index, in its words or ours; empty if nothing is."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [_index().name])
            return "" if cursor.fetchone() == (True,) else "PostgreSQL has no such index, or began it and didn't end"
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        if not {(name,) for name in FULL_TEXT_TRIGGERS} <= set(cursor.fetchall()):
            return "what keeps it up to date is missing"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Rank 1 compares it with the words that are stored, too.
            cursor.execute(f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
    except DatabaseError as error:
        return str(error)
    return ""


def wrong_entries(tell: Tell) -> Iterator[Entry]:
    """The entries of which something else is stored than they are found by. In steps, whatever the number of rows.

    Those that the worker has still to read aren't wrong.
    """
    total, done, last = Entry.objects.count(), 0, 0
    while entries := list(Entry.objects.order_by("pk").filter(pk__gt=last).only(*SOURCES)[:STEP_ROWS]):
        last, done = entries[-1].pk, done + len(entries)
        suspects = [text.pk for text in differing(entries)]
        yield from _still_wrong(suspects)
        tell(done, total)


@transaction.atomic
def _still_wrong(entry_ids: Sequence[int]) -> list[Entry]:
    """Those of which it is true when nobody can be changing them."""
    if not entry_ids:
        return []
    rows = Entry.objects.order_by("pk").filter(pk__in=entry_ids).select_for_update(no_key=True)
    entries = list(rows.only(*SOURCES))
    wrong = {text.pk for text in differing(entries)}
    state = SearchState.objects.current()
    if not state.is_done_for(VERSION):
        state.begin(VERSION)  # unsaved: the worker will
        read = EntryText.objects.filter(pk__in=wrong, version=VERSION)
        wrong = set(read.values_list("pk", flat=True)) | (wrong - _below(state, entries))
    return [entry for entry in entries if entry.pk in wrong]


def _below(state: SearchState, entries: Iterable[Entry]) -> set[int]:
    """Those of these entries that the worker has still to read."""
    return set(state.still_to_read().filter(pk__in=[entry.pk for entry in entries]).values_list("pk", flat=True))


def rebuild(tell: Tell) -> None:
    """Make it anew. Killed, it is for the worker to go on.

    The database's own index comes first, in one go. On SQLite nobody can write meanwhile, though all can read; for
    PostgreSQL, call it outside of a transaction.
    """
    _make_index_anew()
    SearchState.objects.begin_anew()
    total, done = Entry.objects.count(), 0
    while not SearchState.objects.current().is_done_for(VERSION):
        looked_at = step()
        done += looked_at
        tell(done, total)
        if not looked_at:
            time.sleep(MIN_PAUSE_SECONDS)  # somebody has a row of them


def _make_index_anew() -> None:
    if connection.vendor == "postgresql":
        _make_postgresql_index_anew()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (*FULL_TEXT_DROPPED, *FULL_TEXT_MADE):
            cursor.execute(statement)


def _make_postgresql_index_anew() -> None:
    """Beside the one that is there; nobody waits for it."""
    name = _index().name
    with connection.schema_editor() as editor, connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {name}_ccnew")  # of one who was killed
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() == (None,):
            cursor.execute(str(_index().create_sql(EntryText, editor)))
            return
    with connection.cursor() as cursor:
        cursor.execute(f"REINDEX INDEX CONCURRENTLY {name}")


def _index() -> TermsIndex:
    [index] = (index for index in EntryText._meta.indexes if isinstance(index, TermsIndex))
    return index
