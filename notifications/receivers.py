"""What happens elsewhere and matters here: posts and proposals come, accounts go, a backup is restored.

When they come, the worker is asked to look. That is only a hint: it looks every minute, too.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.db.models.signals import pre_delete
from django.utils.module_loading import import_string

from aggregator.signals import entries_added, site_restored, submission_waiting
from notifications.models import PushSubscription


def connect() -> None:
    entries_added.connect(hint, dispatch_uid="notifications.hint")
    submission_waiting.connect(hint_desk, dispatch_uid="notifications.hint_desk")
    site_restored.connect(set_right, dispatch_uid="notifications.restored")
    # Accounts are Django's, and are deleted by its admin, by commands and from shells: only this hears of all.
    pre_delete.connect(end_devices, sender=User, dispatch_uid="notifications.end_devices")


def set_right(**kwargs: Any) -> None:
    """Have what a backup says of notifications set right; imported only where one is restored."""
    import_string("notifications.restored.set_right")(**kwargs)


def hint(**kwargs: Any) -> None:
    """Have the worker plan once it has been quiet for long enough; without active devices, its sweeps are enough."""
    if not PushSubscription.objects.active().exists():
        return
    # Only now: what sends messages takes longer to import than a quiet poll takes.
    import_string("notifications.tasks.plan_soon")(settings.PUSH_QUIET_SECONDS + 1)


def hint_desk(**kwargs: Any) -> None:
    """Have the worker tell curators that something waits at the desk, and write to who sent it."""
    import_string("notifications.tasks.plan_desk_soon")()


def end_devices(sender: type[User], instance: User, origin: object, **kwargs: Any) -> None:
    """Delete the devices of accounts that are being deleted; within that transaction.

    Locked in the order that `aggregator.models.sql` tells: accounts, then devices; all of a deletion at once.
    Else a notice that is planned at this moment would keep a delivery to a device that is gone, which PostgreSQL
    refuses, or one of the two would wait for the other in a ring. What has come since Django looked goes, too.
    """
    users = origin if isinstance(origin, QuerySet) and origin.model is sender else User.objects.filter(pk=instance.pk)
    ids = set(users.values_list("pk", flat=True))
    list(User.objects.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
    devices = PushSubscription.objects.filter(user__in=ids)
    devices.lock()
    devices.delete()
