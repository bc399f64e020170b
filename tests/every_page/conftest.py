"""Every kind of public page, made once for all tests of this folder."""

from __future__ import annotations

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from .kinds import Pages, every_page


@pytest.fixture(scope="module")
def pages(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Pages:
    """As Django answered; their rows are gone again."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = every_page()
        transaction.set_rollback(True)
    return made
