"""Write the public feeds as OPML."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone

from aggregator.exchange.opml import write_opml
from aggregator.management.database_command import DatabaseCommand
from aggregator.models import Feed


class Command(DatabaseCommand):
    help = "Writes the feeds that readers can see as OPML, by category, to standard output."

    def handle(self, *args: Any, **options: Any) -> None:
        feeds = Feed.objects.public().with_address().with_category().by_title()
        self.stdout.write(write_opml(settings.SITE_NAME, feeds, now=timezone.now()).decode())
