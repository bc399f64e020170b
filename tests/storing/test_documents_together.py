"""Documents of many feeds, stored in one transaction: as cheap as one, and as if each had come alone."""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from aggregator.folding import group
from aggregator.ingest.normalize import MAX_ITEMS
from aggregator.models import Entry, Feed, FilterRule, SiteState, site_state
from aggregator.models.visible import LISTED
from aggregator.polling import conductor as polling
from aggregator.polling.conductor import DOCUMENT_CHARACTERS, ITEM_CHARACTERS, MAX_LOT_CHARACTERS, poll
from aggregator.polling.known import MAX_KNOWN_ENTRIES, known_of
from aggregator.signals import entries_added
from aggregator.storing import inserting
from aggregator.storing.documents import Polled, lots, store_documents
from aggregator.storing.feed_row import Stored
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.multiplying import multiply
from tests.servers import Answer, FeedServer
from tests.stores import POLICY, lease, make_document, make_item, make_response, new_feed, store_items

pytestmark = pytest.mark.django_db


def polled(feed: Feed, *names: str, **fields: object) -> Polled:
    return Polled(lease(feed), make_response(feed), make_document(*map(make_item, names), **fields))


def store(*together: Polled) -> dict[int, tuple[int, int]]:
    stored = store_documents(together, now=NOW, policy=POLICY)
    return {each.feed.pk: (each.new, each.changed) for each in stored}


def questions_to_store(*together: Polled) -> int:
    with CaptureQueriesContext(connection) as queries:
        store(*together)
    return len([query for query in queries if query["sql"].startswith("SELECT")])


def titles_of(feed: Feed) -> list[str]:
    return sorted(feed.entries.values_list("title", flat=True))


def test_each_feed_gets_its_own_posts_though_they_share_ids_and_links() -> None:
    one, two = make_feed(), make_feed()
    assert store(polled(one, "a", "b"), polled(two, "b", "c")) == {one.pk: (2, 0), two.pk: (2, 0)}
    assert (titles_of(one), titles_of(two)) == (["a", "b"], ["b", "c"])
    assert store(polled(one, "a", "b", "c"), polled(two, "b", "c")) == {one.pk: (1, 0), two.pk: (0, 0)}


def test_a_post_under_a_new_id_is_looked_for_in_its_own_feed_only() -> None:
    one, two = make_feed(), make_feed()
    store(polled(one, "a"), polled(two, "b"))
    again = [make_item("a", guid="new a"), make_item("b", guid="new b")]
    changed = [Polled(lease(feed), make_response(feed), make_document(*again)) for feed in (one, two)]
    assert store(*changed) == {one.pk: (1, 1), two.pk: (1, 1)}
    assert set(one.entries.values_list("guid", flat=True)) == {"new a", "new b"}


def test_ten_feeds_cost_no_more_questions_than_two() -> None:
    known = [polled(make_feed(), f"known {number}") for number in range(12)]
    store(*known)
    news = [polled(one.feed, f"new {number}", f"known {number}") for number, one in enumerate(known)]
    few = questions_to_store(*news[:2])
    assert questions_to_store(*news[2:]) <= few


def test_ten_posts_that_were_renamed_cost_no_more_questions_than_two() -> None:
    feed = make_feed()
    names = [f"post {number}" for number in range(12)]
    store(polled(feed, *names))
    renamed = [make_item(name, title=name.upper(), content_html=None) for name in names]
    few, many = (
        questions_to_store(Polled(lease(feed), make_response(feed), make_document(*items)))
        for items in (renamed[:2], renamed[2:])
    )
    assert many <= few
    assert titles_of(feed) == sorted(item.title for item in renamed)
    assert set(feed.entries.values_list("content_html", flat=True)) == {f"<p>{name}</p>" for name in names}


def test_a_feed_whose_lease_is_gone_is_left_out_and_the_others_are_stored() -> None:
    ours, lost = polled(make_feed(), "a"), polled(make_feed(), "b")
    Feed.objects.filter(pk=lost.feed.pk).update(lease=uuid.uuid4())
    assert store(ours, lost) == {ours.feed.pk: (1, 0)}
    assert titles_of(lost.feed) == []


