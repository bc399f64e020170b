"""Proposals at the desk: what waits stands first, one page has all that a curator decides by, and forms that decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aggregator.desk import submission_page
from aggregator.models import Feed, FilterRule, RemovedSource, Submission
from tests.curators import log_in, page, press
from tests.factories import make_category, make_feed
from tests.old_pages import OldPage, opened, words
from tests.submissions.waiting import proposed

pytestmark = pytest.mark.django_db
PROPOSALS = "admin:aggregator_submission_changelist"
PROPOSAL = "admin:aggregator_submission_change"


@pytest.fixture
def client() -> Client:
    return log_in()


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The feeds that the worker was asked to read."""
    ids: list[int] = []
    monkeypatch.setattr(submission_page, "poll_soon", ids.extend)
    return ids


def form_of(client: Client, row: Submission, form: str) -> OldPage:
    """One of the page's forms; they have no action, so their ids tell them apart."""
    html = page(client, PROPOSAL, row.pk)
    before, found, _ = html.partition(f'id="{form}"')
    assert found, f"There is no form {form!r}."
    start = before.rindex("<form")
    return OldPage(client, f"/admin/aggregator/submission/{row.pk}/change/", html[start:].partition("</form>")[0], form)


def press_undo(client: Client, row: Submission) -> str:
    return words(press(client, PROPOSAL, row.pk, do="undo"))


# -- the list --------------------------------------------------------------------------------------------------------


def test_an_empty_list_says_so(client: Client) -> None:
    assert "There is nothing yet." in page(client, PROPOSALS)


def test_what_waits_stands_first_and_of_that_what_is_proven(client: Client) -> None:
    now = timezone.now()
    sent = {"first": 3, "second": 2, "proven": 1, "asked": 5, "declined": 6, "accepted": 7, "untold": 0}
    rows = {
        name: proposed(f"{name}.example", title=name, sent_at=now - timedelta(days=ago)) for name, ago in sent.items()
    }
    of = Submission.objects.filter
    of(pk=rows["proven"].pk).update(proven_at=now)
    of(pk=rows["asked"].pk).update(state="asked", decided_at=now)
    of(pk=rows["declined"].pk).update(state="declined", decided_at=now - timedelta(days=2))
    of(pk=rows["accepted"].pk).update(state="accepted", decided_at=now - timedelta(days=3))
    of(pk=rows["untold"].pk).update(state="ready", sent_at=None)
    listed = client.get("/admin/aggregator/submission/").context["cl"].result_list
    assert [str(row) for row in listed] == ["proven", "first", "second", "asked", "declined", "accepted"]
    narrowed = client.get("/admin/aggregator/submission/?state=declined").context["cl"].result_list
    assert [str(row) for row in narrowed] == ["declined"]


def test_the_list_costs_the_same_however_long_it_is(client: Client) -> None:
    costs = []
    for count in (1, 20):
        for number in range(count):
            proposed(f"{count}-{number}.example", moves=make_feed())
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/aggregator/submission/")
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_desks_first_page_says_how_many_wait(client: Client) -> None:
    assert "for your decision" not in page(client, "admin:index")
    proposed("one.example"), proposed("two.example"), proposed("three.example", state="asked")
    assert "2 proposals wait for your decision" in words(page(client, "admin:index"))


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_page_has_what_a_curator_decides_by(client: Client) -> None:
    evidence = {"met": [{"kind": "silent", "text": "Its last post is of last year."}]}
    note = "Please <b>look</b> at https://casino.example/"
    row = proposed(note=note, answer="It is mine.", evidence=evidence, proven_at=timezone.now())
    html = page(client, PROPOSAL, row.pk)
    for said in ("https://ada.example/feed.xml", "It is mine.", "Its last post is of last year.", "that it is theirs"):
        assert said in words(html)
    assert "&lt;b&gt;look&lt;/b&gt;" in html
    assert 'href="https://casino.example/' not in html, "links in notes are not clickable"


def test_what_was_never_sent_has_no_page(client: Client) -> None:
    row = proposed(state="ready", sent_at=None)
    assert "not here any more" in press(client, PROPOSAL, row.pk, do="accept")
    assert not Feed.objects.exists()


def test_accepting_lists_the_feed_and_has_it_read_at_once(client: Client, asked: list[int]) -> None:
    row, shelf = proposed(), make_category("Web")
    form = form_of(client, row, "accept")
    sent = {"category": str(shelf.pk), "display": "excerpt", "rules-0-pattern": "sponsored", "do": "accept"}
    assert "Accepted. It is read at once" in form.send(**sent).words
    feed = Feed.objects.get()
    assert (feed.category, feed.display, feed.state) == (shelf, "excerpt", "pending")
    assert [str(rule) for rule in FilterRule.objects.filter(feed=feed)] == ["drop posts with “sponsored” in the title"]
    assert asked == [feed.pk]
    assert LogEntry.objects.latest("pk").change_message.startswith("Accepted.")


