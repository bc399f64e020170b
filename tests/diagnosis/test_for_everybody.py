"""What everybody is told of a feed: general words for each thing that can happen, and how each can be mended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.diagnosis import answers, mending
from aggregator.diagnosis.for_everybody import how_it_goes, why_posts_wait
from aggregator.ingest.errors import HttpStatus, IngestError
from aggregator.models import Feed
from aggregator.models.feed import MANY_A_DAY
from tests.factories import NOW


def kinds() -> list[str]:
    """Of all errors that a feed's row can have."""

    def below(cls: type[IngestError]) -> list[type[IngestError]]:
        return [cls, *(one for each in cls.__subclasses__() for one in below(each))]

    return sorted({cls.kind for cls in below(IngestError)} - {IngestError.kind})


def feed(**fields: object) -> Feed:
    return Feed(
        **{"url": "https://blog.example/feed", "state": "active", "last_ok_at": NOW, "entry_count": 1, **fields}
    )


@pytest.mark.parametrize("kind", kinds())
def test_each_kind_of_error_has_words_of_its_own(kind: str) -> None:
    words = answers.trouble_in_words(kind)
    assert words != answers.trouble_in_words("some other")
    assert "http" not in words.lower() or "HTTP" in words


@pytest.mark.parametrize("status", [100, 300, 401, 402, 403, 404, 410, 418, 429, 451, 500, 503, 599])
def test_each_status_is_found_in_the_sentence_on_the_row(status: int) -> None:
    error = HttpStatus(status=status)
    failed = feed(last_error_kind=error.kind, last_error=str(error))
    assert answers.http_status(failed) == status
    assert answers.last_trouble(failed).endswith(f"({status})")


def test_nothing_but_the_status_is_taken_from_the_row() -> None:
    failed = feed(last_error_kind="not_a_feed", last_error="it names https://x.example/?token=(503)")
    assert answers.last_trouble(failed) == "its server answered with something that is no feed"
    assert answers.last_trouble(feed(last_error="of before")) == ""


@pytest.mark.parametrize("kind", sorted(set(kinds()) - {"internal", "removed", "already_listed"}))
def test_what_others_can_mend_says_how(kind: str) -> None:
    [hint] = mending.hints(feed(last_error_kind=kind, last_error=""), {}, [], are_beginnings=False)
    assert hint.what.endswith(".")
    assert hint.how.endswith(".")


def test_what_is_our_fault_is_nobody_elses_to_mend() -> None:
    assert mending.hints(feed(last_error_kind="internal"), {}, [], are_beginnings=False) == []


def test_the_author_of_one_that_leads_to_another_source_is_not_asked_for_a_permanent_redirect() -> None:
    away = feed(leads_to="https://elsewhere.example/feed")
    assert [hint.what for hint in mending.hints(away, {}, [], are_beginnings=False)]
    away.double_of_id = 7  # by a redirect of any kind: a permanent one isn't followed there either
    assert mending.hints(away, {}, [], are_beginnings=False) == []


@pytest.mark.parametrize(
    ("fields", "beginning"),
    [
        ({"url": ""}, "There is no feed to read"),
        ({"state": "paused", "failure_count": 9}, "It is paused"),
        ({"state": "gone", "failure_count": 9}, "Its feed can’t be read any more"),
        ({"failure_count": 1, "is_drifting": True}, "The last look failed"),
        ({"is_drifting": True, "held_count": 1}, "It answers, but looks different"),
        ({"double_of_id": 7}, "Its address leads to where another blog"),
        ({"last_ok_at": None}, "It is new here"),
        ({"entry_count": 0}, "It is read, but no post of it is shown"),
        ({"held_count": 2}, "All is well: it is read and shown, and some"),
        ({"newest_at": NOW - timedelta(days=300)}, "All is well: it is read, and had no new post"),
        ({}, "All is well: it is read and shown."),
    ],
)
def test_one_sentence_says_how_it_goes(fields: dict[str, object], beginning: str) -> None:
    assert how_it_goes(feed(**fields), NOW).startswith(beginning)


def test_why_posts_wait_is_told_without_the_curators_words() -> None:
    assert why_posts_wait(feed()) == ""
    reasons = ["", MANY_A_DAY, "its posts lead to casino.example"]
    told = [why_posts_wait(feed(held_count=1, held_reason=reason)) for reason in reasons]
    told.append(why_posts_wait(feed(held_count=1, held_reason=reasons[-1], is_drifting=True)))
    assert len(set(told)) == 4
    assert "casino" not in " ".join(told)
