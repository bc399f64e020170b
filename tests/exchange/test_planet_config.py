from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exchange.opml import Outline
from aggregator.exchange.planet_config import PlanetConfigError, read_planet_config

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
    config = read_planet_config(PLANET)
    assert (config.name, config.skipped) == ("Planet Garden", ())
    assert config.feeds == (
        Outline("https://ada.example/feed.xml", "Ada: notes, 100% wool"),
        Outline("http://bob.example:8080/?feed=rss2&lang=en", "Bob"),
    )


def test_reading_lists_and_themes_are_left_behind() -> None:
    assert feeds(VENUS) == (
        Outline("feed://cyd.example/rss", "Cyd"),
        Outline("https://dan.example/atom.xml", "Dan the second", "https://dan.example/"),
    )


def test_what_looks_like_a_subscription_and_is_none_is_reported() -> None:
    assert read_planet_config(VENUS).skipped == (
        "[feeds/local.xml] is not the address of a feed on the web.",
        "[http://lists.example/planet.opml] is a reading list, not a feed: save it and import it as OPML.",
        "[https://people.example/foaf.rdf] is a reading list, not a feed: FOAF isn't read here; ask for OPML.",
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


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_line_is_one_line_however_it_ends(end: str) -> None:
    assert feeds(end.join(["[Planet]", "name = P", "[https://a.example/f]", *["#"] * 60_000]))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("<opml><body/></opml>", r"no \[section\]"),
        ("title = Planet\n", r"no \[section\]"),
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


# -- options ---------------------------------------------------------------------------------------------------------


def test_a_file_of_endless_options_is_summed_up() -> None:
    lines = read_planet_config("[Planet]\n" + "".join(f"{n}{'x' * 500} = 1\n" for n in range(500))).left_out
    assert (len(lines), lines[-1]) == (201, "And 300 more like these.")
    assert max(map(len, lines)) < 200


def test_a_name_in_a_line_cannot_steer_a_terminal() -> None:
    lines = read_planet_config("[Planet]\n\x9b2J\u202eface = 1\n").left_out
    assert lines == ("2jface: [Planet]; it means nothing here.",)


def rules(text: str) -> list[tuple[str, str]]:
    (outline,) = feeds(text)
    return [tuple(rule) for rule in outline.rules]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Planet]\nfilter = A\n[http://a.example/]\n", [("require", "A")]),
        ("[Planet]\nfilter = A\n[http://a.example/]\nfilter = B\n", [("require", "B")]),
        ("[Planet]\nfilter = A\n[http://a.example/]\nexclude = B\n", [("require", "A"), ("drop", "B")]),
        ("[Planet]\nfilter = A\n[DEFAULT]\nfilter = B\n[http://a.example/]\n", [("require", "B")]),
        ("[http://a.example/]\nfilter =\n  A\n  B C\n", [("require", "A"), ("require", "B C")]),
        (
            "[http://a.example/]\nfilters = x/regexp_sifter.py?require=a%2Bb&exclude=c+d&require=e",
            [("require", "a+b"), ("drop", "c d"), ("require", "e")],
        ),
        ("[http://a.example/]\nfilters = regexp_sifter.py?require=A%0AB", [("require", "A"), ("require", "B")]),
        (
            "[DEFAULT]\nfilters = regexp_sifter.py\n[regexp_sifter.py]\nexclude = A\n[http://a.example/]\n",
            [("drop", "A")],
        ),
        ("[planet]\ntitle = P\n[a]\nfeed = http://a.example/\ninclude = A\n", [("require", "A")]),
    ],
)
def test_filters_are_found_wherever_venus_looks_for_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert rules(text) == expected


@pytest.mark.parametrize("value", ["0", "many", "-5", "1001", "٣", "9" * 5000])
def test_a_count_that_no_page_can_have_is_no_setting(value: str) -> None:
    config = read_planet_config(f"[Planet]\nname = P\nitems_per_page = {value}\n")
    assert config.env_lines == ("SITE_NAME=P",)
    assert config.left_out[0].startswith("items_per_page: [Planet]; ")


@pytest.mark.parametrize(
    "link",
    ["planet.example", "ftp://planet.example/", "https://u:secret@planet.example/", "http://[", "https://p.example/?a"],
)
def test_an_address_that_is_no_setting_is_named_without_its_password(link: str) -> None:
    config = read_planet_config(f"[Planet]\nlink = {link}\n")
    assert config.env_lines == ()
    assert config.left_out[0].startswith("link: [Planet]; ")
    assert "secret" not in config.left_out[0]


@pytest.mark.parametrize("path", ["/blogs/", "/blogs", "/blogs/index.html"])
def test_a_planet_in_a_folder_hears_what_the_web_server_must_do(path: str) -> None:
    (line,) = read_planet_config(f"[Planet]\nlink = http://planet.example{path}\n").left_out
    assert "the web server must redirect /blogs/* to /*." in line
    assert "nginx: `rewrite ^/blogs/(.*)$ /$1 permanent;`" in line
    assert "Caddy, in three lines: `handle_path /blogs/* {`, `redir {uri} permanent`, `}`" in line


@pytest.mark.parametrize("path", ["/;return", "/a b/", "/(x/", "/{x}/", "/../", "/?folder=/x/"])
def test_nothing_that_a_web_server_would_read_as_its_own_gets_into_such_a_line(path: str) -> None:
    (line,) = read_planet_config(f"[Planet]\nlink = http://planet.example{path}\n").left_out
    assert "nginx" not in line


# -- hostile files ---------------------------------------------------------------------------------------------------

FEW, MANY = ("".join(f"[http://b{n}.example/]\n" for n in range(count)) for count in (1000, 5000))


@pytest.mark.processor_seconds(10)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[Planet]\na" + " " * 1_000_000 + "b\n", "Line 2"),
        ("[Planet]\na" + "\u3000\t" * 500_000 + "b\n", "Line 2"),
        ("\n" * 5_000_000 + "x", "too large"),
        ("\n" * 50_000 + "#\n" * 40_000 + "x", r"no \[section\]"),
        ("[DEFAULT]\nexclude = a\n" + "  b\n" * 101 + FEW, "more than 100 lines"),
        ("[DEFAULT]\nfilters = " + "a.py " * 101 + "\n" + FEW, "more than 100 filters"),
        (
            "[DEFAULT]\nfilters = regexp_sifter.py?require=" + "a" * 20_001 + "\n" + FEW,
            "more than 20000 characters",
        ),
        (MANY + "[http://one.more.example/]", "more than 5000 feeds"),
    ],
)
def test_a_hostile_file_is_refused_in_no_time(text: str, words: str) -> None:
    assert re.search(words, refusal_of(text) or "")


@pytest.mark.processor_seconds(10)
def test_what_counts_for_all_feeds_is_read_in_no_time() -> None:
    everything = "[DEFAULT]\nexclude =\n" + "".join(f"  w{n}\n" for n in range(100)) + "face = x\n" + FEW
    assert {len(outline.rules) for outline in feeds(everything)} == {100}
