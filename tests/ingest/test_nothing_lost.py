"""Every word and every picture, sound and film of a post reaches the reader, but for what is left out on purpose."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import HealthCheck, given

from aggregator.ingest.anchors import prefix_of
from aggregator.ingest.left_out import LEFT_OUT, SWALLOWED
from aggregator.ingest.normalize import normalize
from aggregator.ingest.parse import parse
from aggregator.ingest.sanitize import sanitize
from aggregator.ingest.tags import TAGS
from tests.examples import examples
from tests.invented import HOST, PIECES, POSTS, Invented, joined, missing

NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = f"{HOST}/feed"


def made_of(document: str) -> str:
    """What readers get of the one post in a document."""
    (item,) = normalize(parse(document, URL, ""), url=URL, now=NOW).items
    assert item.content_html is not None
    return sanitize(item.content_html, item.base_url, prefix_of(URL, item.guid)).html


def rss(html: str) -> str:
    item = f"<item><link>{HOST}/1</link><title>One</title><description>{escape(html)}</description></item>"
    return f'<rss version="2.0"><channel><title>Blog</title>{item}</channel></rss>'


def json_feed(html: str) -> str:
    item = {"id": "1", "url": f"{HOST}/1", "content_html": html}
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "items": [item]})


@pytest.mark.parametrize("choice", range(len(PIECES)))
def test_no_kind_of_piece_is_lost(choice: int) -> None:
    post = joined([choice], wrapped=False)
    assert missing(post, made_of(rss(post.html))) == []


@examples(300, suppress_health_check=[HealthCheck.too_slow])
@given(POSTS)
def test_every_visible_word_and_every_medium_of_any_post_is_there(post: Invented) -> None:
    assert missing(post, made_of(rss(post.html))) == []
    html = made_of(json_feed(post.html))
    assert missing(post, html) == []
    assert sanitize(html, f"{HOST}/1", prefix_of(URL, "1")).html == html


def test_what_is_lost_would_be_noticed() -> None:
    post = Invented("", words=("w1q",), addresses=(f"{HOST}/a.png",), hidden=("h2q",))
    assert missing(post, "<p>xw1q h2q</p>") == ["w1q", f"{HOST}/a.png", "h2q"]


def test_what_is_left_out_has_a_reason_and_is_nowhere_let_through() -> None:
    assert all(kind.reason.endswith(".") for kind in LEFT_OUT.values())
    assert SWALLOWED.isdisjoint(TAGS)
