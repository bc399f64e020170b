"""A flood of refusals is two lines of the log a minute at most, in each process."""

from __future__ import annotations

from collections.abc import Callable

from aggregator.limiting.refusals import TOLD_EVERY_SECONDS, Refusals


class Log:
    """Lines that were written, and what is to be called in a minute."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._waiting: list[Callable[[], None]] = []
        self.refusals = Refusals("logins", self.lines.append, self._later)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        assert seconds == TOLD_EVERY_SECONDS
        self._waiting.append(call)

    def let_a_minute_pass(self) -> None:
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()


def test_the_first_is_a_line_and_then_their_count_is_one_each_minute() -> None:
    log = Log()
    for minute in (["a"], ["b"] * 50, ["c"] * 2, []):
        for whom in minute:
            log.refusals.note(f"from {whom}")
        log.let_a_minute_pass()
    assert log.lines == [
        "refused: logins from a; what follows is counted, and told once a minute",
        "refused: logins from b; what follows is counted, and told once a minute",
        "refused in the last minute: 49 of logins, the latest from b",
        "refused in the last minute: 2 of logins, the latest from c",
    ]


def test_after_a_quiet_minute_the_next_is_the_first_again() -> None:
    log = Log()
    log.refusals.note("from a")
    for _ in range(3):
        log.let_a_minute_pass()
    log.refusals.note("from b")
    assert [line.split(":")[0] for line in log.lines] == ["refused"] * 2
    assert "from b;" in log.lines[-1]
