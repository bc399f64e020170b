"""What an owner's page shows and does: for its own source, as long as the proof is there, and from a page of today."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from aggregator.curating import feeds
from aggregator.curating.adding import FeedRefused, add_feed
from aggregator.models import Feed, Ownership, RemovedSource, Submission
from aggregator.submissions import owner_views
from aggregator.submissions.ownership import begin_for_proposal, begin_for_source, end
from aggregator.submissions.tokens import token_of
from tests.curators import log_in, press
from tests.curators import page as desk_page
from tests.factories import NOW, make_entry, make_feed

from .owners import NETWORKS, address_of, hidden_fields, make_owner, page_of, send

pytestmark = pytest.mark.django_db

DEEDS = {
    "display": {"display": "link"},
    "pause": {},
    "resume": {},
    "move": {"address": "https://new.example/feed"},
    "withdraw": {},
}


@pytest.fixture
def feed() -> Feed:
    return make_feed("Walks", url="https://walks.example/feed", site_url="https://walks.example/")


def all_rows() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Feed, RemovedSource, Submission, Ownership)]


# -- what a proven owner does ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("display", Feed.Display.values)
def test_an_owner_chooses_how_posts_are_shown(display: str, feed: Feed) -> None:
    other = "full" if display == "excerpt" else "excerpt"
    Feed.objects.update(display=other)
    html = send(make_owner(feed), "display", display=display).content.decode()
    feed.refresh_from_db()
    assert feed.display == display
    assert f'value="{display}" checked' in html


def test_an_owner_pauses_and_resumes(feed: Feed) -> None:
    owner = make_owner(feed)
    assert "You paused it" in send(owner, "pause").content.decode()
    feed.refresh_from_db()
    assert feed.state == "paused"
    assert "Resumed." in send(owner, "resume").content.decode()
    feed.refresh_from_db()
    assert feed.state == "active"


def test_an_owner_does_not_resume_what_a_curator_paused(feed: Feed) -> None:
    owner, row = make_owner(feed), Feed.objects.filter(pk=feed.pk)
    send(owner, "pause")
    feeds.resume(row, NOW)
    feeds.pause(row, NOW)
    assert "The curators paused it" in page_of(owner)
    assert send(owner, "resume").status_code == HTTPStatus.CONFLICT
    feed.refresh_from_db()
    assert feed.state == "paused"


def test_taking_off_asks_once_more_and_sticks_until_a_curator_resumes_it(feed: Feed) -> None:
    make_entry(feed, "A walk")
    owner = make_owner(feed)
    asked = Client().get(f"{address_of(owner)}take-off/").content.decode()
    assert "Take <bdi>Walks</bdi> off?" in asked
    feed.refresh_from_db()
    assert feed.state == "active"
    assert "taken off" in send(owner, "", page=asked, at="take-off/").content.decode()
    assert Client().get(feed.get_absolute_url()).status_code == 404
    with pytest.raises(FeedRefused, match="Its owner took it off"):
        add_feed("https://walks.example/other")
    feeds.resume(Feed.objects.filter(pk=feed.pk), NOW)
    assert "A walk" in Client().get(feed.get_absolute_url()).content.decode()


def test_an_owner_reads_the_titles_of_held_posts_and_no_more(feed: Feed) -> None:
    make_entry(feed, "Win <b>money</b>", is_held=True, content_html="<p>The words of it</p>")
    make_entry(make_feed(), "Of another", is_held=True)
    html = page_of(make_owner(feed))
    assert "Win &lt;b&gt;money" in html
    assert ("The words of it" in html, "Of another" in html) == (False, False)


def test_an_owner_learns_of_another_link(feed: Feed) -> None:
    old, new = make_owner(feed), make_owner(feed)
    assert old.code in page_of(new)


# -- A is not B ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", [*DEEDS, "take-off"])
def test_the_link_of_one_does_nothing_to_another(do: str, feed: Feed) -> None:
    other = make_feed("Other", url="https://other.example/feed", state="paused")
    mine, theirs = make_owner(feed), make_owner(other, paused_at=NOW)
    page, before = page_of(theirs), list(Feed.objects.filter(pk=other.pk).values())
    at = "take-off/" if do == "take-off" else ""
    response = send(mine, do, page=page, at=at, **DEEDS.get(do, {}))
    assert response.status_code == HTTPStatus.CONFLICT
    send(mine, do, at=at, **DEEDS.get(do, {}))
    assert list(Feed.objects.filter(pk=other.pk).values()) == before
    assert not Submission.objects.filter(moves=other).exists()


def test_the_page_of_another_owner_of_the_same_blog_is_no_page_of_mine(feed: Feed) -> None:
    mine, theirs = make_owner(feed), make_owner(feed)
    assert send(mine, "pause", page=page_of(theirs)).status_code == HTTPStatus.CONFLICT
    assert Feed.objects.get().state == "active"


@pytest.mark.parametrize("do", [*DEEDS, "take-off"])
@pytest.mark.parametrize("state", ["unproven", "lost", "ended"])
def test_an_unproven_a_lost_and_an_ended_link_can_only_look(state: str, do: str, feed: Feed) -> None:
    owner = make_owner(feed)
    if do == "withdraw":
        Submission.objects.create(address="https://x.example/", host="x", moves=feed)
    page = page_of(owner)
    changes = {"unproven": {"proven_at": None}, "lost": {"lost_at": NOW}, "ended": {"lost_at": NOW, "ended_at": NOW}}
    Ownership.objects.update(**changes[state])
    before = all_rows()
    at = "take-off/" if do == "take-off" else ""
    send(owner, do, page=page, at=at, **DEEDS.get(do, {}))
    assert all_rows() == before
    assert not any(f'value="{word}"' in page_of(owner) for word in DEEDS)
    send(owner, "look")
    owner.refresh_from_db()
    assert owner.is_asked is (state != "ended")


@pytest.mark.parametrize("token", ["", "x", "x.y", "../owner", "a" * 600])
def test_what_was_given_to_nobody_is_not_found(token: str, feed: Feed) -> None:
    owner = make_owner(feed)
    forged = [token, owner.key, owner.code, token_of("submission", owner.key), f"{owner.key}.{token}"]
    assert {Client().get(f"/owner/{one}/").status_code for one in forged} == {404}


def test_a_row_alone_gives_nobody_the_address(feed: Feed) -> None:
    """As who reads a stolen backup without its secret key."""
    owner = make_owner(feed)
    values = [str(value) for value in Ownership.objects.values().get().values()]
    assert not any(address_of(owner).split("/")[2] in value for value in values)


# -- old pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", ["display", "pause", "move"])
def test_a_page_that_is_older_than_the_source_does_nothing(do: str, feed: Feed) -> None:
    owner = make_owner(feed)
    page = page_of(owner)
    Feed.objects.update(display="excerpt")
    before = all_rows()
    response = send(owner, do, page=page, **DEEDS[do])
    assert response.status_code == HTTPStatus.CONFLICT
    assert "changed since you opened this page" in response.content.decode()
    assert all_rows() == before


@pytest.mark.parametrize("stamp", ["", "forged", "W10:x:y"])
def test_without_the_stamp_of_a_page_nothing_is_done(stamp: str, feed: Feed) -> None:
    response = Client().post(address_of(make_owner(feed)), {"stamp": stamp, "do": "pause"})
    assert response.status_code == HTTPStatus.CONFLICT
    assert Feed.objects.get(pk=feed.pk).state == "active"


def test_a_page_of_yesterday_does_nothing(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_owner(feed)
    page = page_of(owner)
    monkeypatch.setattr("aggregator.submissions.stamps.LONGEST", timedelta(seconds=-1))
    assert "longer than a day" in send(owner, "pause", page=page).content.decode()
    assert Feed.objects.get(pk=feed.pk).state == "active"


# -- how pages are sent ----------------------------------------------------------------------------------------------


def test_nobody_keeps_or_finds_these_pages(feed: Feed) -> None:
    owner = make_owner(feed)
    proposal = Submission.objects.create(address="https://a.example/", host="a", feed_url="https://a.example/feed")
    addresses = [
        reverse("source_owner", args=[feed.slug]),
        address_of(owner),
        f"{address_of(owner)}take-off/",
        reverse("submission_proof", args=[token_of("submission", proposal.key)]),
    ]
    for address in addresses:
        response = Client().get(address)
        html = response.content.decode()
        assert response.status_code == 200
        assert response["Cache-Control"] == "private, no-store"
        assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
        assert not response.cookies
        assert ("noindex" in html, 'rel="canonical"' in html, "<script" in html) == (True, False, False)


def test_a_look_is_asked_for_a_few_times_and_then_waits(feed: Feed) -> None:
    owner = make_owner(feed)
    answers = []
    for _ in range(7):
        answers.append(send(owner, "look").status_code)
        Ownership.objects.update(asked_at=None)
    assert answers == [200] * 5 + [409] * 2


def test_of_one_blog_all_together_ask_for_no_more_looks_than_its_server_can_bear(feed: Feed) -> None:
    answers = []
    for _ in range(8):
        owner = make_owner(feed)
        for _ in range(3):
            answers.append(send(owner, "look").status_code)
            Ownership.objects.update(asked_at=None)
    assert answers == [200] * 20 + [409] * 4


def test_a_page_waits_for_the_look_by_itself(feed: Feed) -> None:
    owner = make_owner(feed)
    html = send(owner, "look").content.decode()
    assert 'http-equiv="refresh" content="10"' in html
    Ownership.objects.update(asked_at=NOW - timedelta(days=300))
    assert "nobody has looked yet" in page_of(owner)


# -- the beginning ---------------------------------------------------------------------------------------------------


def begin(feed: Feed, client: Client | None = None, **fields: str) -> object:
    address = reverse("source_owner", args=[feed.slug])
    client = client or Client(enforce_csrf_checks=True)
    sent = {**hidden_fields(client.get(address).content.decode()), "leave_empty": "", **fields}
    return client.post(address, {name: value for name, value in sent.items() if value != "absent"})


@pytest.fixture
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.submissions.strangers.SHORTEST", timedelta(seconds=-5))


@pytest.mark.usefixtures("no_wait")
def test_whoever_begins_gets_a_link_of_their_own(feed: Feed) -> None:
    first, second = begin(feed), begin(feed)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] != second["Location"]
    html = Client().get(first["Location"]).content.decode()
    assert Ownership.objects.order_by("pk")[0].code in html
    assert "Show that this blog is yours" in html
    assert f'rel="me" href="http://testserver{feed.get_absolute_url()}#' in html


@pytest.mark.usefixtures("no_wait")
@pytest.mark.parametrize("fields", [{"token": ""}, {"token": "1.x"}, {"leave_empty": "x"}, {"leave_empty": "absent"}])
def test_a_form_of_a_program_begins_nothing(fields: dict[str, str], feed: Feed) -> None:
    assert begin(feed, **fields).status_code == 400
    assert not Ownership.objects.exists()


def test_a_form_that_comes_at_once_begins_nothing(feed: Feed) -> None:
    assert begin(feed).status_code == 400


@pytest.mark.usefixtures("no_wait")
def test_the_fourth_in_an_hour_waits(feed: Feed) -> None:
    assert [begin(feed).status_code for _ in range(5)] == [303] * 3 + [429] * 2
    assert Ownership.objects.count() == 3


@pytest.mark.usefixtures("no_wait")
def test_who_comes_while_another_begins_is_sent_away_for_a_second(feed: Feed) -> None:
    with owner_views.beginning.taken():
        response = begin(feed)
    assert (response.status_code, response["Retry-After"]) == (429, "1")
    assert not Ownership.objects.exists()
    assert begin(feed).status_code == 303


@pytest.mark.usefixtures("no_wait")
def test_so_many_that_were_never_proven_are_enough(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.submissions.ownership.MAX_NEVER_PROVEN", 1)
    assert [begin(feed).status_code for _ in range(2)] == [303, 429]


@pytest.mark.parametrize("state", ["pending", "rejected"])
def test_what_is_not_listed_has_no_owner_to_begin(state: str, feed: Feed) -> None:
    Feed.objects.update(state=state)
    assert Client().get(reverse("source_owner", args=[feed.slug])).status_code == 404


def test_the_page_of_a_source_leads_to_the_beginning(feed: Feed) -> None:
    assert reverse("source_owner", args=[feed.slug]) in Client().get(feed.get_absolute_url()).content.decode()


# -- proposals -------------------------------------------------------------------------------------------------------


def proof_page(proposal: Submission, **sent: str) -> str:
    address, client = reverse("submission_proof", args=[token_of("submission", proposal.key)]), Client()
    html = client.get(address).content.decode()
    if sent:
        html = client.post(address, {**hidden_fields(html), **sent}, follow=True).content.decode()
    return html


def test_a_proposal_gets_a_code_and_then_its_owners_link(feed: Feed) -> None:
    proposal = Submission.objects.create(address="https://a.example/", host="a", feed_url="https://a.example/feed")
    assert "Give me a code" in proof_page(proposal)
    html = proof_page(proposal, do="")
    ownership = Ownership.objects.get(submission=proposal)
    assert (ownership.code in html, "rel=" in html.partition("<main")[2].partition("</main>")[0]) == (True, False)
    assert "We look within a minute" in proof_page(proposal, do="look")
    Ownership.objects.update(feed=feed)
    response = Client().get(reverse("submission_proof", args=[token_of("submission", proposal.key)]))
    assert (response.status_code, response["Location"]) == (303, address_of(ownership))


def test_a_proposal_without_a_feed_yet_gets_no_code() -> None:
    proposal = Submission.objects.create(address="https://a.example/", host="a")
    assert "has to be looked at first" in proof_page(proposal, do="")
    assert not Ownership.objects.exists()


def test_a_proposal_has_one_ownership() -> None:
    proposal = Submission.objects.create(address="https://a.example/", host="a", feed_url="https://a.example/feed")
    assert begin_for_proposal(proposal, NOW) == begin_for_proposal(proposal, NOW)


# -- for curators ----------------------------------------------------------------------------------------------------


def test_curators_see_who_has_shown_it_and_what_they_did_and_end_it(feed: Feed) -> None:
    client, owner = log_in(), make_owner(feed)
    send(owner, "pause")
    html = desk_page(client, "admin:aggregator_feed_change", feed.pk)
    assert "shown by a &lt;meta&gt; of the site" in html
    assert "The owner paused it" in html
    assert "Ended: that link" in press(client, "admin:aggregator_feed_end_ownership", feed.pk)
    assert "A curator ended this link" in page_of(owner)
    assert "ended by a curator" in desk_page(client, "admin:aggregator_feed_change", feed.pk)


def test_who_shows_it_anew_begins_with_another_code(feed: Feed) -> None:
    old = make_owner(feed)
    end(feed, NOW)
    new = begin_for_source(feed, next(NETWORKS), NOW)
    assert (new.code != old.code, new.key != old.key) == (True, True)
