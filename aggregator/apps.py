from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.core.checks import CheckMessage, register
from django.db.models.signals import post_save
from django.utils.module_loading import import_string


class AggregatorConfig(AppConfig):
    name = "aggregator"
    default = True
    verbose_name = "Planet"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(_check, "data")
        register(_check_templates, "templates")
        post_save.connect(_index, sender="aggregator.Entry")
        post_save.connect(_index_anew, sender="aggregator.EntryText")


class DeskConfig(SimpleAdminConfig):
    """Django's admin as this site has it. `config.urls` loads its pages, so that commands start without them."""

    default_site = "aggregator.desk.site.DeskSite"


def _check(**kwargs: Any) -> list[CheckMessage]:
    """What `health` finds; imported only when it is asked, as few commands do."""
    found: list[CheckMessage] = import_string("aggregator.health.check_data")(**kwargs)
    return found


def _check_templates(**kwargs: Any) -> list[CheckMessage]:
    """The same of templates of the site's own."""
    found: list[CheckMessage] = import_string("aggregator.pages.own_templates.check_templates")(**kwargs)
    return found


def _index(**kwargs: Any) -> None:
    """An entry that was saved by itself is found by its words. Imported only then, as most are saved together."""
    import_string("aggregator.search.index.follow_saving")(**kwargs)


def _index_anew(**kwargs: Any) -> None:
    """The same of words that `loaddata` brought."""
    import_string("aggregator.search.index.follow_loading")(**kwargs)
