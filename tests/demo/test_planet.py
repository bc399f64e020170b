"""The demo's planet carries what its members write; the site shows each of these posts once, under its member."""

from __future__ import annotations

import pytest

from aggregator.demo.formats import MEDIA_TYPES, feed_bytes
from aggregator.demo.library import Blog
from aggregator.ingest.types import Response
from aggregator.models import Entry, Feed
from aggregator.polling.bodies import read
from aggregator.polling.read_job import ReadJob
from tests.factories import make_feed
from tests.stores import lease, store_document

from .editions import EPOCH, blog_named, edition

pytestmark = pytest.mark.django_db
PLANET = blog_named("planet-north")
MEMBERS = [blog_named(slug) for slug in PLANET.carries]


def poll(blog: Blog) -> None:
    one = edition(blog)
    feed = make_feed(blog.title, url=one.feed_url, site_url="", state=Feed.State.PENDING, last_ok_at=None)
    job = ReadJob(body=feed_bytes(one), url=one.feed_url, content_type=MEDIA_TYPES[blog.format], now=EPOCH)
    store_document(lease(feed), Response(url=one.feed_url, status=200), read(job), now=EPOCH)


@pytest.mark.parametrize("order", [[PLANET, *MEMBERS], [*MEMBERS, PLANET], [MEMBERS[0], PLANET, *MEMBERS[1:]]])
def test_the_planets_copies_fold_into_its_members_posts(order: list[Blog]) -> None:
    for blog in order:
        poll(blog)
    copies = Entry.objects.filter(feed__title=PLANET.title, duplicate_of__isnull=False)
    members = {blog.title for blog in MEMBERS}
    assert set(copies.values_list("duplicate_of__feed__title", flat=True)) == members
    links = list(Entry.objects.listed().values_list("url", flat=True))
    assert len(links) == len(set(links))
    assert not Entry.objects.filter(feed__title__in=members, duplicate_of__isnull=False).exists()
