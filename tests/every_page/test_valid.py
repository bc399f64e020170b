"""The W3C's checker (vnu) finds nothing in the HTML of any kind of page, nor in our drawings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from .checkers import complaints_of_vnu
from .kinds import Pages

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow, pytest.mark.no_cover]

IN_POSTS: Mapping[str, str] = {
    r"Element .* not allowed as child of element .* in this context": "what stands where it has no place stays there: "
    "browsers show it so, and to move it would change what its author wrote",
    r"Text not allowed in element": "the same",
    r"Element .* is missing a required": "a box without a title, a term without a meaning: we add no words",
    r"The element “details” must not appear as a descendant of the “a” element": "as the first",
    r"Table c(ell|olumn) ": "tables whose spans don't fit; browsers clip them",
    r"Row \d+ of a row group": "the same",
    r"A table row was": "the same",
    r"Bad value .* for attribute “href” .* is not allowed": "addresses stay as they are: a server may tell [ from %5B",
}
"""What the texts of posts may have, and why."""

PROSE = re.compile(r'<div class="prose[^>]*>')


def test_the_checker_sees_what_is_wrong(tmp_path: Path) -> None:
    page = "<!doctype html>\n<html lang=en><title>x</title>\n<p><font>old</font><img src=x></html>"
    [font, picture] = complaints_of_vnu({"a page": page}, tmp_path)
    assert (font.page, picture.page) == ("a page", "a page")
    assert ("“font”" in font.text, "alt" in picture.text) == (True, True)
    assert page[: font.end].endswith("<font>")


def is_in_post(html: str, position: int) -> bool:
    """Whether a place is in the text of a post, which ends with the first `</div>` that closes more than it opened."""
    start = 0
    for found in PROSE.finditer(html, 0, position):
        start = found.end()
    inside = html[start:position]
    return bool(start) and inside.count("<div") >= inside.count("</div>")


def test_no_page_has_html_that_is_not_valid(pages: Pages, tmp_path: Path) -> None:
    html = {name: answer.body.decode() for name, answer in pages.shown.items()}
    wrong: list[str] = []
    met: set[str] = set()
    for one in complaints_of_vnu(html, tmp_path):
        allowed = next((pattern for pattern in IN_POSTS if re.match(pattern, one.text)), "")
        if allowed and is_in_post(html[one.page], one.end):
            met.add(allowed)
        else:
            wrong.append(f"{one.page}: {one.text} {one.extract}")
    assert wrong == []
    assert met == IN_POSTS.keys(), "an exception that nothing needs"
