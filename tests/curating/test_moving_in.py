"""What the file of a reader or of a planet brings along, until it is rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.curating.imports import add_next, begin_import
from aggregator.curating.lists import add_many
from aggregator.curating.moving_in import Arrival, read_list
from aggregator.exchange.opml import ListedRule, OpmlError, Outline
from aggregator.exchange.planet_config import PlanetConfigError
from aggregator.filtering.judging import rule_of
from aggregator.filtering.rules import Judge, Post
from aggregator.models import Feed
from tests.factories import NOW, make_feed, make_rule

PLANET = """[Planet]
name = Planet Kiln
filters = regexp_sifter.py?exclude=lottery
[https://kai.example/feed]
filter = Fire
    clay
exclude = (?i)vote for me
"""


def with_filter(pattern: str) -> Arrival:
    return read_list(f"[https://a.example/]\nfilter = {pattern}\n[https://b.example/]\nfilter = {pattern}\n".encode())


def test_filters_become_rules_of_ours() -> None:
    arrival = read_list(PLANET.encode())
    assert arrival.outlines[0].rules == (
        ListedRule("require", "(?-i:Fire)"),
        ListedRule("require", "(?-i:clay)"),
        ListedRule("drop", "vote for me"),
        ListedRule("drop", "(?-i:lottery)"),
    )
    assert arrival.rules_in_words == "filter and exclude, as 4 rules of 1 feed, unless a feed is here already."
    assert (arrival.notes, arrival.env_lines) == ((), ("SITE_NAME='Planet Kiln'",))


@pytest.mark.parametrize(
    ("pattern", "note"),
    [
        ("(", "filter “(”: 2 feeds; This is no regular expression: missing ), unterminated subpattern at character 1."),
        ("x" * 1001, f"filter “{'x' * 119}…”: 2 feeds; it has more than 1000 characters."),
        ("x" * 997, f"filter “{'x' * 119}…”: 2 feeds; it has more than 1000 characters."),
    ],
)
def test_a_filter_that_cannot_be_a_rule_is_named_and_its_feeds_come(pattern: str, note: str) -> None:
    arrival = with_filter(pattern)
    assert arrival.notes == (note,)
    assert [outline.rules for outline in arrival.outlines] == [(), ()]
    assert arrival.rules_in_words == ""


def test_a_feed_gets_no_more_rules_than_it_can_have() -> None:
    arrival = read_list(("[https://a.example/]\nexclude =\n" + "".join(f"  w{n}\n" for n in range(22))).encode())
    assert len(arrival.outlines[0].rules) == 20
    assert arrival.notes == (
        "exclude “w20”: 1 feed; a feed can have 20 rules.",
        "exclude “w21”: 1 feed; a feed can have 20 rules.",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16"])
def test_a_configuration_is_read_in_the_encoding_that_it_is_in(encoding: str) -> None:
    data = "[Planet]\nname = Größe\n[https://a.example/]\nname = Bücher".encode(encoding)
    arrival = read_list(data)
    assert (arrival.name, arrival.outlines[0].title) == ("Größe", "Bücher")


def test_control_characters_are_left_out() -> None:
    assert read_list(b"[Planet]\nname = Kil\x00n\x1b\n").name == "Kiln"


def test_a_file_is_read_as_what_it_looks_like() -> None:
    opml = b'\xef\xbb\xbf \n<opml><outline text="[A]" xmlUrl="https://a.example/"/></opml>'
    assert read_list(opml).outlines == (Outline("https://a.example/", "[A]"),)
    assert read_list(PLANET.encode()).name == "Planet Kiln"


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"", OpmlError), (b"\x89PNG", OpmlError), (b"Dear reader: hello", OpmlError), (b"[mypy]\n", PlanetConfigError)],
)
def test_a_file_that_looks_like_neither_is_refused(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_list(data)


# -- rows ------------------------------------------------------------------------------------------------------------


def rows(feed: Feed) -> list[tuple[str, str, str, bool]]:
    return list(feed.rules.values_list("action", "pattern", "field", "is_regex"))


EXPECTED = [
    ("require", "(?-i:Fire)", "whole", True),
    ("require", "(?-i:clay)", "whole", True),
    ("drop", "vote for me", "whole", True),
    ("drop", "(?-i:lottery)", "whole", True),
]


@pytest.mark.django_db
def test_a_feed_is_added_with_its_rules() -> None:
    report = add_many(read_list(PLANET.encode()).outlines)
    assert rows(report.added[0]) == EXPECTED
    assert report.lines[0].text == "Added with 4 rules; it waits for its first poll."


@pytest.mark.django_db
def test_rules_wait_with_the_lines_of_an_import() -> None:
    arrival = read_list(PLANET.encode())
    row = begin_import(arrival.outlines, curator="c", now=NOW, notes=["x"], env_lines=["A=1"])
    add_next(row.pk, NOW + timedelta(minutes=1))
    row.refresh_from_db()
    assert rows(Feed.objects.get()) == EXPECTED
    assert (row.notes, row.env_lines) == (["x"], ["A=1"])


@pytest.mark.django_db
def test_a_line_that_an_older_version_stored_is_added_without_rules() -> None:
    row = begin_import([Outline("https://a.example/feed", "A")], curator="c", now=NOW)
    row.lines.update(wanted={"url": "https://a.example/feed", "title": "A", "site_url": "", "category": ""})
    assert [line.text for line in add_next(row.pk, NOW)] == ["Added; it waits for its first poll."]


@pytest.mark.django_db
def test_a_feed_that_is_here_keeps_its_own_rules() -> None:
    feed = make_feed(url="https://kai.example/feed")
    make_rule(feed, "mine")
    report = add_many(read_list(PLANET.encode()).outlines)
    assert report.added == []
    assert rows(feed) == [("drop", "mine", "title", False)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("option", "title", "text", "is_dropped"),
    [
        ("exclude = ^(?!.*clay)", "A pot", "of clay", False),
        ("exclude = ^(?!.*clay)", "A pot", "of glass", True),
        ("filter = ^((?!sponsor).)*$", "A pot", "by a sponsor", True),
        ("filter = ^((?!sponsor).)*$", "A pot", "by Ann", False),
        ("filter = pot.*clay", "A pot", "of clay", False),
        ("exclude = Olive", "A pot", "of clay", True),
        ("exclude = kiln", "A pot", "of clay", True),
    ],
)
def test_an_expression_sees_the_post_as_a_whole(option: str, title: str, text: str, is_dropped: bool) -> None:
    [feed] = add_many(read_list(f"[https://a.example/]\n{option}\n".encode()).outlines).added
    judge = Judge(rule_of(row) for row in feed.rules.all())
    post = Post(title=title, text=text, author="Olive", tags=("kiln",))
    assert judge.judge(post).is_dropped == is_dropped


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "text", "is_dropped"),
    [
        ("Fire", "and clay", False),
        ("Fire", "and glass", True),
        ("fire", "and clay", True),
        ("Fire", "and clay: VOTE for me", True),
        ("Fire", "and clay: a lottery", True),
        ("Fire", "and clay: a Lottery", False),
    ],
)
def test_the_rules_drop_what_the_planet_dropped(title: str, text: str, is_dropped: bool) -> None:
    [feed] = add_many(read_list(PLANET.encode()).outlines).added
    judge = Judge(rule_of(row) for row in feed.rules.all())
    assert judge.judge(Post(title=title, text=text)).is_dropped == is_dropped
