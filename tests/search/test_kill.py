"""kill -9 between entries and their words, and their commit: what is there is found, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from aggregator.models import Entry, EntryText, SearchState
from aggregator.search.checking import faults_of_index, wrong_entries
from aggregator.search.terms import VERSION
from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT, site_variables
from tests.stores import new_feed

KILLS = int(os.environ.get("SEARCH_KILLS", "20"))
"""Two hundred by hand."""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_who_is_killed_while_storing_leaves_no_entry_that_is_not_found() -> None:
    new_feed()
    new_feed()
    SearchState.objects.create(pk=1, version=VERSION, is_done=True)
    variables = site_variables() | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.search.killed"]
    killed = 0
    with subprocess.Popen(
        command, cwd=ROOT, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout

        def run(moment: int) -> str:
            print(moment, file=process.stdin, flush=True)
            return process.stdout.readline().strip()

        run(0)
        statements = int(run(0))
        assert Entry.objects.count() == 12
        while killed < KILLS:
            said = run(1 + (killed * 7 + 3) % statements)
            killed += said == "killed"
            if said != "killed":
                statements = int(said) - 1  # once a feed has many posts, a few less
            assert (faults_of_index(), list(wrong_entries(lambda *_: None))) == ("", [])
            assert EntryText.objects.count() == Entry.objects.count()
        assert int(run(0)) > 0
        process.stdin.close()
        process.wait(PATIENCE_SECONDS)
    assert killed == KILLS
    assert Entry.objects.count() > 12
    assert list(wrong_entries(lambda *_: None)) == []
