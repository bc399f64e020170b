"""Curators decide about proposals: each once, whoever is slower reads who decided what, and for a day it is undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from aggregator.curating.feeds import reject
from aggregator.models import Entry, Feed, FilterRule, Ownership, RemovedSource, Submission
from aggregator.submissions.deciding import Undecidable, Wishes, accept, ask_back, decline, undo, what_became
from aggregator.submissions.tokens import token_of
from tests.at_once import together
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.submissions.waiting import proposed

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def grace() -> User:
    return User.objects.create_user("grace")


def now_of(row: Submission) -> Submission:
    return Submission.objects.get(pk=row.pk)


# -- accepting -------------------------------------------------------------------------------------------------------


def test_what_is_accepted_is_listed_as_the_curator_wishes_and_due_at_once(grace: User) -> None:
    shelf = make_category("Web")
    rules = [FilterRule(pattern="sponsored"), FilterRule(pattern="ad", field="tag")]
    feed = accept(proposed(), Wishes(shelf, "excerpt", rules), grace, LATER)
    found = (feed.url, feed.site_url, feed.category, feed.display, feed.state)
    assert found == ("https://ada.example/feed.xml", "https://ada.example/", shelf, "excerpt", "pending")
    assert Feed.objects.filter(next_poll_at__gt=feed.created_at + timedelta(minutes=1)).count() == 0
    assert [rule.pattern for rule in FilterRule.objects.filter(feed=feed)] == ["sponsored", "ad"]
    row = Submission.objects.get()
    assert (row.state, row.feed, row.decided_by, row.decided_at) == ("accepted", feed, grace, LATER)


def test_a_decided_proposal_needs_no_announcement_and_its_sender_is_still_to_be_written_to(grace: User) -> None:
    row = proposed(announced_at=None, answered_at=NOW)
    decline(row, "off_topic", "", grace, LATER)
    row.refresh_from_db()
    assert (row.announced_at, row.answered_at) == (LATER, None)


def test_who_proved_that_the_blog_is_theirs_owns_the_feed(grace: User) -> None:
    row = proposed(proven_at=NOW)
    Ownership.objects.create(submission=row, way="meta", proven_at=NOW)
    assert accept(row, Wishes(), grace, LATER) == Ownership.objects.get().feed


@pytest.mark.parametrize("state", ["active", "paused", "rejected"])
def test_what_is_here_already_is_not_accepted_again(grace: User, state: str) -> None:
    make_feed("Ada", url="http://ada.example/feed.xml", state=state)
    with pytest.raises(Undecidable, match=rf"here already: Ada \({state}\)"):
        accept(proposed(), Wishes(), grace, NOW)
    assert (Feed.objects.count(), Submission.objects.get().state) == (1, "waiting")


def test_what_was_removed_is_not_accepted_and_the_reason_is_named(grace: User) -> None:
    RemovedSource.objects.create(host="ada.example", reason="Casino spam")
    with pytest.raises(Undecidable, match="Casino spam"):
        accept(proposed(), Wishes(), grace, NOW)
    assert (Feed.objects.count(), Submission.objects.get().state) == (0, "waiting")


# -- declining and asking back ---------------------------------------------------------------------------------------


def test_who_declines_says_why(grace: User) -> None:
    decline(proposed(), "promotion", "It sells shoes.", grace, LATER)
    row = Submission.objects.get()
    assert (row.state, row.get_reason_display(), row.words) == (
        "declined",
        "It is there to sell something.",
        "It sells shoes.",
    )
    assert not Feed.objects.exists()


def test_who_asks_back_waits_for_an_answer_or_decides_without(grace: User) -> None:
    row = proposed(answer="To an earlier question.")
    ask_back(row, "Is it yours?", grace, NOW)
    row.refresh_from_db()
    assert (row.state, row.words, row.answer, row.is_open) == ("asked", "Is it yours?", "", True)
    decline(row, "other", "", grace, LATER)
    assert now_of(row).state == "declined"


# -- each once -------------------------------------------------------------------------------------------------------

DECIDE: dict[str, Any] = {
    "accept": lambda row, by: accept(row, Wishes(), by, NOW),
    "decline": lambda row, by: decline(row, "too_new", "", by, NOW),
    "ask_back": lambda row, by: ask_back(row, "Yours?", by, NOW),
}


@pytest.mark.parametrize("second", DECIDE)
@pytest.mark.parametrize("first", DECIDE)
def test_the_slower_one_reads_who_decided_what(grace: User, first: str, second: str) -> None:
    row, seen = proposed(), Submission.objects.get()
    DECIDE[first](row, grace)
    with pytest.raises(
        Undecidable, match=r"^grace (accepted it|declined it|asked its sender back) on 24 Jun 2026 at 12:00"
    ):
        DECIDE[second](seen, User.objects.create_user("alan"))
    assert Submission.objects.get().decided_by == grace


@pytest.mark.parametrize(
    ("state", "told"), [("withdrawn", "took it back"), ("expired", "has expired"), ("ready", "sent")]
)
@pytest.mark.parametrize("verb", DECIDE)
def test_what_does_not_wait_is_not_decided(grace: User, state: str, told: str, verb: str) -> None:
    seen = proposed()
    Submission.objects.update(state=state)
    with pytest.raises(Undecidable, match=told):
        DECIDE[verb](seen, grace)
    assert not Feed.objects.exists()


def test_what_was_deleted_meanwhile_is_said_to_be_gone(grace: User) -> None:
    seen = proposed()
    Submission.objects.all().delete()
    with pytest.raises(Undecidable, match="not here any more"):
        decline(seen, "other", "", grace, NOW)


@pytest.mark.django_db(transaction=True)
def test_of_curators_who_decide_at_once_one_does_and_the_others_read_so() -> None:
    proposed()
    curators = [User.objects.create_user(f"curator{number}") for number in range(4)]
    verbs = [DECIDE[name] for name in ("accept", "accept", "decline", "ask_back")]
    seen = [Submission.objects.get() for _ in verbs]
    results = together(lambda number: verbs[number](seen[number], curators[number]))
    row = Submission.objects.get()
    refusals = [str(result) for result in results if isinstance(result, Exception)]
    assert refusals == [what_became(row)] * 3
    assert row.decided_by is not None
    assert Feed.objects.count() == (1 if row.state == "accepted" else 0)


@pytest.mark.django_db(transaction=True)
def test_two_proposals_of_one_feed_that_are_accepted_at_once_list_it_once(grace: User) -> None:
    rows = [proposed(f"{number}.example", feed_url="https://ada.example/feed.xml") for number in range(4)]
    results = together(lambda number: accept(rows[number], Wishes(), grace, NOW))
    assert sorted(isinstance(result, Undecidable) for result in results) == [False, True, True, True]
    assert Feed.objects.count() == 1
    assert Submission.objects.filter(state="waiting").count() == 3


# -- undoing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", DECIDE)
def test_what_was_undone_waits_again_as_if_nobody_had_decided(grace: User, verb: str) -> None:
    row = proposed(proven_at=NOW)
    before: dict[str, Any] = dict(Submission.objects.values().get())
    DECIDE[verb](row, grace)
    undo(now_of(row), LATER)
    after: dict[str, Any] = dict(Submission.objects.values().get())
    changed = {name for name, value in after.items() if before[name] != value}
    assert changed == ({"answered_at", "feed_id"} if verb == "accept" else {"answered_at"})
    assert after["answered_at"] == LATER, "nobody needs to be written to about it"


def test_an_undone_feed_is_neither_polled_nor_shown_and_comes_back_when_it_is_accepted_again(grace: User) -> None:
    feed = accept(proposed(), Wishes(), grace, NOW)
    Feed.objects.update(state="active", last_ok_at=NOW)
    make_entry(feed, announced_at=NOW)
    undo(Submission.objects.get(), LATER)
    feed.refresh_from_db()
    assert (feed.is_polled, Entry.objects.listed().count(), Feed.objects.public().count()) == (False, 0, 0)
    assert not RemovedSource.objects.exists()
    assert Entry.objects.get().announced_at == NOW, "what was sent stays sent"
    shelf = make_category("Web")
    assert accept(Submission.objects.get(), Wishes(shelf, "link"), grace, LATER).pk == feed.pk
    feed.refresh_from_db()
    assert (feed.state, feed.category, feed.display, Entry.objects.listed().count()) == ("active", shelf, "link", 1)


def test_what_a_curator_rejected_since_is_not_rejected_twice(grace: User) -> None:
    accept(proposed(), Wishes(), grace, NOW)
    reject(Feed.objects.all(), NOW, reason="Spam")
    undo(Submission.objects.get(), LATER)
    assert (Feed.objects.get().state, Submission.objects.get().state) == ("rejected", "waiting")


def test_a_blog_whose_acceptance_was_undone_can_be_proposed_and_accepted_again(grace: User) -> None:
    first = proposed()
    feed = accept(first, Wishes(), grace, NOW)
    first.refresh_from_db()
    undo(first, NOW)
    first.refresh_from_db()
    decline(first, Submission.Reason.TOO_NEW, "", grace, NOW)
    again = accept(proposed(), Wishes(), grace, NOW)
    assert (again.pk, again.state, Feed.objects.count()) == (feed.pk, "pending", 1)


def test_what_was_accepted_and_then_rejected_is_no_undone_blog(grace: User) -> None:
    """Also where the feed has no place of its own that could be noted as removed."""
    feed = accept(proposed(), Wishes(), grace, NOW)
    Feed.objects.filter(pk=feed.pk).update(state="rejected")
    with pytest.raises(Undecidable, match="here already"):
        accept(proposed(), Wishes(), grace, LATER)


def test_what_was_removed_since_is_not_accepted_once_more(grace: User) -> None:
    accept(proposed(), Wishes(), grace, NOW)
    undo(Submission.objects.get(), LATER)
    RemovedSource.objects.create(host="ada.example", reason="Casino spam")
    with pytest.raises(Undecidable, match="Casino spam"):
        accept(Submission.objects.get(), Wishes(), grace, LATER)
    assert (Feed.objects.get().state, Submission.objects.get().state) == ("rejected", "waiting")


def test_the_rules_of_what_was_undone_are_not_those_of_what_is_accepted_again(grace: User) -> None:
    feed = accept(proposed(), Wishes(rules=[FilterRule(pattern="walk")]), grace, NOW)
    make_entry(feed, "A walk", is_filtered=True)
    undo(Submission.objects.get(), LATER)
    accept(Submission.objects.get(), Wishes(), grace, LATER)
    assert not FilterRule.objects.exists()
    assert not Entry.objects.get().is_filtered


def test_an_undone_blog_is_no_owners_until_it_is_accepted_again(grace: User) -> None:
    row = proposed(proven_at=NOW)
    Ownership.objects.create(submission=row, way="meta", proven_at=NOW)
    feed = accept(row, Wishes(), grace, NOW)
    Ownership.objects.update(paused_at=NOW)
    undo(now_of(row), LATER)
    owner = Ownership.objects.get()
    assert (owner.feed, owner.paused_at) == (None, None), "the next pause is somebody else’s"
    html = Client().get(reverse("submission", args=[token_of("submission", row.key)])).content.decode()
    assert ("It waits for the curators" in html, "The blog is listed" in html) == (True, False)
    accept(now_of(row), Wishes(), grace, LATER)
    assert Ownership.objects.get().feed == feed


@pytest.mark.parametrize("verb", DECIDE)
def test_what_was_asked_and_answered_before_is_there_again(grace: User, verb: str) -> None:
    row = proposed(words="Is it yours?", answer="Yes, it is.")
    DECIDE[verb](row, grace)
    undo(now_of(row), LATER)
    row = now_of(row)
    assert (row.words, row.answer, row.reason) == ("Is it yours?", "Yes, it is.", "")


def test_what_was_asked_back_and_then_declined_waits_for_its_sender_again(grace: User) -> None:
    ask_back(proposed(), "Is it yours?", grace, NOW)
    decline(Submission.objects.get(), "other", "", User.objects.create_user("ben"), LATER)
    undo(Submission.objects.get(), LATER)
    row = Submission.objects.get()
    assert (row.state, row.words, row.decided_by, row.decided_at) == ("asked", "Is it yours?", grace, NOW)


@pytest.mark.parametrize("hours", [24, 100])
def test_after_a_day_nothing_is_undone(grace: User, hours: int) -> None:
    decline(proposed(), "other", "", grace, NOW)
    with pytest.raises(Undecidable, match="for a day only"):
        undo(Submission.objects.get(), NOW + timedelta(hours=hours))
    assert Submission.objects.get().state == "declined"


def test_what_nobody_decided_is_not_undone() -> None:
    with pytest.raises(Undecidable, match="waits for a decision"):
        undo(proposed(), NOW)


def test_what_was_answered_is_not_undone(grace: User) -> None:
    row = proposed()
    ask_back(row, "Yours?", grace, NOW)
    seen = now_of(row)
    Submission.objects.update(state="waiting", answer="Yes.")
    with pytest.raises(Undecidable, match="waits for a decision"):
        undo(seen, LATER)


def test_what_was_proposed_once_more_is_decided_there(grace: User) -> None:
    decline(proposed(), "other", "", grace, NOW)
    declined = Submission.objects.get()
    proposed()
    with pytest.raises(Undecidable, match="once more"):
        undo(declined, LATER)
    assert sorted(Submission.objects.values_list("state", flat=True)) == ["declined", "waiting"]


# -- new addresses ---------------------------------------------------------------------------------------------------


def test_a_new_address_is_taken_when_it_is_accepted_and_left_when_that_is_undone(grace: User) -> None:
    feed = make_feed(url="https://old.example/feed")
    make_entry(feed)
    row = proposed("new.example", moves=feed)
    accept(row, Wishes(), grace, NOW)
    feed.refresh_from_db()
    assert (feed.url, Entry.objects.listed().count(), Feed.objects.count()) == ("https://new.example/feed.xml", 1, 1)
    undo(now_of(row), LATER)
    feed.refresh_from_db()
    assert (feed.url, feed.state, Entry.objects.listed().count()) == ("https://old.example/feed", "active", 1)


def test_a_new_address_that_was_removed_is_not_taken(grace: User) -> None:
    feed = make_feed(url="https://old.example/feed")
    RemovedSource.objects.create(host="new.example", reason="Casino spam")
    with pytest.raises(Undecidable, match="Casino spam"):
        accept(proposed("new.example", moves=feed), Wishes(), grace, NOW)
    feed.refresh_from_db()
    assert feed.url == "https://old.example/feed"


def test_an_old_address_that_others_have_by_now_is_not_gone_back_to(grace: User) -> None:
    feed = make_feed(url="https://old.example/feed")
    row = proposed("new.example", moves=feed)
    accept(row, Wishes(), grace, NOW)
    make_feed(url="https://old.example/feed")
    with pytest.raises(Undecidable, match="Another feed"):
        undo(now_of(row), LATER)
    assert now_of(row).state == "accepted"
