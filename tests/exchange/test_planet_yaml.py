"""Configurations that are YAML: Pluto's first versions, and Perlanet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exchange.opml import ListedRule, Outline
from aggregator.exchange.planet_config import PlanetConfigError, read_planet_config

PLUTO = """\
# Pluto, first version
title: Planet Oven
link:  http://oven.example
feeds:
  - Ann
  - bo
  - cas

Ann:
  title: "Ann: loaves"  # moved
  link:  http://a.example
  feed:  http://a.example/f
  avatar: a.png
  exclude: (?i)advert
bo:
  title: 'Bo #2'
  feed_url: http://b.example/f
"""
PERLANET = """\
---
title: Planet Oven
url: http://oven.example/
author:
  name: Olga
  email: olga@oven.example
entries: 20
page:
  file: index.html
  template: index.tt
filter:
  - Sanitize
feeds:
  - url: http://a.example/f
    title: Ann
    web: http://a.example/
  - feed: http://b.example/f # moved
    title: Bo
  - http://c.example/f
  - title: Nobody
what is this
"""


def test_plutos_sections_are_feeds() -> None:
    config = read_planet_config(PLUTO)
    assert config.env_lines == ("SITE_NAME='Planet Oven'", "WEBSITE_URL=http://oven.example")
    assert config.feeds == (
        Outline("http://a.example/f", "Ann: loaves", "http://a.example", rules=(ListedRule("drop", "(?i)advert"),)),
        Outline("http://b.example/f", "Bo #2"),
    )
    assert config.skipped == ("“cas” has no section of its own.",)
    assert config.left_out == ("avatar: 1 feed; pictures of people aren't shown.",)


def test_perlanets_list_names_the_feeds() -> None:
    config = read_planet_config(PERLANET)
    assert config.env_lines == (
        "SITE_NAME='Planet Oven'",
        "WEBSITE_URL=http://oven.example",
        "CONTACT=olga@oven.example",
    )
    assert config.feeds == (
        Outline("http://a.example/f", "Ann", "http://a.example/"),
        Outline("http://b.example/f", "Bo"),
        Outline("http://c.example/f"),
    )
    assert config.skipped == (
        "Line 21 (“what is this”) is no option that is read here.",
        "filter: a list of 1; it means nothing here.",
        "[Nobody] is not the address of a feed on the web.",
    )
    assert config.left_out == (
        "[page] is told to a template or a filter (file, template); neither is used here.",
        "entries: [Planet]; it means nothing here.",
        "owner_name: [Planet]; CONTACT is an address alone.",
    )


@given(st.text(st.sampled_from("- :#\"'\nafeedurl")).map("feeds:\n- url: http://a.example/\n".__add__))
def test_any_text_gives_a_configuration_or_a_refusal(text: str) -> None:
    refusal = ""
    try:
        read_planet_config(text)
    except PlanetConfigError as error:
        refusal = str(error)
    assert refusal == "" or refusal.endswith(".")


@pytest.mark.processor_seconds(10)
def test_a_large_file_is_read_in_no_time() -> None:
    text = "feeds:\n" + "".join(f"  - url: http://b{n}.example/\n    title: {n}\n" for n in range(5000))
    assert len(read_planet_config(text).feeds) == 5000
