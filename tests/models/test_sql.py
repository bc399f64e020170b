"""A question past all cursors finds what one through them finds, and fails as they do."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import SiteState
from aggregator.models.site_state import source_version_now, version_now
from aggregator.models.sql import first_number_row
from tests.factories import NOW, make_feed

pytestmark = pytest.mark.django_db


def test_it_finds_what_the_usual_way_finds() -> None:
    assert version_now() == 0
    feed = make_feed()
    SiteState.objects.touch(NOW)
    SiteState.objects.touch(NOW)
    for ask in (version_now, lambda: source_version_now(feed.pk), lambda: source_version_now(feed.pk + 1)):
        found = ask()
        with CaptureQueriesContext(connection) as queries:
            assert ask() == found
        assert len(queries) == 1, "who counts questions sees it"
    state = SiteState.objects.current()
    assert (version_now(), source_version_now(feed.pk)) == (state.version, (state.shared_version, feed.shown_version))
    assert state.version > 0
    assert source_version_now(feed.pk + 1) is None


@pytest.mark.django_db(transaction=True)
def test_a_question_with_a_fault_is_an_error_of_django() -> None:
    with pytest.raises(DatabaseError, match="nowhere"):
        first_number_row("SELECT id FROM nowhere WHERE id = %s", 1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="set DATABASE_URL to PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_an_error_of_django() -> None:
    line = connection.copy()
    with line.cursor() as other:
        [ours] = first_number_row("SELECT pg_backend_pid()") or ()
        other.execute("SELECT pg_terminate_backend(%s)", [ours])
    line.close()
    with pytest.raises(DatabaseError):
        version_now()
    connection.close()
    assert version_now() == 0
