"""A site whose every text is a payload: its feeds are served and polled, its pages kept as the bytes that Django gave.

A browser gets these bytes, with their headers, from a loopback server: the database is long done then.
"""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client, override_settings
from django.urls import reverse

from aggregator.models import Entry, Feed

from .curators import ENTRY, FEED, FEEDS, log_in
from .factories import NOW
from .polls import outcomes_of
from .servers import Answer, FeedServer

HOSTS = 128
DATE = "Wed, 24 Jun 2026 11:00:00 GMT"
SOUND = "A sound post"
_STATIC = re.compile(r"""(?:href|src)=["'](/static/[^"'?#]+)""")


@dataclass(slots=True)
class HostileSite:
    """`pages` by path; all posts are on those of `whole`, one blog or one post on each of `single` and `admin`."""

    pages: dict[str, Answer] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)
    single: list[str] = field(default_factory=list)
    admin: list[str] = field(default_factory=list)
    stored: int = 0

    def keep(self, client: Client, path: str, kind: list[str]) -> None:
        response = client.get(path)
        assert response.status_code == 200, path
        kind.append(path)
        self.pages[path] = Answer(response.content, headers=dict(response.headers))
        for found in _STATIC.findall(response.content.decode()):
            self.pages.setdefault(found, static_file(found))


def static_file(path: str) -> Answer:
    found = finders.find(path.removeprefix("/static/"))
    assert found, path
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Answer(Path(str(found)).read_bytes(), headers={"Content-Type": kind, "Cache-Control": "max-age=3600"})


def make_site(payloads: Sequence[str]) -> HostileSite:
    """One blog for each payload, polled, and the pages that show it all. Needs a database; leaves its rows there."""
    with ExitStack() as stack:
        servers = [stack.enter_context(FeedServer(f"127.0.5.{number}")) for number in range(1, HOSTS + 1)]
        stack.enter_context(
            override_settings(
                FRONT_PAGE_ENTRIES=3 * len(payloads), FRONT_PAGE_ENTRIES_PER_FEED=3, FOLD_DUPLICATES=False
            )
        )
        for number, payload in enumerate(payloads):
            add_feed(servers[number % HOSTS].add(f"/{number}", document(number, payload)), number)
        outcomes = outcomes_of(Feed.objects.all(), clock=lambda: NOW)
        assert [outcome.error for outcome in outcomes if outcome.error] == []
        return pages_of_all()


def add_feed(url: str, number: int) -> None:
    feed = Feed(slug=f"blog-{number}", state=Feed.State.PENDING, next_poll_at=NOW)
    feed.point_to(url)
    feed.save()


def document(number: int, payload: str) -> Answer:
    """The blog's feed: RSS, or JSON Feed for every fifth."""
    if number % 5 == 4:
        return Answer(
            json.dumps(json_feed(number, payload)).encode(), headers={"Content-Type": "application/feed+json"}
        )
    return Answer(rss(number, payload).encode(), headers={"Content-Type": "application/rss+xml"})


def rss(number: int, payload: str) -> str:
    text = escape(payload)
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{text}</title><link>{text}</link><description>{text}</description><language>{text}</language>"
        f"<item><title>{text}</title><link>{text}</link><guid isPermaLink='true'>{text}</guid><author>{text}</author>"
        f"<category>{text}</category><source url='{text}'>{text}</source><pubDate>{DATE}</pubDate>"
        f"<description>before {text} after</description></item>"
        f"<item><title>{SOUND}</title><link>https://blog{number}.example/sound</link><guid>sound {number}</guid>"
        f"<pubDate>{DATE}</pubDate><description>{SOUND} of {number}.</description></item></channel></rss>"
    )


def json_feed(number: int, payload: str) -> Mapping[str, object]:
    names = ("title", "url", "id", "summary", "language", "external_url", "content_html")
    item = {**dict.fromkeys(names, payload), "authors": [{"name": payload, "url": payload}], "tags": [payload]}
    date = "2026-06-24T11:00:00Z"
    sound = {
        "id": f"sound {number}",
        "title": SOUND,
        "url": f"https://blog{number}.example/sound",
        "content_text": SOUND,
    }
    return {
        "version": "https://jsonfeed.org/version/1.1",
        **dict.fromkeys(("title", "home_page_url", "feed_url", "description", "language"), payload),
        "items": [{**item, "date_published": date}, {**sound, "date_published": date}],
    }


def pages_of_all() -> HostileSite:
    site = HostileSite(stored=Entry.objects.count())
    anyone, curator = Client(), log_in()
    site.keep(anyone, "/", site.whole)
    site.keep(anyone, "/sources/", site.single)
    site.keep(anyone, "/archive/2026/06/24/", site.single)  # the first of that day's pages
    attacks = Entry.objects.exclude(title=SOUND).select_related("feed").order_by("feed_id")
    # Only of every third blog, and of its three pages one: all would take a browser minutes, and they are made alike.
    for entry in attacks[0::9]:
        site.keep(anyone, entry.feed.get_absolute_url(), site.single)
    for entry in attacks[3::9]:
        site.keep(anyone, entry.get_absolute_url(), site.single)
    for entry in attacks[6::9]:
        site.keep(curator, reverse(ENTRY, args=[entry.pk]), site.admin)
    site.keep(curator, reverse(FEEDS), site.admin)
    site.keep(curator, reverse(FEED, args=[Feed.objects.order_by("pk")[0].pk]), site.admin)
    return site
