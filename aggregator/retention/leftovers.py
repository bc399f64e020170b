"""Rows and files that nobody needs any more: sessions that have run out, old lines of the admin's log, and the like.

What is left out here is cleared where it is made: reports of imports (`models.feed_import`), the log of deliveries and
old devices (`notifications.retention`). A feed's memory, its lease and the days of its posts are one row each, the
poller's tick is one in all; caches have limits of their own; large bodies lie in files without names.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Model, QuerySet

from aggregator.limiting.limits import FORGOTTEN_AFTER
from aggregator.models import Attempts, FeedDay, PostsLetGo

logger = logging.getLogger(__name__)

MAX_ADMIN_LOG_AGE = timedelta(days=400)
"""Who did what on the desk is told for over a year: it is looked for when something like it comes round again."""
MAX_FILE_AGE_SECONDS = 86400
"""Whoever still writes a file that is to be renamed takes no more than a moment."""
ROWS_PER_CHUNK = 500
"""Deleted in one transaction: others wait for it."""

_UNFINISHED = re.compile(r"(?:\.vapid|secret_key)[a-z0-9_]{8}")
"""Files of secrets before they have their names; only a process that was killed leaves one."""


def clear_leftovers(now: datetime) -> Counter[str]:
    """Clear them away; how many of which kind."""
    counts = Counter(
        {
            "sessions": _delete(Session.objects.filter(expire_date__lt=now)),
            "admin_log_lines": _delete(LogEntry.objects.filter(action_time__lt=now - MAX_ADMIN_LOG_AGE)),
            "attempts": _delete(Attempts.objects.filter(last_at__lt=now - FORGOTTEN_AFTER)),
            "feed_days": FeedDay.objects.forget_old(now),
            "files": sum(map(_unlink, _unfinished_files())),
        }
    )
    PostsLetGo.objects.forget_old(now)
    if counts.total():
        logger.info("cleared away %s", " ".join(f"{name}={count}" for name, count in counts.items() if count))
    return counts


def _delete(rows: QuerySet[Model]) -> int:
    """In chunks, so that pollers needn't wait long for the database."""
    count = 0
    while chunk := list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_PER_CHUNK]):
        rows.model._default_manager.filter(pk__in=chunk).delete()
        count += len(chunk)
    return count


def _unfinished_files() -> Iterator[Path]:
    oldest = time.time() - MAX_FILE_AGE_SECONDS
    for path in Path(settings.DATA_DIR).iterdir():
        if _UNFINISHED.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < oldest:
            yield path


def _unlink(path: Path) -> bool:
    with suppress(OSError):  # another worker was quicker, or may delete nothing here
        path.unlink()
        return True
    return False
