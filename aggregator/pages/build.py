"""The build: a word for all that makes a public page what it is, besides rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import engines

SETTINGS = (
    "SITE_NAME",
    "SITE_TAGLINE",
    "SITE_LOGO",
    "SITE_ACCENT",
    "SITE_ACCENT_DARK",
    "ABOUT_FILE",
    "FOOTER_LINKS",
    "WEBSITE_URL",
    "CONTACT",
    "SUBMISSIONS",
    "ADMIN_URL",
    "FEED_POSTS_PER_DAY",
    "FRONT_PAGE_ENTRIES",
    "FRONT_PAGE_ENTRIES_PER_FEED",
    "STATIC_URL",
    "CONTENT_SECURITY_POLICY",
    "SECURE_HSTS_SECONDS",
)
"""On which a page or its headers depend."""
OURS = ("aggregator", "config")
"""The folders of code that has to do with public pages."""


@cache
def build() -> str:
    """A word that changes when the code, the templates, the static files or the settings of public pages do.

    It is made of what is in the files, not of when they were written: all servers of a site have one word, and so has a
    site that is installed anew as it was.
    """
    said = [django.VERSION, *(getattr(settings, name) for name in SETTINGS), names_of_static_files()]
    digest = hashlib.sha256(repr(said).encode())
    for folder in folders():
        for path in sorted(path for path in folder.rglob("*.*") if path.is_file() and path.suffix != ".pyc"):
            digest.update(f"\0{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def names_of_static_files() -> list[tuple[str, str]]:
    """Those that pages give them: as they were collected when this process started, maybe before the files changed."""
    return sorted(getattr(staticfiles_storage, "hashed_files", {}).items())


def folders() -> Iterator[Path]:
    """Of our code, of the static files, and of all templates wherever they are: a site can have some of its own."""
    yield from (settings.BASE_DIR / name for name in OURS)
    yield from map(Path, settings.STATICFILES_DIRS)
    for engine in engines.all():
        yield from (Path(folder) for folder in engine.template_dirs if Path(folder).is_dir())
