"""The feeds that the page of a new feed names, tried one after the other until one can be read.

What a page names first can be dead, or a page once more, which may name the feed. The feed's row keeps its address
until one has been read, so the next poll begins with the page again. A server that has trouble at the first poll is
waited for once: what comes next is less than the feed that it will have in an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from aggregator.ingest.errors import AlreadyListed, HttpStatus, IngestError, NotAFeed, SourceRemoved, TimedOut
from aggregator.ingest.types import Request
from aggregator.models import Feed, RemovedSource

from .policies import askable

MAX_TRIED_FEEDS = 3
"""Of one page: those that come first are the blog's own, and each of them costs its server a request."""


@dataclass(frozen=True, slots=True)
class _Search:
    page: NotAFeed
    urls: Sequence[str]
    """What is left to try, the one that is being asked first."""
    asked: frozenset[str]
    """What was asked before that: the page itself, and what was named."""
    trouble: IngestError | None = None
    """Why the first of all could not be read."""

    def further(self, error: IngestError) -> Sequence[str]:
        """What to try after this error of the first: if that is a page, what it names comes next."""
        named = askable(error.links) if isinstance(error, NotAFeed) else []
        return [url for url in dict.fromkeys([*named, *self.urls[1:]]) if url not in {*self.asked, self.urls[0]}]


class NamedFeeds:
    """The searches that are under way, by their feeds' ids. `fetch` starts a fetch. For the conductor's thread."""

    def __init__(self, fetch: Callable[[int, Request], None]) -> None:
        self._fetch = fetch
        self._searches: dict[int, _Search] = {}

    def begin(self, feed: Feed, page: NotAFeed) -> bool:
        """Ask for the first feed that the page names, if the feed is new; whether one is asked for.

        Raises AlreadyListed if that is here already, and SourceRemoved if it was removed.
        """
        if feed.state != Feed.State.PENDING or feed.pk in self._searches:
            return False
        urls = [url for url in askable(page.links) if url != feed.url]
        if not urls:
            return False
        self._ask(feed, _Search(page, urls, asked=frozenset({feed.url})))
        return True

    def go_on(self, feed: Feed, error: IngestError) -> IngestError | None:
        """Ask for the next one, as the last has failed so. What to say of the feed if there is none; else None.

        An error of a feed that isn't searched for is given back as it is.
        """
        search = self._searches.get(feed.pk)
        if search is None:
            return error
        trouble = search.trouble or error
        further = search.further(error)
        is_waited_for = feed.failure_count == 0 and _may_pass(error)
        if further and len(search.asked) < MAX_TRIED_FEEDS and not is_waited_for:
            try:
                asked = search.asked | {search.urls[0]}
                self._ask(feed, replace(search, urls=further, asked=asked, trouble=trouble))
            except (AlreadyListed, SourceRemoved) as refusal:
                return refusal
            return None
        del self._searches[feed.pk]
        return replace(search.page, trouble=str(trouble))

    def found(self, feed: Feed) -> str:
        """The address at which the feed was read, if it was searched for, else empty. Ends the search."""
        search = self._searches.pop(feed.pk, None)
        return search.urls[0] if search else ""

    def _ask(self, feed: Feed, search: _Search) -> None:
        url = search.urls[0]
        if Feed.objects.read_at([url]).exclude(pk=feed.pk).exists():
            self._searches.pop(feed.pk, None)
            raise AlreadyListed(url=url)
        if removed := RemovedSource.objects.covering([url]).get(url):
            self._searches.pop(feed.pk, None)
            raise SourceRemoved(url=url, why=removed.sentence)
        self._searches[feed.pk] = search
        self._fetch(feed.pk, Request(url=url))


def _may_pass(error: IngestError) -> bool:
    """Whether the server has trouble, rather than nothing at that address."""
    return isinstance(error, TimedOut) or (isinstance(error, HttpStatus) and error.status >= 500)
