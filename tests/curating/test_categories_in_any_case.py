"""A category is found by its name in upper or lower case, in any script, wherever somebody names one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from aggregator.curating.adding import add_feed, category_named
from aggregator.curating.imports import add_next, begin_import
from aggregator.curating.lists import add_many
from aggregator.exchange.opml import Outline
from aggregator.models import Category, Feed
from tests.commands.running import run
from tests.curators import log_in
from tests.factories import NOW, make_category

pytestmark = pytest.mark.django_db
SAME = [
    ("Ökologie", "ökologie"),
    ("привет", "ПРИВЕТ"),
    ("Économie", "ÉCONOMIE"),
    ("Straße", "STRASSE"),
    ("Café", "cafe\u0301"),
    ("Web", "wEB"),
]
URL = "https://a.example/feed"


def by_hand(name: str, folder: Path) -> None:
    add_feed(URL, category=name)


def by_command(name: str, folder: Path) -> None:
    run("add_feed", URL, "--category", name, "--no-poll")


def by_a_list(name: str, folder: Path) -> None:
    add_many([Outline(url=URL, category=name)])


def by_an_import(name: str, folder: Path) -> None:
    add_next(begin_import([Outline(url=URL, category=name)], curator="ada", now=NOW).pk, NOW)


def by_opml(name: str, folder: Path) -> None:
    file = folder / "list.opml"
    outline = f'<outline text="{name}"><outline text="A" xmlUrl="{URL}"/></outline>'
    file.write_text(f"<opml><body>{outline}</body></opml>", encoding="utf-8")
    run("import_opml", str(file), "--no-poll")


def by_a_planet(name: str, folder: Path) -> None:
    file = folder / "config.ini"
    file.write_text(f"[Planet]\nname = Planet\n[{URL}]\nname = A\n", encoding="utf-8")
    run("import_planet", str(file), "--category", name, "--no-poll")


@pytest.mark.parametrize("add", [by_hand, by_command, by_a_list, by_an_import, by_opml, by_a_planet])
@pytest.mark.parametrize(("name", "other"), SAME)
def test_a_feed_comes_into_the_category_of_that_name(
    add: Callable[[str, Path], None], name: str, other: str, tmp_path: Path
) -> None:
    shelf = make_category(name, slug="shelf")
    add(other, tmp_path)
    assert (Feed.objects.get().category, Category.objects.get().name) == (shelf, name)


def test_marks_tell_categories_apart() -> None:
    assert category_named("Ökologie") != category_named("Okologie")


@pytest.mark.parametrize(("name", "other"), SAME)
def test_no_two_are_called_alike_whoever_writes_them(name: str, other: str) -> None:
    make_category(name, slug="one")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_category(other, slug="two")
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.bulk_create([Category(name=other, slug="two")])


def saved(client: Client, category: Category | None, name: str, slug: str) -> str:
    """The HTML of the page that the desk shows after this form."""
    verb, args = ("change", [category.pk]) if category else ("add", [])
    address = reverse(f"admin:aggregator_category_{verb}", args=args)
    return client.post(address, {"name": name, "slug": slug, "position": 0}, follow=True).content.decode()


@pytest.mark.parametrize(("name", "other"), SAME)
def test_the_desk_says_which_category_is_there_already(name: str, other: str) -> None:
    make_category(name, slug="one")
    assert f"There is a category of this name already: {name}." in saved(log_in(), None, other, "two")
    assert Category.objects.count() == 1


def test_the_desk_renames_no_category_to_anothers_name_but_writes_its_own_in_another_case() -> None:
    client, shelf, other = log_in(), make_category("Ökologie", slug="one"), make_category("Web")
    assert "There is a category of this name already: Ökologie." in saved(client, other, "ökologie", "web")
    saved(client, shelf, "ÖKOLOGIE", "one")
    assert set(Category.objects.values_list("name", "caseless_name")) == {("Web", "web"), ("ÖKOLOGIE", "ökologie")}


def test_a_category_that_is_renamed_during_an_import_takes_those_in_another_case_too() -> None:
    names = ["Ökologie"] * 100 + ["ÖKOLOGIE"]
    outlines = [Outline(url=f"https://blog{number}.example/", category=name) for number, name in enumerate(names)]
    row = begin_import(outlines, curator="ada", now=NOW)
    add_next(row.pk, NOW)
    Category.objects.update(name="Umwelt")
    add_next(row.pk, NOW)
    assert set(Feed.objects.values_list("category__name", flat=True)) == {"Umwelt"}
