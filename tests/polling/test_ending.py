"""A worker that is ended in the middle of a poll blames no feed for it."""

from __future__ import annotations

import subprocess
import sys

from tests.processes import ROOT

ENDING = """
import threading, time
from aggregator.ingest.types import FetchPolicy, Request
from aggregator.polling.fetching import Fetcher

answers = []

def ask_once_the_process_ends():
    threading.main_thread().join()
    fetcher.submit(1, Request(url="http://localhost/feed"))
    time.sleep(1)
    print(*answers, sep="", end="", flush=True)

fetcher = Fetcher(
    FetchPolicy(user_agent="Orrery"), concurrency=1, spacing_seconds=0, on_done=lambda _, answer: answers.append(answer)
)
fetcher.__enter__()
threading.Thread(target=ask_once_the_process_ends).start()
"""


def test_what_is_fetched_while_the_process_ends_is_no_answer() -> None:
    """Its names can't be looked up any more: Python gives out no threads then."""
    run = subprocess.run([sys.executable, "-c", ENDING], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == ""
