"""What other sites show of a page whose address somebody shares there."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client

from aggregator.models import Entry
from tests.factories import make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db
SITE = "http://testserver"
ICON = f"{SITE}/static/icons/notification-512.png"
ODD = 'A "title" & <b>more</b>'


class Said(HTMLParser):
    """The `<meta>` of a page, by name or property."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "meta" and (name := said.get("property") or said.get("name")):
            assert name not in self.found or name == "theme-color"
            self.found[name] = said.get("content") or ""


def said(client: Client, path: str) -> dict[str, str]:
    found = Said(client.get(path, follow=True).content.decode()).found
    return {name: text for name, text in found.items() if name.startswith(("og:", "article:", "twitter:"))}


@pytest.fixture
def entry() -> Entry:
    feed = make_feed(ODD, slug="odd", category=make_category("Web"), description=ODD)
    return make_entry(feed, ODD, url="https://a.example/?a=1&b=2", excerpt=f"It says {ODD}.")


def test_a_page_says_what_it_is(client: Client) -> None:
    assert said(client, "/about/") == {
        "og:site_name": "Orrery",
        "og:title": "About · Orrery",
        "og:description": "What Orrery is, how posts get here, why one may be missing, and how its program behaves.",
        "og:url": f"{SITE}/about/",
        "og:image": ICON,
        "og:type": "website",
        "twitter:card": "summary",
    }


def test_a_post_is_its_authors_and_has_our_picture(client: Client, entry: Entry) -> None:
    assert said(client, entry.get_absolute_url()) == {
        "og:site_name": "Orrery",
        "og:title": ODD,
        "og:description": f"It says {ODD}.",
        "og:url": "https://a.example/?a=1&b=2",
        "og:image": ICON,
        "og:type": "article",
        "article:published_time": "2026-06-23T12:00:00+00:00",
        "twitter:card": "summary",
    }


def test_of_a_source_that_shows_titles_nothing_else_is_said(client: Client, entry: Entry) -> None:
    entry.feed.display = "link"
    entry.feed.save()
    found = said(client, entry.get_absolute_url())
    assert (found["og:description"], found["og:url"]) == (ODD, SITE + entry.get_absolute_url())


def test_names_are_escaped(client: Client, entry: Entry) -> None:
    found = said(client, "/source/odd/")
    assert (found["og:title"], found["og:description"]) == (f"{ODD} · Orrery", ODD)
    assert found["og:url"] == f"{SITE}/source/odd/"


@pytest.mark.parametrize("path", ["/search/?q=x", "/nothing/", "/submit/mail/x/"])
def test_what_is_not_to_be_found_says_nothing(client: Client, path: str) -> None:
    assert said(client, path) == {}


def test_what_is_said_again_needs_a_name() -> None:
    with pytest.raises(TemplateSyntaxError, match="takes a name"):
        Template("{% load heads %}{% said %}x{% endsaid %}")
    page = "{% load heads %}{% said as it %}{{ x }}{% endsaid %}|{{ it }}"
    assert Template(page).render(Context({"x": "<"})) == "&lt;|&lt;"
