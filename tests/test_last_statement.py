"""Whatever changes what readers see raises the site's version, once, and by its transaction's last statement.

On PostgreSQL all that is stored waits for the row that has the version, as soon as somebody has changed it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils.crypto import get_random_string

from aggregator.curating import deciding, entries, feeds, retagging, tags
from aggregator.curating.guests import GuestPost, add_post
from aggregator.filtering.judging import judge_anew, judge_waiting
from aggregator.ingest.errors import HttpStatus
from aggregator.models import Category, Entry, Feed, Submission, Tag, site_change
from aggregator.polling import skew
from aggregator.retention.posts import let_go
from aggregator.storing.feed_row import store_failure
from aggregator.submissions import deciding as deciding_proposals
from aggregator.submissions import moving, owning
from aggregator.submissions.deciding import Wishes, undo
from tests.factories import NOW, make_category, make_entry, make_feed, make_rule
from tests.stores import POLICY, lease, make_item, make_response, new_feed, store_items, store_unchanged
from tests.submissions.owners import make_owner
from tests.submissions.waiting import proposed

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed() -> Feed:
    """One with a copy of another's post, a held post, and a category."""
    store_items(make_feed(), make_item("one"))
    store_items(make_feed(), make_item("tagged", tags=("both",)))
    feed = make_feed(category=make_category("Shelf"))
    store_items(feed, make_item("one"), make_item("two", tags=("both", "own")), make_item("three"))
    make_entry(feed, is_held=True)
    return feed


def use_proposed(feed: Feed) -> None:
    Feed.objects.filter(pk=feed.pk).update(proposed_url="https://new.example/feed")
    deciding.use_proposed(feed, NOW)


def give_up(feed: Feed) -> None:
    store_failure(lease(feed), HttpStatus(status=410), now=NOW, policy=POLICY)


def fail_for_a_day(feed: Feed) -> None:
    since = NOW - timedelta(days=2)
    Feed.objects.filter(pk=feed.pk).update(failing_since=since, last_polled_at=since, failure_count=3)
    feed.refresh_from_db()
    store_failure(lease(feed), HttpStatus(status=500), now=NOW, policy=POLICY)


def move(feed: Feed) -> None:
    store_unchanged(lease(feed), make_response(feed, permanent_url=f"{feed.url}/new"))


def some_host() -> str:
    """Another one each time."""
    return f"{get_random_string(8).lower()}.example"


def accept(proposal: Submission) -> None:
    deciding_proposals.accept(proposal, Wishes(), User.objects.get_or_create(username="ada")[0], NOW)


def judge(feed: Feed) -> None:
    make_rule(feed, "two")
    with site_change():
        judge_anew(feed, NOW)


def judge_older(feed: Feed) -> None:
    make_rule(feed, "two")
    Feed.objects.filter(pk=feed.pk).update(unjudged_below=10**9)
    judge_waiting(NOW, seconds=60)


def set_clock_right(feed: Feed) -> None:
    ahead = NOW + timedelta(days=300)
    Feed.objects.filter(pk=feed.pk).update(last_polled_at=ahead)
    Entry.objects.filter(feed=feed).update(first_seen_at=ahead, timeline_at=ahead)
    skew.set_right(NOW, lease_seconds=60)


def give_another_chance(feed: Feed) -> None:
    """To one that only the wrong clock gave up; its posts are of before."""
    ahead = NOW + timedelta(days=300)
    fields = {"state": "gone", "last_polled_at": ahead, "last_ok_at": NOW, "failing_since": NOW + timedelta(days=200)}
    Feed.objects.filter(pk=feed.pk, state="active").update(**fields)
    skew.set_right(NOW, lease_seconds=60)


def rename(feed: Feed) -> None:
    feed.url = "https://other.example/feed"
    feeds.revise(feed, ["url"], NOW)


def let_posts_go(feed: Feed) -> None:
    with override_settings(KEEP_ENTRIES_PER_FEED=1):
        let_go(NOW, seconds=60)


def resumed(feed: Feed) -> Feed:
    """The same, whatever else was done with it before."""
    feeds.resume(Feed.objects.filter(pk=feed.pk), NOW)
    feed.refresh_from_db()
    return feed


def as_owner(verb: Callable[..., None], feed: Feed, *words: str) -> None:
    owner = make_owner(resumed(feed))
    verb(owner.pk, owning.standing(feed, owner), *words, NOW)


def accept_move(feed: Feed) -> None:
    fields = {"address": "https://new.example/", "feed_url": "https://new.example/feed", "state": "accepted"}
    moving.accept_move(Submission.objects.create(moves=resumed(feed), host="new.example", **fields), NOW)


