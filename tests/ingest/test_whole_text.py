"""What is looked for in a post is the same text, whether it is made in the quick way or in the thorough one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest import whole_text as module
from aggregator.ingest.sanitize import sanitize
from aggregator.ingest.whole_text import whole_text
from tests.examples import examples
from tests.invented import PIECES, joined

ODD = ("&", "&amp;", "&copy", "&#146;", "<em", "</img>", "<img alt>", "<img src=/a.png alt='A &amp; \"B\"'>", '"', ">")
ODD += (
    "<ruby>漢<rt>kan</rt></ruby>",
    "<xmp><b></xmp>",
    "<script>1<2</script>",
    "\r\n",
    "\x0c",
    "<!-- c -->",
    "é",
    "\x92",
)
ODD += ("<p>", "</p>", "<br>", '<img class="x" alt="A" alt="B">', '<a title="<i>">', "<form>", "<P>", "&LT;", "&notit;")


def thoroughly(html: str) -> str:
    return " ".join("".join(module._pieces(html)).split())


@given(st.lists(st.sampled_from((*ODD, "word", " "))).map("".join))
@examples(300)
def test_any_html_gives_the_same_text_quickly(html: str) -> None:
    assert whole_text(f"<i>{html}", 10**6) == thoroughly(f"<i>{html}")


@given(st.lists(st.integers(0, len(PIECES) - 1), max_size=6), st.booleans())
@examples(50)
def test_a_post_gives_the_same_text_quickly(choices: list[int], wrapped: bool) -> None:
    html = sanitize(joined(choices, wrapped=wrapped).html, "https://blog.example/").html
    assert whole_text(html, 10**6) == thoroughly(html)


def test_what_we_write_is_read_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    html = sanitize(
        '<p>One &amp; <a href="/a?b&c">two</a><img src="/p.png" alt="A &quot;picture&quot;"></p>', "https://x.example/"
    )
    monkeypatch.delattr(module, "_pieces")
    assert whole_text(html.html, 1000) == 'One & two A "picture"'
