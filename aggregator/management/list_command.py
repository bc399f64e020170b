"""What the commands share that add the feeds of a file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from aggregator.curating.moving_in import UNREADABLE, Arrival, read_list

from .feed_command import FeedCommand


class ListCommand(FeedCommand):
    """Reads a file, whatever kind of list it is, and says what comes of it and what is left to do."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="- is stdin")
        parser.add_argument("--no-poll", action="store_true", help="leave the reading to the worker")

    def handle(self, *args: Any, category: str = "", **options: Any) -> None:
        try:
            arrival = read_list(self.read_file(options["file"]))
        except UNREADABLE as error:
            raise CommandError(str(error)) from error
        self._say_what_comes(arrival)
        is_polling = not options["no_poll"]
        result = self.add_and_read(arrival.outlines, category=category, is_polling=is_polling)
        self.say_what_is_next(
            result.added, is_polling=is_polling, env_lines=arrival.env_lines, has_moved=self.has_moved(arrival)
        )

    def has_moved(self, arrival: Arrival) -> bool:
        """Whether the file is that of a planet, whose readers come here next."""
        return bool(arrival.name)

    def _say_what_comes(self, arrival: Arrival) -> None:
        """What a file brings besides its feeds, and what of it is left out."""
        if arrival.name:
            count = len(arrival.outlines)
            self.stdout.write(f"{arrival.name}: {count} feed{'' if count == 1 else 's'}")
        if arrival.rules_in_words:
            self.stdout.write(f"Taken over: {arrival.rules_in_words}")
        for line in arrival.notes:
            self.stdout.write(f"Left out: {line}")
