"""Django's own, which says in plain words why a database can't be reached. A migration that fails stays a traceback."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from aggregator.models.faults import StorageFailed, faults_in_plain_words


class Command(Migrate):
    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raises CommandError for a database that can't be reached."""
        try:
            with faults_in_plain_words():
                connections[options["database"]].ensure_connection()
        except StorageFailed as error:
            raise CommandError(str(error)) from error
        return super().execute(*args, **options)
