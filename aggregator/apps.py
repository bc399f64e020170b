from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register
from django.utils.module_loading import import_string


class AggregatorConfig(AppConfig):
    name = "aggregator"
    verbose_name = "Planet"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(_check, "data")


def _check(**kwargs: Any) -> list[CheckMessage]:
    """What `health` finds; imported only when it is asked, as few commands do."""
    found: list[CheckMessage] = import_string("aggregator.health.check_data")(**kwargs)
    return found
