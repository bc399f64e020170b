"""Our own feeds: the newest posts of the site, of a category, of a source, and the way on to older ones.

A feed has pages (RFC 5005 section 3), each found by the post that it comes after, as those of the site's pages are:
however many posts come or go meanwhile, who follows the links reads no post twice and misses none that was there. They
are no archive (section 4): that promises documents which stay as they are, while here posts are hidden, mended and let
go. A page leads to the next and to the first one, and not back: who reads on has come from there, and it would cost one
more question.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.syndication import views as django_views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import SyndicationFeed

from aggregator.exchange.outgoing import on_this_site
from aggregator.ingest.languages import language_tag
from aggregator.models import Category, Entry, EntryQuerySet, Feed, FeedQuerySet
from aggregator.models.newest import leading, newest_posts, older_posts
from aggregator.pages.budget import LISTING_BYTES, POST_BYTES, SOURCE_BYTES, escaped_bytes, keep_to_budget
from aggregator.pages.caching import View, changed_at, site_state
from aggregator.pages.former_slugs import of_category
from aggregator.pages.paging import named_entry

from .documents import public_document, with_face
from .formats import AtomFeed, JsonFeed, RssFeed
from .items import OutgoingItem, items_of

MAX_ENTRIES = 60
"""The newest posts in a feed. No limit per blog, unlike on a page: a subscriber must miss none."""


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
    """What a feed is about, and which entries a page of it shows."""

    title: str
    description: str
    page_url: str
    feed_url: str
    """Of its first page."""
    own_url: str
    """Of this page."""
    next_url: str
    """Of the page of older entries; empty if there is none."""
    id: str
    """Of the feed itself; as those of its entries, it stays when the site's address changes."""
    id_base: str
    entries: list[Entry]
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
        if self.format_name != "json_feed":
            response.content = with_face(response.content)
        return response

    def get_feed(self, obj: Channel, request: HttpRequest) -> SyndicationFeed:
        generator = super().get_feed(obj, request)
        # A planet has posts in many languages; Django would claim that of the visitor.
        generator.feed["language"] = obj.language
        return generator

    def channel(
        self,
        request: HttpRequest,
        *args: str,
        entries: EntryQuerySet,
        before: Entry | None,
        older: Callable[[Entry], EntryQuerySet] | None = None,
        query: str = "",
        **about: Any,
    ) -> Channel:
        """A page of the channel at the address of these arguments, with this query: where it is, its id, and what
        `about` says of it, which is at least its title, description and page_url.

        `entries` are those that come after `before`, or the first ones: with one more than a page shows, it goes on.
        `older` gives those that come after an entry. Pass it if `entries` are found by columns that can lag behind for
        a moment: where they are too few, it is asked for more, as a feed that ends too soon hides all that follow.
        """
        path, state = reverse(self.route + self.format_name, args=args) + query, site_state(request)
        id_base, ordered = state.id_base or settings.WEBSITE_URL, entries.with_feed().newest_first()
        found = list(ordered.with_content_up_to(POST_BYTES)[: MAX_ENTRIES + 1])
        shown = found[:MAX_ENTRIES]
        is_doubtful = older is not None and before is None and 0 < len(found) <= MAX_ENTRIES
        goes_on = len(found) > MAX_ENTRIES or bool(is_doubtful and older and older(shown[-1]).exists())
        url = on_this_site(path)
        return Channel(
            feed_url=url,
            own_url=page_after(url, before) if before else url,
            next_url=page_after(url, shown[-1]) if goes_on else "",
            id=id_base + path,
            id_base=id_base,
            entries=shown,
            **{"changed_at": state.changed_at, "source_bytes": SOURCE_BYTES, **about},
        )

    def title(self, obj: Channel) -> str:
        return obj.title

    def description(self, obj: Channel) -> str:
        return obj.description

    def subtitle(self, obj: Channel) -> str:
        return obj.description

    def link(self, obj: Channel) -> str:
        return obj.page_url

    def feed_url(self, obj: Channel) -> str:
        return obj.own_url

    def feed_guid(self, obj: Channel) -> str:
        return obj.id

    def feed_extra_kwargs(self, obj: Channel) -> dict[str, Any]:
        where = {"first_url": obj.feed_url, "next_url": obj.next_url, "logo_url": obj.logo_url}
        return {"updated_at": obj.changed_at, **where}

    def items(self, obj: Channel) -> list[OutgoingItem]:
        items = items_of(obj.entries, obj.id_base)
        weights = [item.weight(self.written_bytes) for item in items]
        keep_to_budget(obj.entries, weights, source_bytes=obj.source_bytes, content_bytes=self.written_bytes)
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

    def item_author_link(self, item: OutgoingItem) -> str | None:
        return item.author_urls.get(item.author_names[0])

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
            "author_urls": item.author_urls,
        }


