"""The clock that all workers share: as good as the fastest answer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aggregator.polling.clock import EXACT_SECONDS, MAX_ANSWERS, database_clock
from tests.factories import NOW


class Database:
    """Tells its time, which goes by while it is asked: so long for the way there, and so long for the way back."""

    def __init__(self, *ways: tuple[float, float]) -> None:
        self.seconds, self.asked, self._ways = 0.0, 0, ways

    def tell(self) -> datetime:
        there, back = self._ways[min(self.asked, len(self._ways) - 1)]
        self.asked += 1
        self.seconds += there
        told = NOW + timedelta(seconds=self.seconds)
        self.seconds += back
        return told

    def error(self) -> float:
        clock = database_clock(self.tell, lambda: self.seconds)
        return abs((clock() - NOW).total_seconds() - self.seconds)


@pytest.mark.parametrize(
    ("ways", "asked"),
    [
        ([(0.001, 0.001)], 1),
        ([(0.0, 3.0), (0.5, 0.5), (0.01, 0.03)], 3),
        ([(2.0, 0.0), (0.0, 0.04)], 2),
    ],
)
def test_an_answer_that_took_long_is_asked_for_again(ways: list[tuple[float, float]], asked: int) -> None:
    database = Database(*ways)
    assert database.error() <= EXACT_SECONDS / 2
    assert database.asked == asked


def test_of_answers_that_all_take_long_the_fastest_counts() -> None:
    database = Database((0, 3), (0, 2), (0, 0.2), (0, 2))
    assert database.error() == pytest.approx(0.1)
    assert database.asked == MAX_ANSWERS


def test_it_goes_evenly() -> None:
    seconds = 100.0
    clock = database_clock(lambda: NOW, lambda: seconds)
    seconds += 60
    assert clock() == NOW + timedelta(seconds=60)
