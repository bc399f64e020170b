"""How pages grow with the planet: `python -m tests.benchmarks.size [--feeds 3000] [--active 3000] [ENTRIES ...]`.

Without numbers, 5,000 and 500,000 entries. The rows are filled by SQL on whatever `DATABASE_URL` names, which must be
empty, and of which a copy is kept for each number; SQLite in a temporary folder without it. All copies are measured in
turns. Each line is a page: milliseconds with so many entries, the ratio to what it took with the fewest, kilobytes, and
for a deep page the ratio to the first of its kind (of categories, which begin with fewer posts of each blog, to their
second one). It is the least of ten rounds, as what else the machine does only adds to it; processor time, PostgreSQL's
for us included if its server is on this machine, else on the wall. `--active 12` is a site whose other feeds are
paused; `--feeds 300` beside `--feeds 3000` shows what grows with the number of feeds.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import site

site.start()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from aggregator.models import Entry, EntryQuerySet, Feed  # noqa: E402
from aggregator.models.counting import refresh_counts  # noqa: E402
from aggregator.pages import blogroll  # noqa: E402
from aggregator.pages.paging import PAGE_ENTRIES  # noqa: E402
from tests.benchmarks.side_by_side import drop, keep_copy, use  # noqa: E402
from tests.factories import NOW, make_category, make_entry, make_feed  # noqa: E402

ROUNDS = 9
OF_NUMBER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', '{now}', '-' || (number * 5) || ' minutes')",
    "postgresql": "TIMESTAMPTZ '{now}+00' - number * INTERVAL '5 minutes'",
}
"""When the post of a number is shown: one every five minutes, number 0 the newest."""
FEED_OF_NUMBER = (
    "CASE WHEN number % 50 = 0 THEN 0 WHEN number % 10 = 1 THEN 1 + number / 10 % 10 ELSE 11 + number % {rest} END"
)
"""Which feed has the post of a number: of a hundred posts the one that is alone has two, ten have ten, others the rest.

So the small categories have full pages, however few posts there are.
"""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FEEDS = {"Atom": "atom", "RSS": "rss", "JSON Feed": "json_feed"}


def fill_feeds(count: int, active: int) -> None:
    """The first feed is alone in a category, the next ten share one, and all others a third; none has a post."""
    alone, ten, rest = (make_category(name) for name in ("Alone", "Ten", "Rest"))
    model = make_feed("Blog 0", category=alone)
    feeds = []
    for number in range(1, count):
        state = "active" if number < active else "paused"
        feed = Feed(
            title=f"{LETTERS[number % 26]} blog {number}",
            slug=f"blog-{number}",
            state=state,
            category=ten if number < 11 else rest,
        )
        feed.point_to(f"https://blog{number}.example/feed")
        feed.next_poll_at = model.next_poll_at
        feeds.append(feed)
    Feed.objects.bulk_create(feeds)


def fill_entries(first: int, last: int) -> None:
    """Entries of these numbers, one feed's after the other's."""
    template = Entry.objects.order_by("pk").first() or make_entry(
        Feed.objects.earliest("pk"), content_html=site.PARAGRAPH * 3
    )
    ids = list(Feed.objects.order_by("pk").values_list("pk", flat=True))
    moment = OF_NUMBER[connection.vendor].format(now=f"{NOW:%Y-%m-%d %H:%M:%S}")
    special = {
        "feed_id": f"{ids[0]} + {FEED_OF_NUMBER.format(rest=len(ids) - 11)}",
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
        if connection.vendor == "postgresql":  # as its autovacuum does; on SQLite nobody does
            cursor.execute("ANALYZE")


def pages() -> dict[str, str]:
    """An address of each kind; a deep page comes after its first, and has its name with "deep" behind it."""
    newest = Entry.objects.listed().newest_first()
    deep = newest[min(400_000, newest.count() * 4 // 5)]
    of_source = newest.filter(feed__category__name="Alone")
    blog = of_source[0].feed
    of_ten = newest.filter(feed__category__name="Ten")
    of_day = newest.filter(timeline_at__date=deep.timeline_at.date())
    day = [deep.timeline_at.year, deep.timeline_at.month, deep.timeline_at.day]
    last = (Feed.objects.public().count() - 1) // blogroll.PAGE_SOURCES + 1
    return {
        "front page": reverse("front"),
        "category of 1 feed": reverse("category", args=["alone"]),
        "category of 10": reverse("category", args=["ten"]),
        "category of 10, older": reverse("category", args=["ten"]) + f"?before={of_ten[0].pk}",
        "category of 10, deep": reverse("category", args=["ten"]) + f"?before={deep_in(of_ten).pk}",
        "category of the rest": reverse("category", args=["rest"]),
        "category of the rest, older": reverse("category", args=["rest"]) + f"?before={in_rest(newest[0]).pk}",
        "category of the rest, deep": reverse("category", args=["rest"]) + f"?before={in_rest(deep).pk}",
        "source": reverse("source", args=[blog.slug]),
        "source, deep": reverse("source", args=[blog.slug]) + f"?before={deep_in(of_source).pk}",
        "post": reverse("post", args=[deep.pk]),
        "day": reverse("day", args=day),
        "day, deep": reverse("day", args=day) + f"?before={of_day[PAGE_ENTRIES - 1].pk}",
        "month": reverse("month", args=day[:2]),
        "sources": reverse("sources"),
        "sources, deep": reverse("sources", args=[last] if last > 1 else []),
        "sources in a category": reverse("sources_in", args=["rest"]),
        "sources under a letter": reverse("sources_under", args=["Q"]),
        "about": reverse("about"),
        **{f"{name} {whose}": address for name, route in FEEDS.items() for whose, address in feeds(route, blog)},
        "OPML of 10": reverse("category_opml", args=["ten"]),
    }


def feeds(route: str, blog: Feed) -> Iterator[tuple[str, str]]:
    yield "of all", reverse(route)
    for slug in ("alone", "ten", "rest"):
        yield f"of {slug}", reverse(f"category_{route}", args=[slug])
    yield "of a source", reverse(f"source_{route}", args=[blog.slug])


def deep_in(entries: EntryQuerySet) -> Entry:
    """At four fifths of the way down, but with a full page below."""
    count = entries.count()
    return entries[max(0, min(count * 4 // 5, count - PAGE_ENTRIES - 2))]


def in_rest(entry: Entry) -> Entry:
    """The next older post that isn't one of the small categories'."""
    rest = Entry.objects.listed().older_than(entry).newest_first().filter(feed__category__name="Rest")
    return rest[0]


def seconds_of_work() -> float:
    """Of processor time, so far: ours, and that of PostgreSQL's process for us; on the wall if that is far away."""
    if connection.vendor == "sqlite":
        return time.process_time()
    connection.ensure_connection()
    server = Path("/proc", str(connection.connection.info.backend_pid))
    if not server.is_dir() or (server / "comm").read_text().strip() != "postgres":
        return time.perf_counter()
    return time.process_time() + int((server / "schedstat").read_text().split()[0]) / 1e9


