from __future__ import annotations

import stat
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from notifications.vapid.key_files import make_first
from notifications.vapid.keys import VapidKey, current_path, keyring
from tests.notifications.outbox import make_device


@pytest.fixture(autouse=True)
def site(settings: LazySettings, tmp_path: Path) -> LazySettings:
    settings.DATA_DIR = tmp_path
    settings.VAPID_PRIVATE_KEY = settings.VAPID_PUBLIC_KEY = ""
    settings.VAPID_OLD_PRIVATE_KEYS = []
    settings.WEBSITE_URL = "https://planet.example.org"
    return settings


def vapid_keys(*arguments: str) -> str:
    out = StringIO()
    call_command("vapid_keys", *arguments, stdout=out)
    return out.getvalue()


def current() -> VapidKey:
    key = keyring().current
    assert key is not None
    return key


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_first_call_makes_a_pair_and_the_next_one_shows_it(tmp_path: Path) -> None:
    assert "made a VAPID key pair" in vapid_keys("--ensure")
    assert vapid_keys() == f"{current().public}\n"
    assert vapid_keys("--ensure") == ""
    assert names(tmp_path) == {"vapid_private_key"}


def test_of_two_first_starts_at_once_one_makes_the_key() -> None:
    assert make_first() == current()
    assert make_first() is None
    assert list(current_path().parent.iterdir()) == [current_path()]


def test_a_broken_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "vapid_private_key").write_text("torn")
    for arguments in ((), ("--ensure",), ("--rotate",)):
        with pytest.raises(CommandError, match="vapid_private_key can't be used"):
            vapid_keys(*arguments)
    assert (tmp_path / "vapid_private_key").read_text() == "torn"


def test_a_generated_pair_fits_into_the_environment_and_is_kept_nowhere(site: LazySettings, tmp_path: Path) -> None:
    values = dict(line.split("=", 1) for line in vapid_keys("--generate").splitlines())
    assert names(tmp_path) == set()
    site.VAPID_PRIVATE_KEY, site.VAPID_PUBLIC_KEY = values["VAPID_PRIVATE_KEY"], values["VAPID_PUBLIC_KEY"]
    assert current().public == values["VAPID_PUBLIC_KEY"]
    assert vapid_keys() == f"{current().public}\n"


@pytest.mark.django_db
def test_a_rotated_key_signs_on_for_the_devices_that_know_it(tmp_path: Path) -> None:
    vapid_keys("--ensure")
    old = current()
    make_device(key_id=old.id)
    make_device(key_id=old.id)
    report = vapid_keys("--rotate")
    assert current() != old
    assert keyring().get(old.id) == old
    assert f"{current().id}  current  0 devices" in report
    assert f"{old.id}  old      2 devices" in report
    assert names(tmp_path) == {"vapid_private_key", f"vapid_old/{old.id}"}


def test_only_their_owner_reads_the_keys(tmp_path: Path) -> None:
    vapid_keys("--ensure")
    call_command("vapid_keys", ensure=True)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in names(tmp_path)]
    assert modes == [0o600]


@pytest.mark.django_db
def test_rotated_keys_are_read_by_their_owner_only(tmp_path: Path) -> None:
    vapid_keys("--ensure")
    vapid_keys("--rotate")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in names(tmp_path)}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "vapid_old").stat().st_mode) == 0o700


def test_a_key_of_the_environment_is_rotated_there(site: LazySettings, tmp_path: Path) -> None:
    key = VapidKey.new()
    site.VAPID_PRIVATE_KEY = key.private_text
    report = vapid_keys("--rotate")
    assert "VAPID_OLD_PRIVATE_KEYS" in report
    assert key.private_text not in report
    assert current() == key
    assert names(tmp_path) == set()


@pytest.mark.django_db
def test_a_dropped_key_signs_no_more() -> None:
    vapid_keys("--ensure")
    old = current()
    make_device(key_id=old.id)
    vapid_keys("--rotate")
    report = vapid_keys("--drop", old.id)
    assert keyring().get(old.id) is None
    assert f"{old.id}  gone     1 device: to be repaired on a visit" in report


def test_the_current_key_cannot_be_dropped() -> None:
    vapid_keys("--ensure")
    with pytest.raises(CommandError, match="--rotate"):
        vapid_keys("--drop", current().id)
    assert current()


def test_a_key_of_the_environment_cannot_be_dropped_here(site: LazySettings) -> None:
    old = VapidKey.new()
    site.VAPID_OLD_PRIVATE_KEYS = [old.private_text]
    with pytest.raises(CommandError, match="VAPID_OLD_PRIVATE_KEYS"):
        vapid_keys("--drop", old.id)


def test_an_unknown_key_cannot_be_dropped() -> None:
    with pytest.raises(CommandError, match="There is no key"):
        vapid_keys("--drop", "0" * 16)


@pytest.mark.django_db
def test_a_broken_old_key_can_be_dropped_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "vapid_old").mkdir()
    (tmp_path / "vapid_old" / "0123456789abcdef").write_text("torn")
    vapid_keys("--drop", "0123456789abcdef")
    assert keyring().problems == ()


@pytest.mark.django_db
def test_the_check_says_who_needs_which_key() -> None:
    vapid_keys("--ensure")
    make_device(key_id=current().id)
    report = vapid_keys("--check")
    assert f"{current().id}  current  1 device\n" in report
    assert "Contact for push services: https://planet.example.org" in report


@pytest.mark.django_db
def test_the_check_fails_where_a_pair_does_not_match(site: LazySettings) -> None:
    site.VAPID_PRIVATE_KEY, site.VAPID_PUBLIC_KEY = VapidKey.new().private_text, VapidKey.new().public
    with pytest.raises(CommandError, match="can't be used"):
        vapid_keys("--check")
