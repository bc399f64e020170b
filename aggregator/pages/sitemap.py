"""What search engines may find here, in files of a bounded size, and what they needn't ask for.

Posts aren't named: where they are whole, their pages say that the author's own page is the one to find. Neither are
authors: search engines meet them where they wrote, and nobody was asked to stand in a list of people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, register_converter, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from aggregator.models import Category, Feed, PostsOfDay, Tag

from .caching import public_page

FILE_ADDRESSES = 5000
"""In one file; the format allows ten times as many (sitemaps.org)."""
XML = "application/xml; charset=utf-8"


class FileNumber:
    regex = "[1-9][0-9]{0,3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(FileNumber, "file_number")


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """Pages of one kind: the rows that have one each, in an order that an index has, and the addresses of some rows."""

    rows: Callable[[], QuerySet[Any]]
    addresses: Callable[[list[Any]], Iterator[Address]]
    always: tuple[str, ...] = ()
    """Routes of pages that every site has: the first of all."""

    def files(self) -> int:
        return max(-(-self.rows().count() // FILE_ADDRESSES), bool(self.always))

    def of_file(self, number: int) -> list[Address]:
        start = (number - 1) * FILE_ADDRESSES
        rows = list(self.rows()[start : start + FILE_ADDRESSES])
        return [*(Address(reverse(name)) for name in self.always if number == 1), *self.addresses(rows)]


def _of_categories(categories: list[Category]) -> Iterator[Address]:
    yield from (Address(category.get_absolute_url()) for category in categories)


def _of_sources(feeds: list[Feed]) -> Iterator[Address]:
    yield from (Address(feed.get_absolute_url(), feed.newest_at) for feed in feeds)


def _of_tags(tags: list[Tag]) -> Iterator[Address]:
    yield from (Address(tag.get_absolute_url()) for tag in tags)


def _of_days(days: list[PostsOfDay]) -> Iterator[Address]:
    """And their months."""
    for (year, month), members in groupby((one.day for one in days), key=lambda day: (day.year, day.month)):
        yield Address(reverse("month", args=[year, month]))
        yield from (Address(reverse("day", args=[day.year, day.month, day.day])) for day in members)


KINDS: Mapping[str, Kind] = {
    "pages": Kind(
        lambda: Feed.objects.public().categories().order_by("pk"),
        _of_categories,
        always=("front", "sources", "tags", "about", "follow"),
    ),
    "sources": Kind(lambda: Feed.objects.public_by_title().only("slug", "newest_at"), _of_sources),
    "tags": Kind(lambda: Tag.objects.with_page().by_name(), _of_tags),
    "days": Kind(lambda: PostsOfDay.objects.with_posts().order_by("-day"), _of_days),
}


@public_page()
def index(request: HttpRequest) -> HttpResponse:
    """The addresses of all files."""
    counts = {name: kind.files() for name, kind in KINDS.items()}
    files = [reverse("sitemap_file", args=[name, number + 1]) for name in counts for number in range(counts[name])]
    return render(request, "pages/sitemap_index.xml", {"files": files}, content_type=XML)


@public_page()
def file(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    addresses = KINDS[kind].of_file(number)
    if not addresses:
        raise Http404
    return render(request, "pages/sitemap.xml", {"addresses": addresses}, content_type=XML)


ROBOTS = """\
# Searches and questions have as many addresses as anybody can think of; owners' and senders' pages are theirs alone.
User-agent: *
Disallow: /search/?q=
Disallow: /why/?url=
Disallow: /submit/*/
Disallow: /owner/
Disallow: /source/*/owner/
Disallow: /notifications/

Sitemap: {}
"""
"""Says nothing of where the admin is: it asks robots for themselves to leave, and a list would tell everybody."""


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    words = ROBOTS.format(settings.WEBSITE_URL + reverse("sitemap"))
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


urlpatterns: list[URLPattern] = [
    path("sitemap.xml", index, name="sitemap"),
    path("sitemap/<str:kind>/<file_number:number>.xml", file, name="sitemap_file"),
    path("robots.txt", robots, name="robots"),
]
