"""Imported feeds that turn out to be here already when they are first read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.curating.import_doubles import settle_doubles
from aggregator.curating.imports import add_next, begin_import
from aggregator.exchange.opml import Outline
from aggregator.models import Feed, FeedImport
from aggregator.polling.conductor import poll
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.polls import clock
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(feed_server: FeedServer) -> FeedImport:
    """A list of a feed, and of two addresses that lead to it and to one that is here; all were read once."""
    for path in ("/feed", "/here"):
        feed_server.add(path, Answer(rss("Weirs", [(f"Post at {path}", NOW - timedelta(days=1))])))
    make_feed(url=feed_server.url("/here"), next_poll_at=NOW + timedelta(days=1))
    urls = [feed_server.url("/feed")]
    urls += [feed_server.add(f"/to{path}", Answer.redirect(path)) for path in ("/feed", "/here")]
    row = begin_import([Outline(url=url) for url in urls], curator="ada", now=NOW)
    add_next(row.pk, NOW)
    poll(Feed.objects.filter(state="pending"), clock=clock())
    return row


def test_the_import_says_that_they_were_here_and_they_are_gone_again(
    imported: FeedImport, feed_server: FeedServer
) -> None:
    assert settle_doubles() == 2
    imported.refresh_from_db()
    assert (imported.added_count, imported.known_count, imported.looked_at_count) == (1, 2, 3)
    assert sorted(Feed.objects.values_list("url", flat=True)) == [feed_server.url(path) for path in ("/feed", "/here")]
    lines = list(imported.lines.order_by("number"))
    assert [(line.kind, line.feed is None) for line in lines] == [("added", False), ("known", True), ("known", True)]
    assert lines[2].text.endswith(f"on the list already: {feed_server.url('/here')}")


def test_the_import_says_what_was_removed_meanwhile(imported: FeedImport, feed_server: FeedServer) -> None:
    Feed.objects.filter(url=feed_server.url("/feed")).update(
        state="pending", last_error_kind="removed", last_error="It was removed."
    )
    settle_doubles()
    imported.refresh_from_db()
    assert (imported.added_count, imported.known_count, imported.refused_count) == (0, 2, 1)
    line = imported.lines.order_by("number")[0]
    assert (line.kind, line.text, line.feed) == ("refused", "It was removed.", None)


def test_once_is_enough(imported: FeedImport) -> None:
    assert [settle_doubles(), settle_doubles()] == [2, 0]


def test_a_double_that_nobody_imported_stays_for_its_curator() -> None:
    make_feed(state="pending", last_ok_at=None, last_error_kind="already_listed")
    assert (settle_doubles(), Feed.objects.count()) == (0, 1)


def test_where_there_are_none_one_query_tells() -> None:
    make_feed()
    with CaptureQueriesContext(connection) as queries:
        settle_doubles()
    assert len(queries) == 1
