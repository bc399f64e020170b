"""Text without markup."""

from __future__ import annotations

from aggregator.ingest.plain import as_html, person_names


def test_markup_in_plain_text_is_shown() -> None:
    assert as_html("a <b> & c") == "<p>a &lt;b&gt; &amp; c</p>"


def test_lines_and_paragraphs_stay() -> None:
    assert as_html("a\r\nb\r\n \r\n\nc") == "<p>a<br>\nb</p>\n<p>c</p>"


def test_nothing_makes_no_paragraph() -> None:
    assert as_html(" \n ") == ""


def test_names_keep_their_order_and_come_once() -> None:
    assert person_names(["Bo  Berg", "Ada", "Bo Berg", " "]) == ("Bo Berg", "Ada")


def test_mail_addresses_are_no_names() -> None:
    assert person_names(["jo@blog.example", "mailto:jo@blog.example", "Jo @ Blog"]) == ("Jo @ Blog",)
