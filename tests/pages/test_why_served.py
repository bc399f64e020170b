"""Questions for an address at the real web server: a flood of slow ones leaves pages alone."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from aggregator.pages import in_turn, why
from aggregator.whereabouts.answer import Answer
from aggregator.whereabouts.causes import Cause
from tests.factories import make_entry
from tests.pages.test_search_served import Served
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.stop()


def test_a_flood_of_questions_leaves_threads_for_pages(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    make_entry(title="Trains")
    goes_on, answering = threading.Event(), threading.Semaphore(0)

    def slow(_: object) -> Answer:
        answering.release()
        assert goes_on.wait(PATIENCE_SECONDS)
        return Answer(Cause.UNKNOWN)

    monkeypatch.setattr(why, "answer", slow)
    with ThreadPoolExecutor(in_turn.AT_ONCE) as pool:
        slow_ones = [pool.submit(served.ask, "/why/?url=a.example") for _ in range(in_turn.AT_ONCE)]
        for _ in slow_ones:
            assert answering.acquire(timeout=PATIENCE_SECONDS)
        # None of these would come back before the slow ones, if it had to wait for them.
        flood = [served.ask(f"/why/?url=b.example/{number}") for number in range(40)]
        pages = [served.ask(path) for path in ("/", "/about/", "/why/", "/search/?q=trains", "/nothing/") * 4]
        goes_on.set()
        answers = [one.result() for one in slow_ones]
    assert {(status, headers["Retry-After"]) for status, headers, _ in flood} == {(503, "2")}
    assert Counter(status for status, _, _ in pages) == {200: 16, 404: 4}
    assert [status for status, _, _ in answers] == [200] * len(answers)
    assert served.ask("/why/?url=a.example")[0] == 200, "their turns are free again"
