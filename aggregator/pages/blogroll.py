"""All sources: on one page where they are few, else in pages, by category and by letter. Each page has a bound."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, register_converter, reverse

from aggregator.models import Category, Feed, FeedQuerySet

from .caching import public_page, site_state
from .former_slugs import of_category
from .letters import SIGNS, by_letter

PAGE_SOURCES = 200
"""On one page; so many are listed at once, on shelves, before there are ways by category and letter."""


class LaterPage:
    """The number of a page, or of a part of a post; the first one has none in its address."""

    regex = "(?:[2-9]|[1-9][0-9]{1,5})"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(LaterPage, "later_page")


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the sources, which have pages of their own."""

    name: str
    count: int
    feeds: FeedQuerySet
    route: str
    args: tuple[str, ...] = ()
    label: str = ""
    """What its name is read as, if that is no word."""
    category: Category | None = None

    @property
    def url(self) -> str:
        return self.url_of(1)

    def url_of(self, number: int) -> str:
        """The address of its page of this number."""
        return reverse(self.route, args=self.args if number == 1 else (*self.args, number))

    @property
    def title(self) -> str:
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class PageLink:
    """None of both stands for pages that are left out."""

    number: int | None
    url: str


@dataclass(frozen=True, slots=True)
class Shelf:
    name: str
    url: str
    feeds: list[Feed]


@dataclass(frozen=True, slots=True)
class Parts:
    """All sources, and the ways to divide them."""

    whole: Part
    categories: list[Part]
    letters: list[Part]


@public_page()
def sources(request: HttpRequest, number: int = 1) -> HttpResponse:
    parts = parts_of_sources()
    if parts.whole.count > PAGE_SOURCES:
        return page_of_part(request, parts, parts.whole, number)
    if number > 1:
        raise Http404
    feeds = sorted(parts.whole.feeds.with_category(), key=lambda feed: feed.shelf_order)
    return show(request, {"shelves": shelves_of(feeds), "count": len(feeds)})


@public_page()
@of_category
def in_category(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    return page_of_named(request, lambda parts: parts.categories, (slug,), number)


@public_page()
def in_none(request: HttpRequest, number: int = 1) -> HttpResponse:
    return page_of_named(request, lambda parts: parts.categories, (), number)


@public_page()
def under_letter(request: HttpRequest, letter: str, number: int = 1) -> HttpResponse:
    return page_of_named(request, lambda parts: parts.letters, (letter,), number)


def page_of_named(
    request: HttpRequest, ways: Callable[[Parts], Iterable[Part]], args: tuple[str, ...], number: int
) -> HttpResponse:
    """A page of the part that has these arguments in its address. Raises Http404 if there is none."""
    parts = parts_of_sources()
    part = next((part for part in ways(parts) if part.args == args), None)
    if part is None:
        raise Http404
    return page_of_part(request, parts, part, number)


def page_of_part(request: HttpRequest, parts: Parts, part: Part, number: int) -> HttpResponse:
    paginator = Paginator(part.feeds.with_category(), PAGE_SOURCES)
    paginator.count = part.count  # known from all the parts; so nothing is counted once more
    try:
        page = paginator.page(number)
    except EmptyPage as error:
        raise Http404 from error
    shelf = Shelf(part.title, part.category.get_absolute_url() if part.category else "", list(page.object_list))
    context = {
        "parts": parts,
        "part": part,
        "page": page,
        "page_links": page_links(part.url_of, paginator, number),
        "newer_url": part.url_of(number - 1) if page.has_previous() else "",
        "older_url": part.url_of(number + 1) if page.has_next() else "",
    }
    return show(request, {"shelves": [shelf], "count": parts.whole.count, **context})


def show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "pages/sources.html", {**context, "until": site_state(request).changed_at})


def parts_of_sources() -> Parts:
    """All ways, with how many sources each has: in two questions, which indexes answer."""
    counts, feeds = Feed.objects.count_public_by_first_character(), Feed.objects.public_by_title()
    whole = Part("All", sum(counts.values()), feeds, "sources")
    letters = [
        Part(
            name=letter,
            count=sum(counts[character] for character in characters),
            feeds=feeds.beginning_with(characters),
            route="sources_under",
            args=(letter if letter != SIGNS else "other",),
            label="Digits and signs" if letter == SIGNS else "",
        )
        for letter, characters in by_letter(counts).items()
    ]
    return Parts(whole, parts_by_category(whole), letters)


def parts_by_category(whole: Part) -> list[Part]:
    """The categories in the curators' order; what is in none comes last."""
    parts = [
        Part(
            name=category.name,
            count=category.source_count,
            feeds=whole.feeds.filter(category=category),
            route="sources_in",
            args=(category.slug,),
            category=category,
        )
        for category in Feed.objects.public().counted_categories()
    ]
    others = whole.count - sum(part.count for part in parts)
    without = Part("Others", others, whole.feeds.filter(category=None), "sources_in_none")
    return [*parts, without] if parts and others > 0 else parts


def shelves_of(feeds: Iterable[Feed]) -> list[Shelf]:
    """Feeds that are sorted by their categories, on a shelf for each."""
    groups = [(category, list(members)) for category, members in groupby(feeds, key=lambda feed: feed.category)]
    without = "Others" if len(groups) > 1 else "All"
    return [
        Shelf(category.name, category.get_absolute_url(), members) if category else Shelf(without, "", members)
        for category, members in groups
    ]


def page_links(url_of: Callable[[int], str], paginator: Paginator[Any], number: int) -> list[PageLink]:
    """The first and last pages, and those around this one; empty if there is but one."""
    if paginator.num_pages == 1:
        return []
    return [
        PageLink(each, url_of(each)) if isinstance(each, int) else PageLink(None, "")
        for each in paginator.get_elided_page_range(number)
    ]


def pages(address: str, view: Callable[..., HttpResponse], name: str) -> list[URLPattern]:
    return [path(address, view, name=name), path(f"{address}<later_page:number>/", view, name=name)]


urlpatterns: list[URLPattern] = [
    *pages("sources/", sources, "sources"),
    *pages("sources/category/<slug:slug>/", in_category, "sources_in"),
    *pages("sources/others/", in_none, "sources_in_none"),
    *pages("sources/letter/<str:letter>/", under_letter, "sources_under"),
]
