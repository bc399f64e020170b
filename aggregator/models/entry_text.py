"""The words of entries in the form in which they are looked for, and the databases' indexes of them.

SQLite has a full-text table (FTS5) beside this one, which three triggers keep as it is, whoever writes; PostgreSQL has
an index of the words themselves. Both take for a term what stands between two spaces, and know nothing of languages:
`search.terms` does. Rows must never be written by REPLACE, of which SQLite's triggers don't hear.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Func

from .entry import Entry

FULL_TEXT = "aggregator_entryterms"
"""The table that SQLite is asked by: `SELECT rowid FROM aggregator_entryterms WHERE terms MATCH ?`."""

_TABLE = f"""
CREATE VIRTUAL TABLE IF NOT EXISTS {FULL_TEXT} USING fts5 (
  terms, content = 'aggregator_entrytext', content_rowid = 'entry_id', detail = none, columnsize = 0,
  tokenize = "ascii tokenchars '+#.:_-'"
)
"""
_FORGET = f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}, rowid, terms) VALUES ('delete', old.entry_id, old.terms);"
_LEARN = f"INSERT INTO {FULL_TEXT} (rowid, terms) VALUES (new.entry_id, new.terms);"
_TRIGGERS = {"INSERT": _LEARN, "DELETE": _FORGET, "UPDATE OF entry_id, terms": f"{_FORGET} {_LEARN}"}


class TermsArray(Func):
    """The terms of a row as PostgreSQL indexes them. Written without parameters: it takes the index for no others."""

    template = "string_to_array(%(expressions)s, ' ')"

    def __init__(self) -> None:
        super().__init__("terms", output_field=models.TextField())


class TermsIndex(models.Index):
    """Of the terms between the spaces of a column; each database has its own way to keep it."""

    def __init__(self, *, name: str) -> None:
        super().__init__(fields=["terms"], name=name)

    def deconstruct(self) -> Any:
        path, _, _ = super().deconstruct()
        return path, (), {"name": self.name}

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        if schema_editor.connection.vendor == "sqlite":
            # One statement is returned; triggers may be made before or after what they speak of.
            schema_editor.deferred_sql.extend(
                f"CREATE TRIGGER IF NOT EXISTS {_trigger(event)} AFTER {event} ON aggregator_entrytext BEGIN {body} END"
                for event, body in _TRIGGERS.items()
            )
            return _TABLE
        # Without the list of what is still to be sorted in, each question takes as long as the last one.
        return (
            f"CREATE INDEX {self.name} ON aggregator_entrytext USING gin (string_to_array(terms, ' ')) "
            "WITH (fastupdate = off)"
        )

    def remove_sql(self, model: Any, schema_editor: Any, **kwargs: Any) -> Any:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.deferred_sql.extend(f"DROP TRIGGER IF EXISTS {_trigger(event)}" for event in _TRIGGERS)
            return f"DROP TABLE IF EXISTS {FULL_TEXT}"
        return f"DROP INDEX IF EXISTS {self.name}"


def _trigger(event: str) -> str:
    return f"entryterms_after_{event.split()[0].lower()}"


class EntryText(models.Model):
    """What an entry is found by."""

    entry = models.OneToOneField(Entry, models.CASCADE, primary_key=True, related_name="text")
    version = models.PositiveSmallIntegerField()
    """That of `search.terms` by which these were made: the worker makes those of other versions anew."""
    terms = models.TextField()
    """Marks first, then words, with a single space between two: `search.entry_terms` makes it."""

    class Meta:
        default_permissions = ()
        indexes = (TermsIndex(name="entry_terms"),)

    def __str__(self) -> str:
        return f"words of entry {self.entry_id}"
