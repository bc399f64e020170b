"""Huey's worker. The app that brings this command isn't installed: every command would load three queues' clients."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from huey.contrib.djhuey.management.commands.run_huey import Command as RunHuey

from aggregator.management.freed_memory import give_back_large_blocks
from aggregator.models import SiteState
from aggregator.models.faults import FAULTS


class Command(RunHuey):
    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for a database that was never set up: no later tick would find it better."""
        with suppress(*FAULTS):  # a database that is down for now is waited for
            if SiteState._meta.db_table not in connection.introspection.table_names():
                raise CommandError("The database has no tables yet; `manage.py migrate` makes them. Then start again.")
        if connection.vendor == "postgresql":
            # Its threads work a few times a minute; between two tasks the web server may need their connections.
            connection.settings_dict["CONN_MAX_AGE"] = 0
        give_back_large_blocks()
        super().handle(*args, **options)
