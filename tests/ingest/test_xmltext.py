"""What a document's text is taken apart by."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.ingest.xmltext import NO_TAGS, repair

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


# A post of many links as it stands in Atom, whose quotes needn't be escaped; "&lt;" is all that hides its tags.
ESCAPED_LINKS = "&lt;a href=\"https://blog.example/\" title='A > B'&gt;x&lt;/a&gt; " * 300
MANY_ATTRIBUTES = " ".join(f"a{number}='>'" for number in range(300))


def test_attributes_in_an_escaped_text_are_none_of_its_element() -> None:
    text = f'<content type="html" xml:base="https://blog.example/?a>b">{ESCAPED_LINKS}</content>'
    assert repair(text) == text


@pytest.mark.parametrize("end", [">", "/>", " >", " />"])
def test_a_tag_with_hundreds_of_attributes_loses_them_and_no_text(end: str) -> None:
    written = repair(f"<item><x:y {MANY_ATTRIBUTES}{end}{ESCAPED_LINKS}</item>")
    assert written == f"<item><x:y{end.strip()}{ESCAPED_LINKS}</item>"
