"""Each rule of `tests.feed_rules` is seen to be broken by a document that breaks it: what can't fail holds nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from aggregator.models import Enclosure, SiteState
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.feed_rules import RULES, broken_rules
from tests.feed_rules.parts import html_faults, is_mail_date, is_media_type, is_moment, is_own_id, is_web_address

SITE = "https://planet.example"
GUID = '<guid isPermaLink="false">tag:ada.example,2026:1</guid>'
SELF = 'rel="self"'
TEXT = "<title>One</title>"
CATEGORY = "<category>Python</category>"
P = "&lt;p&gt;"

ANOTHER = '<enclosure url="https://cdn.example/c.mp3" length="5" type="audio/mpeg"/>'

# A rule, what stands in a document that keeps it, and what breaks it if it stands there instead.
OF_RSS = [
    ("xml_is_well_formed", "</channel>", ""),
    ("says_where_it_is", SELF, 'rel="via"'),
    ("says_where_it_is", f"{SITE}/source", "http://planet.example/source"),
    ("languages_exist", "<language>en<", "<language>english<"),
    ("html_is_sound", P, f"{P}&lt;/b&gt;"),
    ("html_is_sound", "https://ada.example/x", "/x"),
    ("html_is_sound", "<description>Text", "<description>&lt;script&gt;1&lt;/script&gt;"),
    ("elements_are_those_of_rss", TEXT, f"{TEXT}<summary>x</summary>"),
    ("elements_are_those_of_rss", TEXT, TEXT * 2),
    ("elements_are_those_of_rss", "<itunes:duration>", f"{ANOTHER}<itunes:duration>"),
    ("elements_are_those_of_rss", ' length="46"', ""),
    ("elements_are_those_of_rss", ' length="46"', ' length="46" title="x"'),
    ("elements_are_those_of_rss", "<description>About", "<link2/><description>About"),
    ("version_is_two", 'version="2.0"', 'version="2.1"'),
    ("items_come_last", "</channel>", "<language>en</language></channel>"),
    ("addresses_are_whole", "<link>https://ada.example/1", "<link>/1"),
    ("addresses_are_whole", "<link>https://ada.example/1", "<link>https://ada.example/[1]"),
    ("addresses_are_whole", "https://cdn.example/a.mp3", "ftp://cdn.example/a.mp3"),
    ("addresses_are_whole", 'url="https://ada.example/f.xml"', 'url="f.xml"'),
    ("addresses_are_whole", "https://cdn.example/b.png", "https://cdn.example/b|.png"),
    ("addresses_are_whole", f"{SITE}/source", "planet.example/source"),
    ("dates_are_rfc_822", "<pubDate>Tue", "<pubDate>Wed"),
    ("dates_are_rfc_822", "<pubDate>Tue, 23 Jun 2026 12:00:00 +0000", "<pubDate>2026-06-23"),
    ("dates_are_rfc_822", "<lastBuildDate>Tue, 23 Jun 2026", "<lastBuildDate>Tue, 23 June 2026"),
    ("an_item_says_something", "<title>Bare</title>", ""),
    ("a_description_comes_before_the_text", "<description>Text</description>", ""),
    ("items_are_told_apart", "2026:2</guid>", "2026:1</guid>"),
    ("items_are_told_apart", GUID, ""),
    ("permanent_links_are_links", 'isPermaLink="false"', 'isPermaLink="true"'),
    ("permanent_links_are_links", 'isPermaLink="false"', ""),
    ("permanent_links_are_links", 'isPermaLink="false"', 'isPermaLink="no"'),
    ("files_are_described", 'type="audio/mpeg"', 'type="mp3"'),
    ("files_are_described", 'type="image/png"', 'type=""'),
    ("files_are_described", 'length="46"', 'length="-1"'),
    ("files_are_described", 'fileSize="5"', 'fileSize="5 kB"'),
    ("files_are_described", 'type="image/png"', 'type="image/png" duration="1:00"'),
    ("recordings_last_seconds", "2820", "1h"),
    ("no_name_is_blank", CATEGORY, "<category> </category>"),
    ("no_name_is_blank", TEXT, "<title></title>"),
    ("no_name_is_blank", "<media:title>A gull", "<media:title>"),
    ("titles_hold_no_tag", TEXT, "<title>One &lt;b&gt;</title>"),
]

OF_ATOM = [
    ("xml_is_well_formed", "</source>", "</source"),
    ("says_where_it_is", SELF, 'rel="alternate"'),
    ("languages_exist", 'xml:lang="en"', 'xml:lang="jp"'),
    ("html_is_sound", P, '&lt;p style="x"&gt;'),
    ("html_is_sound", "</summary>", "&lt;/p&gt;</summary>"),
    ("elements_are_those_of_atom", TEXT, f"{TEXT}<pubDate/>"),
    ("elements_are_those_of_atom", TEXT, ""),
    ("elements_are_those_of_atom", "<updated>2026-06-23T12:00:00+00:00</updated><author>", "<author>"),
    ("elements_are_those_of_atom", "<source><id>https://ada.example/f.xml</id>", "<source>"),
    ("elements_are_those_of_atom", ' term="Python"', ""),
    ("entries_come_last", "</feed>", "<subtitle>x</subtitle></feed>"),
    ("somebody_wrote_each_entry", "<author><name>Ada</name></author>", ""),
    ("somebody_wrote_each_entry", "<name>Ada</name>", "<name> </name>"),
    ("an_entry_has_a_text_or_a_page", "<published>", '<link rel="alternate" href="https://b.example/"/><published>'),
    ("an_entry_has_a_text_or_a_page", '<link href="https://ada.example/bare" rel="alternate"/>', ""),
    ("dates_are_rfc_3339", "2026-06-23T12:00:00+00:00", "2026-06-23"),
    ("dates_are_rfc_3339", "2026-06-23T12:00:00+00:00", "2026-06-31T12:00:00+00:00"),
    ("links_lead_somewhere", "https://cdn.example/a.mp3", "/a.mp3"),
    ("links_lead_somewhere", "https://cdn.example/a.mp3", "https://ü.example/a.mp3"),
    ("links_lead_somewhere", 'rel="enclosure"', 'rel="file"'),
    ("files_are_described", 'type="audio/mpeg"', 'type="mp3"'),
    ("files_are_described", 'length="46"', 'length="1 MB"'),
    ("files_are_described", 'title="A gull"', 'title=""'),
    ("ids_are_addresses", "<id>tag:planet.example,2026-06-07:", "<id>tag:planet.example:"),
    ("ids_are_addresses", "<id>https://ada.example/f.xml", "<id>https://ada.example/f[1].xml"),
    ("ids_are_addresses", "<id>https://ada.example/f.xml", "<id>"),
    ("entries_are_told_apart", "2026:2</id>", "2026:1</id>"),
    ("entries_are_told_apart", "<id>tag:ada.example,2026:1", "<id>"),
    ("texts_say_how_they_are_written", 'type="html"', 'type="text/html"'),
    ("no_name_is_blank", 'term="Python"', 'term=""'),
    ("no_name_is_blank", "<title>Ada", "<title>"),
]


@pytest.fixture
def sound(client: Client, settings: Any) -> dict[str, str]:
    """A document of each kind that breaks no rule, by the name of its outermost element."""
    settings.WEBSITE_URL = SITE
    id_base = "tag:planet.example,2026-06-07:0123456789abcdef"
    SiteState.objects.update_or_create(pk=1, defaults={"id_base": id_base, "version": 1, "changed_at": NOW})
    category, url = make_category("Python"), "https://ada.example/f.xml"
    feed = make_feed(
        "Ada", url=url, category=category, language="en", description="About it", has_enclosures=True, slug="ada"
    )
    html = '<p>Text, and <a href="https://ada.example/x">a link</a></p>'
    for number, title in enumerate(["One", "Two"], start=1):
        link, guid = f"https://ada.example/{number}", f"tag:ada.example,2026:{number}"
        entry = make_entry(
            feed, title, days_ago=number, url=link, guid=guid, content_html=html, excerpt="Text", language="en"
        )
    make_entry(feed, "Bare", days_ago=9, url="https://ada.example/bare", content_html="", excerpt="")
    talk = {"url": "https://cdn.example/a.mp3", "media_type": "audio/mpeg", "byte_count": 46, "seconds": 2820}
    cover = {"url": "https://cdn.example/b.png", "media_type": "image/png", "byte_count": 5, "title": "A gull"}
    for position, one in enumerate([talk, cover]):
        Enclosure.objects.create(entry=entry, position=position, **one)
    return {"rss": client.get(ADDRESSES["rss"]).text, "feed": client.get(ADDRESSES["feed"]).text}


ADDRESSES = {"rss": f"{SITE}/source/ada/rss20.xml", "feed": f"{SITE}/source/ada/atom.xml"}
CONTENT_TYPES = {"rss": "application/rss+xml; charset=utf-8", "feed": "application/atom+xml; charset=utf-8"}


def broken(kind: str, text: str) -> set[str]:
    return set(broken_rules(text.encode(), CONTENT_TYPES[kind], ADDRESSES[kind]))


@pytest.mark.django_db
@pytest.mark.any_database
def test_each_break_is_noticed(sound: dict[str, str]) -> None:
    unnoticed: list[tuple[str, ...]] = []
    for kind, breaks in (("rss", OF_RSS), ("feed", OF_ATOM)):
        assert broken(kind, sound[kind]) == set()
        for rule, there, broken_text in breaks:
            text = sound[kind].replace(there, broken_text)
            if there not in sound[kind] or rule not in broken(kind, text):
                unnoticed.append((rule, there, broken_text))
    assert unnoticed == []


@pytest.mark.django_db
@pytest.mark.any_database
def test_another_media_type_is_noticed(sound: dict[str, str]) -> None:
    for kind, text in sound.items():
        for content_type in ("text/xml; charset=utf-8", CONTENT_TYPES[kind].partition(";")[0]):
            assert broken_rules(text.encode(), content_type, ADDRESSES[kind]) == {"says_what_it_is": [content_type]}


def test_each_rule_is_broken_by_something() -> None:
    for kind, breaks in (("rss", OF_RSS), ("feed", OF_ATOM)):
        assert {rule.__name__ for rule in RULES[kind]} - {rule for rule, _, _ in breaks} == {"says_what_it_is"}


@pytest.mark.parametrize(
    ("address", "holds"),
    [
        ("https://a.example", True),
        ("http://my_blog.example:8080/a;b=(c)!?d=/?&e='%20'#f?", True),
        ("https://[2001:db8::1]/", True),
        ("http://nas/f.mp3", True),
        ("https://a.example/[1]", False),
        ("https://a.example/a b", False),
        ("https://a.example/100%", False),
        ("https://a.example/#a#b", False),
        ("https://ann@a.example/", False),
        ("https:///x", False),
        ("//a.example/", False),
        ("javascript:x", False),
    ],
)
def test_an_address_is_one_of_rfc_3986(address: str, *, holds: bool) -> None:
    assert is_web_address(address) == holds


@pytest.mark.parametrize(
    ("own_id", "holds"),
    [
        ("tag:planet.example,2026-06-07:0123/post/1/", True),
        ("https://planet.example/post/1/", True),
        ("tag:planet.example:1", False),
        ("tag:planet.example,2026:ü", False),
        ("", False),
    ],
)
def test_an_id_of_ours_is_a_tag_or_an_address(own_id: str, *, holds: bool) -> None:
    assert is_own_id(own_id) == holds


@pytest.mark.parametrize("text", ["", "mp3", "audio/", "/mpeg", "audio/mpeg; x=1", "a/b/c", "a b/c"])
def test_these_are_no_media_types(text: str) -> None:
    assert not is_media_type(text)


@pytest.mark.parametrize(
    "text", ["", "Mon, 23 Jun 2026 10:00:00 +0000", "Tue, 23 Jun 26 10:00:00 GMT", "Tue, 31 Jun 2026 10:00:00 +0000"]
)
def test_these_are_no_dates_of_rss(text: str) -> None:
    assert not is_mail_date(text)


@pytest.mark.parametrize(
    "text", ["", "2026-06-23", "2026-06-23T10:00:00", "2026-06-23 10:00:00Z", "2026-06-31T10:00:00Z"]
)
def test_these_are_no_dates_of_atom(text: str) -> None:
    assert not is_moment(text)


@pytest.mark.parametrize(
    "html",
    [
        "<b><i>x</b></i>",
        "a & b &nbsp c",
        "<script>x</script>",
        "<blink>x</blink>",
        "<p onclick='x'>x</p>",
        "<p style='x'>x</p>",
        "<a href='/x'>x</a>",
        "<a href='javascript:x'>x</a>",
        "<img src='x.png'>",
        "<iframe src='https://a.example/'></iframe>",
    ],
)
def test_this_is_no_sound_html(html: str) -> None:
    assert html_faults(html)
