"""Who polls what: claims of many workers on one table of many feeds."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from aggregator.models import Feed
from aggregator.polling.claiming import Claims
from tests.factories import NOW
from tests.multiplying import multiply
from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT, site_variables

WORKERS = 3
MANY, DUE = 20_000, 200


def fill(hosts: Iterable[str], **fields: object) -> None:
    """A feed for each of these hosts; the first is due first."""
    start = Feed.objects.count()
    feeds = [
        Feed(
            url=f"https://{host}/{number}",
            host=host,
            slug=f"feed-{number}",
            **{"state": "active", "next_poll_at": NOW - timedelta(days=1) + timedelta(seconds=number), **fields},
        )
        for number, host in enumerate(hosts, start)
    ]
    Feed.objects.bulk_create(feeds, batch_size=1000)


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_side_by_side_never_hold_one_host_together(tmp_path: Path) -> None:
    fill((f"host{number % 50}.example" for number in range(2000)), next_poll_at=timezone.now())
    command = [sys.executable, "-m", "tests.claimer", str(tmp_path), "3"]
    workers = [
        subprocess.Popen(
            [*command, str(number), str(WORKERS)], cwd=ROOT, env=site_variables(), stdout=subprocess.PIPE, text=True
        )
        for number in range(WORKERS)
    ]
    told = [worker.communicate(timeout=PATIENCE_SECONDS)[0].split() for worker in workers]
    assert [shared for _, shared in told] == ["0"] * WORKERS
    assert min(int(held) for held, _ in told) > 0


@pytest.mark.slow
@pytest.mark.django_db
def test_a_host_with_thousands_of_feeds_that_wait_longest_keeps_no_other_host_waiting() -> None:
    fill(["crowded.example"] * 2000)
    fill(f"host{number}.example" for number in range(100))
    claimed = Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=2, limit=64)
    later = Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=2, limit=64)
    assert len({feed.host for feed in (*claimed, *later)}) == len(claimed) + len(later) == 101


@pytest.mark.django_db
def test_of_a_long_list_whose_first_feeds_share_a_host_the_others_have_their_turn() -> None:
    fill(["crowded.example"] * 2500)
    fill(f"host{number}.example" for number in range(10))
    claims = Claims(Feed.objects.order_by("pk"), seconds=60, spacing_seconds=2, clock=lambda: NOW)
    taken = [feed.host for _ in range(4) for feed in claims.take(64)]
    assert sorted(taken) == sorted({"crowded.example", *(f"host{number}.example" for number in range(10))})
    assert not claims.take(64)


@pytest.mark.django_db
def test_once_all_that_may_be_asked_are_taken_nobody_looks_for_more_at_once() -> None:
    fill(["a.example", "a.example"])
    claims = Claims(None, seconds=math.inf, spacing_seconds=4 * PATIENCE_SECONDS, clock=lambda: NOW)
    assert len(claims.take(64)) == 1
    with CaptureQueriesContext(connection) as queries:
        assert claims.take(64) == []
    assert len(queries) == 0


@pytest.mark.django_db
def test_a_claim_takes_what_has_waited_longest() -> None:
    fill(["a.example", "a.example", "b.example", "c.example"])
    claimed = Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=2, limit=2)
    assert [feed.url for feed in claimed] == ["https://a.example/0", "https://b.example/2"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seconds", "is_asked"),
    [(-2.5, True), (-1.9, False), (0, False), (1.9, False), (2.5, True), (3600, True)],
)
def test_who_was_polled_a_moment_ago_rests_by_whichever_workers_clock(seconds: float, is_asked: bool) -> None:
    fill(["a.example"], last_polled_at=NOW + timedelta(seconds=seconds))
    claimed = Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=2, limit=1)
    assert bool(claimed) == is_asked


def fill_with_many_feeds() -> None:
    """20,000 feeds of which 200 are due, 50 are being polled and 30 were polled a moment ago."""
    polled_at = NOW - timedelta(hours=1)
    fill((f"host{number // 5}.example" for number in range(DUE)), last_polled_at=polled_at)
    fill(["late.example"], last_polled_at=polled_at, next_poll_at=NOW + timedelta(hours=3))
    multiply(
        Feed.objects.get(host="late.example"),
        MANY - DUE - 1,
        url=f"'https://late' || (number / 5) || '.example/' || ({DUE} + number)",
        host="'late' || (number / 5) || '.example'",
        slug=f"'feed-' || ({DUE} + number)",
    )
    ids = list(Feed.objects.order_by("pk").values_list("pk", flat=True))
    assert len(ids) == MANY
    Feed.objects.filter(pk__in=ids[500:550]).update(lease="5d0f7b4e-0f53-4a3c-9d64-1b8cf6e9a0e1")
    Feed.objects.filter(pk__in=ids[600:630]).update(last_polled_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE aggregator_feed" if connection.vendor == "postgresql" else "ANALYZE")


FULL_SCANS = {"postgresql": "Seq Scan on aggregator_feed", "sqlite": "SCAN "}
QUESTIONS = {
    "what is due": Feed.objects.due(NOW).order_by("next_poll_at", "pk"),
    "what is claimed": Feed.objects.claimed(NOW),
    "what may be claimed": Feed.objects.due(NOW).unclaimed(NOW).on_quiet_hosts(NOW, 2).order_by("next_poll_at", "pk"),
    "what a clock that was ahead polled": Feed.objects.filter(last_polled_at__gt=NOW),
    "the other feeds of a host": Feed.objects.on_host("host7.example").unclaimed(NOW),
}


@pytest.fixture(scope="module")
def plans(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[str, str]:
    """How the database would answer each question if there were many feeds; they are gone again."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill_with_many_feeds()
        plans = {name: question.all().explain() for name, question in QUESTIONS.items()}
        transaction.set_rollback(True)
    return plans


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_of_twenty_thousand_feeds_indexes_tell(plans: dict[str, str], name: str) -> None:
    full_scans = [line for line in plans[name].splitlines() if FULL_SCANS[connection.vendor] in line]
    assert full_scans == []
