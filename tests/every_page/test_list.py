"""The list of kinds of pages is whole."""

from __future__ import annotations

import re
from pathlib import Path

from aggregator import urls

from .kinds import WITHOUT_PAGE, Pages

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
OF_READERS = re.compile(r'\{% extends "(?:base|plain|submissions/page)\.html" %\}')
OTHERS = ("admin", "notifications", "registration")
"""Folders of pages for curators."""


def routes() -> set[str]:
    """All of the public site, but for addresses of before, which lead on."""
    return {str(one.name) for one in urls.urlpatterns if not str(one.name).startswith("moved_")}


def test_every_route_has_a_page_in_the_list_or_a_reason(pages: Pages) -> None:
    assert sorted(routes() - WITHOUT_PAGE.keys() - pages.routes) == []
    assert sorted(WITHOUT_PAGE.keys() - routes()) == []
    assert sorted(WITHOUT_PAGE.keys() & pages.routes) == []


def test_every_template_of_a_page_is_among_them(pages: Pages) -> None:
    """Also of pages that have no address of their own, as of a post that was let go."""
    templates = {path.relative_to(TEMPLATES): path for path in TEMPLATES.rglob("*.html")}
    whole = {
        str(name)
        for name, path in templates.items()
        if name.parts[0] not in OTHERS and OF_READERS.match(path.read_text(encoding="utf-8"))
    }
    assert len(whole) > 20
    assert sorted(whole - pages.templates - {"submissions/page.html"}) == []


def test_every_page_is_the_one_that_the_list_says(pages: Pages) -> None:
    assert pages.unexpected == []


def test_no_page_sets_a_cookie(pages: Pages) -> None:
    assert [name for name, answer in pages.shown.items() if "Set-Cookie" in answer.headers] == []
    assert pages.client.cookies == {}
