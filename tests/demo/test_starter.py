from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

STARTER = ElementTree.parse(Path(__file__).resolve().parent.parent.parent / "config" / "starter.opml").getroot()
FEEDS = [outline.attrib for outline in STARTER.iterfind("body/outline/outline")]


def test_the_starter_list_is_opml_2() -> None:
    assert (STARTER.tag, STARTER.get("version")) == ("opml", "2.0")


def test_every_starter_feed_is_in_a_category() -> None:
    everything = [outline for outline in STARTER.iter("outline") if "xmlUrl" in outline.attrib]
    assert len(FEEDS) == len(everything) >= 12


def test_every_starter_feed_has_a_title_and_secure_addresses() -> None:
    for feed in FEEDS:
        assert feed["type"] == "rss"
        assert feed["text"] == feed["title"] != ""
        assert feed["xmlUrl"].startswith("https://")
        assert feed["htmlUrl"].startswith("https://")


def test_no_starter_feed_is_named_twice() -> None:
    addresses = [feed["xmlUrl"] for feed in FEEDS]
    assert len(set(addresses)) == len(addresses)
