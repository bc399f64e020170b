"""Whether posts are found by what they say; making the search's index anew."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import CommandError, CommandParser

from aggregator.keeping.progress import Progress
from aggregator.management.database_command import DatabaseCommand
from aggregator.search.checking import faults_of_index, rebuild, wrong_entries
from aggregator.search.progress import progress as still_reading

MAX_NAMED = 5
"""Of the entries that are wrong, so many are named."""
WAY_OUT = "`manage.py search --rebuild` makes it anew, while the site goes on."


class Command(DatabaseCommand):
    help = "Looks whether the search's index says what the posts say (--check), or makes it anew (--rebuild)."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--check", action="store_true", help="compare every post with the index, and change nothing")
        what.add_argument(
            "--rebuild",
            action="store_true",
            help="make the index anew, from the newest post down; if this is ended, the worker goes on",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress(self.stderr.write)
        if options["rebuild"]:
            progress.begin("Making the search index")
            rebuild(progress.at)
            self.stdout.write("The search index was made anew.")
        else:
            self._check(progress)

    def _check(self, progress: Progress) -> None:
        progress.begin("Looking through the index")
        if fault := faults_of_index():
            raise CommandError(f"The search index is damaged: {fault}. {WAY_OUT}")
        progress.begin("Comparing posts with it")
        wrong = wrong_entries(progress.at)
        named = [f"  {entry.pk}  {entry}" for entry in islice(wrong, MAX_NAMED)]
        count = len(named) + sum(1 for _ in wrong)
        if count:
            told = "One post isn't" if count == 1 else f"{count} posts aren't"
            raise CommandError("\n".join([f"{told} found by what stands in it:", *named, WAY_OUT]))
        if how_far := still_reading():
            self.stdout.write(f"No fault so far; the worker has read {how_far.percent} % of the posts.")
        else:
            self.stdout.write("Every post is found by what stands in it.")
