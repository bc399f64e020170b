"""Five hundred queries that somebody wrote to break something: each finds posts or is refused in a sentence."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from aggregator.models import Entry
from aggregator.search.excerpts import excerpt, marked_title
from aggregator.search.finding import BEST, NEWEST, find
from aggregator.search.nearest import nearest_titles
from aggregator.search.query import QueryError, parse
from tests.factories import make_entry, make_feed

PIECES = (
    *(
        "NEAR(",
        "NEAR/2",
        "NEAR(a b, 5)",
        ")",
        "(",
        "*",
        "a*",
        "^",
        "^a",
        "AND",
        "OR",
        "NOT",
        "a AND",
        "NOT a",
        "a OR b",
    ),
    *("terms:", "terms:a", "{terms}:", "rowid:1", "aggregator_entryterms:a", "-", "--", "- -", "+", "a+b", "a - b"),
    *('"', '""', '"""', '"a', 'a"', '"a ""b"" c"', "„", "”", "«", "「", "」", "'", "''", "`", "\\", '\\"', "\\'"),
    *("'; DROP TABLE aggregator_entry; --", "' OR 1=1 --", "%", "_", "%s", "%(x)s", "{}", "{0}", "${x}", "{{ x }}"),
    *(
        "a | b",
        "a & b",
        "!a",
        "a <-> b",
        "a:*",
        ":",
        "::",
        "a:b:c",
        "|",
        " | ",
        "c:",
        "t:needle",
        "f:1",
        "p:2026",
        "g:x",
    ),
    *("(a+)+$", ".*", "[", "]", "(?P<a>", "\\d{1,99999}", "a{1000000}", "$", "^^^", "?:"),
    *("\0", "\x00a", "\ud800", "\udfff", "\ufffe", "\uffff", "\x1b[31m", "\r\n", "\u2028", "\x85", "\x7f", "\ufeff"),
    *("\u202eabc", "\u2066x\u2069", "\u200b", "\u200d", "\u00ad", "\u0301", "e\u0301" * 40, "\u0e31", "\u05b8" * 9),
    *("😀", "👨\u200d👩\u200d👧", "🏳️\u200d🌈", "𝔞𝔟𝔠", "Ⅷ", "ﷺ", "ﬃ", "İ", "ẞ", "١٢٣", "½", "㌖", "한", "機", "ー", "ไ"),
    *(
        "title:",
        "title:-",
        "title:title:",
        'title:"',
        "author:*",
        "source:",
        'source:"; --',
        "source:../../etc",
        "tag:#",
    ),
    *("tag:\0", "category:%", "before:", "after:", "before:0000", "after:9999", "after:9999-12-31", "before:0001"),
    *("after:2026-13", "before:-1", "after:1e9", "before:２０２６", "after:2026-05-07T00:00", "-before:2026", "-tag:x"),
    *("<script>alert(1)</script>", "<mark>needle</mark>", "&lt;b&gt;", "]]>", "<!--", "javascript:alert(1)", "needle"),
)


def hostile() -> Iterator[str]:
    """Each piece alone, and pieces in a row drawn at random, the same ones each time."""
    yield from PIECES
    yield from ("a" * 100_000, '"' * 100_000, "-" * 199, "\0" * 150 + "a", "a " * 100, "(" * 200, "機" * 200, "é" * 200)
    yield from ("needle " * 12, " ".join("abcdefghijklmnop"), "-a -b -c", '"' + "x y " * 49, "source:blog " * 12)
    dice = random.Random(500)
    for _ in range(350):
        yield dice.choice(("", " ")).join(dice.choices(PIECES, k=dice.randint(2, 6)))


@pytest.mark.django_db
def test_hostile_queries_find_posts_or_are_refused_in_a_sentence() -> None:
    entry = make_entry(make_feed("Blog"), "Needle <mark>", content_html="<p>a needle &lt;mark&gt; 機能 %s {} c++</p>")
    found = 0
    refusals = []
    for number, text in enumerate(hostile()):
        try:
            query = parse(text)
        except QueryError as error:
            refusals.append(str(error))
            continue
        page = find(query, Entry.objects.listed(), limit=5, order=BEST if number % 2 else NEWEST)
        assert set(page.entry_ids) <= {entry.pk}
        found += page.count or 0
        if number % 4 == 0:
            nearest_titles(query, Entry.objects.listed())
        for markup in (marked_title(entry.title, query), excerpt(entry, query)):
            assert "<" not in markup.replace("<mark>", "").replace("</mark>", "")
    assert [told for told in refusals if not re.fullmatch(r".+[.!]", told, re.DOTALL)] == []
    assert len(list(hostile())) >= 500
    assert found > 15
    assert len(refusals) > 30


@pytest.mark.django_db
def test_no_word_is_an_operator() -> None:
    about = [make_entry(title=title, content_html="") for title in ("near and or not", "apple", "pear apple")]
    ids = [entry.pk for entry in about]

    def of(text: str) -> set[int]:
        return {ids.index(pk) for pk in find(parse(text), Entry.objects.listed(), limit=5).entry_ids}

    assert of("NEAR AND OR NOT") == {0}
    assert of("apple OR pear") == of("apple NOT pear") == of("NEAR(apple pear)") == of("app*") == set()
    assert of("^apple") == {1, 2}
    assert of("t:apple") == of("terms:apple") == set()
    assert of('apple" "pear') == {2}
