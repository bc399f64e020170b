"""What was typed becomes a value, or a sentence that says why not."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.search.query import MAX_CHARACTERS, MAX_PARTS, Name, Query, QueryError, Words, parse
from aggregator.search.spans import marks_of_days
from aggregator.search.terms import terms
from tests.examples import examples


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("  two   words ", "two words"),
        ("two two", "two"),
        ('"a phrase" word', '"a phrase" word'),
        ("„ganz neu“ «tout neuf» “brand new” 「東京 都」", '"ganz neu" "tout neuf" "brand new" "東京 都"'),
        ('"never closed', '"never closed"'),
        ('x"y z"w', "x y z w"),
        ("word -not −that –nor —this", "word -not -that -nor -this"),
        ('word -"not this"', 'word -"not this"'),
        ("git --force a - b", "git --force a b"),
        ("well-known", "well-known"),
        ("TITLE:Word Author: Ada source:x CATEGORY:y tag:z", "title:Word author:Ada source:x category:y tag:z"),
        ('source:"Ada\'s blog"', 'source:"Ada\'s blog"'),
        ("title：機能", "title:機能"),
        ("foo:bar http://blog.example/a?b=c", "foo:bar http://blog.example/a?b=c"),
        ("title:", '"title:"'),
        ("subtitle:word", "subtitle:word"),
        ("after:2026 x", "x after:2026-01-01"),
        ("x before:2026-05 after:2026-05-07", None),
        ("x AFTER:2026-05 before:2026-5-7", "x after:2026-05-01 before:2026-05-07"),
        ("x -after:2026 -before:2025", "x after:2025-01-01 before:2026-01-01"),
        ("x after:2024 after:2025 before:2026 before:2027", "x after:2025-01-01 before:2026-01-01"),
        ("a\0b \ud800c \u202ed\u2066", "a b c d"),
        ("NEAR(a b) ^c* d OR NOT", "NEAR(a b) ^c* d OR NOT"),
    ],
)
def test_text_gives_a_query_that_prints_as_one(text: str, printed: str | None) -> None:
    if printed is None:
        with pytest.raises(QueryError, match="No day is both from 2026-05-07 on and before 2026-05-01"):
            parse(text)
    else:
        assert str(parse(text)) == printed
        assert parse(printed) == parse(text)


def test_a_query_is_a_value() -> None:
    assert parse("title:One -two tag:three after:2026-05") == Query(
        (Words("title", "One"), Words("", "two", is_excluded=True)), (Name("tag", "three"),), after=date(2026, 5, 1)
    )
    assert parse("node.js").words[0].terms == ("node", "js")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Write a word to look for."),
        (" \n", "Write a word to look for."),
        ('"" ... - :', "Write at least one letter or digit"),
        ("-flask", "“-flask” only says what to leave out. Add a word"),
        ("-source:x", "only says what to leave out"),
        ("x" * (MAX_CHARACTERS + 1), f"at most {MAX_CHARACTERS} characters"),
        ("\0" * 100_000, "at most"),
        (" ".join(f"w{number}" for number in range(MAX_PARTS + 1)), f"at most {MAX_PARTS} words"),
        ("before:soon", "“soon” is no date. Write it as in before:2026, before:2026-05 or before:2026-05-07."),
        ("after:2026-02-30", "“2026-02-30” is no date"),
        ("after:0000", "is no date"),
        ("after:99999999", "is no date"),
    ],
)
def test_what_cannot_be_looked_for_is_told_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(text)
    assert told in str(error.value)
    assert str(error.value).endswith((".", "!"))


def test_words_fields_and_dates_alone_are_enough() -> None:
    for text in ("x", '"x y"', "title:x", "author:x", "source:x", "category:x", "tag:x", "before:2026", "after:2026"):
        assert parse(text) != Query()


TYPED = st.one_of(
    st.sampled_from(
        [
            "title:",
            "-",
            '"',
            "„",
            "”",
            " ",
            "source:",
            "after:",
            "2026",
            "-05",
            "word",
            "C++",
            ".net",
            "機能",
            "ไทย",
            "：",
        ]
    ),
    st.text(st.characters(), max_size=3),
    st.characters(codec=None),
)


@given(st.lists(TYPED, max_size=12).map("".join))
@example('title:"')
@example('-"-"')
@example("title:title:x")
@example("-title: -x")
@example("title:\u200b")
@examples(400)
def test_no_text_raises_anything_else_and_what_is_printed_is_read_again(text: str) -> None:
    with contextlib.suppress(QueryError):
        query = parse(text)
        assert len(query.words) + len(query.names) <= MAX_PARTS
        assert all(terms(words.text) for words in query.words)
        assert len(str(query)) > MAX_CHARACTERS or parse(str(query)) == query
        assert len(str(query)) > MAX_CHARACTERS or str(parse(str(query))) == str(query)


@given(st.dates(), st.dates())
@examples(100)
def test_marks_cover_a_span_of_days_and_nothing_else(one: date, other: date) -> None:
    first, end = sorted((one, other))
    marks = marks_of_days(first, end)
    for day in (
        first,
        end,
        one.replace(day=1),
        other.replace(month=1, day=1),
        date.fromordinal((first.toordinal() + end.toordinal()) // 2),
    ):
        is_covered = any(f"p:{day.isoformat()[:length]}" in marks for length in (4, 7, 10))
        assert is_covered == (first <= day < end)
    assert len(marks) < 10_000
