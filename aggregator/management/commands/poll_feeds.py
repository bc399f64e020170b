"""Poll feeds now, in the foreground."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from aggregator.curating.feeds import UnknownFeed, feeds_named
from aggregator.ingest.errors import OurFault
from aggregator.management.feed_command import FeedCommand
from aggregator.models import Feed, FeedQuerySet
from aggregator.polling.outcomes import Outcome, Report
from aggregator.storing import outage


class Command(FeedCommand):
    help = (
        "Polls the feeds that are due, or the named ones, or all, now and in the foreground; a line for each failure. "
        "Other people's broken servers are no fault of ours: the exit code is 0 all the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "feeds", nargs="*", metavar="ID or URL", help="read anew, whatever their due date and state"
        )
        parser.add_argument("--all", action="store_true", help="every feed that isn't paused or rejected")

    def handle(self, *args: Any, **options: Any) -> None:
        began = timezone.now()
        among = _chosen(options["feeds"], is_all=options["all"])
        # Who names a feed wants to see what is there. All of them are often polled by a clock, and stay conditional.
        report = self.poll_showing(among, _trouble, is_anew=bool(options["feeds"]))
        self.stdout.write(_summary(report))
        if report.failed and outage.is_likely(timezone.now(), since=began, silent_since=began):
            self.stdout.write("None of them answered: is this machine's network up?")
        if not (report.polled or report.busy or options["feeds"] or options["all"]):
            self.stdout.write("Nothing is due yet; --all polls every feed now.")
        if any(outcome.feed.last_error_kind == OurFault.kind for outcome in report.failed):
            raise CommandError("Orrery itself failed on a feed; the log says how.")


def _chosen(names: list[str], *, is_all: bool) -> FeedQuerySet | None:
    """The feeds to poll; None for those that are due."""
    if names and is_all:
        raise CommandError("Name feeds or say --all, not both.")
    if is_all:
        return Feed.objects.polled()
    try:
        return feeds_named(names) if names else None
    except UnknownFeed as error:
        raise CommandError(str(error)) from error


def _trouble(outcome: Outcome) -> str:
    return f"{outcome.feed.url}: {outcome.error}" if outcome.error else ""


def _summary(report: Report) -> str:
    feeds = "1 feed" if report.polled == 1 else f"{report.polled} feeds"
    entries = "1 new entry" if report.new == 1 else f"{report.new} new entries"
    held = f" ({report.held} held for a curator)" if report.held else ""
    busy = f", {report.busy} busy" if report.busy else ""
    return f"Polled {feeds}: {entries}{held}, {len(report.failed)} failed{busy}."
