"""Whole configurations of planets, as such planets have them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregator.exchange.opml import ListedRule, Outline
from aggregator.exchange.planet_config import PlanetConfig, read_planet_config

PLANETS = Path(__file__).parent / "planets"


def planet(name: str) -> PlanetConfig:
    """What is read of a configuration in `planets`, which tells its story first."""
    return read_planet_config((PLANETS / f"{name}.ini").read_text(encoding="utf-8"))


DROPS_SALES = ListedRule("drop", "(?i)raku sale")
DROPS_SPONSORS = ListedRule("drop", "SPONSORED")
NEEDS_GLAZE = ListedRule("require", "[Gg]laze|kiln")


def test_a_venus_planet_comes_with_the_filters_that_we_have_too() -> None:
    """A feed's own filter stands for the planet's or the default; all that `filters` names is run."""
    assert {outline.title: outline.rules for outline in planet("venus").feeds} == {
        "Kai Thrower": (NEEDS_GLAZE, DROPS_SPONSORS, DROPS_SALES),
        "Kim (100% clay)": (
            NEEDS_GLAZE,
            ListedRule("drop", r"(?i)\bvote for me\b"),
            ListedRule("drop", "^Links for [0-9]{4}"),
            DROPS_SALES,
        ),
        "Lou": (ListedRule("require", "Fire"), ListedRule("require", "Earth"), DROPS_SPONSORS, DROPS_SALES),
        "": (NEEDS_GLAZE, DROPS_SPONSORS, DROPS_SALES),
    }


def test_what_a_venus_planet_says_of_itself_is_ready_for_the_env_file() -> None:
    assert planet("venus").env_lines == (
        r'SITE_NAME="Planet Kiln: \"pots & pans\""',
        "WEBSITE_URL=http://planet.kiln.example",
        "CONTACT=olive@kiln.example",
        "FRONT_PAGE_ENTRIES=45",
    )


def test_what_a_planet_2_says_of_itself_is_ready_where_it_can_be() -> None:
    config = planet("planet2")
    assert config.env_lines == ("SITE_NAME='Planet Loom'", "FRONT_PAGE_ENTRIES=25")
    assert (
        "owner_email: [Planet]; wanda at loom dot example is no mail address; set CONTACT yourself." in config.left_out
    )
    reason = "link: [Planet]; https://planet.loom.example/weavers/ has more than a host, and WEBSITE_URL is a host"
    assert any(line.startswith(reason) for line in config.left_out)


def test_pluto_s_sections_are_feeds_however_they_are_indented() -> None:
    config = planet("pluto")
    line = "[dee] names no feed; add http://dee.bakery.example/ by itself, if it has one."
    assert (config.name, config.skipped) == ("Planet Bakery", (line,))
    assert config.env_lines == ("SITE_NAME='Planet Bakery'", "CONTACT=olga@bakery.example")
    assert config.feeds == (
        Outline("http://ann.bakery.example/feed.xml", "Ann's loaves", "http://ann.bakery.example/"),
        Outline(
            "http://bo.bakery.example/rss",
            "Bo bakes",
            rules=(ListedRule("require", "(rye|spelt)"), ListedRule("drop", "Advert")),
        ),
        Outline("https://cas.bakery.example/atom", "Cas"),
    )


TAKEN = {"name", "title", "link", "filter", "filters", "exclude", "owner_email", "email", "items_per_page"}
TAKEN |= {"feed", "feed_url"}
LENT = {"home", "host", "ads", "owner", "nick"}
"""Which stand in others."""


@pytest.mark.parametrize("name", ["venus", "planet2", "pluto", "distro", "desktop"])
def test_every_option_is_taken_over_or_named_in_one_line(name: str) -> None:
    written = (PLANETS / f"{name}.ini").read_text(encoding="utf-8")
    options = set(re.findall(r"^[ \t]*([a-z_]+)\s*[=:]", written, re.MULTILINE)) - TAKEN - LENT
    lines = planet(name).left_out
    sections = [line for line in lines if line.startswith("[")]
    named = {line.partition(":")[0] for line in lines} | set(re.findall(r"\w+", " ".join(sections)))
    if name in {"venus", "desktop"}:
        named |= {"content_type", "depth"}  # of reading lists, which are named as a whole
    assert sorted(options - named) == []
    assert len(lines) == len({line.partition(":")[0] for line in lines})


def test_a_distributions_planet_comes_with_all_of_its_feeds() -> None:
    config = planet("distro")
    assert [(outline.url, outline.title) for outline in config.feeds] == [
        ("https://ada.anvil.example/blog/feed/", "Ada Smith"),
        ("https://bo.anvil.example/?feed=rss2&lang=en", "Bo & friends"),
        ("https://dee.anvil.example/feed", "Dee"),
        ("HTTPS://Ada.Anvil.Example/blog/feed/", "Ada again"),
        ("https://eve.anvil.example/feed.xml", "Eve"),
        ("http://fay.anvil.example/my posts/feed", "fay's 100%"),
    ]
    assert config.skipped == ("Line 53 (“name is the name”) is neither a [section] nor an option.",)
    assert {"icon: 2 feeds; pictures of people aren't shown.", "username: 1 feed; only names are shown."} <= set(
        config.left_out
    )


def test_a_desktops_planet_comes_with_all_of_its_rules() -> None:
    config = planet("desktop")
    everyones = (
        ListedRule("require", "[Ll]athe|[Ww]ood"),
        ListedRule("drop", "^Links for"),
        ListedRule("drop", r"^\[Ad\]"),
    )
    no_ads = ListedRule("drop", r"(?i)\b(sponsored|advert)\b")
    drafts = tuple(ListedRule("drop", pattern) for pattern in ("{draft}", r"[[]ad\]", "(broken"))
    assert {outline.title: outline.rules for outline in config.feeds} == {
        "Gus": (no_ads, *everyones),
        "Hal": (*drafts, *everyones),
        "Ivy": (no_ads, *everyones),
        "Jo": (ListedRule("require", "Wood"), no_ads, *everyones),
    }
    assert config.env_lines == (
        "SITE_NAME='Planet Lathe'",
        "WEBSITE_URL=https://planet.lathe.example",
        "CONTACT=mailto:olga@planet.lathe.example",
    )


def test_an_option_is_named_with_how_many_feeds_have_it() -> None:
    lines = planet("venus").left_out
    assert "face: 2 feeds; pictures of people aren't shown." in lines
    assert "facewidth: [DEFAULT]; pictures of people aren't shown." in lines
    assert "favourite_colour: 1 feed; it means nothing here." in lines
    assert "filter only-glaze.xslt: 2 feeds; scripts and style sheets aren't run here." in lines
