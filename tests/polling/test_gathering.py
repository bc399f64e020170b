"""Things that wait for each other, but not for long."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aggregator.polling.gathering import Gathering


class Done(list[list[str]]):
    def gather(self, *, most: int = 3, wait_seconds: float = math.inf) -> Gathering[str]:
        return Gathering(lambda things: self.append([*things]), most=most, wait_seconds=wait_seconds)


def test_as_many_as_wanted_are_done_together_and_the_next_ones_begin_anew() -> None:
    done = Done()
    gathering = done.gather()
    for name in "abcd":
        gathering.add(name)
        gathering.do_if_due()
    assert (done, len(gathering)) == ([["a", "b", "c"]], 1)


def test_what_weighs_much_waits_for_no_other() -> None:
    done = Done()
    gathering = done.gather()
    gathering.add("large", weight=3)
    gathering.do_if_due()
    assert done == [["large"]]


def test_after_its_time_one_is_done_alone() -> None:
    done = Done()
    gathering = done.gather(wait_seconds=0)
    assert gathering.seconds_left == math.inf
    gathering.add("a")
    assert gathering.seconds_left == 0
    gathering.do_if_due()
    assert (done, gathering.seconds_left) == ([["a"]], math.inf)


def test_before_its_time_it_is_done_only_when_asked_for() -> None:
    done = Done()
    gathering = done.gather(wait_seconds=1000)
    gathering.add("a")
    gathering.do_if_due()
    assert (done, 900 < gathering.seconds_left <= 1000) == ([], True)
    gathering.do_now()
    assert done == [["a"]]


def test_nothing_is_never_done() -> None:
    done = Done()
    done.gather(wait_seconds=0).do_now()
    assert done == []


def test_what_comes_while_things_are_done_waits_for_the_next_time() -> None:
    rounds: list[list[str]] = []

    def do(things: Sequence[str]) -> None:
        rounds.append([*things])
        if len(rounds) == 1:
            gathering.add("later")

    gathering: Gathering[str] = Gathering(do, most=1, wait_seconds=math.inf)
    gathering.add("a")
    gathering.do_if_due()
    assert (rounds, len(gathering)) == ([["a"]], 1)
