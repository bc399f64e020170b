from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.diagnosis import advice_for, diagnose
from aggregator.ingest import errors
from aggregator.models import Feed
from tests.factories import NOW


@pytest.mark.parametrize(
    ("fields", "tone", "word"),
    [
        ({"state": "active"}, "good", "active"),
        ({"state": "active", "failure_count": 3}, "trouble", "failing"),
        ({"state": "active", "newest_at": NOW - timedelta(days=200)}, "waiting", "silent"),
        ({"state": "active", "newest_at": NOW - timedelta(days=100)}, "good", "active"),
        ({"state": "pending"}, "waiting", "pending"),
        ({"state": "pending", "failure_count": 1}, "trouble", "failing"),
        ({"state": "paused", "failure_count": 3}, "off", "paused"),
        ({"state": "gone", "failure_count": 3}, "off", "gone"),
        ({"state": "rejected"}, "off", "rejected"),
        ({"state": "active", "double_of_id": 1, "held_count": 12}, "waiting", "read twice"),
    ],
)
def test_a_feed_is_told_in_a_word(fields: dict[str, object], tone: str, word: str) -> None:
    found = diagnose(Feed(url="https://blog.example/feed", **fields), NOW)
    assert (found.tone, found.word) == (tone, word)


def kinds(base: type[errors.IngestError] = errors.IngestError) -> set[str]:
    return {base.kind}.union(*(kinds(child) for child in base.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(kinds() - {"error", "internal"}))
def test_every_kind_of_error_has_advice_of_its_own(kind: str) -> None:
    assert "worker's log" not in advice_for(Feed(last_error_kind=kind, last_error="It failed."))


def test_our_own_fault_points_to_the_log() -> None:
    assert "worker's log" in advice_for(Feed(last_error_kind="internal"))


def test_a_missing_feed_and_a_forbidden_one_get_different_advice() -> None:
    missing = Feed(last_error_kind="http", last_error=str(errors.HttpStatus(status=404)))
    forbidden = Feed(last_error_kind="http", last_error=str(errors.HttpStatus(status=403)))
    assert advice_for(missing) != advice_for(forbidden)


def test_a_feed_without_errors_needs_no_advice() -> None:
    assert advice_for(Feed()) == ""


def test_a_new_feed_that_cannot_be_reached_over_https_may_answer_to_http() -> None:
    failed = {"state": "pending", "last_error_kind": "connection"}
    assert "http:// below" in advice_for(Feed(url="https://blog.example.org/feed", **failed))
    assert "http:// below" not in advice_for(Feed(url="http://blog.example.org/feed", **failed))


@pytest.mark.parametrize("state", ["paused", "gone"])
def test_a_feed_that_is_not_polled_is_said_to_be_off_the_front_page(state: str) -> None:
    assert "left the front page" in diagnose(Feed(state=state), NOW).summary
