"""After a test that committed, the database is as a new one."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from aggregator.models import Feed
from tests import emptying
from tests.curators import log_in
from tests.emptying import Emptying
from tests.factories import make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db(transaction=True)


def rows() -> dict[type[Model], list[object]]:
    """Of all models, each row's values."""
    return {model: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


@pytest.mark.parametrize("many", [0, 1000])
def test_all_rows_go_but_those_of_django_which_are_as_they_were(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emptying, "MANY", many)
    before, of_new = rows(), Emptying()
    make_entry(make_feed(category=make_category("Web")), duplicate_of=make_entry(make_feed()))
    log_in(may=["change_feed"])
    Group.objects.create(name="Curators").permissions.add(Permission.objects.earliest("pk"))
    ContentType.objects.get_for_model(Feed).delete()
    of_new.empty()
    assert rows() == before
