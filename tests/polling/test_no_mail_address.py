"""Mail addresses of authors: feeds carry them, nothing of ours keeps them."""

from __future__ import annotations

from hashlib import md5, sha1, sha256

import pytest

from aggregator.models import Author
from tests.keeping.sites import all_rows
from tests.polls import pending, poll_one
from tests.servers import Answer, FeedServer

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

MAIL = "ada@blog.example"


def test_mail_addresses_of_authors_are_in_no_row_nor_are_their_digests(feed_server: FeedServer) -> None:
    person = f"<author><name>Ada</name><email>{MAIL}</email><uri>mailto:{MAIL}</uri></author>"
    entry = f"<entry><title>A</title><id>urn:a</id><updated>2026-06-23T10:00:00Z</updated>{person}</entry>"
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>urn:f</id>{person}{entry}</feed>'
    item = f"<item><title>B</title><guid>b</guid><author>{MAIL} (Ada)</author></item>"
    rss = f"<rss version='2.0'><channel><title>B</title>{item}</channel></rss>"
    for path, text in (("/atom", atom), ("/rss", rss)):
        poll_one(pending(feed_server.add(path, Answer(text.encode()))))
    assert list(Author.objects.values_list("name", "url", "joining_key")) == [("Ada", "", "")] * 2
    rows = repr(all_rows())
    digests = [digest(MAIL.encode()).hexdigest()[:32] for digest in (sha256, sha1, md5)]
    assert [one for one in (MAIL, *digests) if one in rows] == []
