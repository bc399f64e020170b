"""The worker looks whether blogs show the codes that they were asked to show: when somebody asks, and again each week.

A place that doesn't answer says nothing, so nothing is lost by it. What a look means for its row says `ownership`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from aggregator.ingest.errors import IngestError
from aggregator.ingest.types import Response
from aggregator.models import Feed, Ownership, Submission, site_change
from aggregator.storing.resting import answering_host, asked_rest, let_rest, wishes

from .asking import Asker, body_of
from .looks import Look, Verdict
from .mark_reading import MarkJob
from .ownership import note_found, note_missing, sources_url, touch_authors
from .places import Place

logger = logging.getLogger(__name__)

MAX_AT_ONCE = 20
POLLS_WAIT = timedelta(seconds=30)
"""Feeds of the hosts that are asked here become due no sooner."""


class _Resting(IngestError):
    """A server that asked to be left alone, in `resting`'s words."""


def look_for_codes(now: datetime, *, seconds: float) -> int:
    """Look for what was asked for and what is due, for about so long. Returns how many ownerships were looked at."""
    stop_at, count = time.monotonic() + seconds, 0
    while time.monotonic() < stop_at and (rows := Ownership.objects.take(now, MAX_AT_ONCE)):
        looks = [look for row in rows for look in looks_of(row)]
        if looks:
            _leave_to_us({_host(place) for look in looks for place in look.left}, now)
            with Asker() as asker:
                _look(asker, looks, now)
        for row in rows:
            _settle(row, [look for look in looks if look.row.pk == row.pk], now)
        count += len(rows)
    return count


def looks_of(row: Ownership) -> Iterator[Look]:
    """What is to look at for this row: the blog as it is here or was proposed, and its proposed new address."""
    if row.feed and row.feed.state != Feed.State.REJECTED:
        yield Look(row, row.feed.url, row.feed.site_url)
        move = Submission.objects.open().filter(moves=row.feed).exclude(feed_url="").first()
        if move and row.is_proven:
            yield Look(row, move.feed_url, move.site_url, submission=move)
    elif not row.feed and row.submission and row.submission.feed_url:
        yield Look(row, row.submission.feed_url, row.submission.site_url)


def _look(asker: Asker, looks: Sequence[Look], now: datetime) -> None:
    """Ask one place of each look after the other, until each has found its code or has no place left."""
    while waiting := [look for look in looks if not look.is_over]:
        resting = wishes(now)
        asked: dict[int, tuple[Look, Place]] = {}
        for key, look in enumerate(waiting):
            place = look.left[0]
            if wish := resting.get(_host(place)):
                look.note_answer(place, _Resting(wish))
            else:
                asked[key] = look, place
        answers = asker.ask({key: place.url for key, (_, place) in asked.items()})
        for key, answer in answers.items():
            look, place = asked[key]
            look.note_answer(place, _found(asker, look, place, answer, now))


def _found(asker: Asker, look: Look, place: Place, answer: Response | IngestError, now: datetime) -> str | IngestError:
    if isinstance(answer, IngestError):
        until = asked_rest(answer, now)
        if until is not None:
            let_rest(answering_host(answer, place.url), until, now)
        return answer
    # A page that is only supposed to be the blog's may be that of a host with many blogs: readers can link there.
    sources = sources_url() if look.site_url and look.row.feed else ""
    content_type = answer.headers.get("content-type", "")
    return asker.read(MarkJob(body_of(answer), answer.url, content_type, place.kind, look.row.code, sources))


def _leave_to_us(hosts: set[str], now: datetime) -> None:
    """Let no poll ask these hosts meanwhile, and wait until the one that did is well past."""
    with transaction.atomic():
        Feed.objects.put_off(hosts, now + POLLS_WAIT)
    time.sleep(settings.FETCH_HOST_SPACING_SECONDS)


def _host(place: Place) -> str:
    return urlsplit(place.url).hostname or ""


def _settle(taken: Ownership, looks: Sequence[Look], now: datetime) -> None:
    """Store what the looks of a row found, unless another worker has the row by now."""
    with site_change():
        moves = [look.submission.pk for look in looks if look.submission]
        proposals = Submission.objects.filter(pk__in=[taken.submission_id or 0, *moves])
        list(proposals.order_by("pk").select_for_update())  # as who decides about one does: first it, then its owner
        row = Ownership.objects.select_for_update().filter(pk=taken.pk, taken_at=taken.taken_at).first()
        if row is None:
            return
        if row.asked_at == taken.asked_at:
            row.asked_at = None
        row.taken_at, row.looked_at, was_proven = None, now, row.is_proven
        for look in looks:
            if look.submission is None:
                _note(row, look, now)
            elif look.verdict() is Verdict.FOUND:
                Submission.objects.filter(pk=look.submission.pk, proven_at=None).update(proven_at=now)
        row.save()
        if row.is_proven != was_proven:
            touch_authors(row.feed_id, now)
        own = Submission.objects.open().filter(pk=row.submission_id or 0)
        own.update(proven_at=row.proven_at if row.is_proven else None)
    logger.info("looked for a code ownership=%d feed=%s is_proven=%s", row.pk, row.feed_id, row.is_proven)


def _note(row: Ownership, look: Look, now: datetime) -> None:
    verdict = look.verdict()
    row.answer = look.sentence()
    if row.ended_at:
        return
    if verdict is Verdict.FOUND:
        note_found(row, look.found, now)
    elif verdict is Verdict.MISSING:
        note_missing(row, now)
