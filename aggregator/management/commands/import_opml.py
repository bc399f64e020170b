"""Add the feeds of an OPML file, or of another list."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from aggregator.curating.moving_in import UNREADABLE, read_list
from aggregator.management.feed_command import FeedCommand


class Command(FeedCommand):
    help = (
        "Adds the feeds of an OPML file, in the categories that its folders name, with a line for each. Also reads "
        "newsboat's file of addresses, or any text with one in each line, and the configuration of a planet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="- is stdin")
        parser.add_argument("--no-poll", action="store_true", help="leave the reading to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            arrival = read_list(self.read_file(options["file"]))
        except UNREADABLE as error:
            raise CommandError(str(error)) from error
        self.say_what_comes(arrival)
        is_polling = not options["no_poll"]
        result = self.add_and_read(arrival.outlines, is_polling=is_polling)
        self.say_what_is_next(
            result.added, is_polling=is_polling, env_lines=arrival.env_lines, has_moved=bool(arrival.name)
        )
