"""What can't be backed up or restored is refused in a sentence, before anything has changed."""

from __future__ import annotations

import errno
import fcntl
import gzip
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from aggregator.keeping.archive import opened, pack
from aggregator.keeping.backing_up import DATABASE, back_up
from aggregator.keeping.errors import Refused, files_in_plain_words
from aggregator.keeping.in_use import FILE, NotNow, alone, in_use
from aggregator.keeping.manifest import FORMAT
from aggregator.keeping.other_database import in_place_of_the_site
from aggregator.keeping.restoring import restore
from aggregator.models import Category, Feed
from tests.commands.running import refusal, run
from tests.factories import make_feed
from tests.keeping.sites import SILENT, fill

pytestmark = [pytest.mark.usefixtures("data_dir"), pytest.mark.django_db(transaction=True), pytest.mark.any_database]


# -- a backup ----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_there_is_overwritten_only_when_told(backup: Path) -> None:
    before = backup.read_bytes()
    _, said = refusal("backup", str(backup))
    assert "is there already" in said
    assert "--overwrite" in said
    assert backup.read_bytes() == before
    make_feed()
    run("backup", str(backup), "--overwrite")
    assert backup.read_bytes() != before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no/such/folder/site.tar.gz", "there is no such folder"),
        ("data", "is a folder. Name a file in it, such as"),
        ("data/secret_key/site.tar.gz", "a part of the path is no folder"),
        ("-", "needs a file"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_named_with_the_way_out(tmp_path: Path, name: str, said: str) -> None:
    _, sentence = refusal("backup", name if name == "-" else str(tmp_path / name))
    assert said in sentence
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_what_the_system_says_of_files_is_told_in_words(number: int) -> None:
    with (
        pytest.raises(Refused, match=r"^/x can't be written: .*\. .+\.$"),
        files_in_plain_words(Path("/x"), verb="written"),
    ):
        raise OSError(number, os.strerror(number))


def test_a_damaged_database_makes_no_backup(tmp_path: Path) -> None:
    database = tmp_path / "orrery.sqlite3"
    with in_place_of_the_site(database):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE entry (at text)")
            cursor.execute("CREATE INDEX entry_timeline ON entry (at)")
            cursor.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entry_timeline'")
            [root] = cursor.fetchone()
        connection.close()
        with database.open("r+b") as file:
            file.seek((root - 1) * 4096)
            file.write(b"torn" * 1024)
        _, said = refusal("backup", str(tmp_path / "site.tar.gz"))
    assert "The database is damaged" in said
    assert "restore the last good backup" in said
    assert not (tmp_path / "site.tar.gz").exists()


def test_a_database_without_tables_makes_no_backup(tmp_path: Path) -> None:
    with in_place_of_the_site(tmp_path / "orrery.sqlite3"):
        connection.ensure_connection()
        _, said = refusal("backup", str(tmp_path / "site.tar.gz"))
    assert "there is nothing to back up" in said


# -- a restore ---------------------------------------------------------------------------------------------------------


def cut(share: float) -> Callable[[bytes], bytes]:
    return lambda whole: whole[: int(len(whole) * share) - 1]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99, 1])
def test_a_backup_that_is_cut_off_is_refused(backup: Path, data_dir: Path, share: float) -> None:
    check_that_it_is_refused(backup, data_dir, cut(share), "damaged|no backup of Orrery")


