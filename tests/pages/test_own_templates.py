"""A planet's own templates go before ours; a slip in one is named at the start, with its line."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client, override_settings

from aggregator.pages.own_templates import faults, refuse_broken
from tests.factories import make_entry, make_feed
from tests.processes import Site

FOOT = "pages/parts/own_foot.html"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    own = tmp_path / "templates"
    own.mkdir()
    engine = {**site_settings.TEMPLATES[0], "DIRS": [own, *site_settings.TEMPLATES[0]["DIRS"][1:]]}
    with override_settings(DATA_DIR=tmp_path, TEMPLATES=[engine]):
        yield own


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_sites_folder_is_the_first_that_is_looked_into() -> None:
    assert site_settings.TEMPLATES[0]["DIRS"][0] == site_settings.DATA_DIR / "templates"


@pytest.mark.django_db
@pytest.mark.any_database
def test_one_takes_the_place_of_ours_on_every_page(client: Client, folder: Path) -> None:
    make_entry(make_feed("Ada"))
    write(folder, FOOT, "<p>Run by the {{ SITE_NAME }} Society</p>")
    write(folder, "base.html", '{% extends "base.html" %}{% block after %}<p>Beside all</p>{% endblock %}')
    refuse_broken()
    assert run_checks(tags=["templates"]) == []
    for address in ("/", "/about/", "/nothing/here"):
        html = client.get(address).content.decode()
        assert "<p>Run by the Orrery Society</p>" in html
        assert "</html>" in html
    assert "<p>Beside all</p>" in html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<p>\n{% if x %}", ", line 2: Unclosed tag on line 2: 'if'"),
        ("\n\n{{ x|nonesuch }}", ", line 3: Invalid filter: 'nonesuch'"),
        ("{% load nonesuch %}", ", line 1: 'nonesuch' is not a registered tag library"),
        ("{{ x", ""),
        ('\n{% include "pages/nonesuch.html" %}', ", line 2: there is no template 'pages/nonesuch.html'"),
        ('{% if x %}\n{% include "./nonesuch.html" %}{% endif %}', ", line 2: there is no template 'pages/parts/none"),
        (f'{{% include "{FOOT}" %}}', ", line 1: it includes itself, without end"),
        ('{% extends "nonesuch.html" %}', ", line 1: there is no template 'nonesuch.html'"),
        ("\n{% url 'nonesuch' %}", ", line 2: {% url %} knows no 'nonesuch'"),
        ("{% url 'admin:nonesuch' %}", ""),
        ("{% url 'nonesuch:index' %}", ", line 1: {% url %} knows no 'nonesuch:index'"),
        ("{% load static %}\n{% static 'nonesuch.css' %}", ", line 2: there is no static file 'nonesuch.css'"),
    ],
    ids=lambda value: value[:30],
)
def test_a_slip_in_one_is_named_with_its_line(folder: Path, text: str, said: str) -> None:
    path = write(folder, FOOT, text)
    if not said:  # nothing that can be told before a page is made
        assert list(faults()) == []
        return
    with pytest.raises(ImproperlyConfigured) as raised:
        refuse_broken()
    assert str(raised.value).startswith(f"The template {path}{said}")
    assert str(raised.value).endswith(". Mend it, or move it away; then start again.")
    assert [error.msg for error in run_checks(tags=["templates"])] == [str(raised.value)]


def test_what_a_page_may_do_without_is_no_slip(folder: Path) -> None:
    write(folder, FOOT, "{% url 'nonesuch' as address %}{% include x %}{% include 'a'|add:x %}{% include first %}")
    write(folder, "base.html", "{% extends name %}")
    assert list(faults()) == []


def test_one_that_is_no_text_is_named(folder: Path) -> None:
    path = write(folder, FOOT, "")
    path.write_bytes(b"caf\xe9")
    (said,) = faults()
    assert said.startswith(f"The template {path}: it is no text in UTF-8")


def test_all_slips_are_told_at_once(folder: Path) -> None:
    for name in (FOOT, "404.html"):
        write(folder, name, "{% if %}")
    assert len(list(faults())) == 2


def test_one_that_nothing_asks_for_is_warned_of(folder: Path) -> None:
    path = write(folder, "pages/parts/foott.html", "<p>Ours</p>")
    write(folder, FOOT, '{% include "pages/parts/society.html" %}')
    write(folder, "pages/parts/society.html", "<p>Ours</p>")
    write(folder, "pages/parts/foot.html~", "{% if %}")
    (warning,) = run_checks(tags=["templates"])
    assert warning.id == "aggregator.W002"
    assert warning.msg.startswith(f"{path} is used by no page")


def test_a_site_without_any_has_nothing_to_look_through(tmp_path: Path) -> None:
    with override_settings(DATA_DIR=tmp_path):
        assert run_checks(tags=["templates"]) == []


@pytest.mark.django_db
@pytest.mark.any_database
def test_setup_site_ends_with_it(folder: Path) -> None:
    write(folder, FOOT, "{% if %}")
    with pytest.raises(SystemCheckError, match=r"own_foot\.html, line 1"):
        call_command("setup_site", skip_checks=False, stdout=StringIO(), stderr=StringIO())


@pytest.mark.slow
def test_a_web_server_with_a_slip_in_one_does_not_start_and_says_why(tmp_path: Path) -> None:
    site = Site(tmp_path / "site.sqlite3", tmp_path / "data")
    path = write(tmp_path / "data" / "templates", FOOT, "<p>\n{% if %}")
    log = tmp_path / "log"
    with pytest.raises(OSError, match="refused"), site.web_server(log=log) as address:
        raise OSError(f"connection refused, so to say, at {address}: it ended")
    (line,) = log.read_text().splitlines()
    assert line.startswith(f"The template {path}, line 2: ")
