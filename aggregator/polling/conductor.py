"""The conductor: claim what is due, fetch, read, store, announce. The only place that knows the order.

    claim ──> fetch (one thread, many hosts at once) ──> read (child processes) ──> store (here) ──> announce

Three floors work at the same time and meet in one queue; a feed that fails becomes a sentence on its row, and the
others go on. No transaction is open while anything is fetched or read.
"""

from __future__ import annotations

import logging
import math
import queue
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import DataError, Error, IntegrityError, connection, transaction
from django.utils import timezone

from aggregator.ingest.errors import AlreadyListed, IngestError, NotAFeed, OurFault
from aggregator.ingest.types import Document, Request, Response
from aggregator.models import Feed, FeedQuerySet
from aggregator.models.faults import faults_in_plain_words
from aggregator.storing import documents as store
from aggregator.storing.feed_row import LeaseLost, Stored, store_all_unchanged, store_failure, under_lease
from aggregator.storing.resting import wishes

from . import skew
from .claiming import LEASE_SECONDS, Claims
from .fetching import Fetcher
from .gathering import Gathering
from .known import Known, known_of
from .outcomes import Outcome, Report
from .policies import fetch_policy, first_askable, schedule_policy
from .reading import OnRead, Readers, ReadJob
from .rediscovery import Rediscovery

logger = logging.getLogger(__name__)

BATCH_SECONDS = 55
"""A task takes no new feeds after this long; the next tick goes on."""
MOST_UNCHANGED, UNCHANGED_WAIT_SECONDS = 64, 0.1
"""So many feeds that brought nothing are stored together, or those of so short a time."""
MOST_TO_READ, TO_READ_WAIT_SECONDS = 16, 0.02
"""The same of bodies that are handed to the readers."""
MOST_TO_STORE, TO_STORE_WAIT_SECONDS, DOCUMENT_WEIGHT, ITEM_WEIGHT = 2**21, 1.0, 2**16, 2**8
"""The same of documents that are stored, in characters of content and memory; each of them and of their items counts
for some more."""
HOSTS_WAIT_SECONDS = 1
"""A host that rested may be asked again, even if all that is under way is slow."""


def poll(
    among: FeedQuerySet | None = None,
    *,
    seconds: float | None = None,
    on_outcome: Callable[[Outcome], None] | None = None,
    clock: Callable[[], datetime] = timezone.now,
) -> Report:
    """Poll what is due; or the feeds of `among`, whatever their due date and state. Returns when all are stored.

    After `seconds` no feed is begun, and those of `among` that are left become due. Without it, `among` takes as long
    as it takes. `on_outcome` is called once per feed, in this thread, as soon as the feed is stored. Raises
    StorageFailed if the database can't be written to.
    """
    if seconds is None:
        seconds = BATCH_SECONDS if among is None else math.inf
    with faults_in_plain_words():
        skew.set_right(clock(), lease_seconds=LEASE_SECONDS)
        with Poll(among, seconds=seconds, on_outcome=on_outcome, clock=clock) as run:
            return run.run()