def test_new_feeds_of_one_title_get_a_slug_each() -> None:
    feeds = [new_feed() for _ in range(3)]
    Feed.objects.update(title="")
    store(*(polled(feed, f"post {feed.pk}", title="Notes") for feed in feeds))
    assert set(Feed.objects.values_list("slug", flat=True)) == {"notes", "notes-2", "notes-3"}


def test_each_feed_has_its_own_counts() -> None:
    one, two, three = make_feed(), make_feed(), make_feed(entry_count=7)
    store(polled(one, "a", "b"), polled(two, "c"), polled(three))
    rows = Feed.objects.in_bulk()
    assert [rows[feed.pk].entry_count for feed in (one, two)] == [2, 1]
    assert rows[one.pk].posts_by_month == {"2026-06": 2}
    assert rows[three.pk].entry_count == 7  # nothing came, so nothing was counted


def test_rules_hold_for_the_feed_that_they_are_of() -> None:
    strict, lax = make_feed(), make_feed()
    FilterRule.objects.create(feed=strict, action="drop", field="title", pattern="advert")
    store(polled(strict, "advert one", "post"), polled(lax, "advert two"))
    assert set(Entry.objects.filter(is_filtered=True).values_list("title", flat=True)) == {"advert one"}


def test_rules_judge_before_anything_of_others_is_locked() -> None:
    """Expressions may take seconds, and on PostgreSQL others wait for names, posts and the site's row."""
    feed = make_feed()
    FilterRule.objects.create(feed=feed, action="drop", field="title", pattern="advert")
    with CaptureQueriesContext(connection) as queries:
        store(polled(feed, "post"))
    tables = [table for query in queries for table in ("filterrule", "advisory", "sitestate") if table in query["sql"]]
    assert tables[0] == "filterrule"


def test_what_one_feed_gave_twice_is_folded_between_feeds_of_one_transaction() -> None:
    store(polled(make_feed(), "a"), polled(make_feed(), "a"))
    assert Entry.objects.filter(duplicate_of__isnull=False).count() == 1


