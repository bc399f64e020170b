"""How the curators' pages grow with the planet: `python -m tests.benchmarks.desk [--feeds 3000] [ENTRIES ...]`.

Without numbers, 5,000 and 500,000 entries; with as many deliveries as entries, a tenth as many notices, and a fiftieth
as many lines in the log of what was done at the desk. One entry of twenty each is hidden, held, dropped, folded, or
chosen; all can be searched, for invented words. As `size` measures the public pages, whose means these are: rows are
filled by SQL, all sizes are measured in turns, each line is a page, with the processor time that it takes (the least),
and the ratio to what it took with the fewest entries. `5000 --feeds 300` beside `5000 --feeds 3000` shows what grows
with the number of feeds.
"""

from __future__ import annotations

import argparse

from tests.benchmarks import site

site.start()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from aggregator.models import Entry, Feed  # noqa: E402
from aggregator.models.counting import refresh_counts  # noqa: E402
from aggregator.models.standing import Standing  # noqa: E402
from notifications.models import Delivery, Notice  # noqa: E402
from tests.benchmarks.search_rows import fill_texts, word_of  # noqa: E402
from tests.benchmarks.side_by_side import drop, keep_copy, use  # noqa: E402
from tests.benchmarks.size import fill_entries, fill_feeds, measure, show  # noqa: E402

MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || (number / 2) || ' minutes')",
    "postgresql": "now() - number * INTERVAL '30 seconds'",
}
"""When a delivery was written: two a minute, number 0 the last one."""
ASIDE = {3: "is_hidden", 5: "is_held", 7: "is_filtered", 11: "is_original"}
"""Which of twenty entries isn't plainly shown; the ninth is folded into the one before."""
COMMON, RARE = word_of(25), word_of(49_000)
"""In a half of all entries, and in one of 3,000."""


def set_aside() -> None:
    true = "1" if connection.vendor == "sqlite" else "TRUE"
    with connection.cursor() as cursor:
        for rest, column in ASIDE.items():
            cursor.execute(f"UPDATE aggregator_entry SET {column} = {true} WHERE id % 20 = {rest}")
        cursor.execute("UPDATE aggregator_entry SET duplicate_of_id = id - 1 WHERE id % 20 = 9")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
    Feed.objects.filter(pk__in=Feed.objects.order_by("pk").values("pk")[5:25]).update(failure_count=3, last_error="No.")


def fill_log(first: int, last: int, user: User) -> None:
    """Notices, deliveries and lines of the desk's log with numbers of this range."""
    numbers = (
        f"WITH RECURSIVE numbers(number) AS (SELECT {first} UNION ALL SELECT number + 1 FROM numbers "
        f"WHERE number + 1 < {last})"
    )
    moment = MOMENT[connection.vendor]
    notice = Notice.objects.order_by("pk").first()
    base = notice.pk if notice else 1
    notices = (
        f"INSERT INTO notifications_notice (id, title, body, entry_count, topic, created_at, expires_at, "
        f"summed_count, summed_accepted_count) SELECT {base} + number, 'Notice ' || number, '', 1, '', {moment}, "
        f"{moment}, 0, 0 FROM numbers WHERE number % 10 = 0"
    )
    deliveries = (
        f"INSERT INTO notifications_delivery (notice_id, device_name, service, state, attempts, next_at, reason, "
        f"created_at, finished_at) SELECT {base} + number - number % 10, 'Laptop', 'push.example', CASE number % 100 "
        f"WHEN 3 THEN 'failed' WHEN 5 THEN 'gone' WHEN 7 THEN 'expired' WHEN 9 THEN 'suppressed' WHEN 11 THEN 'retry' "
        f"ELSE 'accepted' END, 1, {moment}, '', {moment}, {moment} FROM numbers"
    )
    done = (
        f"INSERT INTO django_admin_log (action_time, user_id, content_type_id, object_id, object_repr, action_flag, "
        f"change_message) SELECT {moment}, {user.pk}, {ContentType.objects.get_for_model(Feed).pk}, '1', 'Blog 0', 2, "
        f"'' FROM numbers WHERE number % 50 = 0"
    )
    with connection.cursor() as cursor:
        for statement in (notices, deliveries, done):
            cursor.execute(f"{numbers} {statement}")


