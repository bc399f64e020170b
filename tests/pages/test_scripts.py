"""The scripts of public pages are few, small, and written so that no browser that loads them stumbles."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.test import Client

from tests.factories import make_entry
from tests.outline import page_at

SCRIPTS = sorted((Path(__file__).resolve().parents[2] / "static" / "js").glob("*.js"))
MAX_BYTES = 8_000
MAX_LINES = 120
NOT_OURS = r"innerHTML|insertAdjacentHTML|document\.write|cookie|eval\(|new Function|https?:|sessionStorage|indexedDB"
TOO_NEW = r"\?\.[a-z\[(]|\?\?|catch \{|\{ ?\.\.\.|await import|#[a-z]+ ?[=;(]"
"""What the first browsers that knew modules did not."""


def test_together_they_are_small() -> None:
    assert sum(len(gzip.compress(path.read_bytes())) for path in SCRIPTS) <= MAX_BYTES
    assert {path.name: lines for path in SCRIPTS if (lines := path.read_text().count("\n")) >= MAX_LINES} == {}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.name))
def test_each_keeps_to_what_a_script_here_may_do(path: Path) -> None:
    code = re.sub(r"//.*", "", path.read_text())
    assert re.findall(NOT_OURS, code) == []
    assert re.findall(TOO_NEW, code) == []


@pytest.mark.django_db
@pytest.mark.any_database
def test_pages_load_as_modules_what_they_have_a_use_for(client: Client) -> None:
    post = make_entry()
    keys, times, news = (f"/static/js/{name}.js" for name in ("keys", "times", "news"))
    loaded = {
        "/": [keys, times, news],
        post.get_absolute_url(): [keys, times],
        "/archive/2026/06/": [keys, times],
        "/about/": [keys, times],
        "/sources/": [keys],
    }
    for path, sources in loaded.items():
        scripts = page_at(client, path).named("script")
        assert [(script["type"], script["src"]) for script in scripts] == [("module", source) for source in sources]