def test_a_backup_that_was_changed_is_refused(backup: Path, tmp_path: Path) -> None:
    """Wherever: but for bits that gzip has no use for."""
    whole, changed = backup.read_bytes(), tmp_path / "changed.tar.gz"
    content = gzip.decompress(whole)
    taken, refused = [], set()
    for at in range(0, len(whole), len(whole) // 60):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :])
        folder = tmp_path / f"unpacked-{at}"
        folder.mkdir()
        try:
            with opened(changed) as archive:
                archive.unpack(folder, SILENT)
            taken.append(gzip.decompress(changed.read_bytes()) == content)
        except Refused as error:
            refused.add(str(error).partition(":")[0])
    assert all(taken)
    assert refused == {"This is no backup of Orrery's, or it is damaged"}
    assert len(taken) < 20


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b"])
def test_what_is_no_backup_is_refused(backup: Path, data_dir: Path, content: bytes) -> None:
    check_that_it_is_refused(backup, data_dir, lambda _: content, "no backup of Orrery")


def check_that_it_is_refused(backup: Path, data_dir: Path, change: Callable[[bytes], bytes], said: str) -> None:
    backup.write_bytes(change(backup.read_bytes()))
    (data_dir / "secret_key").write_text("another\n")
    with pytest.raises(Refused, match=said):
        restore(backup, timezone.now(), SILENT, may_replace=True)
    assert Feed.objects.count() == 2
    assert (data_dir / "secret_key").read_text() == "another\n"
    assert sorted(path.name for path in data_dir.iterdir()) == [FILE, "secret_key"]


def test_the_archive_of_somebody_else_is_refused(tmp_path: Path, data_dir: Path) -> None:
    path = tmp_path / "other.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(data_dir, "data")
    with pytest.raises(Refused, match="no backup of Orrery"):
        restore(path, timezone.now(), SILENT, may_replace=True)


@pytest.mark.parametrize(
    "name", ["keys/../../escaped", "keys/.hidden", "/etc/passwd", "keys/orrery.sqlite3", "static/x"]
)
def test_a_backup_brings_no_file_that_backups_do_not_have(tmp_path: Path, data_dir: Path, name: str) -> None:
    fill()
    path, database = tmp_path / "site.tar.gz", tmp_path / "rows"
    manifest = back_up(path, timezone.now(), SILENT)
    with tarfile.open(path) as archive, database.open("wb") as file:
        content = archive.extractfile(DATABASE)
        assert content
        file.write(content.read())
    pack(path, manifest, [(DATABASE, database), (name, data_dir / "secret_key")], SILENT)
    with pytest.raises(Refused, match="no backup of Orrery"):
        restore(path, timezone.now(), SILENT, may_replace=True)


def test_the_backup_of_a_newer_version_is_refused_by_name(tmp_path: Path) -> None:
    fill()
    path = tmp_path / "site.tar.gz"
    manifest = back_up(path, timezone.now(), SILENT)
    newer = replace(manifest, version="9.9", migrations=[*manifest.migrations, "aggregator.9999_new"])
    pack(path, newer, [], SILENT)
    with pytest.raises(Refused, match=r"newer version of Orrery \(9\.9\).*9999_new.*Install that version"):
        restore(path, timezone.now(), SILENT, may_replace=True)
    assert json.loads(newer.text())["format"] == FORMAT


def test_a_site_that_has_rows_is_replaced_only_when_told(backup: Path) -> None:
    make_feed("New")
    _, said = refusal("restore", str(backup))
    assert "--replace" in said
    assert Feed.objects.count() == 3
    assert "1 account" in run("restore", str(backup), "--replace")
    assert Feed.objects.count() == 2


def test_an_account_that_the_first_start_made_keeps_nobody_from_restoring(backup: Path) -> None:
    for kind in (Feed, Category, get_user_model()):
        kind.objects.all().delete()
    get_user_model().objects.create_superuser("admin", password="made by the first start")
    run("restore", str(backup))
    assert [user.username for user in get_user_model().objects.all()] == ["ann"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    _, said = refusal("restore", str(tmp_path / "none.tar.gz"))
    assert "none.tar.gz can't be read: there is no such folder, or no such file" in said


# -- who else uses the site --------------------------------------------------------------------------------------------


def test_nothing_is_restored_while_web_server_or_worker_run(backup: Path, data_dir: Path) -> None:
    with in_use(data_dir), in_use(data_dir):
        _, said = refusal("restore", str(backup), "--replace")
    assert "Stop both" in said


def test_neither_starts_while_a_restore_is_under_way(data_dir: Path) -> None:
    with alone(data_dir), pytest.raises(NotNow, match="A restore is under way"), in_use(data_dir):
        pass
    with in_use(data_dir):
        pass


def test_nothing_is_restored_while_another_program_has_the_database_open(backup: Path) -> None:
    line = sqlite3.connect(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else connection.copy()
    with closing(line):
        cursor = line.cursor()
        cursor.execute("SELECT count(*) FROM aggregator_feed")
        cursor.fetchall()
        _, said = refusal("restore", str(backup), "--replace")
    assert "Others use the database" in said
    assert "Stop the site's web server and worker" in said
    run("restore", str(backup), "--replace")


def test_two_backups_to_one_file_do_not_meet(tmp_path: Path) -> None:
    folder = tmp_path / ".site.tar.gz.orrery-unfinished"
    folder.mkdir()
    line = os.open(folder, os.O_RDONLY)
    fcntl.flock(line, fcntl.LOCK_EX)
    _, said = refusal("backup", str(tmp_path / "site.tar.gz"))
    os.close(line)
    assert "Another program is at work on" in said
    run("backup", str(tmp_path / "site.tar.gz"))
