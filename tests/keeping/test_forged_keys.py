"""A backup that a stranger forged, and the files that it brings: none of them breaks the site that is here."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from aggregator.keeping.backing_up import DATABASE, back_up
from aggregator.keeping.errors import Refused
from aggregator.keeping.in_use import FILE
from aggregator.keeping.restoring import restore
from aggregator.models import Feed
from tests.commands.running import refusal, run
from tests.factories import make_feed
from tests.keeping.forging import Contents, Forger
from tests.keeping.sites import SILENT

pytestmark = [pytest.mark.usefixtures("data_dir"), pytest.mark.django_db(transaction=True), pytest.mark.any_database]
OLD = "keys/vapid_old"


@pytest.mark.parametrize(
    "keys",
    [
        [("keys/secret_key/x", b"e")],
        [(OLD, b"e")],
        [(OLD, b"e"), (f"{OLD}/x", b"e")],
        [(f"{OLD}/x/y", b"e")],
        [(f"{OLD}/{'a' * 81}", b"e")],
        [(f"{OLD}/a\nb", b"e")],
        [(f"{OLD}/\x1b[2J", b"e")],
        [(f"{OLD}/é", b"e")],
        [(f"{OLD}/..", b"e")],
        [(f"{OLD}/", b"e")],
        [(f"{OLD}/.hidden", b"e")],
        [("keys//secret_key", b"e")],
        [("./keys/secret_key", b"e")],
        [("keys/secret_key", b"e"), ("keys/secret_key", b"e")],
        [("keys/secret_key", b"")],
        [("keys/secret_key", b" \n")],
        [("keys/secret_key", b"\xff\0\xfe" * 30)],
        [("keys/secret_key", b"e" * (2**16 + 1))],
        [(f"{OLD}/good", b"e"), (f"{OLD}/large", b"e" * (2**16 + 1))],
    ],
    ids=lambda keys: ascii([name for name, _ in keys])[:60],
)
def test_what_is_no_key_of_a_backup_changes_nothing(backup: Path, data_dir: Path, keys: Contents) -> None:
    forger = Forger(backup)
    forger.write([(DATABASE, forger.database), *keys])
    make_feed("Since then")
    _, said = refusal("restore", str(backup), "--replace")
    assert said.startswith("This is no backup of Orrery's, or it is damaged: ")
    assert said.isprintable()
    assert Feed.objects.count() == 3
    assert sorted(path.name for path in data_dir.iterdir() if path.is_file()) == [FILE, "secret_key"]
    assert (data_dir / "secret_key").read_text() == "the first\n"


def test_two_databases_are_one_too_many(backup: Path) -> None:
    forger = Forger(backup)
    forger.write([(DATABASE, forger.database)] * 2)
    _, said = refusal("restore", str(backup), "--replace")
    assert "no database, or more than one" in said


@pytest.mark.parametrize("name", ["secret_key", "vapid_old/abc"])
def test_a_place_that_is_taken_is_told_of_before_anything_changes(backup: Path, data_dir: Path, name: str) -> None:
    """The site that is here may have there what nobody expects."""
    forger = Forger(backup)
    forger.write([(DATABASE, forger.database), ("keys/vapid_private_key", b"new"), (f"keys/{name}", b"new")])
    (data_dir / "secret_key").unlink()
    taken = data_dir / name.partition("/")[0]
    taken.write_text("a file") if "/" in name else taken.mkdir()
    make_feed("Since then")
    _, said = refusal("restore", str(backup), "--replace")
    assert f"{taken} is a" in said
    assert "Move it away" in said
    assert Feed.objects.count() == 3
    assert sorted(path.name for path in data_dir.iterdir()) == sorted([FILE, taken.name])


def test_keys_come_to_their_places(backup: Path, data_dir: Path) -> None:
    """A folder of DATA_DIR that nobody made yet is made, and all belongs to its owner alone."""
    forger = Forger(backup)
    longest = "a" * 80
    forger.write([(DATABASE, forger.database), ("keys/secret_key", b"new"), (f"{OLD}/{longest}", b"old")])
    run("restore", str(backup), "--replace")
    placed = [data_dir / "secret_key", data_dir / "vapid_old" / longest]
    assert [path.read_text() for path in placed] == ["new", "old"]
    assert {path.stat().st_mode & 0o777 for path in placed} == {0o600}
    assert sorted(path.name for path in data_dir.iterdir()) == [FILE, "secret_key", "vapid_old"]


@pytest.mark.parametrize(("name", "content"), [("my key", "x"), ("a" * 81, "x"), ("abc", "é"), ("abc", "x" * 70_000)])
def test_no_backup_is_made_that_no_restore_would_take(data_dir: Path, tmp_path: Path, name: str, content: str) -> None:
    (data_dir / "vapid_old").mkdir()
    (data_dir / "vapid_old" / name).write_text(content)
    path = tmp_path / "site.tar.gz"
    with pytest.raises(Refused, match=f"{name} (has a name|is no key)"):
        back_up(path, timezone.now(), SILENT)
    assert not path.exists()


def test_an_empty_file_is_no_key_and_keeps_nobody_from_a_backup(data_dir: Path, tmp_path: Path) -> None:
    (data_dir / "secret_key").write_text("")
    path = tmp_path / "site.tar.gz"
    assert [part.name for part in back_up(path, timezone.now(), SILENT).parts] == [DATABASE]
    restore(path, timezone.now(), SILENT, may_replace=True)
