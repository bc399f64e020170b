from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register
from django.utils.module_loading import import_string


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They need the models, which are ready only now.
        from notifications import receivers  # noqa: PLC0415
        from notifications.devices import this_browser  # noqa: PLC0415

        register(_check, "push")
        receivers.connect()
        this_browser.connect()


def _check(**kwargs: Any) -> list[CheckMessage]:
    """What `checks` finds; imported only when it is asked, as a poll needs no cryptography."""
    found: list[CheckMessage] = import_string("notifications.checks.check_all")(**kwargs)
    return found
