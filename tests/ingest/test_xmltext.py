"""What a document's text is taken apart by."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.ingest.xmltext import NO_TAGS

LETTER_BY_LETTER = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
IN_RUNS = re.compile(NO_TAGS, re.DOTALL)

pieces = st.sampled_from(
    ("<!", "<![CDATA[", "[", "]", "]]>", "<!--", "-", "-->", ">", "a", "\n", "<item>", "x[1]", "a-b")
)


@given(text=st.lists(pieces).map("".join))
@example(text="<!-->--><!--->-->")
@example(text="<![CDATA[]]]]><![CDATA[>]]]>")
def test_a_text_without_tags_ends_at_its_first_end(text: str) -> None:
    assert IN_RUNS.findall(text) == LETTER_BY_LETTER.findall(text)


@pytest.mark.processor_seconds(10)
@pytest.mark.parametrize("text", ["<![CDATA[" + "]" * 5_000_000, "<!--" + "-" * 5_000_000, "<!--" + "-a" * 2_000_000])
def test_a_text_that_never_ends_is_read_in_one_go(text: str) -> None:
    assert IN_RUNS.findall(text) == [text]
