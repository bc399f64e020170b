"""How reading one source goes, for everybody: when we looked, what its server answered, what became of its posts.

The page changes with every look, which the site's version doesn't: so it is made anew for who hasn't the same already,
and for few at a time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language_info
from django.views.decorators.http import require_safe

from aggregator.diagnosis.answers import last_trouble, trouble_in_words
from aggregator.diagnosis.for_everybody import how_it_goes, next_look_at, why_posts_wait
from aggregator.diagnosis.mending import hints
from aggregator.diagnosis.notes import skipped_note
from aggregator.models import Entry, Feed, FeedDay, FeedMemory
from aggregator.models.site_state import version_now

from .beginnings import are_beginnings
from .build import build
from .in_turn import Busy, InTurn, come_again
from .next_look import next_look, rhythm
from .no_posts import ways_on
from .source_charts import delays_by_day, first_day, looks_by_day, posts_by_month, table_of
from .standings import standings_of
from .timeline import utc_date

COMPARED_POSTS = 10
"""The newest, which tell whether the feed brings whole ones."""
LONG_CHARACTERS = 4_000
"""Of a post's HTML; no beginning is so long, so the rest needn't be read."""

_in_turn = InTurn("status pages of sources")


@require_safe
def source_status(request: HttpRequest, slug: str) -> HttpResponse:
    feed, now = get_object_or_404(Feed.objects.public(), slug=slug), timezone.now()
    etag = _etag(feed, now)
    try:
        response = get_conditional_response(request, etag=etag) or _page(request, feed, now)
    except Busy:
        return come_again(render(request, "busy.html"))
    response["ETag"] = etag
    patch_cache_control(response, no_cache=True)
    return response


def _page(request: HttpRequest, feed: Feed, now: datetime) -> HttpResponse:
    """Raises Busy."""
    with _in_turn.taken():
        return render(request, "pages/source_status.html", _context(feed, now))


def _etag(feed: Feed, now: datetime) -> str:
    """Of all that the page shows. Of the clock it knows the day, and whether the next look is due."""
    next_at = next_look_at(feed)
    moments = (feed.last_polled_at, feed.next_poll_at, next_at)
    told = "-".join(f"{moment.timestamp():.6f}" if moment else "" for moment in moments)
    is_due = next_at is not None and next_at <= now
    return f'"{build()}-{version_now()}-{feed.pk}-{told}-{is_due}-{utc_date(now)}"'


def _context(feed: Feed, now: datetime) -> dict[str, Any]:
    today = utc_date(now)
    counted_since = FeedDay.objects.first_day(feed.pk, today)
    since = max(first_day(today), counted_since or today)
    days = {row.day: row for row in FeedDay.objects.of_feed(feed.pk, since, today)} if counted_since else {}
    met = FeedMemory.objects.met_in(feed.pk)
    items, standings = met.get("items", 0), standings_of(feed, met.get("entries", []))
    return {
        "feed": feed,
        "how_it_goes": how_it_goes(feed, now),
        **ways_on(feed),
        "trouble": last_trouble(feed),
        "next_look": next_look(feed, now),
        "rhythm": rhythm(feed),
        "language": _language_name(feed.language),
        "items": items,
        "read_at": datetime.fromisoformat(met["at"]) if "at" in met else None,
        "standings": standings,
        "not_taken": max(0, items - standings.known),
        "skipped": skipped_note(feed),
        "why_posts_wait": why_posts_wait(feed),
        "hints": hints(feed, met, days.values(), are_beginnings=_has_beginnings(feed)),
        "moved_on": max((row.day for row in days.values() if row.has_moved), default=None),
        "counted_since": counted_since,
        "looks": looks_by_day(days, since, today),
        "delays": delays_by_day(days, since, today),
        "months": posts_by_month(feed.posts_by_month, today),
        "table": table_of(days, trouble_in_words),
    }


def _has_beginnings(feed: Feed) -> bool:
    """Whether its newest posts are no whole ones."""
    newest = Entry.objects.listed().from_feed(feed).newest_first().with_content_up_to(LONG_CHARACTERS)
    texts = [
        post.short_content_html if post.content_characters <= LONG_CHARACTERS else "-" * LONG_CHARACTERS
        for post in newest[:COMPARED_POSTS]
    ]
    return len(texts) > 2 and are_beginnings(texts)


def _language_name(tag: str) -> str:
    """In English, with the tag; the tag alone where nobody has a name for it."""
    try:
        return f"{get_language_info(tag)['name']} ({tag})" if tag else ""
    except KeyError:
        return tag
