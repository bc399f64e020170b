"""How pages grow with the planet: `python -m tests.benchmarks.size [--feeds 3000] [--active 3000] [ENTRIES ...]`.

Without numbers, 5,000 and 500,000 entries. The rows are filled by SQL on whatever `DATABASE_URL` names, which must be
empty; SQLite in a temporary folder without it. Each line is a page: milliseconds on the wall with all entries (a
database server's work is not in our processor time), and the ratio to what it took with the fewest.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

from tests.benchmarks import site

site.start()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from aggregator.models import Entry, Feed  # noqa: E402
from aggregator.models.counting import refresh_counts  # noqa: E402
from tests.factories import NOW, make_category, make_entry, make_feed  # noqa: E402

PARAGRAPH = "<p>" + "A planet turns slowly, and a reader looks up now and then to see what is new. " * 6 + "</p>"
OF_NUMBER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', '{now}', '-' || (number * 5) || ' minutes')",
    "postgresql": "TIMESTAMPTZ '{now}+00' - number * INTERVAL '5 minutes'",
}
"""When the post of a number is shown: one every five minutes, number 0 the newest."""


def fill_feeds(count: int, active: int) -> None:
    """The first feed is alone in a category, the next ten share one, and all others a third; none has a post."""
    alone, ten, rest = (make_category(name) for name in ("Alone", "Ten", "Rest"))
    model = make_feed("Blog 0", category=alone)
    feeds = []
    for number in range(1, count):
        state = "active" if number < active else "paused"
        feed = Feed(title=f"Blog {number}", slug=f"blog-{number}", state=state, category=ten if number < 11 else rest)
        feed.point_to(f"https://blog{number}.example/feed")
        feed.next_poll_at = model.next_poll_at
        feeds.append(feed)
    Feed.objects.bulk_create(feeds)


def fill_entries(first: int, last: int) -> None:
    """Entries of these numbers, one feed's after the other's."""
    template = Entry.objects.order_by("pk").first() or make_entry(
        Feed.objects.earliest("pk"), content_html=PARAGRAPH * 3
    )
    ids = list(Feed.objects.order_by("pk").values_list("pk", flat=True))
    moment = OF_NUMBER[connection.vendor].format(now=f"{NOW:%Y-%m-%d %H:%M:%S}")
    special = {
        "feed_id": f"{ids[0]} + number % {len(ids)}",
        "guid": "'urn:post:' || number",
        "url": "'https://blog.example/' || number || '/'",
        "title": "'Post ' || number",
        "timeline_at": moment,
        "first_seen_at": moment,
        "published_at": moment,
        "announced_at": moment,
    }
    columns = [field.column for field in Entry._meta.concrete_fields if not field.primary_key]
    values = [special.get(column, f'template."{column}"') for column in columns]
    quoted = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(number) AS (SELECT {first} UNION ALL SELECT number + 1 FROM numbers "
            f"WHERE number + 1 < {last}) INSERT INTO aggregator_entry ({quoted}) SELECT {', '.join(values)} "
            f"FROM numbers, aggregator_entry AS template WHERE template.id = {template.pk}"
        )
        cursor.execute("ANALYZE")


def pages() -> dict[str, str]:
    newest = Entry.objects.listed().newest_first()
    deep = newest[min(400_000, newest.count() * 4 // 5)]
    of_ten = newest.filter(feed__category__name="Ten")
    deep_of_ten = of_ten[of_ten.count() * 4 // 5]
    day = deep.timeline_at
    return {
        "front page": reverse("front"),
        "category of 1 feed": reverse("category", args=["alone"]),
        "category of 10": reverse("category", args=["ten"]),
        "category of 10, deep": reverse("category", args=["ten"]) + f"?before={deep_of_ten.pk}",
        "category of the rest": reverse("category", args=["rest"]),
        "category of the rest, deep": reverse("category", args=[deep.feed.category.slug]) + f"?before={deep.pk}",
        "source": reverse("source", args=[deep.feed.slug]),
        "post": reverse("post", args=[deep.pk]),
        "day": reverse("day", args=[day.year, day.month, day.day]),
        "month": reverse("month", args=[day.year, day.month]),
        "sources": reverse("sources"),
        "Atom": reverse("atom"),
        "Atom of 1 feed": reverse("category_atom", args=["alone"]),
        "Atom of 10": reverse("category_atom", args=["ten"]),
        "Atom of the rest": reverse("category_atom", args=["rest"]),
    }


def seconds_of(address: str) -> float:
    client, samples = Client(), []
    for _ in range(7):
        before = time.perf_counter()
        assert client.get(address).status_code == 200, address
        samples.append(time.perf_counter() - before)
    return median(samples[2:])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("entries", nargs="*", type=int, default=[5_000, 500_000])
    parser.add_argument("--feeds", type=int, default=3_000)
    parser.add_argument("--active", type=int, default=3_000)
    options = parser.parse_args()
    fill_feeds(options.feeds, options.active)
    fewest: dict[str, float] = {}
    filled = 0
    for count in options.entries:
        fill_entries(filled, count)
        filled = count
        refresh_counts(Feed.objects.all())
        print(f"{count} entries of {options.feeds} feeds, {options.active} of them active")
        for name, address in pages().items():
            seconds = seconds_of(address)
            fewest.setdefault(name, seconds)
            print(f"  {name:<28} {seconds * 1000:8.1f} ms   {seconds / fewest[name]:5.2f}", flush=True)


main()
