"""What came of feeds becomes rows, and then outcomes for those who asked for the poll."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import DataError, IntegrityError

from aggregator.ingest.errors import AlreadyListed, IngestError, OurFault
from aggregator.ingest.schedule import SchedulePolicy
from aggregator.ingest.types import Response
from aggregator.models import Feed
from aggregator.storing import documents as store
from aggregator.storing.feed_row import LeaseLost, Stored, store_all_unchanged, store_failure
from aggregator.storing.resting import wish_of, wishes

from .outcomes import Outcome, Report

logger = logging.getLogger(__name__)


class Recorder:
    """Keeps account of the feeds of one run: each comes under way once, and leaves with one outcome.

    `on_outcome` is called in the caller's thread as soon as a feed's rows are stored.
    """

    def __init__(
        self,
        *,
        policy: SchedulePolicy,
        clock: Callable[[], datetime],
        on_outcome: Callable[[Outcome], None] | None,
    ) -> None:
        self.report = Report()
        self.under_way: dict[int, Feed] = {}
        self._policy = policy
        self._clock = clock
        self._on_outcome = on_outcome
        self._notes: dict[int, str] = {}

    def tell(self) -> None:
        """Say in the log what came of the run; of most feeds there is nothing else to say, and they are many."""
        report = self.report
        if report.polled or report.busy:
            values = (report.polled, report.new, report.held, len(report.failed), report.busy)
            logger.info("run ended feeds=%d new=%d held=%d failed=%d busy=%d", *values)

    def begin(self, feed: Feed) -> None:
        self.under_way[feed.pk] = feed

    def note(self, feed: Feed, text: str) -> None:
        """Say something more with the feed's outcome."""
        self._notes[feed.pk] = text

    def failure(self, feed: Feed, error: IngestError, found_url: str | None = None) -> None:
        """Store that the feed failed so. `found_url`, from a look for it, is where it may live on."""
        now = self._clock()
        try:
            stored = store_failure(feed, error, now=now, policy=self._policy, found_url=found_url)
        except LeaseLost:
            self.busy([feed])
        else:
            self._end_stored(stored, error=str(error))

    def unchanged(self, polled: Sequence[tuple[Feed, Response]]) -> None:
        """Store that these feeds answered and brought nothing, all together."""
        stored = store_all_unchanged(polled, now=self._clock(), policy=self._policy)
        self._end_all((feed for feed, _ in polled), stored)

    def documents(self, polled: Sequence[store.Polled]) -> None:
        """Store these documents, as many together as may be; one that the database refuses stops no other."""
        for lot in store.lots(polled):
            self._lot(lot)

    def busy(self, feeds: Sequence[Feed]) -> None:
        """End these feeds without a change: another worker polls them, or their servers want to be left alone."""
        now = self._clock()
        reasons = wishes(now) if feeds else {}
        for feed in feeds:
            reason = wish_of(feed, reasons, now) or "Another worker is polling this feed."
            self._end(Outcome(feed=feed, kind="busy", error=reason))

    def _lot(self, polled: Sequence[store.Polled]) -> None:
        try:
            stored = store.store_documents(polled, now=self._clock(), policy=self._policy)
        except (DataError, IntegrityError):
            if len(polled) > 1:
                for one in polled:
                    self._lot([one])
                return
            logger.exception("storing failed feed=%d", polled[0].feed.pk)
            self.failure(polled[0].feed, OurFault())
        else:
            self._end_all((one.feed for one in polled), stored)

    def _end_all(self, feeds: Iterable[Feed], stored: Iterable[Stored]) -> None:
        """End these feeds; those that are not among the stored ones had lost their leases."""
        stored_by_id = {each.feed.pk: each for each in stored}
        for feed in feeds:
            match stored_by_id.get(feed.pk):
                case None:
                    self.busy([feed])
                case Stored(listed_url=""):
                    self._end_stored(stored_by_id[feed.pk])
                case double:
                    self.failure(feed, AlreadyListed(url=double.listed_url, is_page=False))

    def _end_stored(self, stored: Stored, *, error: str = "") -> None:
        kind = "failed" if error else "new" if stored.new else "unchanged"
        counts = stored.new, stored.held, stored.changed
        note = self._notes.get(stored.feed.pk, "")
        self._end(Outcome(stored.feed, kind, *counts, error=error, note=note))

    def _end(self, outcome: Outcome) -> None:
        feed = outcome.feed
        self.under_way.pop(feed.pk, None)
        self.report.count(outcome)
        if outcome.kind in {"new", "failed"} or outcome.changed:  # `tell` counts the others
            error_kind = feed.last_error_kind or "-"
            values = (feed.pk, outcome.kind, outcome.new, outcome.held, outcome.changed, error_kind)
            logger.info("polled feed=%d outcome=%s new=%d held=%d changed=%d error=%s", *values)
        if self._on_outcome is not None:
            self._on_outcome(outcome)
