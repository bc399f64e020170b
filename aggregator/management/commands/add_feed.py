"""Add feeds by their addresses or by those of their blogs, read them once, and say what was found."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from aggregator.exchange.opml import Outline
from aggregator.management.feed_command import FeedCommand


class Command(FeedCommand):
    help = (
        "Adds feeds by their own addresses or by those of their blogs, reads them once, all together, and says in "
        "a line each what was found. Exits with 1 when an address was refused or could not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("urls", nargs="*", metavar="URL", help="address of a feed or of a blog")
        parser.add_argument(
            "--from", dest="file", metavar="FILE", help="one address a line, # for comments; - is stdin"
        )
        parser.add_argument("--category", default="", metavar="NAME", help="of new feeds; made when there is none")
        parser.add_argument("--no-poll", action="store_true", help="leave the reading to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        urls = [*options["urls"], *(_addresses_in(self.read_text(options["file"])) if options["file"] else [])]
        if not urls:
            raise CommandError("Name at least one address, or a file of addresses with --from.")
        wanted = [Outline(url=url) for url in urls]
        result = self.add_and_read(wanted, category=options["category"], is_polling=not options["no_poll"])
        said = [f"{result.refused} refused"] if result.refused else []
        said += [f"{result.unread} could not be read yet"] if result.unread else []
        if said:
            raise CommandError(f"Of {len(urls)}: {', '.join(said)}.")


def _addresses_in(text: str) -> list[str]:
    """The first word of each line: an address holds no space, so what follows a space is a comment."""
    lines = (line.split() for line in text.splitlines())
    return [words[0] for words in lines if words and not words[0].startswith("#")]
