"""The conductor: claim what is due, fetch, read, store, announce. The only place that knows the order.

    claim ──> fetch (one thread, many hosts at once) ──> read (child processes) ──> store (here) ──> announce

Fetching, reading and storing run at the same time and hand on their work through one queue. If a feed fails, a sentence
on its row says why, and the others go on. No transaction is open while anything is fetched or read.
"""

from __future__ import annotations

import logging
import math
import queue
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import Error, connection, transaction

from aggregator.folding.fold import count_what_was_left
from aggregator.ingest.errors import AlreadyListed, IngestError, NotAFeed, SourceRemoved
from aggregator.ingest.spool import Spool
from aggregator.ingest.types import Document, Request, Response
from aggregator.models import Feed, FeedQuerySet
from aggregator.models.faults import faults_in_plain_words
from aggregator.storing import documents as store
from aggregator.storing.doubles import refuse_removed_goal
from aggregator.storing.feed_row import under_lease
from aggregator.storing.moves import point_new_feed_to
from aggregator.storing.resting import asked_rest

from . import skew
from .asking import brings_nothing, request_for
from .claiming import LEASE_SECONDS, Claims
from .clock import database_clock
from .fetching import Fetcher
from .gathering import Gathering
from .known import Known, known_of
from .lane import Lane
from .named_feeds import NamedFeeds
from .outcomes import Outcome, Report
from .policies import fetch_policy, schedule_policy
from .read_job import ReadJob
from .reading import OnRead, Readers
from .recording import Recorder
from .rediscovery import Rediscovery

logger = logging.getLogger(__name__)

BATCH_SECONDS = 55
"""A task takes no new feeds after this long; the next tick goes on."""
MAX_UNCHANGED_FEEDS = 64
"""So many feeds that brought nothing are stored together: a transaction costs more than their rows do."""
UNCHANGED_WAIT_SECONDS = 0.1
"""Nobody waits for a feed that brought nothing, but its lease and its host do."""
MAX_BODIES = 16
"""What is known of so many feeds is looked up with one query, before their bodies are read."""
BODIES_WAIT_SECONDS = 0.02
"""The reading processes must not run dry meanwhile."""
MAX_LOT_CHARACTERS = 2**21
"""Documents are stored together until they weigh so much: what is stored together is in memory together, and holds the
database's lock for as long."""
LOT_WAIT_SECONDS = 1.0
"""A new post is on the pages this much later, at most."""
DOCUMENT_CHARACTERS = 2**16
"""What a document weighs beside its texts: its feed's row and the queries about it."""
ITEM_CHARACTERS = 2**8
"""What an item weighs beside its content: its other fields, and the entry that it becomes."""
RELEASE_SECONDS = 10
"""A database that is started again is back by then. While a lease lasts, nobody asks its feed's host."""
RELEASE_PAUSE_SECONDS = 0.5
HOSTS_WAIT_SECONDS = 1
"""A host that rested may be asked again, even if all that is under way is slow."""


def poll(
    among: FeedQuerySet | None = None,
    *,
    seconds: float | None = None,
    on_outcome: Callable[[Outcome], None] | None = None,
    clock: Callable[[], datetime] | None = None,
    is_anew: bool = False,
) -> Report:
    """Poll what is due; or the feeds of `among`, whatever their due date and state. Returns when all are stored.

    With `is_anew`, the feeds are asked for and read as if what they said last time were unknown: a curator wants to see
    what is there now.

    After `seconds` no feed is begun, and those of `among` that are left become due. Without it, `among` takes as long
    as it takes. `on_outcome` is called once per feed, in this thread, as soon as the feed is stored. Raises
    StorageFailed if the database can't be written to.
    """
    if seconds is None:
        seconds = BATCH_SECONDS if among is None else math.inf
    with faults_in_plain_words():
        clock = clock or database_clock()
        skew.set_right(clock(), lease_seconds=LEASE_SECONDS)
        count_what_was_left(clock())
        with Poll(among, seconds=seconds, on_outcome=on_outcome, clock=clock, is_anew=is_anew) as run:
            return run.run()


