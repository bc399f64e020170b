"""A site from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from aggregator.keeping.backing_up import TAKEN_ALONG, setting_in_words
from aggregator.keeping.errors import Refused, shown
from aggregator.keeping.manifest import Manifest
from aggregator.keeping.progress import Progress
from aggregator.keeping.restoring import restore
from aggregator.management.database_command import DatabaseCommand


class Command(DatabaseCommand):
    requires_system_checks = ()
    help = (
        "Puts the site of a backup here: rows and keys, whichever database it was made with and DATABASE_URL names. "
        "An older backup is brought up to this version. Stop web server and worker first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="the site that is here")

    def handle(self, *args: Any, **options: Any) -> None:
        path, progress = Path(options["file"]), Progress(lambda line: self.stderr.write(line, str))
        try:
            manifest = restore(path, timezone.now(), progress, may_replace=options["replace"])
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored the site of {manifest.made_at}: {shown(manifest.counted)}.")
        for line in _what_to_look_at(manifest):
            self.stdout.write(line)
        self.stdout.write("Run `manage.py setup_site`, then start web server and worker.")
        self.stdout.write("Everybody logs in anew, with the accounts of the backup.")


def _what_to_look_at(manifest: Manifest) -> list[str]:
    """Settings that are others here."""
    found = []
    for name in TAKEN_ALONG:  # a stranger's backup may name others, to have a secret of this site printed
        here = setting_in_words(name)
        if (was := manifest.settings.get(name, here)) != here:
            found.append(f"{name} was {shown(was) or 'empty'} there, and is {shown(here) or 'empty'} here.")
    return found
