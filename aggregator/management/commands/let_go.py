"""Let go of posts that have had their time, at once; or say which these are."""

from __future__ import annotations

import math
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from aggregator.management.database_command import DatabaseCommand
from aggregator.retention.posts import Limits, due_by_feed, let_go


class Command(DatabaseCommand):
    help = (
        "Lets go of posts that are older than KEEP_ENTRIES_DAYS, or beyond the newest KEEP_ENTRIES_PER_FEED of their "
        "source: their text is deleted for good. The worker does the same every hour."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--preview", action="store_true", help="say what would go, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        limits = Limits.of_settings()
        if not limits:
            raise CommandError("Posts are kept for ever: neither KEEP_ENTRIES_DAYS nor KEEP_ENTRIES_PER_FEED is set.")
        if options["preview"]:
            self._preview(limits)
        else:
            count = let_go(timezone.now(), seconds=math.inf)
            self.stdout.write(f"The text of {_posts(count)} was let go.")

    def _preview(self, limits: Limits) -> None:
        total = 0
        for feed, count in due_by_feed(timezone.now(), limits):
            self.stdout.write(f"{count:>8}  {feed.shown_title}")
            total += count
        self.stdout.write(f"The text of {_posts(total)} would be let go, {limits}.")


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"
