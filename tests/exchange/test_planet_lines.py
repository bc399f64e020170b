"""Lines of planets' configurations as people write them: none costs the feeds around it, and none is lost silently."""

from __future__ import annotations

import tracemalloc

import pytest

from aggregator.exchange.opml import ListedRule
from aggregator.exchange.planet_config import PlanetConfigError, read_planet_config

FEED = "[http://a.example/f]\n"


def titles(text: str) -> dict[str, str]:
    return {outline.url: outline.title for outline in read_planet_config(text).feeds}


def notes(text: str) -> list[str]:
    config = read_planet_config(text)
    return [*config.skipped, *config.left_out]


def rules(text: str) -> list[ListedRule]:
    return [rule for outline in read_planet_config(text).feeds for rule in outline.rules]


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("nothing of the kind", "Line 2 (“nothing of the kind”) is neither a [section] nor an option."),
        ("face", "Line 2 (“face”) is neither a [section] nor an option."),
        ("http://c.example/f", "Line 2 (“http://c.example/f”) is neither a [section] nor an option."),
        ("= value", "Line 2 (“= value”) is neither a [section] nor an option."),
        ("[]", "[] is not the address of a feed on the web."),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_costs_no_feed(line: str, note: str) -> None:
    text = f"{FEED}{line}\nname = Ann\n[http://b.example/f]\nname = Bo\n"
    assert titles(text)["http://b.example/f"] == "Bo"
    assert notes(text) == [note]


def test_what_stands_before_a_planet_is_named() -> None:
    text = f"My own planet\nas of May\n[Planet]\nname = P\n{FEED}"
    assert titles(text) == {"http://a.example/f": ""}
    assert notes(text) == [
        f"Line {number} (“{line}”) is neither a [section] nor an option."
        for number, line in enumerate(["My own planet", "as of May"], start=1)
    ]


def test_a_file_with_nothing_else_is_refused_with_its_first_such_line() -> None:
    with pytest.raises(PlanetConfigError, match=r"no feeds\. Line 1 \(“see below”\)"):
        read_planet_config("see below\n[1] nothing\n")


@pytest.mark.parametrize(
    "line",
    ["# no", "; no", "rem no", "REM = no", "  # indented", "\t; indented", "#name = Bo"],
)
def test_remarks_are_remarks(line: str) -> None:
    text = f"{FEED}name = Ann\n{line}\nlink = http://a.example/\n"
    assert titles(text) == {"http://a.example/f": "Ann"}
    assert notes(text) == []


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("Ann ; moved", "Ann"),
        ("C# and F#; a blog", "C# and F#; a blog"),
        ("; nobody", ""),
        ('""', ""),
        ("Jos&eacute; &amp; Co", "José & Co"),
        ("a = b: c", "a = b: c"),
        ("100%", "100%"),
        ("100%% wool", "100% wool"),
        ("%B %d", "%B %d"),
        ("%(nobody)s", "%(nobody)s"),
    ],
)
def test_a_value_is_what_planet_made_of_it(value: str, title: str) -> None:
    assert titles(f"{FEED}name = {value}\n") == {"http://a.example/f": title}


@pytest.mark.parametrize(
    "between",
    ["\n", "\r\n", "\r", "\n\n", "\n\t", "\n    ", "\n\u3000"],
)
def test_an_option_that_follows_is_one_however_it_is_indented(between: str) -> None:
    text = f"[http://a.example/f]{between}name = Ann{between}face = a.png{between}twitter=ann\n"
    assert titles(text) == {"http://a.example/f": "Ann"}
    assert [note.partition(":")[0] for note in notes(text)] == ["face", "twitter"]


@pytest.mark.parametrize(
    "line",
    [
        " [http://b.example/f]",
        "\t[ http://b.example/f ]",
        "[http://b.example/f] # Bo [moved]",
        "[http://b.example/f] ; Bo",
        "[http://b.example/f",
    ],
)
def test_the_address_of_a_feed_begins_a_section_however_it_is_written(line: str) -> None:
    assert titles(f"{FEED}name = Ann\n{line}\nname = Bo\n") == {"http://a.example/f": "Ann", "http://b.example/f": "Bo"}


@pytest.mark.parametrize(
    ("section", "address"),
    [
        ("HTTP://A.Example/F", "HTTP://A.Example/F"),
        ("http://a.example/?tags[]=x", "http://a.example/?tags[]=x"),
        ("http://a.example/my feed", "http://a.example/my feed"),
        ("http://a.example/100%/f", "http://a.example/100%/f"),
        ("http://a.example/?a=1&amp;b=2", "http://a.example/?a=1&b=2"),
        ("feed://a.example/f", "feed://a.example/f"),
        ("feed:https://a.example/f", "feed:https://a.example/f"),
    ],
)
def test_an_address_is_taken_as_it_is_meant(section: str, address: str) -> None:
    assert list(titles(f"[{section}]\n")) == [address]


