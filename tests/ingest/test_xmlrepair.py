"""What is mended in a document before the parser sees it."""

from __future__ import annotations

import pytest

from aggregator.ingest.xmlrepair import repair

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
