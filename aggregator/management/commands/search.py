"""Find posts, as the search page does; look whether all are found by what they say; make the search's index anew."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from django.core.management.base import CommandError, CommandParser

from aggregator.keeping.progress import Progress
from aggregator.management.database_command import DatabaseCommand
from aggregator.models import Entry
from aggregator.search.checking import faults_of_index, rebuild, wrong_entries
from aggregator.search.deadline import TooSlow
from aggregator.search.finding import BEST, MAX_FOUND, NEWEST, Found, find
from aggregator.search.nearest import nearest_titles
from aggregator.search.progress import progress as still_reading
from aggregator.search.query import Query, QueryError, parse

SHOWN = 20
"""As many as on a page."""
MAX_NAMED = 5
"""Of the entries that are wrong, so many are named."""
WAY_OUT = "`manage.py search --rebuild` makes it anew, while the site goes on."
NO_TASK = "Say what is looked for, or --check or --rebuild."
TWO_TASKS = "Words are looked for with --best, --all and --json; --check and --rebuild take none of these."


class Command(DatabaseCommand):
    help = (
        "Finds posts, as the search page does; or looks whether the search's index says what the posts say (--check)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "words",
            nargs="*",
            metavar="WORDS",
            help="as in the box on every page; -- comes before them if the first begins with a -",
        )
        parser.add_argument("--best", action="store_true", help="the best first, not the newest")
        parser.add_argument("--all", action="store_true", help=f"not {SHOWN} posts, but up to {MAX_FOUND:,}")
        parser.add_argument("--json", action="store_true", help="as JSON: the posts, and how many there are")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--check", action="store_true", help="compare every post with the index, and change nothing")
        what.add_argument(
            "--rebuild",
            action="store_true",
            help="make the index anew, from the newest post down; if this is ended, the worker goes on",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_search = any(options[name] for name in ("words", "best", "all", "json"))
        is_task = options["check"] or options["rebuild"]
        if is_search and is_task:
            raise CommandError(TWO_TASKS)
        if is_task:
            self._look_after(is_rebuild=options["rebuild"])
        elif " ".join(options["words"]).strip():
            self._search(" ".join(options["words"]), options)
        else:
            raise CommandError(NO_TASK)

    def _search(self, text: str, options: dict[str, Any]) -> None:
        if how_far := still_reading():  # before all rows: what is found then is no less
            self.stderr.write(f"The worker has read {how_far.percent} % of the posts; others can't be found yet.")
        entries = Entry.objects.listed()
        order, limit = BEST if options["best"] else NEWEST, MAX_FOUND if options["all"] else SHOWN
        try:
            query = parse(text)
            found = find(query, entries, order=order, limit=limit)
        except (QueryError, TooSlow) as error:
            raise CommandError(str(error)) from error
        by_id = entries.with_feed().without_content().in_bulk(found.entry_ids)
        posts = [by_id[pk] for pk in found.entry_ids if pk in by_id]
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(query, found, posts)))
        elif posts:
            self._write(found, posts)
        else:
            self._write_nothing(query, found)

    def _write(self, found: Found, posts: list[Entry]) -> None:
        for post in posts:
            self.stdout.write(f"{post.timeline_at:%Y-%m-%d}  {post}  ({post.feed.shown_title})")
            self.stdout.write(f"    {post.url or 'no address'}")
        more = " --all shows more of them." if found.is_more and len(posts) <= SHOWN else ""
        self.stdout.write(f"{_count_words(found)}.{more}")

    def _write_nothing(self, query: Query, found: Found) -> None:
        self.stdout.write(" ".join(["No post.", *found.unknown]))
        if nearest := nearest_titles(query, Entry.objects.listed()):
            self.stdout.write("The nearest titles:")
        for post in nearest:
            self.stdout.write(f"    {post}  ({post.feed.shown_title})")

    def _look_after(self, *, is_rebuild: bool) -> None:
        progress = Progress(self.stderr.write)
        if is_rebuild:
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


def _count_words(found: Found) -> str:
    count = found.count or 0
    if found.is_more_than_count:
        return f"More than {count:,} posts"
    return f"{count:,} post{'' if count == 1 else 's'}"


def _as_json(query: Query, found: Found, posts: list[Entry]) -> dict[str, Any]:
    return {
        "query": str(query),
        "count": found.count,
        "is_more_than_count": found.is_more_than_count,
        "unknown": list(found.unknown),
        "posts": [
            {
                "id": post.pk,
                "title": post.title,
                "link": post.url,
                "author": post.author,
                "source": post.feed.shown_title,
                "shown_at": post.timeline_at.isoformat(),
            }
            for post in posts
        ],
    }
