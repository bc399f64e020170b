"""Text without markup."""

from __future__ import annotations

import textwrap

import pytest

from aggregator.ingest.plain import as_html, person_names, with_lines


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


@pytest.mark.parametrize(
    ("written", "html"),
    [
        (
            "Rain all day,\nnone away\n\n- tea\n- toast",
            "<p>Rain all day,<br>\nnone away</p>\n<p>- tea<br>\n- toast</p>",
        ),
        ("Salt &amp; pepper\n1 < 2", "<p>Salt &amp; pepper<br>\n1 < 2</p>"),
        ("<p>one\ntwo</p>", "<p>one\ntwo</p>"),
        ("one\n<b>two</b>", "one\n<b>two</b>"),
        ("one <!-- x -->\ntwo", "one <!-- x -->\ntwo"),
        ("one line\n", "one line\n"),
    ],
)
def test_html_without_markup_keeps_its_lines(written: str, html: str) -> None:
    assert with_lines(written) == html


WORDS = "the boat came back late and nobody on the quay had any idea what had kept it out there so long"


def test_lines_that_a_program_broke_at_a_width_are_joined() -> None:
    letter = textwrap.fill(f"{WORDS} {WORDS} {WORDS}", 72)
    assert letter.count("\n") > 2
    assert with_lines(f"{letter}\n\n{letter}") == f"<p>{WORDS} {WORDS} {WORDS}</p>\n" * 1 + (
        f"<p>{WORDS} {WORDS} {WORDS}</p>"
    )
    assert as_html(letter) == f"<p>{WORDS} {WORDS} {WORDS}</p>"


@pytest.mark.parametrize(
    "verse",
    [
        f"{WORDS[:70]}\n{WORDS[:55]}\n{WORDS[:60]}\n{WORDS[:65]}",
        f"{WORDS[:70]}\nand a short end",
        "short\nlines\nof\na song",
        f"{WORDS[:70]}\n- {WORDS[:66]}\n- {WORDS[:66]}",
        "https://example.org/"
        + "a" * 50
        + "\n"
        + "https://example.org/"
        + "b" * 50
        + "\nhttps://example.org/"
        + "c" * 50,
    ],
)
def test_lines_that_somebody_ended_stay(verse: str) -> None:
    assert with_lines(verse).count("<br>") == verse.count("\n")


@pytest.mark.processor_seconds(10)
@pytest.mark.parametrize("start", ["<a " + "href= " * 80_000, "<img " + "src= " * 80_000 + "</a> x"])
def test_a_flood_of_addresses_in_a_tag_is_read_in_time(start: str) -> None:
    assert as_html(start).startswith("<p>&lt;")
