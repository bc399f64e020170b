"""The worker's look at blogs that are proposed: it asks and reads as polls do, and writes down what it met.

The rows say what is to be looked at; a look that a killed worker had begun is begun again a moment later. No
transaction is open while anything is asked.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from aggregator.ingest.address import absolute_link
from aggregator.ingest.errors import AddressRefused, IngestError, OurFault
from aggregator.ingest.text import one_line
from aggregator.models import Feed, Submission
from aggregator.models.sql import claim_alone
from aggregator.polling.clock import database_clock
from aggregator.storing.resting import answering_host, asked_rest, let_rest, wishes

from .evidence import MAX_TITLE_CHARACTERS, Met, evidence_of, refused
from .finding import FIND_SECONDS, FINDS_AT_ONCE, Finder, Found
from .proposing import tell_after_commit

logger = logging.getLogger(__name__)

BEGUN_AGAIN_AFTER = timedelta(seconds=90)
"""If the worker that began a look is killed, the next one begins it again then."""
MAX_BEGUN = 3
"""A look that ends its worker so often is not begun once more."""
HOST_WAIT_SECONDS = 0.25
"""Until it is looked again whether a host may be asked that is just being polled."""

_State = Submission.State


def look_at_waiting(*, seconds: float, clock: Callable[[], datetime] | None = None) -> int:
    """Look at what is proposed, and return how many were looked at. After `seconds`, no look is begun."""
    clock = clock or database_clock()
    stop_at = time.monotonic() + seconds
    count = 0
    while (begun := _begin(clock())) and time.monotonic() < stop_at:
        with Finder() as finder, ThreadPoolExecutor(FINDS_AT_ONCE, thread_name_prefix="finding") as threads:
            for proposal, result in _find_all(finder, threads, begun, clock):
                count += _write_down(proposal, result, clock())
    return count


def _begin(now: datetime) -> list[Submission]:
    """Those whose looks begin now, and which nobody else begins for a moment."""
    is_free = Q(looked_at=None) | Q(looked_at__lt=now - BEGUN_AGAIN_AFTER)
    with transaction.atomic():
        rows = Submission.objects.to_look_at().filter(is_free).select_for_update(skip_locked=True)
        begun = list(rows[:FINDS_AT_ONCE])
        for proposal in begun:
            proposal.looked_at = now
            proposal.evidence = {"begun": proposal.evidence.get("begun", 0) + 1}
            proposal.save(update_fields=["looked_at", "evidence"])
    return begun


def _find_all(
    finder: Finder, threads: ThreadPoolExecutor, begun: Iterable[Submission], clock: Callable[[], datetime]
) -> Iterator[tuple[Submission, Found | IngestError | str]]:
    """Each proposal with what was found, as it comes: a feed, an error, or a sentence that says why nobody asked."""
    waiting, under_way = list(begun), dict[Future[Found], Submission]()
    resting, stop_at = wishes(clock()), time.monotonic() + FIND_SECONDS
    while waiting or under_way:
        for proposal in list(waiting):
            why_not = _why_not(proposal, resting, is_late=time.monotonic() > stop_at)
            if not why_not and not _take_turn(_asked_host(proposal), clock()):
                continue
            waiting.remove(proposal)
            if why_not:
                yield proposal, why_not
            else:
                under_way[threads.submit(finder.find, proposal.address, clock())] = proposal
        done, _ = wait(under_way, timeout=HOST_WAIT_SECONDS, return_when=FIRST_COMPLETED)
        if not under_way:
            time.sleep(HOST_WAIT_SECONDS)
        for future in done:
            yield under_way.pop(future), _result(future)


def _why_not(proposal: Submission, resting: dict[str, str], *, is_late: bool) -> str:
    if proposal.evidence["begun"] > MAX_BEGUN:
        return str(OurFault())
    if is_late:
        return "Its server is being asked for other blogs all the time. Have it looked at again later."
    return resting.get(_asked_host(proposal), "")


def _take_turn(host: str, now: datetime) -> bool:
    """Whether no poll asks the host now, nor did a moment ago; then none does until the look ends."""
    feeds = Feed.objects.on_host(host)
    with transaction.atomic():
        claim_alone()
        is_quiet = not feeds.exists() or feeds.on_quiet_hosts(now, settings.FETCH_HOST_SPACING_SECONDS).exists()
        if is_quiet:
            feeds.put_off([host], now + timedelta(seconds=FIND_SECONDS))
    return is_quiet


def _result(future: Future[Found]) -> Found | IngestError:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, IngestError):
        return error
    logger.error("looking failed", exc_info=error)
    return OurFault()


def _write_down(proposal: Submission, result: Found | IngestError | str, now: datetime) -> bool:
    """Whether it was still wanted: its sender may have taken it back meanwhile."""
    if isinstance(result, IngestError) and (until := asked_rest(result, now)):
        let_rest(answering_host(result, proposal.address), until, now)
    with transaction.atomic():
        row = Submission.objects.select_for_update().filter(pk=proposal.pk, state=_State.LOOKING).first()
        if row is None or row.looked_at != proposal.looked_at:
            return False
        row.state, row.looked_at = _State.READY, now
        if isinstance(result, Found):
            _write_found(row, result, now)
        else:
            row.feed_url, row.evidence = "", refused(Met("trouble", _in_words(result)))
        if row.moves_id and row.can_be_sent:  # its owner asked for it, and sees it on a page of his own
            row.state, row.sent_at = _State.WAITING, now
            tell_after_commit(row)
        row.save(update_fields=["state", "looked_at", "evidence", "feed_url", "site_url", "title", "sent_at"])
    logger.info("looked at a proposal id=%d refused=%s", row.pk, bool(row.refusal))
    return True


def _write_found(row: Submission, found: Found, now: datetime) -> None:
    document = found.document
    row.feed_url = found.url
    row.title = one_line(document.title, MAX_TITLE_CHARACTERS)
    row.site_url = absolute_link(document.site_url, found.read_at)
    row.evidence = evidence_of(found, row, now)


def _in_words(result: IngestError | str) -> str:
    if isinstance(result, str):
        return result
    is_refused = isinstance(result, AddressRefused) and not result.is_looked_up
    return f"It can’t be asked. {result}" if is_refused else result.for_everybody


def _asked_host(proposal: Submission) -> str:
    return urlsplit(proposal.address).hostname or ""
