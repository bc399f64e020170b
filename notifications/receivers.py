"""What happens when posts came: somebody is asked to look. A hint; the worker looks every minute, too."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from aggregator.signals import entries_added
from notifications.models import PushSubscription


def connect() -> None:
    entries_added.connect(hint, dispatch_uid="notifications.hint")


def hint(**kwargs: Any) -> None:
    """Have the worker plan once it has been quiet for long enough; where nobody is told anything, its sweeps will do.

    If the queue can't be reached, this raises what its storage raises; the signal logs that, and the poll goes on.
    """
    if not PushSubscription.objects.active().exists():
        return
    # Only now: what sends messages takes longer to import than a quiet poll takes.
    plan_notices = import_string("notifications.tasks.plan_notices")
    plan_notices.schedule(delay=settings.PUSH_QUIET_SECONDS + 1)