def measure(
    sites: dict[int, tuple[str, dict[str, str]]], client: Client | None = None
) -> dict[int, dict[str, tuple[float, int]]]:
    """The seconds and the bytes of each page of each site, by how many entries that has. All take turns.

    A client who is logged in must have been so before the copies were made.
    """
    client = client or Client()
    samples: dict[tuple[int, str], list[float]] = defaultdict(list)
    sizes: dict[tuple[int, str], int] = {}
    for _ in range(ROUNDS + 1):
        for count, (database, addresses) in sites.items():
            use(database)
            client.get(reverse("about"))  # connects
            for name, address in addresses.items():
                before = seconds_of_work()
                answer = client.get(address)
                samples[count, name].append(seconds_of_work() - before)
                assert answer.status_code == 200, address
                sizes[count, name] = len(answer.content)
    return {
        count: {name: (min(samples[count, name][1:]), sizes[count, name]) for name in addresses}
        for count, (_, addresses) in sites.items()
    }


def show(taken: dict[str, tuple[float, int]], fewest: dict[str, tuple[float, int]]) -> None:
    for name, (seconds, size) in taken.items():
        kind = name.removesuffix(", deep")
        first = f"{kind}, older" if f"{kind}, older" in taken else kind
        deep = f"   {seconds / taken[first][0]:5.2f} of the first" if kind != name else ""
        ratio = seconds / fewest[name][0]
        print(f"  {name:<28} {seconds * 1000:8.1f} ms {ratio:6.2f} {size / 1000:8.0f} kB{deep}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("entries", nargs="*", type=int, default=[5_000, 500_000])
    parser.add_argument("--feeds", type=int, default=3_000)
    parser.add_argument("--active", type=int, default=3_000)
    options = parser.parse_args()
    fill_feeds(options.feeds, options.active)
    whole = str(connection.settings_dict["NAME"])
    sites: dict[int, tuple[str, dict[str, str]]] = {}
    filled = 0
    for count in options.entries:
        fill_entries(filled, count)
        filled = count
        refresh_counts(Feed.objects.all())
        sites[count] = keep_copy(count), pages()
    taken = measure(sites)
    use(whole)
    for count, (database, _) in sites.items():
        drop(database)
        print(f"{count} entries of {options.feeds} feeds, {options.active} of them active")
        show(taken[count], taken[min(sites)])


if __name__ == "__main__":
    main()