CHANGES: dict[str, Callable[[Feed], object]] = {
    "a poll that brings tags": lambda feed: store_items(feed, make_item("four", tags=("new", "both"))),
    "hide a tag": lambda feed: tags.hide(Tag.objects.all(), NOW),
    "join tags": lambda feed: tags.join(Tag.objects.all(), NOW),
    "posts under other tags": lambda feed: retagging._look_at(feed.entries.values_list("pk", flat=True), NOW),
    "what was written about": lambda feed: retagging.renew_month(NOW),
    "a poll": lambda feed: store_items(feed, make_item("four")),
    "an edit": lambda feed: store_items(feed, make_item("two", title="Two, again")),
    "a first poll": lambda feed: store_items(new_feed(), make_item("four")),
    "a poll that follows a move": move,
    "a feed given up": give_up,
    "a feed that fails for a day": fail_for_a_day,
    "hide": lambda feed: entries.hide(Entry.objects.filter(feed=feed), NOW),
    "show again": lambda feed: entries.unhide(Entry.objects.filter(feed=feed), NOW),
    "choose": lambda feed: entries.choose(Entry.objects.filter(feed=feed), NOW),
    "accept": lambda feed: deciding.accept(Feed.objects.filter(pk=feed.pk), NOW),
    "hide what is held": lambda feed: deciding.hide_held(Feed.objects.filter(pk=feed.pk), NOW),
    "use a proposed address": use_proposed,
    "a new address": rename,
    "pause": lambda feed: feeds.pause(Feed.objects.filter(pk=feed.pk), NOW),
    "reject": lambda feed: feeds.reject(Feed.objects.filter(pk=feed.pk), NOW),
    "set a category": lambda feed: feeds.set_category(Feed.objects.filter(pk=feed.pk), None, NOW),
    "delete a category": lambda _: feeds.delete_categories(Category.objects.all(), NOW),
    "let posts go": let_posts_go,
    "delete": lambda feed: feeds.delete_feeds(Feed.objects.filter(pk=feed.pk), NOW),
    "accept a proposal": lambda _: accept(proposed(some_host())),
    "accept a new address": lambda feed: accept(proposed(some_host(), moves=resumed(feed))),
    "take back what was accepted": lambda feed: undo(
        proposed(some_host(), state="accepted", feed=feed, decided_at=NOW), NOW
    ),
    "add a post of a guest": lambda _: add_post(GuestPost(f"https://{some_host()}/", "A walk"), NOW),
    "new rules": judge,
    "new rules, later": judge_older,
    "an owner's choice": lambda feed: as_owner(owning.set_display, feed, "link"),
    "an owner's pause": lambda feed: as_owner(owning.pause, feed),
    "taken off by its owner": lambda feed: as_owner(owning.take_off, feed),
    "a new address by its owner": accept_move,
    "a clock set right": set_clock_right,
    "a feed that a wrong clock gave up": give_another_chance,
}


OURS = ('"aggregator_', '"django_admin_log"')
"""The tables that a change of the site writes to; what an admin has done is a part of it."""


def after_the_version(queries: CaptureQueriesContext) -> list[str]:
    """The first word of what follows each change of the site's row; and whatever changes rows of ours after it."""
    said = [query["sql"] for query in queries]
    verbs = ("UPDATE", "INSERT INTO", "DELETE FROM")
    changes = [
        at
        for at, statement in enumerate(said)
        if statement.startswith(verbs) and any(name in statement for name in OURS)
    ]
    raised = [at for at in changes if '"aggregator_sitestate"' in said[at][:40]]
    later = [said[at] for at in changes if raised and at > raised[-1]]
    return [*(said[at + 1].split()[0] for at in raised), *later]


@pytest.mark.parametrize("name", CHANGES)
def test_the_version_is_raised_last(feed: Feed, name: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        CHANGES[name](feed)
    assert after_the_version(queries) == ["RELEASE"]


def test_a_resumed_feed_raises_it_last(feed: Feed) -> None:
    feeds.reject(Feed.objects.filter(pk=feed.pk), NOW)
    with CaptureQueriesContext(connection) as queries:
        feeds.resume(Feed.objects.filter(pk=feed.pk), NOW)
    assert after_the_version(queries) == ["RELEASE"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("feed_delete", {"post": "yes"}),
        ("category_delete", {"post": "yes"}),
        ("category_change", {"name": "Other", "slug": "other", "position": "3"}),
        ("entry_change", {"is_hidden": "on"}),
    ],
)
def test_the_other_forms_of_the_desk_do_so_too(
    admin_client: Client, feed: Feed, name: str, form: dict[str, str]
) -> None:
    pks = {"feed": feed.pk, "category": feed.category_id, "entry": feed.entries.latest("pk").pk}
    pk = pks[name.split("_", maxsplit=1)[0]]
    with CaptureQueriesContext(connection) as queries:
        answer = admin_client.post(reverse(f"admin:aggregator_{name}", args=[pk]), form)
    assert answer.status_code == 302
    assert after_the_version(queries) == ["RELEASE"]


def test_a_form_of_the_desk_raises_it_last_in_its_transaction(admin_client: Client, feed: Feed) -> None:
    """The form saves the feed and its rules, and the posts that these drop."""
    form = {
        "title": "New",
        "url": feed.url,
        "site_url": "",
        "category": "",
        "display": "link",
        "slug": feed.slug,
        "rules-TOTAL_FORMS": "1",
        "rules-INITIAL_FORMS": "0",
        "rules-0-feed": str(feed.pk),
        "rules-0-action": "drop",
        "rules-0-field": "title",
        "rules-0-pattern": "two",
    }
    with CaptureQueriesContext(connection) as queries:
        answer = admin_client.post(reverse("admin:aggregator_feed_change", args=[feed.pk]), form)
    assert answer.status_code == 302
    assert after_the_version(queries) == ["RELEASE"]