class Poll:
    """One run: the feeds under way and what became of the others."""

    def __init__(
        self,
        among: FeedQuerySet | None,
        *,
        seconds: float,
        on_outcome: Callable[[Outcome], None] | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._on_outcome = on_outcome
        self._clock = clock
        self._policy = schedule_policy()
        spacing_seconds = settings.FETCH_HOST_SPACING_SECONDS
        self._claims = Claims(among, seconds=seconds, spacing_seconds=spacing_seconds, clock=clock)
        self._report = Report()
        self._under_way: dict[int, Feed] = {}
        self._to_read = Gathering(self._read, most=MOST_TO_READ, wait_seconds=TO_READ_WAIT_SECONDS)
        self._to_store = Gathering(self._store_documents, most=MOST_TO_STORE, wait_seconds=TO_STORE_WAIT_SECONDS)
        self._unchanged = Gathering(self._store_unchanged, most=MOST_UNCHANGED, wait_seconds=UNCHANGED_WAIT_SECONDS)
        self._gatherings = self._to_read, self._to_store, self._unchanged
        self._notes: dict[int, str] = {}
        self._done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._readers = Readers()
        self._fetcher = Fetcher(
            fetch_policy(),
            concurrency=settings.POLL_CONCURRENCY,
            spacing_seconds=spacing_seconds,
            on_done=lambda key, answer: self._done.put(partial(self._fetched, key, answer)),
        )
        self._rediscovery = Rediscovery(fetch=self._fetcher.submit, read=self._submit, on_looked=self._looked)

    def __enter__(self) -> Poll:
        self._fetcher.__enter__()
        self._readers.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._fetcher.__exit__(None, None, None)
        self._readers.__exit__(None, None, None)
        self._release()

    def run(self) -> Report:
        while self._claim() or self._under_way or self._claims.wait():
            if self._under_way:
                self._go_on()
        self._finish_busy(self._claims.end())
        return self._report

    def _go_on(self) -> None:
        """Do what comes next; if there is nothing, wait for it a little."""
        if sum(len(gathering) for gathering in self._gatherings) == len(self._under_way):
            for gathering in self._gatherings:  # nothing else is to come
                gathering.do_now()
            return
        wait_seconds = min(HOSTS_WAIT_SECONDS, *(gathering.seconds_left for gathering in self._gatherings))
        with suppress(queue.Empty):
            self._done.get(timeout=wait_seconds)()
        for gathering in self._gatherings:
            gathering.do_if_due()

    def _release(self) -> None:
        """Give back what an interrupted run still holds, so that it needn't wait for the leases to run out."""
        if not self._under_way:
            return
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # its loss may be what interrupted the run
        try:
            with transaction.atomic():
                ours = [feed.pk for feed in under_lease(self._under_way.values())]
                Feed.objects.filter(pk__in=ours).update(lease=None, next_poll_at=self._clock())
        except Error:
            logger.warning("leases stay until they run out feeds=%d", len(self._under_way))

    def _claim(self) -> bool:
        # What waits to be stored keeps no request waiting.
        at_work = len(self._under_way) - len(self._unchanged) - len(self._to_store)
        room = 2 * settings.POLL_CONCURRENCY - at_work
        feeds = self._claims.take(room) if room >= settings.POLL_CONCURRENCY else []
        for feed in feeds:
            self._under_way[feed.pk] = feed
            self._fetcher.submit(feed.pk, _request(feed))
        return bool(feeds)

    # -- fetched ---------------------------------------------------------------------------------------------------

    def _fetched(self, key: int, answer: Response | IngestError) -> None:
        feed = self._under_way[key]
        if key in self._rediscovery:
            self._rediscovery.fetched(key, answer, self._clock())
        elif isinstance(answer, IngestError):
            self._failed(feed, answer)
        elif answer.status == 304 or answer.body_hash == feed.body_hash:
            self._unchanged.add((feed, answer))
        else:
            self._to_read.add((feed, answer))

    def _read(self, fetched: Sequence[tuple[Feed, Response]]) -> None:
        known = known_of([feed for feed, _ in fetched])
        for feed, response in fetched:
            of_feed = known.get(feed.pk, Known())
            job = ReadJob(
                body=response.body,
                url=response.url,
                content_type=response.headers.get("content-type", ""),
                now=self._clock(),
                known=of_feed.contents,
                memory=of_feed.memory,
            )
            answer = replace(response, body=b"")  # the child has it now; bodies under way must not add up
            self._submit(job, partial(self._was_read, feed, answer))

    def _submit(self, job: ReadJob, on_read: OnRead) -> None:
        self._readers.submit(job, lambda result: self._done.put(partial(on_read, result)))

    def _was_read(self, feed: Feed, response: Response, result: Document | IngestError) -> None:
        if isinstance(result, NotAFeed) and self._discover(feed, result):
            return
        if isinstance(result, IngestError):
            self._failed(feed, result)
        else:
            if result.skipped:
                logger.info("skipped feed=%d items=%d", feed.pk, result.skipped)
            characters = len(result.memory) + sum(ITEM_WEIGHT + len(item.content_html or "") for item in result.items)
            self._to_store.add(store.Polled(feed, response, result), weight=DOCUMENT_WEIGHT + characters)

    # -- read ------------------------------------------------------------------------------------------------------

    def _discover(self, feed: Feed, page: NotAFeed) -> bool:
        """Whether a new feed's address was a web page's, and the feed that it names is being fetched instead."""
        if feed.state != Feed.State.PENDING or feed.pk in self._notes:
            return False
        url = first_askable(page.links)
        if not url:
            return False
        if Feed.objects.at_address(url).exclude(pk=feed.pk).exists():
            self._failed(feed, AlreadyListed(url=url))
            return True
        self._notes[feed.pk] = f"found the feed at {url}"
        feed.point_to(url)
        ours = Feed.objects.filter(pk=feed.pk, lease=feed.lease)
        ours.update(url=feed.url, host=feed.host, etag="", last_modified="", body_hash="")
        self._fetcher.submit(feed.pk, _request(feed))
        return True

    # -- store -----------------------------------------------------------------------------------------------------

    def _failed(self, feed: Feed, error: IngestError) -> None:
        if not self._rediscovery.begin(feed, error, self._clock()):
            self._store_failure(feed, error)

    def _looked(self, feed: Feed, error: IngestError, found_url: str) -> None:
        self._store_failure(feed, error, found_url)

    def _store_failure(self, feed: Feed, error: IngestError, found_url: str | None = None) -> None:
        now = self._clock()
        try:
            stored = store_failure(feed, error, now=now, policy=self._policy, found_url=found_url)
        except LeaseLost:
            self._finish_busy([feed])
        else:
            self._was_stored(stored, error=str(error))

    def _store_unchanged(self, polled: Sequence[tuple[Feed, Response]]) -> None:
        stored = store_all_unchanged(polled, now=self._clock(), policy=self._policy)
        self._were_stored([feed for feed, _ in polled], stored)

    def _store_documents(self, polled: Sequence[store.Polled]) -> None:
        for together in store.lots(polled):
            self._store_lot(together)

    def _store_lot(self, polled: Sequence[store.Polled]) -> None:
        try:
            stored = store.store_documents(polled, now=self._clock(), policy=self._policy)
        except (DataError, IntegrityError):
            if len(polled) == 1:
                logger.exception("storing failed feed=%d", polled[0].feed.pk)
                self._failed(polled[0].feed, OurFault())
                return
            for one in polled:  # the one that the database refuses stops no other
                self._store_lot([one])
        else:
            self._were_stored([one.feed for one in polled], stored)

    def _were_stored(self, feeds: Iterable[Feed], stored: Iterable[Stored]) -> None:
        stored_by_id = {each.feed.pk: each for each in stored}
        for feed in feeds:
            if feed.pk in stored_by_id:
                self._was_stored(stored_by_id[feed.pk])
            else:
                self._finish_busy([feed])

    def _was_stored(self, stored: Stored, *, error: str = "") -> None:
        feed = stored.feed
        kind = "failed" if error else "new" if stored.new else "unchanged"
        note = self._notes.get(feed.pk, "")
        counts = stored.new, stored.held, stored.changed
        self._finish(feed, Outcome(feed, kind, *counts, error=error, note=note))

    def _finish_busy(self, feeds: Sequence[Feed]) -> None:
        reasons = wishes(self._clock()) if feeds else {}
        for feed in feeds:
            reason = reasons.get(feed.host, "Another worker is polling this feed.")
            self._finish(feed, Outcome(feed=feed, kind="busy", error=reason))

    def _finish(self, feed: Feed, outcome: Outcome) -> None:
        self._under_way.pop(feed.pk, None)
        self._report.count(outcome)
        logger.info(
            "polled feed=%d outcome=%s new=%d changed=%d error=%s",
            feed.pk,
            outcome.kind,
            outcome.new,
            outcome.changed,
            outcome.feed.last_error_kind or "-",
        )
        if self._on_outcome is not None:
            self._on_outcome(outcome)


def _request(feed: Feed) -> Request:
    return Request(url=feed.url, etag=feed.etag, last_modified=feed.last_modified)
