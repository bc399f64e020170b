"""Every kind of public page, in one place: what one page of the site is tested for, all of these are.

A new kind of page is a line in `full_site`, or in `WITHOUT_PAGE` with its reason; a test fails until it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

from aggregator.models import Category, Feed
from aggregator.pages import blogroll, paging, parts, tags
from tests.hostile_site import static_file
from tests.servers import Answer, FeedServer

from .rows import FEW, Rows, fill

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
FEED_KINDS = ("", "category_", "source_", "tag_", "author_", "search_")
WITHOUT_PAGE: Mapping[str, str] = {
    **dict.fromkeys([f"{kind}{form}" for kind in FEED_KINDS for form in ("atom", "rss", "json_feed")], "a feed"),
    **dict.fromkeys(("opml", "category_opml", "recommendations"), "a list of feeds, for programs"),
    "opensearch": "a description, for browsers",
    "favicon": "a picture",
    **dict.fromkeys(("news", "category_news", "source_news", "tag_news", "author_news"), "for a script"),
    **dict.fromkeys(("sitemap", "sitemap_file", "robots"), "for search engines"),
    **dict.fromkeys(
        ("submission_send", "submission_take_back", "submission_look", "submission_answer"),
        "takes what a form sends, and leads back to the page",
    ),
}
"""Routes of the public site that have no page of their own, and why."""

ERRORS: Mapping[str, Mapping[str, object]] = {
    "400.html": {},
    "403.html": {},
    "403_csrf.html": {},
    "429.html": {"seconds": 30},
    "500.html": {},
    "503.html": {"is_sent": True},
    "busy.html": {},
    "submissions/busy.html": {},
}
"""What visitors see when something is wrong, made of its template alone; for 404 there is an address."""


@dataclass(slots=True)
class Pages:
    """Pages by what they are called here, as Django answered."""

    shown: dict[str, Answer] = field(default_factory=dict)
    routes: set[str] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)
    unexpected: list[str] = field(default_factory=list)
    """Pages whose status isn't theirs."""
    client: Client = field(default_factory=Client)

    def add(self, name: str, path: str, *, status: int = 200) -> None:
        self.keep(name, self.client.get(path), status)
        try:
            self.routes.add(str(resolve(path.partition("?")[0]).url_name))
        except Resolver404:
            assert status == HTTPStatus.NOT_FOUND

    def send(self, name: str, path: str, status: int, **fields: str) -> None:
        """The page that answers what a form sent."""
        self.keep(name, self.client.post(path, fields), status)

    def keep(self, name: str, response: HttpResponse, status: int = 200) -> None:
        assert name not in self.shown, f"two pages are called {name}"
        if response.status_code != status:
            self.unexpected.append(f"{name}: {response.status_code} {response.get('Location', '')}")
        self.shown[name] = Answer(response.content, response.status_code, dict(response.headers))
        self.templates |= {str(template.name) for template in getattr(response, "templates", ())}


def add_static_files(server: FeedServer) -> None:
    """All of them: scripts and style sheets name others, which no page does."""
    for path in sorted(STATIC.rglob("*.*")):
        address = f"/static/{path.relative_to(STATIC)}"
        server.add(address, static_file(address))


def every_page() -> Pages:
    """All of them. Needs a database; leaves its rows there."""
    pages = Pages()
    empty_site(pages)
    rows = fill()
    full_site(pages, rows)
    senders_and_owners(pages, rows)
    with (
        patch.object(blogroll, "PAGE_SOURCES", FEW),
        patch.object(tags, "PAGE_TAGS", FEW),
        patch.object(paging, "PAGE_ENTRIES", FEW),
        patch.object(parts, "PART_BYTES", 4000),
    ):
        long_site(pages, rows)
    for name, context in ERRORS.items():
        pages.keep(name, HttpResponse(render_to_string(name, dict(context))))
        pages.templates.add(name)
    return pages


def empty_site(pages: Pages) -> None:
    pages.add("front, empty", "/")
    pages.add("sources, none", "/sources/")
    pages.add("tags, none", "/tags/")
    pages.add("month, empty", "/archive/2020/02/")
    pages.add("day, empty", "/archive/2020/02/29/")
    pages.add("about, before the first look", "/about/")
    pages.add("follow, empty site", "/follow/")
    pages.add("search, nothing to find", "/search/?q=code")
    pages.add("category, none there", "/category/nothing/", status=404)


