"""The secret key that a site without `SECRET_KEY` keeps in a file, made on its first start."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import unreadable


def kept_secret(path: Path) -> str:
    """The secret in the file; made on the first start, readable by its owner alone.

    Raises ImproperlyConfigured for a file that can't be read, and for one without a key: with an empty one the site
    would start, and no page would come.
    """
    if not os.path.lexists(path):
        _make_secret(path)
    try:
        secret = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise unreadable("The secret key", path, error) from error
    except UnicodeDecodeError as error:
        raise _without_key(path, "is damaged") from error
    if not secret:
        raise _without_key(path, "is empty")
    return secret


def _without_key(path: Path, how: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"The secret key, {path}, {how}: put the one of your backup there, or delete the file and a new one is made "
        "(everybody logs in anew)."
    )


def _make_secret(path: Path) -> None:
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:  # made with mode 0600
            file.write(secrets.token_urlsafe(50) + "\n")
            file.flush()
            with contextlib.suppress(FileExistsError):  # of two processes that start together, one makes it
                os.link(file.name, path)
    except OSError as error:
        raise ImproperlyConfigured(f"No secret key can be made in {path}: {error.strerror}.") from error
    sys.stderr.write(f"First start: made a secret key in {path}\n")