def test_a_rule_that_is_none_is_marked_and_nothing_is_done(client: Client) -> None:
    sent = {"rules-0-pattern": "(", "rules-0-is_regex": "on", "do": "accept"}
    answer = form_of(client, proposed(), "accept").send(**sent)
    assert "correct what is marked" in answer.words
    assert 'value="("' in answer.html
    assert (Feed.objects.count(), Submission.objects.get().state) == (0, "waiting")


def test_declining_needs_a_reason(client: Client, asked: list[int]) -> None:
    form = form_of(client, proposed(), "decline")
    complaint = form.send(do="decline").words
    assert "This field is required." in complaint
    assert complaint.index("Nothing is done yet: correct what is marked under “Decline”") < complaint.index(
        "What we met"
    )
    told = form.send(do="decline", **{"decline-reason": "promotion", "decline-words": "Shoes."}).words
    assert "Declined. Its sender reads why: It is there to sell something." in told
    assert "Declined because It is there to sell something. Shoes." in told
    assert asked == []


def test_asking_back_needs_a_question(client: Client) -> None:
    form = form_of(client, proposed(), "ask")
    complaint = form.send(do="ask").words
    assert "This field is required." in complaint
    assert complaint.index("Nothing is done yet: correct what is marked under “Ask back”") < complaint.index(
        "What we met"
    )
    told = form.send(do="ask", **{"ask-words": "Is it yours?"}).words
    assert "Asked back. It waits here again once its sender has answered." in told
    assert 'id="ask"' not in page(client, PROPOSAL, Submission.objects.get().pk)


def test_a_decision_is_undone(client: Client) -> None:
    row = proposed()
    press(client, PROPOSAL, row.pk, do="accept", display="full")
    told = press_undo(client, row)
    assert "the feed is neither polled nor shown. What was sent to anybody stays sent." in told
    assert (Feed.objects.get().state, Submission.objects.get().state) == ("rejected", "waiting")
    Submission.objects.update(state="declined", decided_at=timezone.now() - timedelta(days=2))
    assert 'value="undo"' not in page(client, PROPOSAL, row.pk)


def test_what_was_undone_is_not_called_accepted(client: Client) -> None:
    row = proposed()
    press(client, PROPOSAL, row.pk, do="accept", display="full")
    accepted = words(page(client, PROPOSAL, row.pk))
    undone = press_undo(client, row)
    assert ("Accepted as" in accepted, "Accepted as" in undone) == (True, False)


def test_what_is_removed_is_not_accepted(client: Client) -> None:
    row = proposed()
    RemovedSource.objects.create(host="ada.example", reason="Casino spam")
    assert "Nothing was done. ada.example was removed" in words(
        press(client, PROPOSAL, row.pk, do="accept", display="full")
    )


def test_a_new_address_says_whose_it_is(client: Client, asked: list[int]) -> None:
    feed = make_feed("Bo’s walks", url="https://old.example/feed")
    row = proposed("new.example", moves=feed)
    told = words(page(client, PROPOSAL, row.pk))
    assert "A new address of Bo’s walks" in told
    assert "https://old.example/feed" in told
    assert "read at its new address" in words(press(client, PROPOSAL, row.pk, do="accept", display="full"))
    assert (Feed.objects.get().url, asked) == ("https://new.example/feed.xml", [feed.pk])


# -- old pages, and who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["accept", "decline", "ask"])
def test_of_two_curators_the_slower_one_reads_who_decided(client: Client, verb: str) -> None:
    row = proposed()
    form = form_of(client, row, verb)
    press(log_in(name="grace"), PROPOSAL, row.pk, do="decline", **{"decline-reason": "other"})
    fields = {"decline-reason": "silent", "ask-words": "Yours?"}
    told = form.send(do=verb, **fields).words
    assert "Nothing was done: this changed since you opened the page. grace declined it on" in told
    assert (Submission.objects.get().reason, Feed.objects.count()) == ("other", 0)


def test_who_may_only_see_proposals_is_offered_nothing_and_decides_nothing() -> None:
    row = proposed()
    reader = log_in(may=["view_submission"])
    html = page(reader, PROPOSAL, row.pk)
    assert 'name="do"' not in html
    assert reader.post(f"/admin/aggregator/submission/{row.pk}/change/", {"do": "accept"}).status_code == 403
    assert log_in(name="nobody", may=["change_feed"]).get("/admin/aggregator/submission/").status_code == 403


def test_nobody_adds_or_deletes_proposals_here(client: Client) -> None:
    row = proposed()
    for address in ("add/", f"{row.pk}/delete/"):
        assert client.get(f"/admin/aggregator/submission/{address}").status_code == 403
    assert opened(client, PROPOSALS, form="changelist-search")
