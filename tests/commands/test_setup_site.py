"""The first start of a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aggregator.models import Feed
from tests.commands.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STATICFILES_FINDERS = []  # collecting them is tested elsewhere


@pytest.mark.parametrize(("contact", "is_missing"), [("", True), ("ann@kiln.example", False)])
def test_it_says_that_nobody_can_be_written_to_and_fills_nothing_in(
    settings: Any, contact: str, is_missing: bool
) -> None:
    settings.CONTACT = contact
    assert ("CONTACT is not set" in run("setup_site")) == is_missing
    assert not Feed.objects.exists()


def test_an_empty_file_is_not_told_as_the_password(tmp_path: Path) -> None:
    run("setup_site")
    (tmp_path / "admin_password").write_text("\n")
    printed = run("setup_site")
    assert f"{tmp_path / 'admin_password'} is empty; `manage.py changepassword admin` sets another one" in printed
