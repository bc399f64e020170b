"""Add the feeds of a Planet 2.0 or Venus site."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from aggregator.exchange.planet_config import PlanetConfigError, read_planet_config
from aggregator.management.feed_command import FeedCommand


class Command(FeedCommand):
    help = "Adds the feeds that the configuration file of a Planet 2.0 or Venus site names, with a line for each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="config.ini", help="- is stdin")
        parser.add_argument("--category", default="", metavar="NAME", help="of new feeds; made when there is none")
        parser.add_argument("--no-poll", action="store_true", help="leave the reading to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            planet = read_planet_config(self.read_text(options["file"]))
        except PlanetConfigError as error:
            raise CommandError(str(error)) from error
        if planet.name:
            count = len(planet.feeds)
            self.stdout.write(f"{planet.name}: {count} feed{'' if count == 1 else 's'}")
        for line in planet.skipped:
            self.stdout.write(f"Left out: {line}")
        self.add_and_read(planet.feeds, category=options["category"], is_polling=not options["no_poll"])
