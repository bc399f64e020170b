from __future__ import annotations

from django.apps import AppConfig


class AggregatorConfig(AppConfig):
    name = "aggregator"
    verbose_name = "Planet"
    default_auto_field = "django.db.models.BigAutoField"
