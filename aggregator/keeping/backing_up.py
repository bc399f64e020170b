"""A backup of the site: rows, keys, and what a restore must know, in one file that is whole or isn't there."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from aggregator import __version__
from aggregator.models import Entry, Feed

from . import kept_files
from .archive import pack
from .errors import Refused, files_in_plain_words
from .manifest import Manifest
from .other_database import COPY, beside
from .progress import Progress
from .snapshots import take
from .unfinished import put, working_folder

DATABASE = "site.sqlite3"
"""Within a backup."""
TAKEN_ALONG = (
    *("WEBSITE_URL", "SITE_NAME", "SITE_TAGLINE", "SITE_ACCENT", "SITE_ACCENT_DARK", "FOOTER_LINKS"),
    *("CONTACT", "ADMIN_URL"),
)
"""Pages, devices and curators depend on these; none is a secret."""
OF_THE_MACHINE = {"HOST", "PORT", "WEB_WORKERS", "DEBUG", "DATA_DIR", "DATABASE_URL", "HUEY_URL", "CACHE_URL"}
"""Another one has its own."""


def back_up(path: Path, now: datetime, progress: Progress, *, may_overwrite: bool = False) -> Manifest:
    """Write a backup of the site as it is now; what it says of itself. Raises Refused, and there is no file then."""
    with files_in_plain_words(path, verb="written"):
        if path.is_dir():
            raise Refused(f"{path} is a folder. Name a file in it, such as {path / f'site-{now:%Y-%m-%d}.tar.gz'}.")
        if path.exists() and not may_overwrite:
            raise Refused(f"{path} is there already. Name another file, or say --overwrite.")
        kept = kept_files.present()  # before the rows are copied, which takes long
        with working_folder(path) as folder:
            database, packed = folder / DATABASE, folder / "packed"
            take(database, progress)
            manifest = pack(packed, _manifest(database, now), [(DATABASE, database), *kept], progress)
            put(packed, path)
    return manifest


def _manifest(database: Path, now: datetime) -> Manifest:
    with beside(database):
        copy = connections[COPY]
        migrations = sorted(".".join(key) for key in MigrationRecorder(copy).applied_migrations())
        if not migrations:
            raise Refused("The database has no tables yet: there is nothing to back up. See DATABASE_URL and DATA_DIR.")
        counts = {what: kind._base_manager.using(COPY).count() for what, kind in counted_kinds().items()}
    return Manifest(
        made_at=now.isoformat(timespec="seconds"),
        version=__version__,
        migrations=migrations,
        database=connection.vendor,
        counts=counts,
        settings={name: setting_in_words(name) for name in TAKEN_ALONG},
        set_names=_names_in_environment(),
    )


def setting_in_words(name: str) -> str:
    """As it is written in `.env`."""
    value = getattr(settings, name)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def counted_kinds() -> dict[str, type[Model]]:
    """What a backup says how many there are of."""
    return {"feeds": Feed, "posts": Entry, "accounts": get_user_model()}


def _names_in_environment() -> list[str]:
    """The site's settings that the environment or `.env` names; `.env.example` lists all there are."""
    example = Path(settings.BASE_DIR) / ".env.example"
    names = re.findall(r"^#([A-Z_]+)=", example.read_text(encoding="utf-8"), re.MULTILINE) if example.is_file() else []
    names = [name for name in names if name not in OF_THE_MACHINE]
    return [name for name in names if os.environ.get(name) or os.environ.get(f"{name}_FILE")]
