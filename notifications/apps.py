from __future__ import annotations

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks, receivers, this_browser  # noqa: F401, PLC0415 -- they need the models, which are ready only now

        receivers.connect()
        this_browser.connect()
