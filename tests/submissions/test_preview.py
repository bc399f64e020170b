"""Posts as text: every word, and nothing that leads elsewhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.sanitize import sanitize
from aggregator.ingest.trackers import counts_readers
from aggregator.submissions.preview import MAX_CHARACTERS, without_links
from tests.examples import examples

PIECES = (
    *("<p>", "</p>", "<b>", "</b>", "<table><tr><td>", "</table>", "<ul><li>", "</ul>", "<pre><code>"),
    *("<a href='https://s.example/?a=b'>", "</a>", "<img src='https://s.example/i.png' alt='x \" > y'>"),
    *("word ", "1 < 2", "&amp;", "ü"),
)
HTML = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
TAG = re.compile(r"<(/?)([a-z0-9]+)>")


def is_balanced(html: str) -> bool:
    open_names: list[str] = []
    for end, name in TAG.findall(html):
        if not end and name not in {"br", "hr"}:
            open_names.append(name)
        elif end and (not open_names or open_names.pop() != name):
            return False
    return not open_names


@examples(40)
@given(HTML, st.sampled_from([1, 100]))
def test_what_is_left_is_balanced_and_leads_nowhere(html: str, times: int) -> None:
    shown = without_links(sanitize(html * times, "https://s.example/").html)
    assert is_balanced(shown)
    assert "<a" not in shown
    assert "<img" not in shown
    assert "=" not in "".join(part.partition(">")[0] for part in shown.split("<")[1:]), "no attributes"
    assert len(shown) < MAX_CHARACTERS + 2000


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<p>A <a href="https://a.example/">link</a></p>', "<p>A link</p>"),
        ('<p><img src="https://a.example/i.png" alt="A cat"><img alt=""></p>', "<p>[picture: A cat][picture]</p>"),
        ('<pre class="x"><code>a &lt; b</code></pre>', "<pre><code>a &lt; b</code></pre>"),
        ("<p>" + "w" * 5000 + "</p>", "<p>" + "w" * (MAX_CHARACTERS - 3) + "…</p>"),
    ],
)
def test_words_stay(html: str, shown: str) -> None:
    assert without_links(html) == shown


@pytest.mark.parametrize(
    ("html", "counts"),
    [
        ('<img src="https://a.example/p.gif" width="1" height="1">', True),
        ("<IMG HEIGHT=1 WIDTH='1' SRC='//a.example/p.gif'>", True),
        ('<img src="//pixel.wp.com/g.gif">', True),
        ('<iframe src="https://www.googletagmanager.com/ns.html?id=1"></iframe>', True),
        ('<img src="https://a.example/cat.jpg" width="640" height="480">', False),
        ('<img alt="no address" width="1" height="1">', False),
        ("<p>The picture pixel.wp.com counts</p>", False),
        ("<img " * 100_000, False),
    ],
)
def test_whether_a_text_counts_its_readers(html: str, counts: bool) -> None:
    assert counts_readers(html) is counts