def test_names_in_values_are_filled_in_from_the_section_or_the_default() -> None:
    text = (
        "[DEFAULT]\nhome = /srv\ntopic = clay\nads = (?i)sponsored\n"
        "[Planet]\nname = Planet %(topic)s\nlink = http://%(topic)s.example/\ncache_directory = %(home)s/cache\n"
        "exclude = %(ads)s\nowner_email = %(topic)s@%(topic)s.example\n"
        "[http://a.example/f]\nnick = ann\nname = %(nick)s on %(topic)s\n"
        "[http://b.example/f]\ntopic = glass\nname = Bo on %(topic)s\n"
    )
    config = read_planet_config(text)
    assert titles(text) == {"http://a.example/f": "ann on clay", "http://b.example/f": "Bo on glass"}
    assert config.env_lines == (
        "SITE_NAME='Planet clay'",
        "WEBSITE_URL=http://clay.example",
        "CONTACT=clay@clay.example",
    )
    assert rules(text) == [ListedRule("drop", "(?i)sponsored")] * 2
    assert notes(text) == ["cache_directory: [Planet]; all that is read stays in the database."]


@pytest.mark.processor_seconds(10)
def test_names_within_names_fill_no_memory() -> None:
    lines = [f"n{level} = {f'%(n{level + 1})s' * 50}\n" for level in range(9)]
    with pytest.raises(PlanetConfigError, match="too often"):
        read_planet_config("[Planet]\n" + "".join(lines) + "n9 = x\nname = %(n0)s\n")
    assert titles(f"{FEED}name = %(name)s\n") == {"http://a.example/f": "%(name)s"}


def test_lines_of_a_filter_go_on_as_venus_read_them() -> None:
    text = f"{FEED}filter = one\n  [Tt]wo ; three\n\n\tTitle: four\n# no line of it\n  five\n"
    assert [rule.pattern for rule in rules(text)] == ["one", "[Tt]wo ; three", "Title: four", "five"]


def test_a_line_of_a_filter_that_may_be_a_remark_is_named_as_it_could_drop_all_posts() -> None:
    text = f"{FEED}filter = one\n  #two\n  ; three\nexclude = #four\n"
    assert rules(text) == [ListedRule("require", "one"), ListedRule("drop", "#four")]
    assert notes(text) == [
        f"Line {number} (“{line}”) may be an expression or a remark; write a rule if you need it."
        for number, line in ((3, "#two"), (4, "; three"))
    ]


def test_what_a_sifter_is_told_and_does_not_know_is_named() -> None:
    text = f"{FEED}filters = regexp_sifter.py?include=x&exclude=y\n[regexp_sifter.py]\nrequired = z\n"
    assert rules(text) == [ListedRule("drop", "y")]
    assert notes(text) == [
        "[regexp_sifter.py] is told to a template or a filter (required); neither is used here.",
        "filter regexp_sifter.py?include: 1 feed; scripts and style sheets aren't run here.",
    ]


@pytest.mark.parametrize(
    ("content_type", "way"),
    [
        ("opml", "import it as OPML"),
        ("foaf", "ask for OPML"),
        ("csv", "one in each line"),
        ("config", "as this file"),
    ],
)
def test_of_a_reading_list_it_is_said_what_to_do(content_type: str, way: str) -> None:
    assert way in notes(f"[http://a.example/list]\ncontent_type = {content_type}\n")[0]


def test_an_address_beside_the_address_of_its_section_is_named() -> None:
    assert notes(f"{FEED}feed = http://b.example/f\n") == ["feed: 1 feed; it means nothing here."]


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("ann@a.example", "CONTACT=ann@a.example"),
        ('"Ann, A" <ann@a.example>', "CONTACT=ann@a.example"),
        ("<ann@a.example> (Ann)", "CONTACT=ann@a.example"),
        ("mailto:ann@a.example", "CONTACT=mailto:ann@a.example"),
        ("https://a.example/contact", "CONTACT=https://a.example/contact"),
    ],
)
def test_the_owner_is_the_contact_however_the_address_is_written(written: str, line: str) -> None:
    assert read_planet_config(f"[Planet]\nowner_email = {written}\n").env_lines == (line,)


@pytest.mark.parametrize("written", ["ann at a dot example", "ann@a.example, bo@b.example", "Ann", "http://a.example/"])
def test_an_owner_who_cannot_be_written_to_is_named(written: str) -> None:
    config = read_planet_config(f"[Planet]\nowner_email = {written}\n")
    note = f"owner_email: [Planet]; {written} is no mail address; set CONTACT yourself."
    assert (config.env_lines, config.left_out) == ((), (note,))


