"""What a planet has of its own is in its backups, if it lies in DATA_DIR; what lies elsewhere is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from aggregator.keeping.backing_up import DATABASE, back_up
from aggregator.keeping.errors import Refused
from aggregator.keeping.in_use import FILE
from aggregator.keeping.kept_files import is_one
from aggregator.keeping.manifest import FORMAT
from aggregator.models import Feed
from aggregator.own.links import links_of
from tests.commands.running import refusal, run
from tests.factories import make_feed
from tests.keeping.forging import Contents, Forger
from tests.keeping.sites import SILENT, fill
from tests.own.pictures import png

pytestmark = [pytest.mark.usefixtures("data_dir"), pytest.mark.django_db(transaction=True), pytest.mark.any_database]
FOOT = "templates/pages/parts/own_foot.html"
LOGO = png(4, 4)


@pytest.fixture
def _own(settings: Any, data_dir: Path) -> None:
    (data_dir / "pictures").mkdir()
    (data_dir / "pictures" / "Logo.PNG").write_bytes(LOGO)
    (data_dir / "about.txt").write_text("Über uns\n")
    (data_dir / FOOT).parent.mkdir(parents=True)
    (data_dir / FOOT).write_text("<p>Ours</p>")
    (data_dir / f"{FOOT}~").write_text("<p>What an editor left</p>")
    settings.OWN_FILES = {"SITE_LOGO": data_dir / "pictures" / "Logo.PNG", "ABOUT_FILE": data_dir / "about.txt"}


@pytest.mark.usefixtures("_own")
def test_all_of_it_comes_back_and_belongs_to_its_user_alone(data_dir: Path, tmp_path: Path) -> None:
    fill()
    path = tmp_path / "site.tar.gz"
    printed = run("backup", str(path))
    assert "Keys in it: secret_key." in printed
    assert "Of the site's own in it: pictures/Logo.PNG, about.txt, templates/pages/parts/own_foot.html." in printed
    (data_dir / "pictures" / "Logo.PNG").unlink()
    (data_dir / "pictures").rmdir()
    (data_dir / "about.txt").write_text("Of another site")
    (data_dir / FOOT).unlink()
    run("restore", str(path), "--replace")
    assert (data_dir / "pictures" / "Logo.PNG").read_bytes() == LOGO
    assert (data_dir / "about.txt").read_text() == "Über uns\n"
    assert (data_dir / FOOT).read_text() == "<p>Ours</p>"
    assert {path.stat().st_mode & 0o077 for path in (data_dir / "about.txt", data_dir / "pictures")} == {0}


def test_colors_and_links_are_told_as_they_are_written(settings: Any, tmp_path: Path) -> None:
    fill()
    settings.FOOTER_LINKS = links_of("Imprint=https://example.org/imprint, Privacy=/privacy/")
    settings.SITE_ACCENT = "#0b5d4a"
    run("backup", str(tmp_path / "site.tar.gz"))
    settings.FOOTER_LINKS, settings.SITE_ACCENT = (), ""
    printed = run("restore", str(tmp_path / "site.tar.gz"), "--replace")
    assert "SITE_ACCENT was #0b5d4a there, and is empty here." in printed
    assert (
        "FOOTER_LINKS was Imprint=https://example.org/imprint, Privacy=/privacy/ there, and is empty here." in printed
    )


def test_what_lies_elsewhere_is_named_as_not_in_it(settings: Any, data_dir: Path, tmp_path: Path) -> None:
    fill()
    elsewhere = tmp_path / "logo.png"
    elsewhere.write_bytes(LOGO)
    settings.OWN_FILES = {"SITE_LOGO": elsewhere}
    printed = run("backup", str(tmp_path / "site.tar.gz"))
    assert f"Not in it, as it lies outside of DATA_DIR: SITE_LOGO ({elsewhere}). Keep it, too." in printed
    assert "own in it" not in printed


def test_a_file_that_is_gone_since_the_start_keeps_nobody_from_a_backup(
    settings: Any, data_dir: Path, tmp_path: Path
) -> None:
    fill()
    settings.OWN_FILES = {"SITE_LOGO": data_dir / "logo.png"}
    manifest = back_up(tmp_path / "site.tar.gz", timezone.now(), SILENT)
    assert [part.name for part in manifest.parts] == [DATABASE, "keys/secret_key"]


@pytest.mark.parametrize("name", ["my logo.png", f"{'a' * 81}.png", f"{'a/' * 50}a.png"])
def test_a_name_that_no_restore_would_take_is_told_of(settings: Any, data_dir: Path, tmp_path: Path, name: str) -> None:
    fill()
    place = data_dir / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(LOGO)
    settings.OWN_FILES = {"SITE_LOGO": place}
    with pytest.raises(Refused, match="has a name that no backup has: rename it"):
        back_up(tmp_path / "site.tar.gz", timezone.now(), SILENT)


@pytest.mark.parametrize(
    "name",
    [
        *("own/orrery.sqlite3", "own/orrery.sqlite3-wal", "own/secret_key", "own/x.html", "own/x.py", "own/.x.png"),
        *("own/static/x.png", "own/vapid_old/x.txt", "own/../x.png", "own/./x.png", "own//x.png", "own//etc/x.png"),
        *("own/templates/x.py", "own/templates/../x.html", "own/templates/a\nb.html", "own", "own/", "own/.png"),
        f"own/{'a/' * 50}a.png",
    ],
)
def test_no_backup_brings_a_file_of_such_a_name(name: str) -> None:
    assert not is_one(name)
    assert is_one("own/x.png")
    assert is_one("own/templates/x.html")


@pytest.mark.parametrize(
    "brought", [[("own/static/x.png", b"e")], [("own/x.png", b"e"), ("own/large.png", b"e" * (2**20 + 1))]]
)
def test_what_a_stranger_put_among_it_changes_nothing(backup: Path, data_dir: Path, brought: Contents) -> None:
    before = sorted(data_dir.rglob("*"))
    forger = Forger(backup)
    forger.write([(DATABASE, forger.database), *brought])
    make_feed("Since then")
    _, said = refusal("restore", str(backup), "--replace")
    assert said.startswith("This is no backup of Orrery's, or it is damaged: ")
    assert said.isprintable()
    assert Feed.objects.count() == 3
    assert sorted(path for path in data_dir.rglob("*") if path.name != FILE) == before


def test_a_file_in_the_place_of_its_folder_is_told_of_before_anything_changes(backup: Path, data_dir: Path) -> None:
    forger = Forger(backup)
    forger.write([(DATABASE, forger.database), ("own/templates/pages/foot.html", b"new")])
    (data_dir / "templates").mkdir()
    (data_dir / "templates" / "pages").write_text("a file")
    make_feed("Since then")
    _, said = refusal("restore", str(backup), "--replace")
    assert f"{data_dir / 'templates' / 'pages'} is a file" in said
    assert Feed.objects.count() == 3


def test_a_backup_of_before_there_was_any_restores(backup: Path) -> None:
    forger = Forger(backup)
    assert forger.manifest["format"] == FORMAT == 2
    forger.write([(DATABASE, forger.database)], format=1)
    run("restore", str(backup), "--replace")
    assert Feed.objects.count() == 2
