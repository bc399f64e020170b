"""Add the feeds of a Planet 2.0, Venus, Pluto, Perlanet or rawdog site, and say what else its configuration has."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from aggregator.curating.moving_in import UNREADABLE, read_list
from aggregator.management.feed_command import FeedCommand


class Command(FeedCommand):
    help = (
        "Adds the feeds that the configuration file of a Planet 2.0, Venus, Pluto, Perlanet or rawdog site "
        "names, with a line for each, "
        "and their filters as rules. Says what is not taken over, and what the planet says of itself as lines for .env."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="config.ini", help="- is stdin")
        parser.add_argument("--category", default="", metavar="NAME", help="of new feeds; made when there is none")
        parser.add_argument("--no-poll", action="store_true", help="leave the reading to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            planet = read_list(self.read_file(options["file"]))
        except UNREADABLE as error:
            raise CommandError(str(error)) from error
        self.say_what_comes(planet)
        is_polling = not options["no_poll"]
        result = self.add_and_read(planet.outlines, category=options["category"], is_polling=is_polling)
        self.say_what_is_next(result.added, is_polling=is_polling, env_lines=planet.env_lines, has_moved=True)
