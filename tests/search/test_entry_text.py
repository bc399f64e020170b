"""What stands in the database: both kinds know exactly the terms of a row, whatever they are made of."""

from __future__ import annotations

import string

import pytest
from django.db import connection

from aggregator.models import EntryText
from aggregator.models.entry_text import FULL_TEXT, TERMS_ARRAY
from tests.factories import make_entry

pytestmark = pytest.mark.django_db


def found(term: str) -> list[int]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            quoted = '"' + term.replace('"', '""') + '"'
            cursor.execute(f"SELECT rowid FROM {FULL_TEXT} WHERE {FULL_TEXT} MATCH %s", [quoted])
            return [pk for (pk,) in cursor.fetchall()]
    rows = EntryText.objects.extra(where=[f"{TERMS_ARRAY} @> ARRAY[%s]"], params=[term])
    return [*rows.values_list("pk", flat=True)]


@pytest.mark.parametrize("sign", string.punctuation)
def test_a_tag_with_any_sign_is_one_term(sign: str) -> None:
    entry = make_entry(tags=[f"a{sign}b"])
    marks = [term for term in entry.text.terms.split(" ") if term.startswith("g:")]
    assert len(marks) == 1
    assert found(marks[0]) == [entry.pk]
    assert found(marks[0][:3]) == []
