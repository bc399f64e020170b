"""A backup that a stranger forged: one sentence, and nothing has changed. Here, the file and what it says of itself."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregator.keeping.archive import MANIFEST
from aggregator.keeping.backing_up import DATABASE
from aggregator.keeping.in_use import FILE
from aggregator.keeping.manifest import FORMAT
from aggregator.models import Feed
from tests.commands.running import refusal, run
from tests.keeping.forging import Forger

pytestmark = [pytest.mark.usefixtures("data_dir"), pytest.mark.django_db(transaction=True), pytest.mark.any_database]
SENTENCE = "This is no backup of Orrery's, or it is damaged: "
KEY = ("keys/secret_key", b"x" * 60)


@pytest.fixture
def forger(backup: Path) -> Forger:
    return Forger(backup)


@pytest.fixture
def refused(backup: Path, data_dir: Path) -> Iterator[None]:
    """After the test, what it made of the backup is restored: with a sentence, and without a trace."""
    yield
    _, said = refusal("restore", str(backup), "--replace")
    assert said.startswith(SENTENCE)
    assert said.endswith(" Nothing was changed.")
    assert said.isprintable()
    assert len(said) < 600
    assert Feed.objects.count() == 2
    assert sorted(path.name for path in data_dir.iterdir()) == [FILE, "secret_key"]
    assert (data_dir / "secret_key").read_text() == "the first\n"


KINDS = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [MANIFEST, KEY[0]])
def test_all_in_it_are_plain_files(forger: Forger, refused: None, name: str, kind: bytes) -> None:
    forger.write([(DATABASE, forger.database), KEY], {name: kind})


def test_a_file_as_large_as_it_likes_to_call_itself_is_not_written(
    forger: Forger, backup: Path, refused: None, tmp_path: Path
) -> None:
    """A sparse one has a size, and no content."""
    size = 50 * 10**6
    part = {"name": DATABASE, "size_bytes": size, "sha256": "0" * 64}
    entry = tarfile.TarInfo(DATABASE)
    entry.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(entry.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0" % 0 * 2
    header[483:495] = b"\x80" + size.to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    forger.write([], parts=[part])
    content = gzip.decompress(backup.read_bytes()).rstrip(b"\0")
    whole = content + bytes(-len(content) % tarfile.BLOCKSIZE) + header + bytes(2 * tarfile.BLOCKSIZE)
    backup.write_bytes(gzip.compress(whole))


def test_a_name_that_fills_the_memory_is_not_read(backup: Path, refused: None) -> None:
    entry = tarfile.TarInfo("././@LongLink")
    entry.type, entry.size = tarfile.GNUTYPE_LONGNAME, 3 * 2**30
    backup.write_bytes(gzip.compress(entry.tobuf(tarfile.GNU_FORMAT) + bytes(2**20)))


def test_it_ends_where_it_says(forger: Forger, backup: Path, refused: None) -> None:
    forger.write([(DATABASE, forger.database)])
    backup.write_bytes(backup.read_bytes() + gzip.compress(bytes(2**20)))


def test_what_the_disk_has_no_room_for_is_not_begun(forger: Forger, backup: Path) -> None:
    forger.write([(DATABASE, b"")], parts=[{"name": DATABASE, "size_bytes": 2**50, "sha256": "0" * 64}])
    _, said = refusal("restore", str(backup), "--replace")
    assert "Make room there" in said
    assert Feed.objects.count() == 2


@pytest.mark.parametrize("text", [b"[" * 200_000, b'{"format": ' + b"9" * 5000 + b"}", b"[]", b"\xff", b"{}", b"null"])
def test_what_it_says_is_no_nonsense(forger: Forger, refused: None, text: bytes) -> None:
    forger.write_raw([(MANIFEST, text)], {})


@pytest.mark.parametrize(
    "said",
    [
        {"format": 0},
        {"format": "1"},
        {"format": True},
        {"made_at": 5},
        {"made_at": "2026-06-24"},
        {"made_at": "\x1b[2J"},
        {"version": "\x1b]0;x\x07"},
        {"version": "1" * 10_000},
        {"migrations": None},
        {"migrations": "aggregator.0001_initial"},
        {"migrations": [1, 2]},
        {"migrations": [{}]},
        {"counts": [1, 2]},
        {"counts": {"feeds": None}},
        {"counts": {"feeds": 10**400}},
        {"counts": {"\x1b[31mred": 1}},
        {"settings": ["a"]},
        {"settings": {"SITE_NAME": None}},
        {"set_names": "ab"},
        {"parts": None},
        {"parts": [{"name": DATABASE, "size_bytes": -1, "sha256": "0" * 64}]},
        {"parts": [{"name": DATABASE, "size_bytes": "5", "sha256": "0" * 64}]},
        {"parts": [{"name": DATABASE, "size_bytes": 10**400, "sha256": "0" * 64}]},
        {"parts": [{"name": 7, "size_bytes": 5, "sha256": "0" * 64}]},
        {"parts": [{"name": DATABASE, "size_bytes": 5, "sha256": ""}]},
        {"more": 1},
    ],
    ids=lambda said: json.dumps(said)[:40],
)
def test_what_it_says_is_of_the_kinds_that_it_must_be(forger: Forger, refused: None, said: dict[str, Any]) -> None:
    forger.write([(DATABASE, forger.database), KEY], **said)


def test_a_newer_version_is_named_in_one_line(forger: Forger, backup: Path) -> None:
    forger.write(
        [(DATABASE, forger.database)], format=FORMAT + 1, version="\x1b]0;x\x07\x1b[2J9.9\nAll is well." + "!" * 9999
    )
    _, said = refusal("restore", str(backup), "--replace")
    assert "9.9 All is well.!!!" in said
    assert said.isprintable()
    assert len(said) < 500


def test_no_secret_is_told_and_the_terminal_not_steered(forger: Forger, backup: Path, settings: Any) -> None:
    settings.SECRET_KEY = "the secret of this site, which nobody sees"
    said = {"SECRET_KEY": "guess", "DATABASES": "guess", "SITE_NAME": "\x1b[2J\x1b]0;x\x07\ud800\u202e" + "a" * 9999}
    forger.write([(DATABASE, forger.database)], settings=said)
    printed = run("restore", str(backup), "--replace")
    assert "SITE_NAME was [2J ]0;x aaa" in printed
    assert "there, and is" in printed
    assert all(line.isprintable() and len(line) < 500 for line in printed.splitlines())
    assert "SECRET_KEY" not in printed
    assert "DATABASES" not in printed
    assert "nobody sees" not in printed