def full_site(pages: Pages, rows: Rows) -> None:
    pages.add("front", "/")
    pages.add("category", "/category/frameworks/")
    pages.add("category, empty", Category.objects.get(slug="empty").get_absolute_url())
    for feed in Feed.objects.public().order_by("pk"):
        pages.add(f"source, {feed.title}", feed.get_absolute_url())
        pages.add(f"status, {feed.title}", f"{feed.get_absolute_url()}status/")
    pages.add("sources", "/sources/")
    for entry in rows.kinds_of_post:
        pages.add(f"post, {entry.title}", entry.get_absolute_url())
    pages.add("post, let go", rows.let_go.get_absolute_url(), status=410)
    pages.add("month", "/archive/2026/06/")
    pages.add("day", "/archive/2026/06/22/")
    pages.add("tag", "/tag/code/")
    pages.add("tags", "/tags/")
    pages.add("author", "/author/ann/")
    pages.add("about", "/about/")
    pages.add("follow", "/follow/")
    pages.add("why", "/why/")
    for name, address in rows.asked.items():
        pages.add(f"why, {name}", f"/why/?url={quote(address)}")
    pages.add("why, no address", "/why/?url=what%20is%20this%3F", status=400)
    pages.add("search", "/search/")
    pages.add("search, found", "/search/?q=words")
    pages.add("search, best first", "/search/?q=words&order=best")
    pages.add("search, nothing", "/search/?q=%D9%85%D8%B1%D8%AD%D8%A8%D8%A7+zzzz")
    pages.add("search, refused", "/search/?q=before:x", status=400)
    pages.add("not found", "/nothing/", status=404)
    with override_settings(CONTACT="curators@planet.example", SITE_NAME="Planet <b>&amp; “Co”</b>"):
        pages.add("tags, of a site with an odd name", "/tags/")
        pages.add("about, of curators who can be written to", "/about/")
        pages.add("not found, of curators who can be written to", "/nothing/", status=404)
    with override_settings(KEEP_ENTRIES_DAYS=90):
        pages.add("about, posts are kept for a while", "/about/")


def senders_and_owners(pages: Pages, rows: Rows) -> None:
    pages.add("submit", "/submit/")
    pages.send("submit, refused", "/submit/", 400, address="", note="")
    with override_settings(HAS_MAIL=True):
        pages.add("submit, with mail", "/submit/")
    with override_settings(SUBMISSIONS=False):
        pages.add("submit, closed", "/submit/")
    for name, path in rows.proposals.items():
        pages.add(f"proposal, {name}", path, status=410 if name == "forgotten" else 200)
    pages.send("proposal, done too late", f"{rows.proposals['accepted']}send/", 409)
    for name, path in rows.proofs.items():
        pages.add(f"proof, {name}", path)
    for name, path in rows.mails.items():
        pages.add(f"mail address, {name}", path)
    pages.add("is it yours?", "/source/north/owner/")
    pages.send("is it yours, refused", "/source/north/owner/", 400)
    for name, path in rows.owners.items():
        pages.add(f"owner, {name}", path)
    pages.add("owner, said", f"{rows.owners['proven']}?said=display")
    pages.send("owner, not done", rows.owners["proven"], 409, do="pause", stamp="old")
    pages.add("owner, take it off?", f"{rows.owners['proven']}take-off/")


def long_site(pages: Pages, rows: Rows) -> None:
    """Where not all fits on one page."""
    pages.add("sources, first page", "/sources/")
    pages.add("sources, second page", "/sources/2/")
    pages.add("sources, of a category", "/sources/category/frameworks/")
    pages.add("sources, of none", "/sources/others/")
    pages.add("sources, by letter", "/sources/letter/S/")
    pages.add("sources, by sign", "/sources/letter/other/")
    pages.add("tags, most used", "/tags/")
    pages.add("tags, by letter", "/tags/letter/C/")
    older = rows.older.pk
    pages.add("category, older", f"/category/frameworks/?before={older}")
    pages.add("source, older", f"/source/light/?before={older}")
    pages.add("tag, older", f"/tag/code/?before={older}")
    pages.add("author, older", f"/author/ann/?before={rows.by_ann.pk}")
    pages.add("day, older", f"/archive/2026/06/22/?before={older}")
    pages.add("search, first page", "/search/?q=words")
    pages.add("post, in parts", rows.long.get_absolute_url())
    pages.add("post, second part", f"{rows.long.get_absolute_url()}part/2/")
