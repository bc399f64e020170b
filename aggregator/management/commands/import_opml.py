"""Add the feeds of an OPML file, or of another list."""

from __future__ import annotations

from aggregator.management.list_command import ListCommand


class Command(ListCommand):
    help = (
        "Adds the feeds of an OPML file, in the categories that its folders name, with a line for each. Also reads "
        "newsboat's file of addresses, or any text with one in each line, and the configuration of a planet."
    )
