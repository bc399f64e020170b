"""The newest posts that a search finds, as feeds."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from aggregator.exchange.outgoing import on_this_site
from aggregator.models import Entry
from aggregator.pages.asked import query_string
from aggregator.pages.paging import named_entry
from aggregator.pages.searching import in_turn, is_growing, telling, text_asked, text_of
from aggregator.search.finding import find
from aggregator.search.query import parse

from .documents import FOR_SCRIPTS
from .feeds import MAX_ENTRIES, Channel, EntriesFeed, in_each_format


class SearchFeed(EntriesFeed):
    route = "search_"

    def get_object(self, request: HttpRequest) -> Channel:
        query = parse(text_asked(request))
        asked, listed = text_of(query, request), Entry.objects.listed()
        before = named_entry(request, Entry.objects.of_public_feeds())
        with in_turn():
            found = find(query, listed, limit=MAX_ENTRIES + 1, before=before)
        return self.channel(
            request,
            query=query_string(asked),  # as it is written best: one feed, however it was asked for
            title=f"{settings.SITE_NAME}: {asked}",
            description=f"The newest posts of {settings.SITE_NAME} that this search finds: {asked}",
            page_url=on_this_site(reverse("search") + query_string(asked)),
            entries=listed.filter(pk__in=found.entry_ids),
            before=before,
        )


def refused(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    """A sentence instead of a feed."""
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8", headers=FOR_SCRIPTS)


atom, rss, json_feed = map(
    telling(refused), in_each_format(SearchFeed, reads=["q", "before"], is_kept=False, is_growing=is_growing)
)