@pytest.mark.parametrize("link", ["www.a.example", "/blog", "ftp://a.example/", "javascript:alert(1)"])
def test_a_link_that_is_no_address_is_named(link: str) -> None:
    config = read_planet_config(f"{FEED}link = {link}\n")
    assert (config.feeds[0].site_url, config.left_out) == (
        "",
        ("link: 1 feed; each blog's page is taken from its feed.",),
    )


def test_of_two_options_for_one_thing_the_second_is_named_if_it_says_something_else() -> None:
    text = "[Planet]\nname = P\ntitle = P\nowner_email = a@a.example\nemail = b@a.example\n"
    text += f"{FEED}name = Ann\ntitle = Bo\nlink = http://a.example/\nurl = http://a.example/\n"
    assert titles(text) == {"http://a.example/f": "Ann"}
    assert [note.partition(";")[0] for note in notes(text)] == ["email: [Planet]", "title: 1 feed"]


@pytest.mark.parametrize("ampersand", ["&amp;", "&#038;", "&#38;", "&#x26;", "&amp;amp;"])
@pytest.mark.parametrize("form", ["[http://a.example/?q=1{}f=2]", "[ann]\nfeed = http://a.example/?q=1{}f=2"])
def test_an_address_out_of_html_is_the_one_that_is_asked(form: str, ampersand: str) -> None:
    config = read_planet_config(f"{form.format(ampersand)}\nlink = http://a.example/?p=1{ampersand}l=de\n")
    assert [(feed.url, feed.site_url) for feed in config.feeds] == [
        ("http://a.example/?q=1&f=2", "http://a.example/?p=1&l=de")
    ]


def test_quotation_marks_around_a_value_are_no_part_of_it() -> None:
    text = "[Planet]\nname = \"Planet 'Kiln'\"\nlink = \"https://p.example/\"\nowner_email = 'a@p.example'\n"
    config = read_planet_config(
        f'{text}[http://a.example/f]\nname = "Ann"\n[http://b.example/f]\nname = "Bo" and "Cy"\n'
    )
    assert titles(f'{FEED}name = "Bo" and "Cy"\n') == {"http://a.example/f": '"Bo" and "Cy"'}
    assert config.feeds[0].title == "Ann"
    assert config.env_lines == (
        "SITE_NAME=\"Planet 'Kiln'\"",
        "WEBSITE_URL=https://p.example",
        "CONTACT=a@p.example",
    )


def test_a_section_that_only_has_the_page_of_a_blog_names_that() -> None:
    text = "title = P\n[ann]\n title = Ann\n link = http://a.example/\n feeed = http://a.example/f\n"
    text += "[bo]\n title = Bo\n feed = http://b.example/f\n"
    assert notes(text) == ["[ann] names no feed; add http://a.example/ by itself, if it has one."]


def test_an_address_may_stand_under_rss() -> None:
    config = read_planet_config("title = P\n[ann]\ntitle = Ann\nurl = http://a.example/\nrss = http://a.example/f\n")
    assert [(feed.url, feed.site_url) for feed in config.feeds] == [("http://a.example/f", "http://a.example/")]


def test_what_a_section_says_twice_is_named_as_one_of_it_does_not_count() -> None:
    text = f"{FEED}name = Ann\nface = a.png\n#[http://b.example/f]\nname = Bo\nface = b.png\n"
    assert titles(text) == {"http://a.example/f": "Bo"}
    assert notes(text)[0] == "Line 5 (“name = Bo”) counts, not “Ann” above it in the same section."
    twice = "title = P\n[blog]\nfeed = http://a.example/f\n[blog]\nfeed = http://b.example/f\n"
    assert "not “http://a.example/f” above it" in notes(twice)[0]
    assert notes(f"{FEED}name = Ann\n{FEED}name = Ann\n") == []


def test_a_planets_link_without_a_scheme_is_called_no_address() -> None:
    config = read_planet_config(f"[Planet]\nlink = planet.example\n{FEED}")
    assert config.left_out == ("link: [Planet]; planet.example is no web address; set WEBSITE_URL yourself.",)


def test_a_long_value_named_often_fills_no_memory() -> None:
    text = f"[Planet]\nlong = {'x' * 1_000_000}\nname = {'%(long)s' * 300}\n"
    tracemalloc.start()
    try:
        with pytest.raises(PlanetConfigError, match="too often"):
            read_planet_config(text)
        assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    finally:
        tracemalloc.stop()