def test_a_feed_with_many_titles_of_another_crowds_out_no_copy_of_a_third(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one title and other links, only texts tell copies, and no more than MAX_COMPARED_TEXTS are read."""
    monkeypatch.setattr(group, "MAX_COMPARED_TEXTS", 8)

    def posts(site: str, *titles: str, text: str = "") -> Polled:
        feed = make_feed()
        words = " ".join(f"{text or site}{number}" for number in range(60))
        items = [
            make_item(title, guid=title, url=f"https://{site}.example/{title}", content_html=f"<p>{words}</p>")
            for title in titles
        ]
        return Polled(lease(feed), make_response(feed), make_document(*items))

    many = [f"Title {number}" for number in range(8)]
    store(posts("ada", "A walk", text="walk"))
    store(posts("one", *many))
    store(posts("planet", "A walk", text="walk"), posts("other", *many))
    assert Entry.objects.get(duplicate_of__isnull=False).title == "A walk"


def test_the_sites_version_is_raised_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_state, "next_step", lambda: 1)
    before = SiteState.objects.current().version
    store(*(polled(make_feed(), f"post {number}") for number in range(4)))
    assert SiteState.objects.current().version == before + 1


def test_the_world_hears_of_all_their_posts_at_once(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    told: list[int] = []

    def listener(entry_ids: list[int], **_: object) -> None:
        told.append(len(entry_ids))

    entries_added.connect(listener)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            store(polled(make_feed(), "a"), polled(make_feed(), "b", "c"))
    finally:
        entries_added.disconnect(listener)
    assert told == [3]


def test_an_archive_that_one_feed_publishes_anew_holds_back_nothing_of_another() -> None:
    archive, blog = make_feed(), make_feed()
    store_items(archive, make_item("newest", days_ago=1))
    old = [make_item(f"old {number}", days_ago=100 + number) for number in range(8)]
    flood = Polled(lease(archive), make_response(archive), make_document(make_item("newest"), *old))
    calm = Polled(lease(blog), make_response(blog), make_document(*old))
    store(flood, calm)
    assert archive.entries.filter(is_held=True).count() == 8
    assert blog.entries.filter(is_held=True).count() == 0


@pytest.mark.parametrize("others", [0, 3])
def test_of_two_feeds_that_move_to_one_address_in_one_poll_the_second_stays_and_takes_nothing_over(
    feed_server: FeedServer, elsewhere: FeedServer, others: int
) -> None:
    """The database takes an address once. What it refuses stops none of the feeds that were to be stored with it."""
    post = [("Post", NOW - timedelta(hours=5))]
    goal = feed_server.add("/goal", Answer(rss("Moved", post)))
    for name in ("/a", "/b"):
        make_feed(url=feed_server.add(name, Answer.redirect(goal, status=301)))
    for number in range(others):
        make_feed(url=elsewhere.add(f"/other/{number}", Answer(rss(f"Other {number}", post))))
    assert poll(clock=lambda: NOW).failed == []
    assert list(Entry.objects.filter(feed__url=goal).values_list("title", flat=True)) == ["Post"]
    assert Entry.objects.values("feed").distinct().count() == 1 + others


def test_the_largest_lot_asks_no_more_at_once_than_any_sqlite_takes() -> None:
    """Debian's SQLite takes 250,000 values in a query; as it comes from its makers, it takes 32,766."""
    full, left = divmod(MAX_LOT_CHARACTERS - 1, DOCUMENT_CHARACTERS + MAX_ITEMS * ITEM_CHARACTERS)
    almost_full = max(0, left - DOCUMENT_CHARACTERS) // ITEM_CHARACTERS
    sizes = [MAX_ITEMS] * full + [almost_full, MAX_ITEMS]  # still too light for a lot, until the last one comes
    numbers = itertools.count()
    items_of = {
        feed_id: [make_item(f"{number}", days_ago=number) for number in itertools.islice(numbers, size)]
        for feed_id, size in enumerate(sizes)
    }
    alike = Entry.objects.resembling(items_of)
    assert not alike
    _, values = alike.query.sql_with_params()
    assert 5 * sum(sizes) <= len(values) <= 32_766


# -- how much together ------------------------------------------------------------------------------------------------


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many documents were stored in each transaction."""
    found: list[int] = []

    def counted(together: Sequence[Polled], **options: Any) -> list[Stored]:
        found.append(len(together))
        return store_documents(together, **options)

    monkeypatch.setattr(polling.store, "store_documents", counted)
    return found


def test_feeds_whose_rules_can_take_seconds_are_stored_alone() -> None:
    one, two, three, four = (polled(make_feed(), "a") for _ in range(4))
    FilterRule.objects.create(feed=one.feed, action="drop", field="title", pattern="advert")
    for each in (two, four):
        FilterRule.objects.create(feed=each.feed, action="drop", field="text", pattern=r"(\w+\s?)+$", is_regex=True)
    assert lots([one, two, three, four]) == [[one, three], [two], [four]]


def test_a_poll_keeps_the_lock_for_the_expressions_of_one_feed_at_most(
    feed_server: FeedServer, elsewhere: FeedServer, sizes: list[int]
) -> None:
    for server in (feed_server, elsewhere):
        feed = make_feed(url=server.add("/feed", Answer(rss("Blog", [("Post", NOW)]))))
        FilterRule.objects.create(feed=feed, action="drop", field="title", pattern="x+", is_regex=True)
    assert poll(clock=lambda: NOW).failed == []
    assert sizes == [1, 1]


def test_documents_that_are_long_elsewhere_than_in_their_posts_texts_do_not_add_up(
    feed_server: FeedServer, elsewhere: FeedServer, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered of a post has its title in it as written, however long that is."""
    monkeypatch.setattr(polling, "MAX_LOT_CHARACTERS", 3 * polling.DOCUMENT_CHARACTERS)
    for server in (feed_server, elsewhere):
        title = "word " * polling.DOCUMENT_CHARACTERS
        body = f"<rss version='2.0'><channel><title>Blog</title><item><title>{title}</title></item></channel></rss>"
        make_feed(url=server.add("/feed", Answer(body.encode())))
    assert poll(clock=lambda: NOW).failed == []
    assert sizes == [1, 1]


def test_of_new_entries_a_statement_takes_a_hundred_and_no_more_text_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inserting, "_INSERTED_ENTRIES", 3)
    monkeypatch.setattr(inserting, "_INSERTED_CHARACTERS", 100)
    lengths = [1, 1, 1, 1, 60, 40, 300, 1]
    items = [make_item(str(at), content_html="x" * length) for at, length in enumerate(reversed(lengths))]
    feed = make_feed()
    with CaptureQueriesContext(connection) as queries:
        store(Polled(lease(feed), make_response(feed), make_document(*items)))
    inserted = [query["sql"] for query in queries if query["sql"].startswith('INSERT INTO "aggregator_entry"')]
    # As values of their own, or within the lists that Django gives to PostgreSQL.
    texts = re.compile(r"(?<=['{,])x+(?=['},])")
    assert [[len(text) for text in texts.findall(statement)] for statement in inserted] == [
        [1, 1, 1],
        [1, 60],
        [40],
        [300],
        [1],
    ]
    assert [len(text) for text in feed.entries.order_by("pk").values_list("content_html", flat=True)] == lengths


