"""Add the feeds of an OPML file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from aggregator.exchange.opml import OpmlError, read_opml
from aggregator.management.feed_command import FeedCommand


class Command(FeedCommand):
    help = "Adds the feeds of an OPML file, in the categories that its folders name, with a line for each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="- is stdin")
        parser.add_argument("--no-poll", action="store_true", help="leave the reading to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outlines = read_opml(self.read_file(options["file"]))
        except OpmlError as error:
            raise CommandError(str(error)) from error
        is_polling = not options["no_poll"]
        result = self.add_and_read(outlines, is_polling=is_polling)
        self.say_what_is_next(result.added, is_polling=is_polling)