def pages() -> dict[str, str]:
    """An address of each kind."""
    entries, feeds, log = (
        reverse(f"admin:{name}_changelist")
        for name in ("aggregator_entry", "aggregator_feed", "notifications_delivery")
    )
    notices = reverse("admin:notifications_notice_changelist")
    newest = Entry.objects.newest_first()
    count = newest.count()
    deep = newest[count * 3 // 5]
    place = f"{deep.timeline_at}~{deep.pk}".replace("+", "%2B")
    blog = Feed.objects.earliest("pk")
    delivery = Delivery.objects.order_by("-pk")[Delivery.objects.count() * 4 // 5]
    return {
        "first page": reverse("admin:index"),
        "entries": entries,
        "entries, older": f"{entries}?after={place}",
        "entries, newer": f"{entries}?up_to={place}",
        "entries, oldest first": f"{entries}?o=oldest",
        "entries up to a day": f"{entries}?until={deep.timeline_at:%Y-%m-%d}",
        "entries of a feed": f"{entries}?feed__id__exact={blog.pk}",
        "entries of a feed by name": f"{entries}?feed=Blog%200",
        "feeds that are called so": f"{entries}?feed=blog",
        **{f"entries, {standing}": f"{entries}?standing={standing}" for standing in Standing.values},
        **{
            f"{standing} of a feed": f"{entries}?standing={standing}&feed__id__exact={blog.pk}"
            for standing in ("shown", "held")
        },
        "held, older": f"{entries}?standing=held&after={place}",
        "held up to a day": f"{entries}?standing=held&until={deep.timeline_at:%Y-%m-%d}",
        "search for a common word": f"{entries}?q={COMMON}",
        "search for a rare word": f"{entries}?q={RARE}",
        "search that finds nothing": f"{entries}?q=nowhere",
        "nothing among held": f"{entries}?q=nowhere&standing=held",
        "common word among held": f"{entries}?q={COMMON}&standing=held",
        "page of an entry": reverse("admin:aggregator_entry_change", args=[deep.pk]),
        "feeds": feeds,
        "feeds, last page": f"{feeds}?p={(Feed.objects.count() - 1) // 50 + 1}",
        "feeds by title": f"{feeds}?order=title",
        "feeds that posted last": f"{feeds}?order=posted",
        "feeds not read for longest": f"{feeds}?order=unread",
        "failing feeds": f"{feeds}?health=failing",
        "feeds of a category": f"{feeds}?category__id__exact={blog.category_id}",
        "feeds searched": f"{feeds}?q=blog%2012",
        "page of a feed": reverse("admin:aggregator_feed_change", args=[blog.pk]),
        "deleting a feed": reverse("admin:aggregator_feed_delete", args=[blog.pk]),
        "history of a feed": reverse("admin:aggregator_feed_history", args=[blog.pk]),
        "categories": reverse("admin:aggregator_category_changelist"),
        "deleting an account": reverse("admin:auth_user_delete", args=[User.objects.get().pk]),
        "deliveries": log,
        "deliveries, older": f"{log}?after={delivery.pk}",
        "deliveries, newer": f"{log}?up_to={delivery.pk}",
        **{f"deliveries, {state}": f"{log}?state={state}" for state in ("retry", "accepted", "failed")},
        "deliveries searched": f"{log}?q=nowhere",
        "sums of deliveries": reverse("admin:notifications_delivery_sums"),
        "notices": notices,
        "notices, older": f"{notices}?after={Notice.objects.order_by('-pk')[Notice.objects.count() // 2].pk}",
        "notices searched": f"{notices}?q=nowhere",
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("entries", nargs="*", type=int, default=[5_000, 500_000])
    parser.add_argument("--feeds", type=int, default=3_000)
    options = parser.parse_args()
    fill_feeds(options.feeds, options.feeds)
    user = User.objects.create_superuser("curator", password="secret")
    client = Client()
    client.force_login(user)
    whole = str(connection.settings_dict["NAME"])
    sites: dict[int, tuple[str, dict[str, str]]] = {}
    filled = 0
    for count in options.entries:
        fill_entries(filled, count)
        fill_log(filled, count, user)
        set_aside()
        fill_texts()
        filled = count
        refresh_counts(Feed.objects.all())
        sites[count] = keep_copy(count), pages()
    taken = measure(sites, client)
    use(whole)
    for count, (database, _) in sites.items():
        drop(database)
        print(f"{count} entries of {options.feeds} feeds, and as many deliveries")
        show(taken[count], taken[min(sites)])


if __name__ == "__main__":
    main()
