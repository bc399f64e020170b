"""Add the feeds of a Planet 2.0, Venus, Pluto, Perlanet or rawdog site, and say what else its configuration has."""

from __future__ import annotations

from django.core.management.base import CommandParser

from aggregator.curating.moving_in import Arrival
from aggregator.management.list_command import ListCommand


class Command(ListCommand):
    help = (
        "Adds the feeds that the configuration file of a Planet 2.0, Venus, Pluto, Perlanet or rawdog site names, with "
        "a line for each, and their filters as rules. Says what is not taken over, and what the planet says of itself "
        "as lines for .env."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--category", default="", metavar="NAME", help="of new feeds; made when there is none")

    def has_moved(self, arrival: Arrival) -> bool:
        return True
