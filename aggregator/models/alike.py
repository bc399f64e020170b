"""The lookup of search boxes: `title__alike="ökologie"` finds the word in every spelling, on any database."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Lookup, TextField

from .spelling import any_spelling, looked_for


@CharField.register_lookup
@TextField.register_lookup
class Alike(Lookup):
    """Whether a text contains another one, in upper or lower case, with marks or without (`spelling`)."""

    lookup_name = "alike"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        text, params = self.process_lhs(compiler, connection)
        return f"{text} ~ %s", [*params, any_spelling(str(self.rhs))]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """For an expression, SQLite calls Python, which takes fifty times as long as what it does by itself in ASCII:
        where there are no more bytes than characters.
        """
        text, params = self.process_lhs(compiler, connection)
        in_ascii = f"%{connection.ops.prep_for_like_query(looked_for(str(self.rhs)))}%"
        is_longer = f"LENGTH({text}) < LENGTH(CAST({text} AS BLOB))"
        found = rf"({text} LIKE %s ESCAPE '\' OR ({is_longer} AND {text} REGEXP %s))"
        return found, [*params, in_ascii, *params, *params, *params, any_spelling(str(self.rhs))]