class Poll:
    """One run: it takes feeds while there is time, and hands each from floor to floor until its outcome is recorded."""

    def __init__(
        self,
        among: FeedQuerySet | None,
        *,
        seconds: float,
        on_outcome: Callable[[Outcome], None] | None,
        clock: Callable[[], datetime],
        is_anew: bool = False,
    ) -> None:
        self._clock = clock
        self._is_anew = is_anew
        spacing_seconds = settings.FETCH_HOST_SPACING_SECONDS
        self._claims = Claims(among, seconds=seconds, spacing_seconds=spacing_seconds, clock=clock)
        self._on_outcome = on_outcome
        self._recorder = Recorder(policy=schedule_policy(), clock=clock, on_outcome=self._end)
        self._large = Lane()
        self._to_read = Gathering(self._read, most=MAX_BODIES, wait_seconds=BODIES_WAIT_SECONDS)
        self._to_store = Gathering(self._recorder.documents, most=MAX_LOT_CHARACTERS, wait_seconds=LOT_WAIT_SECONDS)
        self._unchanged = Gathering(
            self._recorder.unchanged, most=MAX_UNCHANGED_FEEDS, wait_seconds=UNCHANGED_WAIT_SECONDS
        )
        self._gatherings = self._to_read, self._to_store, self._unchanged
        self._done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._readers = Readers()
        self._fetcher = Fetcher(
            fetch_policy(),
            concurrency=settings.POLL_CONCURRENCY,
            spacing_seconds=spacing_seconds,
            on_done=lambda key, answer: self._done.put(partial(self._on_answer, key, answer)),
        )
        self._named_feeds = NamedFeeds(self._ask)
        self._rediscovery = Rediscovery(fetch=self._ask, read=self._submit_job, on_looked=self._recorder.failure)

    def __enter__(self) -> Poll:
        self._fetcher.__enter__()
        self._readers.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._fetcher.__exit__(None, None, None)
        self._readers.__exit__(None, None, None)
        self._large.close()
        self._release()

    def run(self) -> Report:
        while self._take_feeds() or self._recorder.under_way or self._claims.wait():
            if self._recorder.under_way:
                self._go_on()
        self._recorder.busy(self._claims.end())
        self._recorder.tell()
        return self._recorder.report

    def _go_on(self) -> None:
        """Do what comes next; if there is nothing, wait for it a little."""
        if sum(len(gathering) for gathering in self._gatherings) == len(self._recorder.under_way):
            for gathering in self._gatherings:  # nothing else is to come
                gathering.do_now()
            return
        wait_seconds = min(HOSTS_WAIT_SECONDS, *(gathering.seconds_left for gathering in self._gatherings))
        with suppress(queue.Empty):
            self._done.get(timeout=wait_seconds)()
        for gathering in self._gatherings:
            gathering.do_if_due()
        self._large.go_on()
        self._claims.keep([self._recorder.under_way[feed_id] for feed_id in self._large.waiting])

    def _end(self, outcome: Outcome) -> None:
        self._large.leave(outcome.feed.pk)
        if self._on_outcome is not None:
            self._on_outcome(outcome)

    def _release(self) -> None:
        """Give back what an interrupted run still has claimed, so that it needn't wait for the leases to run out."""
        under_way = self._recorder.under_way
        if not under_way:
            return
        stop_at = time.monotonic() + RELEASE_SECONDS
        while not self._give_back(under_way.values()):
            if connection.connection is not None or time.monotonic() > stop_at:
                logger.warning("leases stay until they run out feeds=%d", len(under_way))
                return
            time.sleep(RELEASE_PAUSE_SECONDS)

    def _give_back(self, feeds: Collection[Feed]) -> bool:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # its loss may be what interrupted the run
        try:
            with transaction.atomic():
                self._claims.give_back(under_lease(feeds))
        except Error:
            return False
        return True

    # -- claim and fetch ---------------------------------------------------------------------------------------------

    def _take_feeds(self) -> bool:
        # What waits to be stored keeps no request waiting.
        at_work = len(self._recorder.under_way) - len(self._unchanged) - len(self._to_store)
        room = 2 * settings.POLL_CONCURRENCY - at_work
        feeds = self._claims.take(room) if room >= settings.POLL_CONCURRENCY else []
        for feed in feeds:
            self._recorder.begin(feed)
            self._ask(feed.pk, request_for(feed, self._clock(), is_anew=self._is_anew))
        return bool(feeds)

    def _ask(self, feed_id: int, request: Request) -> None:
        self._large.leave(feed_id)  # what it was asked for before has been read
        self._fetcher.submit(feed_id, request)

    def _on_answer(self, feed_id: int, answer: Response | IngestError) -> None:
        """What was asked for has come, or has failed."""
        feed = self._recorder.under_way[feed_id]
        is_look = feed_id in self._rediscovery
        is_same = isinstance(answer, Response) and not is_look and brings_nothing(feed, answer, is_anew=self._is_anew)
        if isinstance(answer, Response) and answer.large and not is_same:
            self._large.add(feed_id, answer.large.size, partial(self._on_turn, feed_id, answer, answer.large))
        elif is_look:
            self._rediscovery.fetched(feed_id, answer, self._clock())
        elif isinstance(answer, IngestError):
            self._on_failure(feed, answer)
        elif is_same:
            self._unchanged.add((feed, replace(answer, body=b"", large=None)))
        else:
            self._to_read.add((feed, answer))

    def _on_turn(self, feed_id: int, answer: Response, body: Spool) -> None:
        """There is room for a large body."""
        self._on_answer(feed_id, replace(answer, body=body.take(), large=None))

    def _on_failure(self, feed: Feed, error: IngestError) -> None:
        """Try what else its page names, or look for the feed elsewhere, if that is worth a request; else it failed."""
        if asked_rest(error, self._clock()) is None:
            trouble = self._named_feeds.go_on(feed, error)
            if trouble is None:
                return
            error = trouble
        if not self._rediscovery.begin(feed, error, self._clock()):
            self._recorder.failure(feed, error)

    # -- read --------------------------------------------------------------------------------------------------------

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
            self._submit_job(job, partial(self._on_read, feed, answer))

    def _submit_job(self, job: ReadJob, on_read: OnRead) -> None:
        self._readers.submit(job, lambda result: self._done.put(partial(on_read, result)))

    def _on_read(self, feed: Feed, response: Response, result: Document | IngestError) -> None:
        """A body has become a document, or could not."""
        try:
            if isinstance(result, NotAFeed) and self._named_feeds.begin(feed, result):
                return
            if isinstance(result, Document):
                self._settle_address(feed)
                refuse_removed_goal(feed, response)
        except (AlreadyListed, SourceRemoved) as error:
            result = error
        if isinstance(result, IngestError):
            self._on_failure(feed, result)
            return
        self._to_store.add(store.Polled(feed, response, result), weight=_weight(result))

    def _settle_address(self, feed: Feed) -> None:
        """Point a new feed to where it was read, if its page had named that. Raises AlreadyListed."""
        url = self._named_feeds.found(feed)
        if url and not point_new_feed_to(feed, url):
            raise AlreadyListed(url=url)
        if url:
            self._recorder.note(feed, f"found the feed at {url}")


def _weight(document: Document) -> int:
    """What it takes to store a document, in characters."""
    items = sum(ITEM_CHARACTERS + len(item.content_html or "") for item in document.items)
    return DOCUMENT_CHARACTERS + len(document.memory) + items
