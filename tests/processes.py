"""Other processes of the site under test: workers, commands, programs of the tests' own."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def site_variables() -> dict[str, str]:
    """The environment of a process that works on the tests' database and queue, with the site's own settings."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        user = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
        url = f"postgres://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    queue = settings.HUEY
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "HUEY_URL": queue.get("url") or queue.get("dsn") or f"sqlite:///{queue['filename']}",
    }