def page_after(url: str, entry: Entry) -> str:
    """Where the page of a feed is that goes on after this entry."""
    return f"{url}{'&' if '?' in url else '?'}before={entry.pk}"


def _newest_of(feeds: FeedQuerySet) -> EntryQuerySet:
    """Found from the feeds: SQLite, which keeps no statistics by itself, would sort all posts that there are."""
    count = MAX_ENTRIES + 1
    return newest_posts(leading(feeds, count, posts_of_each=count), count)


class SiteFeed(EntriesFeed):
    def get_object(self, request: HttpRequest) -> Channel:
        before, listed = named_entry(request, Entry.objects.of_public_feeds()), Entry.objects.listed()
        return self.channel(
            request,
            title=settings.SITE_NAME,
            description=settings.SITE_TAGLINE or f"The newest posts of all sources of {settings.SITE_NAME}",
            logo_url=_logo_url(),
            page_url=on_this_site("/"),
            entries=listed.older_than(before) if before else _newest_of(Feed.objects.public()),
            before=before,
            older=listed.older_than,
        )


def _logo_url() -> str:
    return on_this_site(reverse("own_file", args=[settings.SITE_LOGO.name])) if settings.SITE_LOGO else ""


class CategoryFeed(EntriesFeed):
    route = "category_"

    def get_object(self, request: HttpRequest, slug: str) -> Channel:
        category = get_object_or_404(Category, slug=slug)
        feeds = category.feeds.public()
        before = named_entry(request, Entry.objects.of_public_feeds().in_category(slug))
        return self.channel(
            request,
            slug,
            title=f"{category.name} · {settings.SITE_NAME}",
            description=f"The newest posts in {category.name}",
            page_url=on_this_site(category.get_absolute_url()),
            entries=older_posts(feeds, before, MAX_ENTRIES + 1) if before else _newest_of(feeds),
            before=before,
            older=lambda entry: older_posts(feeds, entry, 1),
        )


class SourceFeed(EntriesFeed):
    route = "source_"

    def get_object(self, request: HttpRequest, slug: str) -> Channel:
        feed = get_object_or_404(Feed.objects.public(), slug=slug)
        before = named_entry(request, Entry.objects.from_feed(feed))
        listed = Entry.objects.listed().from_feed(feed)
        return self.channel(
            request,
            slug,
            title=feed.shown_title,
            description=feed.description or f"The newest posts of {feed.shown_title}, from {settings.SITE_NAME}",
            page_url=on_this_site(feed.get_absolute_url()),
            entries=listed.older_than(before) if before else listed,
            before=before,
            changed_at=changed_at(request),
            language=language_tag(feed.language) or None,
            source_bytes=LISTING_BYTES,
        )


def in_each_format(
    feed: type[EntriesFeed], around: Callable[[View], View] = lambda view: view, **options: Any
) -> tuple[View, View, View]:
    """The feed as Atom, RSS and JSON Feed, each a public document with these options; `around` is put around it."""
    atom, rss, json = (public_document(around(feed(name)), **options) for name in FORMATS)
    return atom, rss, json


atom, rss, json_feed = in_each_format(SiteFeed, reads=["before"])
category_atom, category_rss, category_json_feed = in_each_format(CategoryFeed, of_category, reads=["before"])
source_atom, source_rss, source_json_feed = in_each_format(SourceFeed, reads=["before"], of_source={"slug": "slug"})
