"""The worker sees who shows that a blog is theirs, and sees it again when that is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from aggregator.ingest import guard
from aggregator.models import Feed, Ownership, Submission
from aggregator.submissions.ownership import ask_for_look, begin_for_proposal, begin_for_source, end, hand_over
from aggregator.submissions.proving import look_for_codes
from tests.documents import atom
from tests.factories import NOW, make_feed
from tests.servers import Answer, FeedServer

from .owners import NETWORKS

pytestmark = pytest.mark.django_db

PLAIN = {
    "/feed": atom("Walks", [("Walk 1", NOW)]),
    "/": b"<title>Walks</title><p>Hello",
    "/.well-known/orrery.txt": b"",
}
GONE = Answer(b"no", status=404)
WEEK, DAY = timedelta(days=7, minutes=1), timedelta(days=1, minutes=1)


def publish(server: FeedServer, **bodies: bytes | Answer) -> None:
    """The blog, with these in place of what it has: `feed`, `page`, `file`."""
    paths = {"feed": "/feed", "page": "/", "file": "/.well-known/orrery.txt"}
    for name, path in paths.items():
        answer = bodies.get(name, PLAIN[path] or GONE)
        server.add(path, answer if isinstance(answer, Answer) else Answer(answer))


def listed(server: FeedServer, **fields: object) -> Feed:
    return make_feed("Walks", url=server.url("/feed"), **{"site_url": server.url("/"), **fields})


def begun(feed: Feed) -> Ownership:
    return begin_for_source(feed, next(NETWORKS), NOW)


def looked(ownership: Ownership, after: timedelta = timedelta(), *, is_asked: bool = True) -> Ownership:
    """The ownership after a look, so long after NOW."""
    if is_asked:
        ask_for_look(ownership, NOW + after)
    look_for_codes(NOW + after, seconds=30)
    ownership.refresh_from_db()
    return ownership


def line(code: str, slug: str) -> dict[str, bytes]:
    return {"feed": atom("Walks", [(f"Mine: {code}", NOW)])}


def meta(code: str, slug: str) -> dict[str, bytes]:
    return {"page": f'<head><meta name="orrery-verify" content="{code}">'.encode()}


def file(code: str, slug: str) -> dict[str, bytes]:
    return {"file": f"{code}\n".encode()}


def rel_me(code: str, slug: str) -> dict[str, bytes]:
    return {"page": f'<body><a rel="me" href="http://testserver/source/{slug}/#{code}">x</a>'.encode()}


WAYS = {"line": line, "meta": meta, "file": file, "rel_me": rel_me}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_passes_and_fails_after_it_is_taken_away(way: str, feed_server: FeedServer) -> None:
    feed = listed(feed_server)
    publish(feed_server)
    ownership = looked(begun(feed))
    assert not ownership.is_proven
    assert ownership.answer.startswith("Not found in ")

    publish(feed_server, **WAYS[way](ownership.code, feed.slug))
    ownership = looked(ownership, DAY)
    assert (ownership.is_proven, ownership.way, ownership.asked_at) == (True, way, None)

    publish(feed_server)
    ownership = looked(ownership, 2 * DAY)
    assert (ownership.is_proven, ownership.misses) == (True, 1)
    ownership = looked(ownership, 3 * DAY)
    assert (ownership.is_proven, ownership.lost_at) == (False, NOW + 3 * DAY)

    publish(feed_server, **WAYS[way](ownership.code, feed.slug))
    assert looked(ownership, 4 * DAY).is_proven


@pytest.mark.parametrize("way", WAYS)
def test_the_code_of_another_shows_nothing(way: str, feed_server: FeedServer) -> None:
    feed = listed(feed_server)
    first, second = begun(feed), begun(feed)
    publish(feed_server, **WAYS[way](first.code, feed.slug))
    assert (looked(first).is_proven, looked(second).is_proven) == (True, False)


def test_what_is_proven_is_looked_at_once_a_week_by_one_request(feed_server: FeedServer) -> None:
    feed = listed(feed_server)
    ownership = begun(feed)
    publish(feed_server, **file(ownership.code, feed.slug))
    looked(ownership)
    feed_server.requests.clear()
    assert look_for_codes(NOW + timedelta(days=6), seconds=30) == 0
    assert look_for_codes(NOW + WEEK, seconds=30) == 1
    assert look_for_codes(NOW + WEEK, seconds=30) == 0
    assert feed_server.paths() == ["/.well-known/orrery.txt"]


def test_a_missed_one_is_looked_at_again_after_a_day(feed_server: FeedServer) -> None:
    feed = listed(feed_server)
    ownership = begun(feed)
    publish(feed_server, **meta(ownership.code, feed.slug))
    looked(ownership)
    publish(feed_server)
    assert looked(ownership, WEEK, is_asked=False).misses == 1
    assert looked(ownership, WEEK + DAY, is_asked=False).lost_at
    assert look_for_codes(NOW + 5 * WEEK, seconds=30) == 0  # what is lost is looked at no more by itself


@pytest.mark.parametrize("status", [500, 503, 403, 429])
def test_a_server_that_is_down_loses_nothing(status: int, feed_server: FeedServer) -> None:
    feed = listed(feed_server)
    ownership = begun(feed)
    publish(feed_server, **file(ownership.code, feed.slug))
    looked(ownership)
    down = Answer(b"", status=status)
    publish(feed_server, feed=down, page=down, file=down)
    for weeks in range(1, 5):
        ownership = looked(ownership, weeks * WEEK, is_asked=False)
    assert (ownership.is_proven, ownership.misses) == (True, 0)
    assert "can’t be read now" in ownership.answer
    publish(feed_server)
    assert looked(ownership, 5 * WEEK, is_asked=False).misses == 1


def test_a_look_between_two_misses_that_finds_it_begins_anew(feed_server: FeedServer) -> None:
    feed = listed(feed_server)
    ownership = begun(feed)
    there = meta(ownership.code, feed.slug)
    for after, bodies in enumerate((there, {}, there, {})):
        publish(feed_server, **bodies)
        ownership = looked(ownership, after * DAY)
    assert (ownership.is_proven, ownership.misses) == (True, 1)


def test_on_a_shared_host_the_file_counts_below_the_sites_own_path(feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.url("/alice/feed"), site_url=feed_server.url("/alice/"))
    ownership = begun(feed)
    publish(feed_server, file=ownership.code.encode())
    assert not looked(ownership).is_proven
    feed_server.add("/alice/.well-known/orrery.txt", Answer(ownership.code.encode()))
    assert looked(ownership, DAY).is_proven


def test_the_host_of_the_feed_may_have_the_file_too(feed_server: FeedServer, elsewhere: FeedServer) -> None:
    feed = make_feed(url=elsewhere.url("/alice/feed"), site_url=feed_server.url("/"))
    ownership = begun(feed)
    elsewhere.add("/.well-known/orrery.txt", Answer(ownership.code.encode()))
    assert looked(ownership).is_proven


def test_while_one_of_two_hosts_is_down_a_file_is_not_missed(feed_server: FeedServer, elsewhere: FeedServer) -> None:
    feed = make_feed(url=elsewhere.url("/alice/feed"), site_url=feed_server.url("/"))
    ownership = begun(feed)
    elsewhere.add("/.well-known/orrery.txt", Answer(ownership.code.encode()))
    looked(ownership)
    elsewhere.add("/.well-known/orrery.txt", Answer(b"", status=500))
    assert looked(ownership, DAY).misses == 0
    elsewhere.add("/.well-known/orrery.txt", GONE)
    assert looked(ownership, 2 * DAY).misses == 1


def test_a_page_that_is_only_supposed_to_be_the_blogs_shows_nothing_by_a_link(feed_server: FeedServer) -> None:
    feed = listed(feed_server, site_url="")
    ownership = begun(feed)
    publish(feed_server, **rel_me(ownership.code, feed.slug))
    assert not looked(ownership).is_proven


def test_a_server_that_asked_for_rest_is_left_alone(feed_server: FeedServer) -> None:
    feed = listed(feed_server)
    ownership = begun(feed)
    publish(feed_server, page=Answer(b"", status=429, headers={"Retry-After": "3600"}))
    answer = looked(ownership).answer
    assert feed_server.paths() == ["/"]
    assert "left alone" in answer


def test_nobody_is_asked_for_a_source_that_was_taken_off(feed_server: FeedServer) -> None:
    feed = listed(feed_server, state=Feed.State.REJECTED)
    looked(begun(feed))
    assert feed_server.requests == []


def test_a_private_address_is_not_asked(settings: object, feed_server: FeedServer) -> None:
    feed = make_feed(url="http://169.254.169.254/feed", site_url="http://169.254.169.254/")
    assert "is not asked" in looked(begun(feed)).answer


def test_what_a_curator_ended_stays_ended(feed_server: FeedServer) -> None:
    feed = listed(feed_server)
    ownership = begun(feed)
    publish(feed_server, **meta(ownership.code, feed.slug))
    looked(ownership)
    assert end(feed, NOW) == 1
    assert not ask_for_look(ownership, NOW)
    assert not looked(ownership, DAY).is_proven


def test_two_workers_look_once(feed_server: FeedServer) -> None:
    ownership = begun(listed(feed_server))
    ask_for_look(ownership, NOW)
    assert [row.pk for row in Ownership.objects.take(NOW, 5)] == [ownership.pk]
    assert Ownership.objects.take(NOW, 5) == []
    assert [row.pk for row in Ownership.objects.take(NOW + timedelta(minutes=6), 5)] == [ownership.pk]


def test_what_was_never_proven_is_forgotten_after_a_fortnight(feed_server: FeedServer) -> None:
    feed = listed(feed_server)
    begun(feed)
    kept = begun(feed)
    publish(feed_server, **meta(kept.code, feed.slug))
    looked(kept)
    assert Ownership.objects.forget_old(NOW + timedelta(days=13)) == 0
    assert Ownership.objects.forget_old(NOW + timedelta(days=15)) == 1
    assert Ownership.objects.get() == kept


def test_whether_our_resolver_knows_an_inside_name_is_not_told(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = listed(feed_server)
    answers = []
    for inside in (["10.1.2.3"], []):

        async def look_up(_: object, host: str, port: int, inside: list[str] = inside) -> list[str]:
            return inside if host == "wiki.corp.example" else ["127.0.0.1"]

        monkeypatch.setattr(guard, "_look_up", look_up)
        ownership = begun(feed)
        away = Answer.redirect("http://wiki.corp.example/")
        publish(feed_server, feed=away, page=away, file=away)
        answers.append(looked(ownership).answer)
        ownership.delete()
    assert answers[0] == answers[1]
    assert "No server that this site can ask is known by the name wiki.corp.example." in answers[0]


# -- proposals -------------------------------------------------------------------------------------------------------


def proposed(server: FeedServer, **fields: object) -> Submission:
    said = {"address": server.url("/"), "host": "blog", "feed_url": server.url("/feed"), "site_url": server.url("/")}
    return Submission.objects.create(**{**said, "state": "waiting", "sent_at": NOW, **fields})


@pytest.mark.parametrize("way", [line, meta, file])
def test_a_proven_proposal_comes_first_until_the_proof_is_gone(
    way: Callable[[str, str], dict[str, bytes]], feed_server: FeedServer
) -> None:
    other = proposed(feed_server, host="earlier", sent_at=NOW - DAY)
    proposal = proposed(feed_server)
    ownership = begin_for_proposal(proposal, NOW)
    publish(feed_server, **way(ownership.code, ""))
    looked(ownership)
    assert list(Submission.objects.waiting()) == [proposal, other]
    publish(feed_server)
    looked(ownership, DAY)
    looked(ownership, 2 * DAY)
    assert list(Submission.objects.waiting()) == [other, proposal]


def test_a_proposal_has_no_page_here_to_link_to(feed_server: FeedServer) -> None:
    ownership = begin_for_proposal(proposed(feed_server), NOW)
    publish(feed_server, **rel_me(ownership.code, "walks"))
    assert not looked(ownership).is_proven


def test_an_accepted_proposal_hands_its_ownership_over(feed_server: FeedServer) -> None:
    proposal = proposed(feed_server)
    ownership = begin_for_proposal(proposal, NOW)
    publish(feed_server, **meta(ownership.code, ""))
    looked(ownership)
    proposal.feed, proposal.state = listed(feed_server), "accepted"
    proposal.save()
    hand_over(proposal)
    ownership.refresh_from_db()
    assert (ownership.feed, ownership.is_proven) == (proposal.feed, True)
    assert looked(ownership, WEEK, is_asked=False).is_proven


def test_a_look_at_a_new_address_says_whether_the_code_is_there_too(
    feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    feed = listed(feed_server)
    ownership = begun(feed)
    publish(feed_server, **meta(ownership.code, feed.slug))
    looked(ownership)
    move = proposed(elsewhere, moves=feed)
    publish(elsewhere)
    looked(ownership, DAY)
    move.refresh_from_db()
    assert move.proven_at is None
    publish(elsewhere, **meta(ownership.code, feed.slug))
    looked(ownership, 2 * DAY)
    move.refresh_from_db()
    assert move.proven_at == NOW + 2 * DAY
