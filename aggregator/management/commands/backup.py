"""All that a site is, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from aggregator.keeping.backing_up import back_up
from aggregator.keeping.errors import Refused
from aggregator.keeping.kept_files import FOLDER, OWN, elsewhere
from aggregator.keeping.manifest import Manifest
from aggregator.keeping.progress import Progress
from aggregator.management.database_command import DatabaseCommand

SECRETS = ("SECRET_KEY", "VAPID_PRIVATE_KEY", "VAPID_OLD_PRIVATE_KEYS")


class Command(DatabaseCommand):
    requires_system_checks = ()
    help = (
        "Writes a backup of the site: all rows, the keys in DATA_DIR, and its logo, text and templates there. Web "
        "server and worker may go on meanwhile. "
        "Not in it: settings, what waits in the queue (the rows say what is to do), and static files."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="such as site-2026-06-24.tar.gz")
        parser.add_argument("--overwrite", action="store_true", help="if the file is there already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] == "-":
            raise CommandError(
                "A backup needs a file: of what goes through a pipe, nobody knows whether it came whole."
            )
        path = Path(options["file"])
        progress = Progress(lambda line: self.stderr.write(line, str))
        try:
            manifest = back_up(path, timezone.now(), progress, may_overwrite=options["overwrite"])
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{path}: {path.stat().st_size / 2**20:.1f} MiB; {manifest.counted}.")
        self.stdout.write(_what_to_keep(manifest))


def _what_to_keep(manifest: Manifest) -> str:
    """Of what is no part of a backup."""
    keys, own = (
        [part.name.removeprefix(f"{folder}/") for part in manifest.parts if part.name.startswith(f"{folder}/")]
        for folder in (FOLDER, OWN)
    )
    lines = [f"Keys in it: {', '.join(keys) or 'none'}. Keep the file where nobody else can read it."]
    if own:
        lines.append(f"Of the site's own in it: {', '.join(own)}.")
    if outside := elsewhere():
        named = ", ".join(f"{name} ({path})" for name, path in outside.items())
        lines.append(f"Not in it, as it lies outside of DATA_DIR: {named}. Keep it, too.")
    secrets = [name for name in manifest.set_names if name in SECRETS]
    if secrets:
        lines.append(
            f"Not in it, as the environment sets them, and needed with it: {', '.join(secrets)}. Keep them, too."
        )
    others = [name for name in manifest.set_names if name not in SECRETS]
    if others:
        lines.append(f"Settings to take along (.env): {', '.join(others)}.")
    return "\n".join(lines)
