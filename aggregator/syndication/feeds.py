"""Our own feeds: the newest posts of the site, of a category, of a source; and the list of our sources."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from html import escape
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.syndication import views as django_views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import SyndicationFeed

from aggregator.exchange.opml import write_opml
from aggregator.exchange.outgoing import on_this_site
from aggregator.ingest.languages import language_tag
from aggregator.models import Category, Entry, EntryQuerySet, Feed, FeedQuerySet
from aggregator.models.newest import leading, newest_posts
from aggregator.pages.budget import LISTING_BYTES, POST_BYTES, SOURCE_BYTES, escaped_bytes, keep_to_budget
from aggregator.pages.caching import View, changed_at, public_page, site_state
from aggregator.pages.former_slugs import of_category

from .formats import AtomFeed, JsonFeed, RssFeed
from .items import OutgoingItem, items_of

MAX_ENTRIES = 60
"""The newest posts in a feed. No limit per blog, unlike on a page: a subscriber must miss none."""


FOR_SCRIPTS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Headers: any site's script may read it."""


def json_bytes(text: str) -> int:
    """As how many bytes JSON writes the text: it doubles backslashes, and has no need to escape tags."""
    return len(json.dumps(text, ensure_ascii=False).encode())


FORMATS: dict[str, tuple[type[SyndicationFeed], Callable[[str], int]]] = {
    "atom": (AtomFeed, escaped_bytes),
    "rss": (RssFeed, escaped_bytes),
    "json_feed": (JsonFeed, json_bytes),
}
"""Each with how many bytes a text takes in it."""

if TYPE_CHECKING:
    DjangoFeed = django_views.Feed[OutgoingItem, "Channel"]  # its stub is generic, the class is not
else:
    DjangoFeed = django_views.Feed


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed is about, and which entries it may show."""

    title: str
    description: str
    page_url: str
    feed_url: str
    id: str
    """Of the feed itself; as those of its entries, it stays when the site's address changes."""
    id_base: str
    entries: EntryQuerySet
    changed_at: datetime
    source_bytes: int
    """Of one blog's posts that are given out whole."""
    language: str | None = None
    logo_url: str = ""


class EntriesFeed(DjangoFeed):
    """The newest entries of a channel. Subclasses say which channel an address means."""

    route = ""

    def __init__(self, format_name: str) -> None:
        self.format_name = format_name
        self.feed_type, self.written_bytes = FORMATS[format_name]

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().__call__(request, *args, **kwargs)
        # Django's is the date of the newest post; `public_page` knows when the site changed.
        response.headers.pop("Last-Modified", None)
        return response

    def get_feed(self, obj: Channel, request: HttpRequest) -> SyndicationFeed:
        generator = super().get_feed(obj, request)
        # A planet has posts in many languages; Django would claim that of the visitor.
        generator.feed["language"] = obj.language
        return generator

    def channel(self, request: HttpRequest, *args: str, query: str = "", **about: Any) -> Channel:
        """The channel at the address of these arguments, with this query: where it is, its id, and what `about` says of
        it, which is at least its title, description, page_url and entries.
        """
        path, state = reverse(self.route + self.format_name, args=args) + query, site_state(request)
        id_base = state.id_base or settings.WEBSITE_URL
        where: dict[str, Any] = {"feed_url": on_this_site(path), "id": id_base + path, "id_base": id_base}
        return Channel(**where, **{"changed_at": state.changed_at, "source_bytes": SOURCE_BYTES, **about})

    def title(self, obj: Channel) -> str:
        return obj.title

    def description(self, obj: Channel) -> str:
        return obj.description

    def subtitle(self, obj: Channel) -> str:
        return obj.description

    def link(self, obj: Channel) -> str:
        return obj.page_url

    def feed_url(self, obj: Channel) -> str:
        return obj.feed_url

    def feed_guid(self, obj: Channel) -> str:
        return obj.id

    def feed_extra_kwargs(self, obj: Channel) -> dict[str, Any]:
        return {"updated_at": obj.changed_at, "logo_url": obj.logo_url}

    def items(self, obj: Channel) -> list[OutgoingItem]:
        newest = list(obj.entries.with_feed().with_content_up_to(POST_BYTES).newest_first()[:MAX_ENTRIES])
        items = items_of(newest, obj.id_base)
        weights = [item.weight(self.written_bytes) for item in items]
        keep_to_budget(newest, weights, source_bytes=obj.source_bytes, content_bytes=self.written_bytes)
        return items

    def item_title(self, item: OutgoingItem) -> str:
        return item.entry.shown_title

    def item_link(self, item: OutgoingItem) -> str:
        return item.link

    def item_description(self, item: OutgoingItem) -> str | None:  # type: ignore[override]  # None leaves the element out
        return escape(item.excerpt, quote=False) or None

    def item_guid(self, item: OutgoingItem) -> str:
        return item.id

    def item_guid_is_permalink(self, item: OutgoingItem) -> bool:
        return item.id in {item.link, item.our_address}

    def item_author_name(self, item: OutgoingItem) -> str:
        return item.author_names[0]

    def item_pubdate(self, item: OutgoingItem) -> datetime:
        return item.published_at

    def item_updateddate(self, item: OutgoingItem) -> datetime:
        return item.updated_at

    def item_categories(self, item: OutgoingItem) -> tuple[str, ...]:
        return item.categories

    def item_extra_kwargs(self, item: OutgoingItem) -> dict[str, Any]:
        return {
            "content_html": item.content_html,
            "excerpt": item.excerpt,
            "language": item.language,
            "origin": None if item.entry.is_bare else item.origin,
            "attached": () if item.entry.is_bare else item.attached,
            "is_note": item.is_note,
            "other_authors": item.author_names[1:],
        }


