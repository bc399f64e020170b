"""Where a feed that died may live on: its site is asked, and what that names is read once before it is proposed.

    the feed is missing ──> fetch its site ──┐
    a web page in its place ─────────────────┴──> which feed does it name ──> fetch and read that ──> a proposal

The conductor fetches and reads what is asked for here. What is found is only proposed; a curator decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from urllib.parse import urlsplit

from aggregator.ingest.address import host_of
from aggregator.ingest.errors import AddressRefused, HttpStatus, IngestError, NameNotFound, NotAFeed
from aggregator.ingest.types import Document, FeedLink, Request, Response
from aggregator.models import Feed, RemovedSource
from aggregator.storing.resting import answering_host, asked_rest, let_rest, wishes

from .named_feeds import MAX_TRIED_FEEDS
from .policies import askable
from .read_job import ReadJob
from .reading import OnRead

MISSING_FOR = timedelta(days=7)
"""A feed that has been missing for a shorter time may be back soon."""
LOOK_AGAIN_AFTER = timedelta(days=28)
"""Shorter than the month after which a feed that is gone is asked again, so that each of those polls looks."""
PAUSE_BETWEEN_LOOKS = timedelta(days=1)
"""A feed that comes and goes is looked for once a day at most."""

OnLooked = Callable[[Feed, IngestError, str], None]
"""Called with the feed, what had gone wrong, and the address that was found (empty for none)."""


def is_due(feed: Feed, error: IngestError, now: datetime) -> bool:
    """Whether to look for another address of the feed, which just failed so.

    At once where its server says that it is gone, or where a web page stands in its place that names a feed; else when
    it has been missing for a week. Then once in four weeks.
    """
    is_established = feed.last_ok_at is not None and feed.state in {Feed.State.ACTIVE, Feed.State.GONE}
    if not is_established or not _is_missing(feed, error):
        return False
    since = feed.failing_since or now
    if not (_is_plain(error) or feed.state == Feed.State.GONE or now - since >= MISSING_FOR):
        return False
    pause = LOOK_AGAIN_AFTER if feed.looked_at and feed.looked_at >= since else PAUSE_BETWEEN_LOOKS
    return feed.looked_at is None or now - feed.looked_at >= pause


def _is_missing(feed: Feed, error: IngestError) -> bool:
    """Whether the error says that the feed isn't there, and not that its server has trouble."""
    if isinstance(error, NameNotFound | AddressRefused):
        return host_of(feed.home_url) != host_of(feed.url)
    return isinstance(error, NotAFeed) or (isinstance(error, HttpStatus) and error.status in {404, 410})


def _is_plain(error: IngestError) -> bool:
    return bool(error.links) if isinstance(error, NotAFeed) else isinstance(error, HttpStatus) and error.status == 410


def proposable(feed: Feed, links: Sequence[FeedLink]) -> Sequence[str]:
    """The addresses that may be proposed of those that a page names, best first: at most three, often none.

    None is the feed's own. The first that is listed here already, was removed, or was dismissed by a curator, ends
    them: what comes after it is the same blog once more, or less than it.
    """
    urls = askable([link for link in links if link.url != feed.url])[:MAX_TRIED_FEEDS]
    known = {feed.url, feed.dismissed_url, *_listed(urls, apart_from=feed), *RemovedSource.objects.covering(urls)}
    return list(takewhile(lambda url: url not in known, urls))


def _listed(urls: Sequence[str], *, apart_from: Feed) -> set[str]:
    """Those that are the addresses of other feeds, over http or https."""
    others = Feed.objects.at_addresses(urls).exclude(pk=apart_from.pk).values_list("url", flat=True) if urls else ()
    bare = {url.partition("://")[2] for url in others}
    return {url for url in urls if url.partition("://")[2] in bare}


@dataclass(frozen=True, slots=True)
class _Look:
    feed: Feed
    error: IngestError
    url: str
    """What is being asked for."""
    is_candidate: bool = False
    others: Sequence[str] = ()
    """The candidates that are tried if this one can't be read."""


class Rediscovery:
    """The looks that are under way.

    `fetch` and `read` start a fetch or a reading, and `on_looked` is told how each look ended. All methods are for the
    conductor's thread.
    """

    def __init__(
        self,
        *,
        fetch: Callable[[int, Request], None],
        read: Callable[[ReadJob, OnRead], None],
        on_looked: OnLooked,
    ) -> None:
        self._fetch = fetch
        self._read = read
        self._on_looked = on_looked
        self._looks: dict[int, _Look] = {}

    def __contains__(self, feed_id: int) -> bool:
        return feed_id in self._looks

    def begin(self, feed: Feed, error: IngestError, now: datetime) -> bool:
        """Look for the feed, if it is worth a request; whether `on_looked` will be called."""
        if not is_due(feed, error, now):
            return False
        if isinstance(error, NotAFeed) and error.links:
            look = _candidates(_Look(feed, error, ""), proposable(feed, error.links))
        else:
            look = _Look(feed, error, feed.home_url)
        if look is None or look.url in {"", feed.url} or _host(look.url) in wishes(now):
            return False
        self._ask(look)
        return True

    def fetched(self, feed_id: int, answer: Response | IngestError, now: datetime) -> None:
        """Go on with the answer to what `fetch` was asked for."""
        if isinstance(answer, IngestError):
            until = asked_rest(answer, now)
            if until is not None:
                let_rest(answering_host(answer, self._looks[feed_id].url), until, now)
                self._end(feed_id, "")
            else:
                self._go_on(self._looks[feed_id])
            return
        content_type = answer.headers.get("content-type", "")
        job = ReadJob(body=answer.body, url=answer.url, content_type=content_type, now=now)
        self._read(job, partial(self._was_read, feed_id))

    def _was_read(self, feed_id: int, result: Document | IngestError) -> None:
        look = self._looks[feed_id]
        if isinstance(result, Document):
            found = [look.url] if look.is_candidate else proposable(look.feed, [FeedLink(look.url)])
            self._end(feed_id, next(iter(found), ""))
        elif isinstance(result, NotAFeed) and not look.is_candidate:
            self._go_on(replace(look, others=proposable(look.feed, result.links)))
        else:
            self._go_on(look)

    def _go_on(self, look: _Look) -> None:
        """Ask for the next candidate; without one, the look ends and has found nothing."""
        further = _candidates(look, look.others)
        if further:
            self._ask(further)
        else:
            self._end(look.feed.pk, "")

    def _ask(self, look: _Look) -> None:
        self._looks[look.feed.pk] = look
        self._fetch(look.feed.pk, Request(url=look.url))

    def _end(self, feed_id: int, found_url: str) -> None:
        look = self._looks.pop(feed_id)
        self._on_looked(look.feed, look.error, found_url)


def _candidates(look: _Look, urls: Sequence[str]) -> _Look | None:
    """The look at the first of these, with the others to come; None if there are none."""
    return replace(look, url=urls[0], is_candidate=True, others=urls[1:]) if urls else None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
