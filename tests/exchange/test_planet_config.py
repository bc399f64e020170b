from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exchange.opml import Outline
from aggregator.exchange.planet_config import PlanetConfig, PlanetConfigError, read_planet_config

PLANET = """\
# Planet 2.0, as its examples are written
[Planet]
name = Planet Garden
link = https://planet.example/
owner_name = Ada Gardener
owner_email = ada@planet.example
cache_directory = /var/cache/planet
template_files = examples/index.html.tmpl examples/rss20.xml.tmpl
date_format = %B %d, %Y %I:%M %p
new_date_format = %B %d

[examples/index.html.tmpl]
items_per_page = 30
date_format = %H:%M

[DEFAULT]
facewidth = 64
name = Nobody

[https://ada.example/feed.xml]
name = Ada: notes, 100%% wool
face = ada.png

[http://bob.example:8080/?feed=rss2&lang=en]
name: Bob ; moved in May
"""
VENUS = """\
[Planet]
name = Venus
filters = excerpt.py
output_theme = asf

[excerpt.py]
width = 500

[feeds/local.xml]
name = A file on the disk

[feed://cyd.example/rss]
name = Cyd

[http://lists.example/planet.opml]
content_type = opml
name = Friends of friends

[https://people.example/foaf.rdf]
content_type = foaf

[https://dan.example/atom.xml]
name = Dan
    the second
link = https://dan.example/
filters = html2xslt.plugin?%(x)s
"""


def feeds(text: str) -> tuple[Outline, ...]:
    return read_planet_config(text).feeds


def refusal_of(text: str) -> str | None:
    """The words of the refusal, or None if it was read."""
    try:
        read_planet_config(text)
    except PlanetConfigError as error:
        return str(error)
    return None


def test_a_planet_moves_in_with_its_name_and_feeds() -> None:
    assert read_planet_config(PLANET) == PlanetConfig(
        name="Planet Garden",
        feeds=(
            Outline("https://ada.example/feed.xml", "Ada: notes, 100% wool"),
            Outline("http://bob.example:8080/?feed=rss2&lang=en", "Bob"),
        ),
    )


def test_venus_filters_and_themes_are_left_behind() -> None:
    assert feeds(VENUS) == (Outline("https://dan.example/atom.xml", "Dan the second", "https://dan.example/"),)


def test_what_looks_like_a_subscription_and_is_none_is_reported() -> None:
    assert read_planet_config(VENUS).skipped == (
        "[feeds/local.xml] is not the address of a feed on the web.",
        "[feed://cyd.example/rss] is not the address of a feed on the web.",
        "[http://lists.example/planet.opml] is a reading list, not a feed: save it and import it as OPML.",
        "[https://people.example/foaf.rdf] is a reading list, not a feed: save it and import it as OPML.",
    )


def test_a_feed_that_is_listed_twice_comes_once() -> None:
    text = "[https://a.example/f]\nface = a.png\n[https://b.example/f]\n[ https://a.example/f ]\nname = Ada\n"
    assert feeds(text) == (Outline("https://a.example/f", "Ada"), Outline("https://b.example/f"))


def test_a_repeated_section_is_one_feed() -> None:
    text = "[https://a.example/f]\nname = Old\n[https://a.example/f]\nname = New\nname = Newer\n"
    assert feeds(text) == (Outline("https://a.example/f", "Newer"),)


def test_feeds_without_a_planet_section_are_read() -> None:
    assert feeds("\ufeff[https://a.example/f]\nname = Größe\n") == (Outline("https://a.example/f", "Größe"),)


def test_an_option_with_an_empty_value_does_no_harm() -> None:
    assert feeds("[https://a.example/f]\nname =\n") == (Outline("https://a.example/f"),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("<opml><body/></opml>", "line 1 stands before the first"),
        ("name = Planet\n[Planet]\n", "line 1 stands before the first"),
        ("[mypy]\nstrict = true\n", r"no \[Planet\] section and no feeds"),
        ("[Planet]\n= nothing\n", "Line 2 .* neither"),
        ("[Planet]\nname\n continued\n", "Line 2 .* neither"),
        ("[Planet]\n" + "#" * (5 * 2**20), "too large"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused_in_plain_words(text: str, words: str) -> None:
    with pytest.raises(PlanetConfigError, match=words):
        read_planet_config(text)


@given(st.text() | st.text(st.sampled_from("[]=:;#% \n\thttps://a.Pn")).map("[Planet]\n".__add__))
def test_any_text_gives_a_configuration_or_a_refusal(text: str) -> None:
    refusal = refusal_of(text)
    assert refusal is None or refusal.endswith(".")