def _newest_of(feeds: FeedQuerySet) -> EntryQuerySet:
    """Found from the feeds: SQLite, which keeps no statistics by itself, would sort all posts that there are."""
    return newest_posts(leading(feeds, MAX_ENTRIES, posts_of_each=MAX_ENTRIES), MAX_ENTRIES)


class SiteFeed(EntriesFeed):
    def get_object(self, request: HttpRequest) -> Channel:
        return self.channel(
            request,
            title=settings.SITE_NAME,
            description=settings.SITE_TAGLINE or f"The newest posts of all sources of {settings.SITE_NAME}",
            logo_url=_logo_url(),
            page_url=on_this_site("/"),
            entries=_newest_of(Feed.objects.public()),
        )


def _logo_url() -> str:
    return on_this_site(reverse("own_file", args=[settings.SITE_LOGO.name])) if settings.SITE_LOGO else ""


class CategoryFeed(EntriesFeed):
    route = "category_"

    def get_object(self, request: HttpRequest, slug: str) -> Channel:
        category = get_object_or_404(Category, slug=slug)
        return self.channel(
            request,
            slug,
            title=f"{category.name} · {settings.SITE_NAME}",
            description=f"The newest posts in {category.name}",
            page_url=on_this_site(category.get_absolute_url()),
            entries=_newest_of(category.feeds.public()),
        )


class SourceFeed(EntriesFeed):
    route = "source_"

    def get_object(self, request: HttpRequest, slug: str) -> Channel:
        feed = get_object_or_404(Feed.objects.public(), slug=slug)
        return self.channel(
            request,
            slug,
            title=feed.shown_title,
            description=feed.description or f"The newest posts of {feed.shown_title}, from {settings.SITE_NAME}",
            page_url=on_this_site(feed.get_absolute_url()),
            entries=Entry.objects.listed().from_feed(feed),
            changed_at=changed_at(request),
            language=language_tag(feed.language) or None,
            source_bytes=LISTING_BYTES,
        )


def public_document(view: View, **options: Any) -> View:
    """A public page, with its options, for other programs: any site's script may read it, as readers in browsers do."""
    page = public_page(**options)(view)

    @wraps(page)
    def document(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = page(request, *args, **kwargs)
        for name, value in FOR_SCRIPTS.items():
            response[name] = value
        return response

    return document


def in_each_format(
    feed: type[EntriesFeed], around: Callable[[View], View] = lambda view: view, **options: Any
) -> tuple[View, View, View]:
    """The feed as Atom, RSS and JSON Feed, each a public document with these options; `around` is put around it."""
    atom, rss, json = (public_document(around(feed(name)), **options) for name in FORMATS)
    return atom, rss, json


atom, rss, json_feed = in_each_format(SiteFeed)
category_atom, category_rss, category_json_feed = in_each_format(CategoryFeed, of_category)
source_atom, source_rss, source_json_feed = in_each_format(SourceFeed, of_source={"slug": "slug"})


@public_document
def opml(request: HttpRequest) -> HttpResponse:
    return _opml_response(request, settings.SITE_NAME, Feed.objects.public())


@public_document
@of_category
def category_opml(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    return _opml_response(request, f"{category.name} · {settings.SITE_NAME}", category.feeds.public())


def _opml_response(request: HttpRequest, title: str, feeds: FeedQuerySet) -> HttpResponse:
    # The list's date is that of the site's last change: the same list twice is the same bytes.
    document = write_opml(title, feeds.with_address().with_category().by_title(), now=site_state(request).changed_at)
    return HttpResponse(document, content_type="text/x-opml; charset=utf-8")