# -- how the database finds it -----------------------------------------------------------------------------------------

POSTS_EACH = 40
FULL_SCANS = {"postgresql": "Seq Scan on aggregator_entry", "sqlite": "SCAN aggregator_entry"}


@dataclass(frozen=True, slots=True)
class Many:
    """How the database answers for twenty of 500 feeds with 40 entries each."""

    plans: list[str]
    questions: list[str]
    """What was asked for all that is known of the feeds."""
    known: set[int]
    """Of how many entries of each."""


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Many:
    """Asked once for all tests; the rows are gone again."""
    with django_db_blocker.unblock(), transaction.atomic():
        feeds = written_feeds()[:20]
        items = [make_item(f"{number}") for number in range(20)]
        known = Entry.objects.known_to({feed.pk: [item.guid for item in items] for feed in feeds})
        alike = Entry.objects.resembling({feed.pk: items for feed in feeds})
        counted = Entry.objects.filter(LISTED, feed__in=[feed.pk for feed in feeds]).by_day()
        plans = [rows.explain() for rows in (known, alike, counted)]
        with CaptureQueriesContext(connection) as queries:
            known_entries = known_of(feeds)
        asked = [query["sql"] for query in queries if "aggregator_" in query["sql"]]
        transaction.set_rollback(True)
    return Many(plans, asked, {len(each.contents) for each in known_entries.values()})


def written_feeds() -> list[Feed]:
    feeds = Feed.objects.bulk_create(
        Feed(url=f"https://h{number}.example/", host=f"h{number}.example", slug=f"f{number}") for number in range(500)
    )
    for number in range(POSTS_EACH):
        first = Entry.objects.create(
            feed=feeds[0],
            guid=f"urn:{number}",
            url=f"https://{feeds[0].host}/{number}",
            content_hash=f"hash of {number}",
            published_at=NOW - timedelta(days=number),
            timeline_at=NOW - timedelta(days=number),
        )
        multiply(
            first,
            len(feeds) - 1,
            feed_id="(SELECT id FROM aggregator_feed WHERE slug = 'f' || number)",
            url=f"'https://h' || number || '.example/{number}'",
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return feeds


@pytest.mark.slow
def test_of_the_entries_of_other_feeds_none_is_read(many: Many) -> None:
    for plan in many.plans:
        assert FULL_SCANS[connection.vendor] not in plan


def test_what_is_known_of_feeds_is_asked_with_one_question(many: Many) -> None:
    assert (len(many.questions), many.known) == (1, {POSTS_EACH})


def test_as_many_entries_are_known_of_a_feed_as_its_document_may_have() -> None:
    assert MAX_KNOWN_ENTRIES == MAX_ITEMS
