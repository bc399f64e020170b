"""The words of entries in the form in which they are looked for, and the databases' indexes of them.

SQLite has a full-text table (FTS5) beside this one, which three triggers keep as it is, whoever writes; PostgreSQL has
an index of the words themselves. Both take for a term what stands between two spaces, and know nothing of languages:
`search.terms` does. Rows must never be written by REPLACE, of which SQLite's triggers don't hear.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from .entry import Entry

FULL_TEXT = "aggregator_entryterms"
"""The table that SQLite is asked by: `SELECT rowid FROM aggregator_entryterms WHERE aggregator_entryterms MATCH ?`,
with each term in quotes, and quotes in it doubled. Its column can't be asked by itself, as it knows no positions."""

_SIGNS = r"""!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~"""
"""All of ASCII, which a tag's key may have; written as a text in a text of SQLite is."""
_TABLE = f"""
CREATE VIRTUAL TABLE IF NOT EXISTS {FULL_TEXT} USING fts5 (
  terms, content = 'aggregator_entrytext', content_rowid = 'entry_id', detail = none, columnsize = 0,
  tokenize = "ascii tokenchars '{_SIGNS}'"
)
"""
_FORGET = f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}, rowid, terms) VALUES ('delete', old.entry_id, old.terms);"  # noqa: S608 -- ours
_LEARN = f"INSERT INTO {FULL_TEXT} (rowid, terms) VALUES (new.entry_id, new.terms);"  # noqa: S608 -- ours
_TRIGGERS = {"INSERT": _LEARN, "DELETE": _FORGET, "UPDATE OF entry_id, terms": f"{_FORGET} {_LEARN}"}


def _trigger(event: str) -> str:
    return f"entryterms_after_{event.partition(' ')[0].lower()}"


_TRIGGERS_MADE = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {_trigger(event)} AFTER {event} ON aggregator_entrytext BEGIN {body} END"
    for event, body in _TRIGGERS.items()
)
FULL_TEXT_TRIGGERS = tuple(map(_trigger, _TRIGGERS))
FULL_TEXT_DROPPED = (
    *(f"DROP TRIGGER IF EXISTS {name}" for name in FULL_TEXT_TRIGGERS),
    f"DROP TABLE IF EXISTS {FULL_TEXT}",
)
"""What takes SQLite's index away, without a word of an entry, while nobody asks it."""
_FILLED = f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}) VALUES ('rebuild')"  # noqa: S608 -- ours
FULL_TEXT_MADE = (_TABLE, *_TRIGGERS_MADE, _FILLED)
"""What makes it, of the words that are there."""


TERMS_ARRAY = "string_to_array(terms, ' ')"
"""The terms of a row as PostgreSQL indexes them. It takes the index for no other words than these."""


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
            schema_editor.deferred_sql.extend(_TRIGGERS_MADE)
            return _TABLE
        # Without the list of what is still to be sorted in, each question takes as long as the last one.
        return f"CREATE INDEX {self.name} ON aggregator_entrytext USING gin ({TERMS_ARRAY}) WITH (fastupdate = off)"

    def remove_sql(self, model: Any, schema_editor: Any, **kwargs: Any) -> Any:
        if schema_editor.connection.vendor == "sqlite":
            *triggers, table = FULL_TEXT_DROPPED
            schema_editor.deferred_sql.extend(triggers)
            return table
        return f"DROP INDEX IF EXISTS {self.name}"


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
