"""What a planet says of itself is text: paragraphs, lines, and links where addresses are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.own.words import BadWords, Piece, tagline_of, text_of


def pieces_of(line: str) -> list[tuple[str, str]]:
    [[pieces]] = text_of(line.encode()).paragraphs
    return [(piece.text, piece.href) for piece in pieces]


def test_an_empty_line_begins_a_paragraph_and_lines_stay() -> None:
    text = text_of("\ufeff\n\nOne\r\ntwo\n \t\nThree\rfour\n\n\n".encode())
    assert text.paragraphs == (((Piece("One"),), (Piece("two"),)), ((Piece("Three"),), (Piece("four"),)))


@pytest.mark.parametrize(
    ("line", "links"),
    [
        ("See https://kiln.example/a, or not.", [("https://kiln.example/a", "https://kiln.example/a")]),
        ("(https://kiln.example/a_(b))", [("https://kiln.example/a_(b)", "https://kiln.example/a_(b)")]),
        ("“https://kiln.example/”?", [("https://kiln.example/", "https://kiln.example/")]),
        ("<https://kiln.example/>", [("https://kiln.example/", "https://kiln.example/")]),
        ("Write to ann+x@kiln.example.", [("ann+x@kiln.example", "mailto:ann%2Bx@kiln.example")]),
        ("http:// and https://... and @ann and a@b", []),
        ("javascript:alert(1) data:text/html,x //kiln.example", []),
        ("<a href='https://kiln.example/x'>", [("https://kiln.example/x", "https://kiln.example/x")]),
    ],
)
def test_addresses_become_links_without_the_signs_behind_them(line: str, links: list[tuple[str, str]]) -> None:
    assert [piece for piece in pieces_of(line) if piece[1]] == links
    assert "".join(text for text, _ in pieces_of(line)) == line


@given(st.text())
def test_no_word_is_lost_or_changed(text: str) -> None:
    try:
        found = text_of(text.encode("utf-8", "replace"))
    except BadWords:
        return
    said = "".join(piece.text for part in found.paragraphs for line in part for piece in line)
    kept = "".join(character for character in text.encode("utf-8", "replace").decode() if character.isalnum())
    assert "".join(character for character in said if character.isalnum()) == kept
    hrefs = [piece.href for part in found.paragraphs for line in part for piece in line if piece.href]
    assert all(href.startswith(("http://", "https://", "mailto:")) for href in hrefs)


@pytest.mark.parametrize(("content", "said"), [(b"", "has none"), (b" \n\t\n", "has none"), (b"caf\xe9", "its byte 4")])
def test_a_file_that_says_nothing_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(BadWords, match=said):
        text_of(content)


def test_a_tagline_is_one_line_that_steers_nothing() -> None:
    assert tagline_of("  Fire,\n  clay \x1b[2J& “glaze”\t") == "Fire, clay [2J& “glaze”"
    assert tagline_of("") == ""
    assert tagline_of("x" * 160) == "x" * 160
    with pytest.raises(BadWords, match="at most 160 characters, and this one has 500"):
        tagline_of("x" * 500)
