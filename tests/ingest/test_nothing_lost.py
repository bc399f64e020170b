"""Every word and every picture, sound and film of a post reaches the reader, but for what is left out on purpose."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from aggregator.ingest.anchors import prefix_of
from aggregator.ingest.left_out import LEFT_OUT, SWALLOWED
from aggregator.ingest.normalize import normalize
from aggregator.ingest.parse import parse
from aggregator.ingest.sanitize import sanitize
from aggregator.ingest.tags import TAGS
from tests.examples import examples
from tests.invented import HOST, PIECES, POSTS, WAYS, Invented, document, joined, missing

NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = f"{HOST}/feed"


def made_of(document: str) -> str:
    """What readers get of the one post in a document."""
    (item,) = normalize(parse(document, URL, ""), url=URL, now=NOW).items
    assert item.content_html is not None
    return sanitize(item.content_html, item.base_url, prefix_of(URL, item.guid)).html


@pytest.mark.parametrize("choice", range(len(PIECES)))
def test_no_kind_of_piece_is_lost(choice: int) -> None:
    post = joined([choice], wrapped=False)
    assert missing(post, made_of(document(post, "rss"))) == []


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_hand_a_post_over_loses_a_piece(way: str) -> None:
    post = joined(list(range(len(PIECES))), wrapped=False)
    assert missing(post, made_of(document(post, way))) == []


@examples(300, suppress_health_check=[HealthCheck.too_slow])
@given(POSTS, st.sampled_from(WAYS))
def test_every_visible_word_and_every_medium_of_any_post_is_there(post: Invented, way: str) -> None:
    html = made_of(document(post, way))
    assert missing(post, html) == []
    assert sanitize(html, f"{HOST}/1", prefix_of(URL, "1")).html == html


def test_what_is_lost_would_be_noticed() -> None:
    post = Invented("", words=("w1q",), addresses=(f"{HOST}/a.png",), hidden=("h2q",))
    assert missing(post, "<p>xw1q h2q</p>") == ["w1q", f"{HOST}/a.png", "h2q"]


def test_what_is_left_out_has_a_reason_and_is_nowhere_let_through() -> None:
    assert all(kind.reason.endswith(".") for kind in LEFT_OUT.values())
    assert SWALLOWED.isdisjoint(TAGS)
