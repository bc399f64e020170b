"""When posts come, the worker is asked to look. That is only a hint: it looks every minute, too. And when a backup is
restored, what it says of the present is set right."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from aggregator.signals import entries_added, site_restored
from notifications.models import PushSubscription


def connect() -> None:
    entries_added.connect(hint, dispatch_uid="notifications.hint")
    site_restored.connect(set_right, dispatch_uid="notifications.restored")


def set_right(**kwargs: Any) -> None:
    """Have what a backup says of notifications set right; imported only where one is restored."""
    import_string("notifications.restored.set_right")(**kwargs)


def hint(**kwargs: Any) -> None:
    """Have the worker plan once it has been quiet for long enough; without active devices, its sweeps are enough."""
    if not PushSubscription.objects.active().exists():
        return
    # Only now: what sends messages takes longer to import than a quiet poll takes.
    import_string("notifications.tasks.plan_soon")(settings.PUSH_QUIET_SECONDS + 1)
