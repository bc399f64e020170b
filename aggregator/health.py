"""Whether the site lives (`/healthz`), can do its work (`/readyz`) and keeps its data to itself (`manage.py check`).

For whoever runs the server.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from aggregator.models import Tick, tables
from aggregator.models.faults import TABLES_ARE_OLDER, StorageFailed, faults_in_plain_words
from aggregator.worker import QUEUE_ERRORS, queue_length

logger = logging.getLogger(__name__)

POLLER_SILENT_AFTER = timedelta(minutes=10)
"""The worker's clock ticks every minute; a long poll or a restart may let it miss some."""
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""The rights that a file gives to others than its owner."""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the web server answers at all."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 "ready", or 503 with a line for each thing that is wrong and what to do about it."""
    faults = [fault for check in (_database_fault, _queue_fault, static_files_fault) if (fault := check())]
    text = "".join(f"{fault}\n" for fault in faults) or "ready\n"
    answer = HttpResponse(text, status=503 if faults else 200, content_type="text/plain; charset=utf-8")
    answer._has_been_logged = True  # type: ignore[attr-defined]  # who asks every few seconds is told, and not the log
    return answer


def poller_fault(ticked_at: datetime | None, now: datetime) -> str:
    """What is wrong with the poller, as a sentence; empty when it has run lately."""
    if ticked_at is None:
        return "The poller has never run: start the worker (manage.py run_huey)."
    if now - ticked_at > POLLER_SILENT_AFTER:
        return f"The poller last ran at {ticked_at:%Y-%m-%d %H:%M} UTC: is the worker (manage.py run_huey) up?"
    return ""


def _database_fault() -> str:
    try:
        with faults_in_plain_words():
            ticked_at = Tick.objects.moment()
            if tables.are_older():
                return f"The database can't be used just now: {TABLES_ARE_OLDER}."
    except StorageFailed as error:
        logger.error("the database can't be used", exc_info=error.__cause__)
        return f"The database can't be used just now: {error.reason}."
    return poller_fault(ticked_at, timezone.now())


def static_files_fault() -> str:
    """What `setup_site` should have put there and isn't, as a sentence; empty when all is there."""
    collected: dict[str, str] | None = getattr(staticfiles_storage, "hashed_files", None)
    if collected is None or settings.DEBUG:  # then they are served from where they lie
        return ""
    missing = [name for name in _static_files() if not _is_collected(collected.get(name, ""))]
    if not missing:
        return ""
    more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
    remedy = "run `manage.py setup_site`, and start the web server anew"
    return f"Static files are missing in {settings.STATIC_ROOT}: {missing[0]}{more}: {remedy}."


def _static_files() -> list[str]:
    found = (path for finder in get_finders() for path, _ in finder.list([]))
    return sorted({Path(path).as_posix() for path in found})


def _is_collected(hashed_name: str) -> bool:
    return bool(hashed_name) and Path(settings.STATIC_ROOT, hashed_name).is_file()


def _queue_fault() -> str:
    try:
        queue_length()
    except QUEUE_ERRORS:
        logger.exception("the queue does not answer")
        return "The queue does not answer: see HUEY_URL."
    return ""


def check_data(**kwargs: Any) -> list[checks.CheckMessage]:
    """A warning that names files of DATA_DIR which others can read: passwords' hashes, keys."""
    shown = set(settings.OWN_FILES.values())  # everybody sees those on the site
    exposed = sorted(path for path in _files_of(settings.DATA_DIR) if path not in shown and _is_open(path))
    if not exposed:
        return []
    names = " ".join(str(path) for path in exposed)
    said = f"Other users of this machine can read or change {names}."
    return [checks.Warning(said, hint=f"chmod go= {names}", id="aggregator.W001")]


def _files_of(folder: Path) -> Iterator[Path]:
    """Keys and databases. Folders beside them, such as the static files, are for others to read."""
    return (path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else iter(())


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & FOR_OTHERS)
    except OSError:  # a database's companions come and go
        return False
