"""What a front page of 60 entries costs: `python -m tests.benchmarks.front_page`."""

from __future__ import annotations

import gzip

from tests.benchmarks import site

site.start()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from aggregator.models.counting import refresh_counts  # noqa: E402
from tests.factories import make_category, make_entry, make_feed  # noqa: E402


def fill(feeds: int = 40, entries: int = 50) -> None:
    categories = [make_category() for _ in range(3)]
    for number in range(feeds):
        feed = make_feed(category=categories[number % 3])
        for age in range(entries):
            make_entry(feed, days_ago=age + number / feeds, content_html=site.PARAGRAPH * 10)
        refresh_counts([feed])


def main() -> None:
    fill()
    client = Client()
    page = client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    count = len(queries)  # counted now: the next request empties the log
    full = site.cpu_of(lambda: client.get("/"), times=15)
    etag = page.headers["ETag"]
    unchanged = site.cpu_of(lambda: client.get("/", headers={"If-None-Match": etag}), times=15)
    size, packed = len(page.content), len(gzip.compress(page.content, 6))
    print(f"front page   {page.content.count(b'<article')} entries, {count} queries, {full * 1000:.1f} ms of CPU")
    print(f"             {size / 1024:.0f} KB, {packed / 1024:.0f} KB gzipped")
    print(f"304          {unchanged * 1000:.1f} ms of CPU, {unchanged / full:.2f} of a full page")


main()
