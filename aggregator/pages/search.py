"""The page of a search: what was found, newest first or best first, or what was searched and what else could be."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from aggregator.models import Entry, load_authors, load_tags
from aggregator.search.excerpts import Reading, excerpt, marked_title
from aggregator.search.finding import BEST, MAX_FOUND, NEWEST, Found, find
from aggregator.search.nearest import nearest_titles
from aggregator.search.progress import progress
from aggregator.search.query import Query, parse

from .asked import clauses_of, query_string, ways_out
from .budget import POST_BYTES
from .caching import public_page
from .paging import named_entry
from .search_examples import Example, examples_of
from .searching import in_turn, is_growing, telling, text_asked, text_of

PAGE_POSTS = 20
"""That are shown at once, each with an excerpt."""
FEEDS = ("atom", "rss", "json_feed")


@dataclass(frozen=True, slots=True)
class FoundPost:
    """A post, with what was looked for marked in its title and its text."""

    entry: Entry
    title: SafeString
    excerpt: SafeString


def refused(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    """The box with what was written into it, and why that has no answer."""
    context = {"asked": text_asked(request), "is_best": is_best(request), "refusal": sentence}
    if status == HTTPStatus.BAD_REQUEST:
        context["examples"] = examples()
    return render(request, "pages/search.html", context, status=status)


@telling(refused)
@public_page(reads=["q", "order", "before", "skip"], is_kept=False, is_growing=is_growing)
def search(request: HttpRequest) -> HttpResponse:
    text = text_asked(request)
    progressed = progress()  # before all rows: what is found then is no less
    context = answer(request, parse(text)) if text else {"examples": examples()}
    known = {"asked": text, "is_best": is_best(request), "progress": progressed}
    return render(request, "pages/search.html", {**known, **context})


def answer(request: HttpRequest, query: Query) -> dict[str, Any]:
    """What the template is told of a query. Raises TooSlow, and Busy."""
    text, entries = text_of(query, request), Entry.objects.listed()
    skip = skipped(request) if is_best(request) else 0
    before = None if is_best(request) else named_entry(request, Entry.objects.of_public_feeds())
    is_first = not (before or skip)
    with in_turn():
        order = BEST if is_best(request) else NEWEST
        found = find(query, entries, order=order, limit=PAGE_POSTS, before=before, skip=skip)
        posts = found_posts(found, query)
        nearest = nearest_titles(query, entries) if is_first and not posts else []
    newest_first, best_first = query_string(text), query_string(text, order=BEST)
    return {
        "posts": posts,
        "is_first": is_first,
        "count_words": count_words(found),
        "clauses": clauses_of(query),
        "unknown": found.unknown,
        "ways": ways_out(query),
        "nearest": nearest,
        "here": f"?{request.GET.urlencode()}",
        "ranked": f"{MAX_FOUND:,}" if is_best(request) and found.is_more_than_count else "",
        "newest_first": newest_first,
        "best_first": best_first,
        "first": "" if is_first else best_first if is_best(request) else newest_first,
        "older": next_page(text, found, skip if is_best(request) else None),
        "feeds": {name: reverse(f"search_{name}") + query_string(text) for name in FEEDS},
    }


def found_posts(found: Found, query: Query) -> list[FoundPost]:
    """What was found, in its order, with what readers may see of it."""
    entries = Entry.objects.listed().with_feed().with_copies().with_content_up_to(POST_BYTES)
    by_id = entries.in_bulk(found.entry_ids)
    shown = [by_id[pk] for pk in found.entry_ids if pk in by_id]  # who isn't has gone since it was found
    for entry in shown:
        entry.content_html = entry.short_content_html or escape(entry.excerpt)  # of a giant, its beginning
    load_authors(shown)
    load_tags(shown)
    reading = Reading()
    return [FoundPost(entry, marked_title(entry.shown_title, query), excerpt(entry, query, reading)) for entry in shown]


def next_page(text: str, found: Found, skip: int | None) -> str:
    """Where it goes on; empty if it doesn't. The newest go on after a post, whatever comes meanwhile."""
    if not found.is_more:
        return ""
    if skip is None:
        return query_string(text, before=str(found.entry_ids[-1]))
    return query_string(text, order=BEST, skip=str(skip + PAGE_POSTS))


def count_words(found: Found) -> str:
    """How many posts there are, in words."""
    if found.count is None:
        return "More posts"
    if found.is_more_than_count:
        return f"More than {found.count:,} posts"
    return f"{found.count:,} post{'' if found.count == 1 else 's'}" if found.count else "No post"


def is_best(request: HttpRequest) -> bool:
    return request.GET.get("order") == BEST


def skipped(request: HttpRequest) -> int:
    """After how many of the best a page begins. Raises Http404 for what is no such number."""
    value = request.GET.get("skip", "0")
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(MAX_FOUND))):
        raise Http404
    return int(value)


def examples() -> list[Example]:
    """Made of one of the newest posts, one with a title if there is any."""
    newest = list(Entry.objects.listed().with_feed().without_content().newest_first()[:PAGE_POSTS])
    return examples_of(next((entry for entry in newest if entry.title), newest[0])) if newest else []
