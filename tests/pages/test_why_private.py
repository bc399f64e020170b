"""Whatever address somebody asks for: nothing is told that only curators know.

The site knows posts that readers don't see, feeds that aren't public, proposals, rules, curators and errors; all that
is private in them has a word in it that nobody else has. A thousand addresses are drawn around them.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from aggregator.folding.fold import identify
from aggregator.ingest.errors import NotAFeed
from aggregator.ingest.types import FeedLink
from aggregator.models import Entry, Feed, Ownership, RemovedSource, Submission
from aggregator.models.emptying import empty
from aggregator.whereabouts.causes import Cause
from tests.factories import NOW, make_entry, make_feed, make_rule

pytestmark = pytest.mark.django_db

SECRET = "quokka"
"""In all that is private, and in nothing that is asked for unless it is drawn from the private address itself."""
WITHHELD: list[dict[str, Any]] = [{"is_held": True}, {"is_hidden": True}, {"is_filtered": True}, {"emptied": True}]
DRAWN = 1000


def add_post(feed: Feed, url: str, **fields: Any) -> Entry:
    words = {name: f"{SECRET} {name}" for name in ("title", "author", "excerpt", "source_title")}
    words |= {"content_html": f"<p>{SECRET}</p>", "source_url": f"https://{SECRET}.example/"}
    entry = make_entry(feed, url=url, guid=f"{SECRET}-{url}-{fields}", tags=[SECRET], **{**words, **fields})
    identify(entry)
    entry.save()
    return entry


@pytest.fixture
def addresses() -> list[str]:
    """Those of all that is private; the site has nothing else but the names of its public sources."""
    curator = User.objects.create_user(SECRET, f"{SECRET}@site.example", first_name=SECRET)
    secrets = {"held_reason": f"it calls itself {SECRET}", "proposed_url": f"https://n.example/{SECRET}"}
    link = FeedLink(url=f"https://p.example/?token={SECRET}", title=SECRET)
    secrets |= {"last_error": str(NotAFeed(what="a web page", links=(link,)))}
    secrets |= {
        "leads_to": f"https://r.example/{SECRET}",
        "resting_host": f"{SECRET}.example",
        "reported_title": SECRET,
    }
    states: list[dict[str, Any]] = [
        {},
        {"is_drifting": True},
        {"failure_count": 2},
        {"state": "gone"},
        {"state": "paused"},
    ]
    public = [
        make_feed(f"Public {number}", url=f"https://public{number}.example/feed.xml", **secrets, **state)
        for number, state in enumerate(states)
    ]
    Feed.objects.update(last_error_kind="not_a_feed")
    private = [
        make_feed(f"{SECRET} pending", url="https://pending.example/blog/feed", state="pending", last_ok_at=None),
        make_feed(f"{SECRET} rejected", url="https://rejected.example/feed.xml", state="rejected"),
        make_feed(f"{SECRET} never", url="https://never.example/feed.xml", state="rejected", last_ok_at=None),
    ]
    Feed.objects.filter(pk__in=[feed.pk for feed in private]).update(
        **secrets, description=SECRET, site_url=f"https://{SECRET}.example/", last_error_kind="tls"
    )
    posts = []
    for feed in public:
        make_rule(feed, SECRET)
        for number, fields in enumerate(WITHHELD):
            url = f"{feed.home_url.replace('blog', 'public')}{number}/post-{feed.pk}"
            posts.append(add_post(feed, url, **{name: yes for name, yes in fields.items() if name != "emptied"}))
            if "emptied" in fields:
                empty([posts[-1].pk], NOW)
        posts.append(add_post(feed, f"https://copy.example/{feed.pk}", duplicate_of=posts[-4]))
        posts.append(add_post(feed, f"https://other.example/{feed.pk}", is_held=True, held_for=posts[-5]))
    for feed in private:
        posts += [add_post(feed, f"https://lost.example/{feed.pk}", **fields) for fields in ({}, *WITHHELD[:3])]
    proposal = {"address": f"https://proposed.example/{SECRET}", "note": SECRET, "email": f"{SECRET}@mail.example"}
    Submission.objects.create(**proposal, host="proposed.example", title=SECRET, state="waiting", decided_by=curator)
    Ownership.objects.create(feed=public[0])
    RemovedSource.objects.create(host="removed.example", reason="Casino spam")
    known = [*(post.url for post in posts), *(feed.url for feed in [*public, *private])]
    known += [f"/post/{post.pk}/" for post in posts] + [f"/source/{feed.slug}/" for feed in private]
    return [*known, "https://proposed.example/", "https://removed.example/post", "/admin/aggregator/entry/1/change/"]


MUTATIONS: list[Callable[[random.Random, str], str]] = [
    lambda _, url: url,
    lambda _, url: url.replace("https://", ""),
    lambda _, url: url.replace("https://", "http://www."),
    lambda _, url: f"{url}/",
    lambda _, url: url.rpartition("/")[0],
    lambda _, url: "/".join(url.split("/")[:3]),
    lambda draw, url: f"{url}?utm_source={draw.random()}",
    lambda draw, url: f"{url}?{draw.choice('abc')}={draw.random()}",
    lambda draw, url: f"{url}#{draw.random()}",
    lambda draw, url: f"{url}/{draw.choice(['feed', 'x', '..', '%2e', '2026'])}",
    lambda draw, url: url[: draw.randrange(1, len(url))],
    lambda draw, url: url.replace(draw.choice(url), quote(draw.choice(url), safe="")),
    lambda draw, url: url.upper() if draw.random() < 0.3 else f" <{url}>, ",
    lambda draw, url: f"/{draw.choice(['post', 'source', 'tag', 'author', 'owner'])}/{draw.randrange(60)}/",
    lambda draw, url: "".join(map(chr, draw.choices(range(1, 0x3000), k=draw.randrange(40)))),
]


def told(client: Client, url: str) -> tuple[str, str]:
    """The lead of an answer; and the page, without what was asked, which stands in the box."""
    answer = client.get("/why/", {"url": url})
    assert answer.status_code in {200, 400}
    html = answer.content.decode()
    lead = re.search(r'<h2 class="why-lead">(.*?)</h2>', html)
    page = re.sub(r' value="[^"]*"', "", html, count=1)
    headers = "".join(f"{name}: {value}\n" for name, value in answer.headers.items() if name != "Content-Length")
    return unescape(lead[1]) if lead else "", unescape(page) + headers


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.any_database
def test_a_thousand_drawn_addresses_tell_nothing_private(client: Client, addresses: list[str]) -> None:
    seed = random.randrange(2**32)
    draw = random.Random(seed)
    leads: Counter[str] = Counter()
    drawn = addresses + [draw.choice(MUTATIONS)(draw, draw.choice(addresses)) for _ in range(DRAWN - len(addresses))]
    for url in drawn:
        lead, page = told(client, url)
        leads[lead] += 1
        assert SECRET not in page.lower(), (seed, url)
    met = {cause for cause in Cause if leads[f"{cause.value}."]}
    never = {Cause.SHOWN, Cause.FOLDED, Cause.DOUBLED, Cause.SOURCES, Cause.SEVERAL}
    assert met >= {*Cause} - never, "each cause that tells of something private was asked for"
    assert met.isdisjoint(never)


def test_a_proposal_is_as_good_as_none(client: Client, addresses: list[str]) -> None:
    urls = ("https://proposed.example/", "https://proposed.example/quokka", "https://nobody.example/")
    assert len({told(client, url) for url in urls}) == 1


def test_a_feed_that_was_turned_down_unread_is_as_good_as_none(client: Client, addresses: list[str]) -> None:
    assert told(client, "https://never.example/feed.xml") == told(client, "https://nobody.example/feed.xml")


def test_of_our_numbers_all_that_show_nothing_are_told_alike(client: Client, addresses: list[str]) -> None:
    withheld = Entry.objects.filter(emptied_at=None).values_list("pk", flat=True)
    answers = {told(client, f"/post/{pk}/") for pk in [*withheld, 10**9]}
    assert [lead for lead, _ in answers] == ["No post is shown there."]


def test_the_same_is_said_to_a_curator(client: Client, admin_client: Client, addresses: list[str]) -> None:
    some = addresses[::5]
    assert [told(client, url) for url in some] == [told(admin_client, url) for url in some]
