"""The build is another word as soon as a page could be another one, and the same one else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.test import override_settings

from aggregator.pages import build as build_module
from aggregator.pages.build import SETTINGS, build, folders

ROOT = Path(settings.BASE_DIR)
ROOMS_OF_PAGES = ("pages", "syndication", "exchange", "templatetags", "models", "diagnosis")
ON_NO_STORED_PAGE = {
    "ALLOWED_HOSTS": "who is answered, not what with",
    "AUTH_USER_MODEL": "whose accounts they are, not what readers see",
    "HAS_MAIL": "only the page of a proposal, which nobody keeps",
    "BASE_DIR": "where the code is, whatever it is",
    "STATICFILES_DIRS": "where the static files are, whatever they are",
    "KEEP_ENTRIES_DAYS": "only /about/ and what is gone, which are made each time",
    "KEEP_ENTRIES_PER_FEED": "only /about/ and what is gone, which are made each time",
    "FETCH_HOST_SPACING_SECONDS": "only /about/, which is made each time",
    "FETCH_TIMEOUT_SECONDS": "only /about/, which is made each time",
    "FETCH_MAX_BYTES": "only /about/, which is made each time",
    "DATA_DIR": "where templates of the site's own are, whatever they are",
    "OWN_TEMPLATES": "where templates of the site's own are, whatever they are",
    "POLL_INTERVAL_MIN_SECONDS": "only /about/, which is made each time",
    "POLL_INTERVAL_MAX_SECONDS": "only /about/, which is made each time",
}


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """It is made once for each process; here once for each question."""
    build.cache_clear()
    yield
    build.cache_clear()


def settings_read_by(path: Path) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "settings"}


def test_it_knows_each_setting_that_pages_read() -> None:
    files = [path for room in ROOMS_OF_PAGES for path in (ROOT / "aggregator" / room).rglob("*.py")]
    read = set().union(*map(settings_read_by, files))
    assert len(read) > 5
    assert read - ON_NO_STORED_PAGE.keys() <= set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_another_setting_makes_another_build(name: str) -> None:
    before = build()
    build.cache_clear()
    with override_settings(**{name: "something else"}):
        assert build() != before


def test_a_template_of_the_sites_own_makes_another_build_when_it_says_another_thing(tmp_path: Path) -> None:
    own = tmp_path / "pages" / "front.html"
    own.parent.mkdir()
    words = []
    with override_settings(TEMPLATES=[{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]):
        for text in ("one", "two", "one"):
            own.write_text(text)
            build.cache_clear()
            words.append(build())
    assert words[0] == words[2] != words[1]


def test_a_static_file_makes_another_build(tmp_path: Path) -> None:
    before = build()
    build.cache_clear()
    (tmp_path / "own.css").write_text("p {}")
    with override_settings(STATICFILES_DIRS=[*settings.STATICFILES_DIRS, tmp_path]):
        assert build() != before


def test_other_names_of_static_files_make_another_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pages have those that were collected when the process started, whatever lies in the folder since."""
    monkeypatch.setattr(build_module, "staticfiles_storage", storage := ManifestStaticFilesStorage(tmp_path))
    words = []
    for name in ("base.0123.css", "base.4567.css", "base.0123.css"):
        storage.hashed_files = {"css/base.css": name}
        build.cache_clear()
        words.append(build())
    assert words[0] == words[2] != words[1]


def test_it_is_made_of_the_code_of_the_pages_and_of_what_is_sent_with_them() -> None:
    all_folders = set(folders())
    assert all_folders >= {ROOT / "aggregator", ROOT / "config", ROOT / "templates", ROOT / "static"}
