"""A mark in DATA_DIR while a restore replaces what is there: who finds it has half of two sites.

`config.settings` looks for it, so nothing starts then but another restore.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from .errors import files_in_plain_words
from .unfinished import sync


def was_interrupted() -> bool:
    return _mark().exists()


def begin(backup: Path) -> None:
    """From now on an interruption is told of. Raises Refused."""
    mark = _mark()
    with files_in_plain_words(mark, verb="written"):
        mark.write_text(f"{backup.resolve()}\n", encoding="utf-8", errors="surrogateescape")
        sync(mark)
        sync(mark.parent)


def end() -> None:
    """All is in its place."""
    _mark().unlink(missing_ok=True)
    sync(_mark().parent)


@contextmanager
def told_of(backup: Path) -> Iterator[None]:
    """Marks the block: if it doesn't come to its end, the mark stays."""
    begin(backup)
    yield
    end()


def _mark() -> Path:
    return Path(settings.DATA_DIR) / str(settings.RESTORE_MARK)
