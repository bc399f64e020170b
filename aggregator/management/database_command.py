"""What the commands that use the database have in common: if it can't be used, they say why, and how to go on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aggregator.models.faults import StorageFailed, faults_in_plain_words


class DatabaseCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raises CommandError for what the database raises."""
        try:
            with faults_in_plain_words():
                return super().execute(*args, **options)
        except StorageFailed as error:
            raise CommandError(str(error)) from error
