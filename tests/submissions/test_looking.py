"""The worker's look at a blog: what it finds, what it says, and what it never asks."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from aggregator.ingest import guard
from aggregator.ingest.post_keys import link_key
from aggregator.models import Feed, RemovedSource, Submission
from aggregator.signals import submission_waiting
from aggregator.submissions import finding, looking
from tests.factories import NOW, make_entry, make_feed
from tests.pages.test_plans import walk_of
from tests.polls import clock
from tests.servers import Answer, FeedServer, Raw

from .feeds import LONG, blog, item, page_naming, rss
from .proposals import kinds, looked_at, proposed, seen_at

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_feed_of_a_page_is_found_and_its_last_posts_are_shown(feed_server: FeedServer) -> None:
    days = [item(f"Post {days}", at=NOW - timedelta(days=days)) for days in (5, 1, 3, 2)]
    proposal = seen_at(blog(feed_server, *days))
    assert (proposal.state, proposal.title, proposal.can_be_sent) == ("ready", "A garden blog", True)
    assert (proposal.feed_url, proposal.site_url) == (feed_server.url("/feed"), feed_server.url("/"))
    assert [post.title for post in proposal.previews] == ["Post 1", "Post 2", "Post 3"]
    assert proposal.previews[0].published_at == NOW - timedelta(days=1)
    assert kinds(proposal) == ["language"]
    assert Feed.objects.count() == 0


def test_posts_look_as_they_would_here_without_links_and_pictures(feed_server: FeedServer) -> None:
    html = (
        f'<script>alert(1)</script><p onclick="x()">{LONG}<a href="https://casino.example/">Win</a> '
        '<img src="https://casino.example/cat.jpg" alt="A cat"></p><iframe src="https://casino.example/"></iframe>'
    )
    [post] = seen_at(blog(feed_server, item("One", html=html))).previews
    assert "<a" not in post.content_html
    assert "<img" not in post.content_html
    assert "//casino" not in post.content_html
    assert "alert" not in post.content_html
    assert "Win [picture: A cat]" in post.content_html


def test_a_page_whose_first_feed_is_dead_leads_to_the_second(feed_server: FeedServer) -> None:
    feed_server.add("/second", rss(item("One")))
    proposal = seen_at(feed_server.add("/", page_naming("/dead", "/second")))
    assert (proposal.feed_url, proposal.can_be_sent) == (feed_server.url("/second"), True)


def test_a_page_that_a_page_names_may_name_the_feed(feed_server: FeedServer) -> None:
    feed_server.add("/feed", rss(item("One")))
    feed_server.add("/feeds", page_naming("/feeds", "/feed"))
    proposal = seen_at(feed_server.add("/", page_naming("/feeds", "/dead")))
    assert (proposal.feed_url, proposal.can_be_sent) == (feed_server.url("/feed"), True)


@pytest.mark.parametrize(
    ("items", "kind", "words"),
    [
        ([item("One", at=None), item("Two")], "undated", "Posts without a date: 1 of 2."),
        ([item("One", html="Beginning…"), item("Two", html="Another […]")], "excerpts", "only the beginnings"),
        ([item("One", at=NOW - timedelta(days=430))], "silent", "silent for 14 months"),
        (
            [item(f"Post {n}", at=NOW - timedelta(minutes=n)) for n in range(60)],
            "floods",
            "It had 60 posts in one day. Beyond 50 a day",
        ),
        ([item(f"Post {n}", at=NOW - timedelta(hours=n)) for n in range(80)], "floods", "80 posts in the last seven"),
        (
            [item("One", html=f'<p>{LONG}</p><img src="https://pixel.wp.com/b.gif?x=1">'), item("Two")],
            "trackers",
            "Posts that count their readers: 1 of 2.",
        ),
        ([], "empty", "no posts yet"),
    ],
)
def test_what_stands_out_is_a_sentence(feed_server: FeedServer, items: list[str], kind: str, words: str) -> None:
    feed_server.add("/feed", rss(*items))
    proposal = seen_at(feed_server.url("/feed"))
    assert words in {met["kind"]: met["text"] for met in proposal.met}[kind]
    assert proposal.can_be_sent


@pytest.mark.parametrize(
    ("tag", "words"), [("de-at", "German (de-at)"), ("", "doesn’t say"), ("tlh", "its language is tlh")]
)
def test_its_language_is_named(feed_server: FeedServer, tag: str, words: str) -> None:
    feed_server.add("/feed", rss(item("One"), language=tag))
    [met] = seen_at(feed_server.url("/feed")).met
    assert words in met["text"]


def test_a_sound_feed_has_none_of_these(feed_server: FeedServer) -> None:
    posts = [item(f"Post {n}", at=NOW - timedelta(days=7 * n)) for n in range(12)]
    assert kinds(seen_at(blog(feed_server, *posts))) == ["language"]


def test_what_is_here_already_is_named_and_can_t_be_sent(feed_server: FeedServer) -> None:
    address = blog(feed_server)
    make_feed("Our garden", url=feed_server.url("/feed"), slug="garden")
    proposal = seen_at(address)
    assert (proposal.refusal, proposal.can_be_sent) == ("It is here already as Our garden.", False)
    assert (proposal.met[0]["slug"], proposal.previews) == ("garden", [])


def test_a_feed_that_curators_have_added_and_nobody_sees_is_not_named(feed_server: FeedServer) -> None:
    address = blog(feed_server)
    make_feed("Secret", url=feed_server.url("/feed"), state="pending", last_ok_at=None)
    assert "Secret" not in seen_at(address).refusal


def test_what_was_removed_is_named_with_its_reason(feed_server: FeedServer, elsewhere: FeedServer) -> None:
    RemovedSource.objects.create(host="127.0.0.2", reason="It sold watches", created_at=NOW)
    elsewhere.add("/feed", rss(item("One")))
    proposal = seen_at(feed_server.add("/", Answer.redirect(elsewhere.url("/feed"))))
    assert proposal.refusal == "127.0.0.2 was removed from this site on 24 Jun 2026: It sold watches."
    assert not proposal.can_be_sent


def test_whose_posts_these_are_is_told(feed_server: FeedServer) -> None:
    here = make_feed("The original", slug="original")
    for title in ("One", "Two"):
        make_entry(here, title, link_key=link_key(f"https://blog.example/{title}"))
    proposal = seen_at(blog(feed_server, item("One"), item("Two"), item("Three")))
    [met] = [met for met in proposal.met if met["kind"] == "copied"]
    assert met["text"] == "Its content is that of The original: 2 of its 3 posts are here from there."
    assert (met["slug"], proposal.can_be_sent) == ("original", True)


def test_a_redirect_to_the_cloud_s_own_address_is_not_followed(feed_server: FeedServer) -> None:
    proposal = seen_at(feed_server.add("/", Answer.redirect("http://169.254.169.254/latest/meta-data/")))
    assert proposal.refusal.startswith("It can’t be asked. 169.254.169.254 is not asked")
    assert (proposal.previews, proposal.feed_url, proposal.can_be_sent) == ([], "", False)


def test_a_page_that_names_an_inside_address_as_its_feed_leads_nowhere(feed_server: FeedServer) -> None:
    proposal = seen_at(feed_server.add("/", page_naming("http://10.0.0.1/feed")))
    assert (proposal.feed_url, proposal.can_be_sent) == ("", False)


def test_a_name_that_leads_inside_after_it_was_looked_at_is_not_asked(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_server.add("/", page_naming("/feed"))
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def look_up(*_: object) -> list[str]:
        return next(answers)

    monkeypatch.setattr(guard, "_look_up", look_up)
    proposal = seen_at(f"http://changes.example:{feed_server.port}/")
    assert feed_server.paths() == ["/"]
    assert "No server that this site can ask is known by the name changes.example." in proposal.refusal


@pytest.mark.parametrize(
    "page", [Answer.redirect("http://wiki.corp.example/feed"), page_naming("http://wiki.corp.example/")]
)
def test_whether_our_resolver_knows_an_inside_name_is_not_told(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch, page: Answer
) -> None:
    refusals = []
    for inside in (["10.1.2.3"], []):

        async def look_up(_: object, host: str, port: int, inside: list[str] = inside) -> list[str]:
            return inside if host == "wiki.corp.example" else ["127.0.0.1"]

        monkeypatch.setattr(guard, "_look_up", look_up)
        refusals.append(seen_at(feed_server.add("/", page)).refusal)
        Submission.objects.all().delete()
    assert refusals[0] == refusals[1]
    assert "10.1.2.3" not in refusals[0]


def test_an_endless_page_is_left(feed_server: FeedServer, settings: Settings) -> None:
    settings.FETCH_MAX_BYTES = 2**16

    def endless() -> object:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        while True:
            yield b"<p>more</p>" * 1000

    proposal = seen_at(feed_server.add("/", Raw(endless())))  # type: ignore[arg-type]
    assert (proposal.refusal[:24], proposal.previews) == ("The answer is larger tha", [])


def test_a_server_that_drips_is_left_in_time(feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "FIND_SECONDS", 0.2)
    proposal = seen_at(feed_server.add("/", Answer(b"x" * 1000, drip_seconds=0.1)))
    assert proposal.refusal == "127.0.0.1 did not finish its answer within 0.2 seconds."


def test_a_server_that_asks_for_rest_is_left_alone(feed_server: FeedServer) -> None:
    blog_here = make_feed(url=feed_server.url("/other"), next_poll_at=NOW + timedelta(days=1))
    feed_server.add("/", Answer(status=429, headers={"Retry-After": "7200"}))
    proposal = seen_at(feed_server.url("/"))
    blog_here.refresh_from_db()
    assert blog_here.rests_until == NOW + timedelta(hours=2)
    Submission.objects.filter(pk=proposal.pk).update(state="looking", looked_at=None)
    assert "asked to be left alone until" in looked_at(proposal).refusal
    assert feed_server.paths() == ["/"]


def test_a_host_that_is_being_polled_is_not_asked_meanwhile(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "FIND_SECONDS", 0.3)
    make_feed(url=feed_server.url("/other"), lease=uuid.uuid4(), next_poll_at=NOW + timedelta(minutes=3))
    assert "Have it looked at again later" in seen_at(blog(feed_server)).refusal
    assert feed_server.paths() == []


def test_while_it_is_looked_at_no_poll_asks_its_host(feed_server: FeedServer) -> None:
    due = make_feed(url=feed_server.url("/other"), next_poll_at=NOW)
    seen_at(blog(feed_server))
    due.refresh_from_db()
    assert due.next_poll_at == NOW + timedelta(seconds=finding.FIND_SECONDS)


def test_what_is_taken_back_meanwhile_is_not_written_down(feed_server: FeedServer) -> None:
    proposal = proposed(blog(feed_server))

    def take_back(_: object) -> Answer:
        Submission.objects.update(state="withdrawn")
        connection.close()  # of the server's thread
        return rss(item("One"))

    feed_server.add("/feed", take_back)
    assert (looked_at(proposal).state, proposal.previews) == ("withdrawn", [])


def test_a_look_that_ended_its_worker_is_begun_again_and_not_for_ever(feed_server: FeedServer) -> None:
    proposal = proposed(blog(feed_server))
    assert [found.pk for found in looking._begin(NOW)] == [proposal.pk]
    assert looking._begin(NOW + timedelta(seconds=80)) == []
    assert looked_at(proposal, NOW + timedelta(seconds=91)).state == "ready"
    Submission.objects.filter(pk=proposal.pk).update(state="looking", looked_at=None, evidence={"begun": 3})
    assert "Orrery itself failed" in looked_at(proposal).refusal


def test_several_are_looked_at_together(feed_server: FeedServer, elsewhere: FeedServer) -> None:
    proposals = [proposed(blog(feed_server)), proposed(blog(elsewhere))]
    assert looking.look_at_waiting(seconds=60, clock=clock()) == 2
    assert [looked_at(proposal).state for proposal in proposals] == ["ready", "ready"]


def test_a_new_address_of_a_blog_waits_for_curators_by_itself(feed_server: FeedServer) -> None:
    moving = make_feed("Moving", url="https://old.example/feed")
    proposal = Submission.objects.create(address=blog(feed_server), host="127.0.0.1", moves=moving)
    assert (looked_at(proposal).state, proposal.sent_at, proposal.announced_at) == ("waiting", NOW, None)


def test_who_tells_curators_hears_of_a_new_address_at_once(feed_server: FeedServer) -> None:
    moving, heard = make_feed("Moving", url="https://old.example/feed"), list[object]()

    def hear(**facts: object) -> None:
        heard.append(facts["submission_id"])

    submission_waiting.connect(hear)
    try:
        seen_at(blog(feed_server))
        assert heard == []
        move = Submission.objects.create(address=feed_server.url("/"), host="127.0.0.1", moves=moving)
        looked_at(move)
    finally:
        submission_waiting.disconnect(hear)
    assert heard == [move.pk]


@pytest.mark.any_database
def test_whose_posts_these_are_is_found_by_indexes(feed_server: FeedServer) -> None:
    make_entry()
    with CaptureQueriesContext(connection) as queries:
        seen_at(blog(feed_server))
    asked = [query["sql"] for query in queries if "aggregator_entry" in query["sql"]]
    assert len(asked) == 1
    assert [plan for sql in asked if (plan := walk_of(sql))] == []
