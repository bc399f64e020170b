"""When posts come, the worker is asked to look. That is only a hint: it looks every minute, too."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from aggregator.signals import entries_added
from notifications.models import PushSubscription


def connect() -> None:
    entries_added.connect(hint, dispatch_uid="notifications.hint")


def hint(**kwargs: Any) -> None:
    """Have the worker plan once it has been quiet for long enough; without active devices, its sweeps are enough."""
    if not PushSubscription.objects.active().exists():
        return
    # Only now: what sends messages takes longer to import than a quiet poll takes.
    import_string("notifications.tasks.plan_soon")(settings.PUSH_QUIET_SECONDS + 1)
