"""Hours and days without polls, as RSS feeds ask for them."""

from __future__ import annotations

import time

import pytest

from aggregator.ingest.parse import parse
from aggregator.ingest.skips import skips_of


def hours(*numbers: object) -> str:
    return "<skipHours>" + "".join(f"<hour>{number}</hour>" for number in numbers) + "</skipHours>"


def days(*names: str) -> str:
    return "<skipDays>" + "\n".join(f"<day> {name} </day>" for name in names) + "</skipDays>"


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (hours(3, 4, 22), ((3, 4, 22), ())),
        (hours(24, "05", 1), ((0, 1, 5), ())),
        (hours(25, 99, "x", -1, ""), ((), ())),
        (hours(3, 3), ((3,), ())),
        (days("Sunday", "saturday"), ((), (5, 6))),
        (days("Caturday", "Sonntag"), ((), ())),
        (days("Sun", "Sat.", "<![CDATA[Monday]]>"), ((), (0, 5, 6))),
        (hours("<![CDATA[3]]>", "04:00", "05:30"), ((3, 4), ())),
        (hours(1) + days("Monday"), ((1,), (0,))),
        ("<SkipHours>\n<Hour>7</Hour>\n</SkipHours>", ((7,), ())),
        (f"<!-- {hours(1)} -->", ((), ())),
        (f"<description><![CDATA[{hours(1)}]]></description>{hours(2)}", ((2,), ())),
        ("<skipHours/>", ((), ())),
        ("", ((), ())),
    ],
)
def test_hours_and_days_are_read(frame: str, expected: object) -> None:
    assert skips_of(frame) == expected


@pytest.mark.parametrize("is_first", [True, False])
def test_they_may_stand_before_the_items_or_after(is_first: bool) -> None:
    item = f"<item><title>Sun</title><description>&lt;p>{hours(9)}</description></item>"
    inner = hours(1) + item if is_first else item + hours(1)
    feed = parse(f"<rss><channel><title>Solar</title>{inner}</channel></rss>", "https://sun.example/", "")
    assert (feed.skip_hours, len(feed.items)) == ((1,), 1)


def test_a_feed_without_them_may_be_read_at_any_time() -> None:
    feed = parse("<feed><title>Solar</title><entry><id>1</id></entry></feed>", "https://sun.example/", "")
    assert (feed.skip_hours, feed.skip_days) == ((), ())


@pytest.mark.parametrize("piece", ["<skipHours>", "<skipHours><hour>", "<skipDays", "<hour>  ", "<!--", "<day>a"])
def test_hostile_lists_cost_no_time(piece: str) -> None:
    began = time.process_time()
    skips_of("<skipHours>" + piece * 50_000)
    assert time.process_time() - began < 1
