"""The public pages. A page's way: address -> view -> queryset -> timeline -> template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from aggregator import user_agent
from aggregator.models import (
    Category,
    Entry,
    EntryQuerySet,
    Feed,
    FeedQuerySet,
    TagOfMonth,
    Tick,
    load_authors,
    load_enclosures,
    load_tags,
)
from aggregator.models.newest import leading, newer_post_ids, newest_posts, older_posts
from aggregator.models.public_trouble import public_trouble

from .archive import Neighbors, Span, day_span, days_around, month_span, posts_by_day, weeks_of
from .budget import LISTING_BYTES, POST_BYTES, SOURCE_BYTES, keep_bare, keep_to_budget, weight_on_page
from .caching import changed_at, public_page, site_state
from .former_slugs import of_category
from .keeping import kept_in_words, kept_no_longer
from .news import news
from .no_posts import ways_on
from .paging import PAGE_ENTRIES, Page, named_entry, neighbors_of, page_of
from .parts import part_of, parts_of, ways_between_parts
from .timeline import complete_until, day_name, days_of

MAX_ASIDE_SOURCES = 30
"""Beside the posts; a link leads to the others."""

MAX_ALSO_IN_OF_POST = 100
"""Of the other feeds that brought a post: as many are named on its own page."""

MAX_MONTH_ENTRIES = 200
"""On the page of a month, without their content; the pages of its days have them all."""


@public_page()
def front(request: HttpRequest) -> HttpResponse:
    feeds, entries = newest(Feed.objects.active())
    context = {
        "days": days_of(entries),
        "newest": entries[0] if entries else None,
        "news": news(entries, "news"),
        "written_about": TagOfMonth.objects.shown(),
        **sources_aside(request, feeds),
    }
    return render(request, "pages/front.html", context)


@public_page(reads=["before"])
@of_category
def category(request: HttpRequest, slug: str) -> HttpResponse:
    before = named_entry(request, Entry.objects.of_public_feeds().in_category(slug).with_feed())
    if before:
        return older_in_category(request, before)
    shown = get_object_or_404(Category, slug=slug)
    feeds, entries = newest(Feed.objects.active().filter(category=shown))
    last = complete_until(entries, settings.FRONT_PAGE_ENTRIES_PER_FEED)
    context = {
        "category": shown,
        "days": days_of(entries),
        "news": news(entries, "category_news", shown.slug),
        "older": f"?before={last.pk}" if last else "",
        **sources_aside(request, feeds),
    }
    return render(request, "pages/category.html", context)


def older_in_category(request: HttpRequest, before: Entry) -> HttpResponse:
    feeds = Feed.objects.public().filter(category=before.feed.category_id)
    older = older_posts(feeds, before, PAGE_ENTRIES + 1).with_feed().with_copies().with_content_up_to(POST_BYTES)
    page = page_of(older, newer_post_ids(feeds, before, PAGE_ENTRIES))
    context = {"category": before.feed.category, "before": before, **paged(page, SOURCE_BYTES)}
    return render(request, "pages/category.html", context)


@public_page(reads=["before"], of_source={"slug": "slug"})
def source(request: HttpRequest, slug: str) -> HttpResponse:
    before = named_entry(request, Entry.objects.of_public_feeds().with_feed().filter(feed__slug=slug))
    feed = before.feed if before else get_object_or_404(Feed.objects.public().with_category(), slug=slug)
    page = page_within(Entry.objects.listed().from_feed(feed), before)
    until, kept = changed_at(request), kept_in_words()
    told = {"trouble": public_trouble(feed), "until": until, "kept": kept}
    context = {"feed": feed, "before": before, **told, **ways_on(feed), **paged(page, LISTING_BYTES)}
    if before is None:
        context["news"] = news(page.entries, "source_news", feed.slug)
    return render(request, "pages/source.html", context)


@public_page(of_source={"entries__pk": "pk"})
def post(request: HttpRequest, pk: int, part: int = 1) -> HttpResponse:
    listed = Entry.objects.listed()
    entry = listed.with_feed().with_copies().filter(pk=pk).first()
    if entry is None:
        shown_copy = listed.filter(duplicates=pk).first()
        return redirect(shown_copy) if shown_copy else kept_no_longer(request, pk)
    entry.max_also_in = MAX_ALSO_IN_OF_POST
    load_enclosures([entry])
    load_tags([entry])
    load_authors([entry])
    beside_bytes = sum(weight_on_page(entry))
    parts = parts_of(entry.content_html, beside_bytes) if entry.feed.display == Feed.Display.FULL else [""]
    entry.content_html = part_of(parts, part)
    older, newer = neighbors_of(entry, listed.from_feed(entry.feed))
    context = {"entry": entry, "days": days_of([entry]), "older": older, "newer": newer}
    context |= {"part": part, "parts": len(parts), **ways_between_parts(pk, part, len(parts))}
    return render(request, "pages/post.html", context)


@public_page()
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    span = span_or_404(year, month)
    entries = Entry.objects.listed().between(span.start, span.end).with_feed().with_copies().without_content()
    shown = list(entries.newest_first()[:MAX_MONTH_ENTRIES])
    load_authors(shown)
    keep_bare(shown, [weight_on_page(entry, brief=True) for entry in shown], LISTING_BYTES, SOURCE_BYTES)
    context = {"days": days_of(shown), "shown_count": len(shown), **archive(span, None)}
    return render(request, "pages/month.html", context)


@public_page(reads=["before"])
def day(request: HttpRequest, year: int, month: int, day: int) -> HttpResponse:
    span = span_or_404(year, month, day)
    entries = Entry.objects.listed().between(span.start, span.end)
    before = named_entry(request, Entry.objects.of_public_feeds().between(span.start, span.end))
    page = page_within(entries, before)
    around = archive(span, span.start.date())
    context = {"before": before, **paged(page, SOURCE_BYTES), **around, **pager_of_day(page, around["neighbors"])}
    return render(request, "pages/day.html", context)


@require_safe
@cache_control(no_cache=True)  # it tells when we last looked, which changes without the site's version
def about(request: HttpRequest) -> HttpResponse:
    context = {
        "looked_at": Tick.objects.moment(),
        "now": timezone.now(),
        "shortest_seconds": settings.POLL_INTERVAL_MIN_SECONDS,
        "longest_seconds": settings.POLL_INTERVAL_MAX_SECONDS,
        "per_feed": settings.FRONT_PAGE_ENTRIES_PER_FEED,
        "posts_a_day": settings.FEED_POSTS_PER_DAY,
        "kept": kept_in_words(),
        "own_text": settings.ABOUT_FILE,
        "user_agent": user_agent(settings.WEBSITE_URL),
        "spacing_seconds": settings.FETCH_HOST_SPACING_SECONDS,
        "timeout_seconds": settings.FETCH_TIMEOUT_SECONDS,
        "most_bytes": settings.FETCH_MAX_BYTES,
    }
    return render(request, "pages/about.html", context)


def newest(feeds: FeedQuerySet) -> tuple[list[Feed], list[Entry]]:
    """What a page without a date shows: the feeds that posted last, and the newest few of each, the newest first."""
    count = max(settings.FRONT_PAGE_ENTRIES, MAX_ASIDE_SOURCES + 1)
    posted_last = leading(feeds, count, posts_of_each=settings.FRONT_PAGE_ENTRIES_PER_FEED)
    shown = newest_posts(posted_last, settings.FRONT_PAGE_ENTRIES)
    entries = list(shown.with_feed().with_copies().with_content_up_to(POST_BYTES))
    fit(entries, SOURCE_BYTES)
    return posted_last, entries


def sources_aside(request: HttpRequest, feeds: Sequence[Feed]) -> dict[str, object]:
    """The feeds that posted last, which titles several of them have, and whether there are others."""
    shown = feeds[:MAX_ASIDE_SOURCES]
    titles = Counter(feed.shown_title for feed in shown)
    return {
        "sources": shown,
        "shared_titles": {title for title, count in titles.items() if count > 1},
        "has_more_sources": len(feeds) > MAX_ASIDE_SOURCES,
        "until": site_state(request).changed_at,
    }


def page_within(entries: EntryQuerySet, before: Entry | None) -> Page:
    """A page of entries that an index finds: the newest, or those that come after `before`."""
    older = (entries.older_than(before) if before else entries).newest_first()
    shown = older.with_feed().with_copies().with_content_up_to(POST_BYTES)
    newer = entries.newer_than(before).oldest_first().values_list("pk", flat=True)[:PAGE_ENTRIES] if before else None
    return page_of(shown, None if newer is None else list(newer))


def paged(page: Page, source_bytes: int) -> dict[str, object]:
    fit(page.entries, source_bytes)
    return {"days": days_of(page.entries), "older": page.older, "newer": page.newer}


def fit(entries: Sequence[Entry], source_bytes: int) -> None:
    """Read what stands beside the entries, who wrote them, and their tags, and keep them to what a page may take."""
    load_enclosures(entries)
    load_authors(entries)
    load_tags(entries)
    keep_to_budget(entries, [weight_on_page(entry) for entry in entries], source_bytes=source_bytes)


def pager_of_day(page: Page, days: Neighbors) -> dict[str, str]:
    """The ways on: to the other posts of the day if there are any, else to the next day that has some."""
    return {
        "older_url": page.older or day_url(days.older),
        "older_words": "Earlier that day" if page.older else day_words(days.older),
        "newer_url": page.newer or day_url(days.newer),
        "newer_words": "Later that day" if page.newer else day_words(days.newer),
    }


def day_url(day: date | None) -> str:
    return reverse("day", args=[day.year, day.month, day.day]) if day else ""


def day_words(day: date | None) -> str:
    return day_name(day) if day else ""


def archive(span: Span, current: date | None) -> dict[str, Any]:
    """The month's calendar and the ways to the days before and after the span."""
    whole = month_span(span.start.year, span.start.month)
    posts = posts_by_day(whole)
    first = span.start.date()
    return {
        "first": first,
        "weeks": weeks_of(first, posts, current),
        "posts_in_month": sum(posts.values()),
        "neighbors": days_around(span),
    }


def span_or_404(year: int, month: int, day: int | None = None) -> Span:
    try:
        return month_span(year, month) if day is None else day_span(year, month, day)
    except ValueError as error:
        raise Http404 from error
