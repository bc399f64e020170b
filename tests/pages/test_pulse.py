from __future__ import annotations

from datetime import date

import pytest

from aggregator.pages.pulse import HEIGHT_UNITS, month_keys, pulse_of

JUNE = date(2026, 6, 24)


def test_a_pulse_is_the_twelve_months_that_end_with_the_given_one() -> None:
    keys = month_keys(JUNE)
    assert (len(keys), keys[0], keys[-1]) == (12, "2025-07", "2026-06")


def test_older_months_do_not_count() -> None:
    assert pulse_of({"2025-06": 9, "2025-07": 2, "2026-06": 1}, JUNE).posts == 3


def test_the_busiest_month_has_a_full_bar() -> None:
    bars = pulse_of({"2026-05": 5, "2026-06": 10}, JUNE).bars
    assert (bars[-1].height, bars[-1].y, bars[-2].height) == (HEIGHT_UNITS, 0, HEIGHT_UNITS // 2)


def test_one_post_a_month_is_no_full_bar() -> None:
    assert pulse_of({"2026-06": 1}, JUNE).bars[-1].height == HEIGHT_UNITS // 4


def test_a_month_without_posts_is_a_hairline() -> None:
    assert {bar.height for bar in pulse_of({}, JUNE).bars} == {1}


def test_bars_stay_inside_of_the_drawing() -> None:
    pulse = pulse_of({key: number * 7 for number, key in enumerate(month_keys(JUNE))}, JUNE)
    assert all(bar.x + bar.width <= pulse.width and bar.y + bar.height == pulse.height for bar in pulse.bars)


def test_all_bars_are_one_path() -> None:
    bars = pulse_of({"2026-06": 1, "2025-07": 4}, JUNE).path.split("M")[1:]
    assert (len(bars), bars[0], bars[-1]) == (12, "0 0h4v16h-4z", "66 12h4v4h-4z")


@pytest.mark.parametrize(
    ("posts", "words"), [(0, "none in the last year"), (7, "7 in the last year"), (31, "about 3 a month")]
)
def test_the_rate_is_said_in_words(posts: int, words: str) -> None:
    assert pulse_of({"2026-06": posts}, JUNE).rate == words
