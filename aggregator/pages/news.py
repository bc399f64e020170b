"""Tiny addresses that open pages ask, now and then, whether newer posts are there; and what such a page tells them by.

    {"most": 60, "posts": [[17, 29716538], ...]}

The newest posts as the page would show them now, no more than `most`, each with its number and its minute since 1970.
They are kept, packed and answered with 304 as pages are: one answer for everybody. The page compares it with what it
shows (`static/js/news.js`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from aggregator.models import Category, Entry, EntryQuerySet, Feed, FeedQuerySet
from aggregator.models.newest import leading, newest_posts

from .caching import public_page
from .former_slugs import of_category
from .paging import PAGE_ENTRIES

MAX_POSTS = 60
"""That are named: whoever missed more reads "60 or more"."""


@dataclass(frozen=True, slots=True)
class News:
    """What a page asks for posts that came after it was made."""

    url: str
    last_id: int
    last_minute: int
    """A post is newer than a page if its number is above all that are there, or its minute. Late posts stand further
    down, and posts that a curator lets through have low numbers."""


def news(entries: Sequence[Entry], name: str, *arguments: str) -> News:
    """What a page of these entries, the newest, asks at the address of this name."""
    last_minute = max((minute_of(entry) for entry in entries), default=0)
    return News(reverse(name, args=arguments), max((entry.pk for entry in entries), default=0), last_minute)


def minute_of(entry: Entry) -> int:
    return int(entry.timeline_at.timestamp()) // 60


@public_page()
def of_all(request: HttpRequest) -> HttpResponse:
    return _newest_of(Feed.objects.active())


@public_page()
@of_category
def in_category(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    return _newest_of(Feed.objects.active().filter(category=category))


@public_page(of_source={"slug": "slug"})
def of_source(request: HttpRequest, slug: str) -> HttpResponse:
    feed = get_object_or_404(Feed.objects.public(), slug=slug)
    return news_answer(Entry.objects.listed().from_feed(feed).newest_first(), PAGE_ENTRIES)


def _newest_of(feeds: FeedQuerySet) -> HttpResponse:
    most = min(settings.FRONT_PAGE_ENTRIES, MAX_POSTS)
    posted_last = leading(feeds, most, posts_of_each=settings.FRONT_PAGE_ENTRIES_PER_FEED)
    return news_answer(newest_posts(posted_last, most), most)


def news_answer(entries: EntryQuerySet, most: int) -> HttpResponse:
    """What an open page is told of these entries, which are in page order: no more than `most` of them."""
    posts = [(entry.pk, minute_of(entry)) for entry in entries.only("timeline_at")[:most]]
    return JsonResponse({"most": most, "posts": posts}, json_dumps_params={"separators": (",", ":")})


urlpatterns: list[URLPattern] = [
    path("new.json", of_all, name="news"),
    path("category/<slug:slug>/new.json", in_category, name="category_news"),
    path("source/<slug:slug>/new.json", of_source, name="source_news"),
]
