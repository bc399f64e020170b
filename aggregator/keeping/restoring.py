"""A site from a backup: check it, prepare all beside the site, then put it in its place.

read and check ──> migrate ──> set right what was true then ──> put in its place
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, connection

from aggregator.models import Category, Entry, Feed, SearchState
from aggregator.models.entry_text import FULL_TEXT_MADE
from aggregator.models.faults import StorageFailed, faults_in_plain_words
from aggregator.search.catching_up import step

from . import interruption, kept_files
from .archive import opened
from .backing_up import DATABASE
from .errors import NoBackup, Refused, files_in_plain_words, shown
from .in_use import NotNow, alone
from .inspection import migrations_of, refuse_other_tables, what_it_brings_in_plain_words
from .made_current import make_current
from .manifest import Manifest
from .other_database import in_place_of_the_site
from .placing import place, refuse_others, sqlite_file
from .progress import Progress
from .unfinished import working_folder
from .versions import newer_than_this, refuse_newer_tables


def restore(path: Path, now: datetime, progress: Progress, *, may_replace: bool = False) -> Manifest:
    """Have the site of this backup in the place of the one that is here; what the backup says of itself.

    Raises Refused: then nothing has changed, or, where the disk failed at the end, the mark says that it must be done
    again.
    """
    where = sqlite_file() if connection.vendor == "sqlite" else Path(settings.DATA_DIR) / "restored"
    try:
        with alone(Path(settings.DATA_DIR)):
            return _restore(path, where, now, progress, may_replace=may_replace)
    except NotNow as error:
        raise Refused(str(error)) from error


def _restore(path: Path, where: Path, now: datetime, progress: Progress, *, may_replace: bool) -> Manifest:
    with files_in_plain_words(where.parent, verb="written"), working_folder(where) as folder:
        with opened(path) as backup:
            manifest = backup.manifest
            _refuse_newer(manifest.version, manifest.migrations)
            _refuse_strange_files([part.name for part in manifest.parts])
            if connection.vendor != "sqlite":  # there the tables go with the file
                refuse_newer_tables("Make a new one (createdb), name it in DATABASE_URL, and restore into that.")
            if not (may_replace or interruption.was_interrupted()):
                _refuse_to_replace()
            refuse_others()
            parts = backup.unpack(folder, progress)
        made = parts.pop(DATABASE)
        progress.begin("Checking the database")
        _refuse_newer(manifest.version, migrations_of(made, manifest.counts))
        progress.begin("Preparing the database")
        with in_place_of_the_site(made), what_it_brings_in_plain_words():
            call_command("migrate", interactive=False, verbosity=0)
            refuse_other_tables()
            make_current(now)
            _make_index(progress)
        place(made, parts, path, progress)
    return manifest


def _make_index(progress: Progress) -> None:
    """What posts are found by: no backup has it."""
    progress.begin("Making the search index")
    with connection.cursor() as cursor:
        for statement in FULL_TEXT_MADE:
            cursor.execute(statement)
    SearchState.objects.begin_anew()
    total, done = Entry.objects.count(), 0
    while looked_at := step():
        done += looked_at
        progress.at(done, total)


def _refuse_newer(version: str, migrations: list[str]) -> None:
    if newer := newer_than_this(migrations):
        raise Refused(
            f"A newer version of Orrery ({version}) made this backup: its tables have had {shown(newer, 100)}, which "
            "isn't here. Install that version, then restore."
        )


def _refuse_strange_files(names: list[str]) -> None:
    if names.count(DATABASE) != 1:
        raise NoBackup("it has no database, or more than one")
    if len(set(names)) < len(names):
        raise NoBackup("it has two files of one name")
    for name in names:
        if name != DATABASE and not kept_files.is_one(name):
            raise NoBackup(f"it has a file that no backup has, “{shown(name, 100)}”")


def _refuse_to_replace() -> None:
    try:
        with faults_in_plain_words():
            users = get_user_model().objects.count()
            has_rows = users > 1 or Feed.objects.exists() or Category.objects.exists()
    except (StorageFailed, DatabaseError) as error:
        if "no such table" in str(error.__cause__) or "does not exist" in str(error.__cause__):
            return
        raise Refused(
            f"The site's database can't be read ({getattr(error, 'reason', error)}). With --replace, the backup takes "
            "its place."
        ) from error
    if has_rows:
        raise Refused(
            "This site has feeds, categories or accounts, and a restore replaces all of it. With --replace it does; "
            "`manage.py backup FILE` keeps what is here."
        )
