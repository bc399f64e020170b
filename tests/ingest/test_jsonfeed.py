"""JSON Feed, by way of parse as it comes in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aggregator.ingest.decode import decode
from aggregator.ingest.errors import NotAFeed, Unreadable
from aggregator.ingest.parse import parse
from aggregator.ingest.types import RawDocument

URL = "https://host.example/feed.json"
TEXT = decode((Path(__file__).parents[1] / "feeds" / "jsonfeed.json").read_bytes(), "application/feed+json")


def read(text: str = TEXT) -> RawDocument:
    return parse(text, URL, "application/feed+json")


def feed(**fields: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Blog", **fields})


def test_the_feed_itself_is_read() -> None:
    document = read()
    assert (document.title, document.title_is_html, document.description) == (
        "Notes <3",
        False,
        "<p>Short &amp; plain</p>",
    )
    assert (document.site_url, document.feed_id) == ("https://notes.example/", "https://notes.example/feed.json")
    assert (document.language, document.authors) == ("en-US", ("Jo",))


def test_an_item_is_read() -> None:
    item = read().items[0]
    assert (item.url, item.title, item.title_is_html) == ("https://notes.example/7", "Seven", False)
    assert (item.published, item.updated) == ("2026-06-01T10:00:00Z", "2026-06-02T10:00:00Z")
    assert (item.language, item.tags, item.base_url) == ("fr", ("a", "b"), URL)


def test_a_numeric_id_is_a_string() -> None:
    assert read().items[0].guid == "7"


def test_a_number_without_end_costs_no_post() -> None:
    text = feed(
        items=[
            {"id": "1", "attachments": [{"url": "http://a.example/1.mp3", "size_in_bytes": 0}]},
            {"id": "2", "title": "Two"},
        ]
    )
    document = read(text.replace(": 0}", f": {'9' * 5000}}}"))
    assert [item.guid for item in document.items] == ["1", "2"]
    assert document.items[0].enclosures[0].byte_count is None


def test_content_html_comes_before_content_text() -> None:
    assert read().items[0].content_html == "<p>One</p>"


def test_content_text_is_escaped_and_keeps_its_lines() -> None:
    assert read().items[1].content_html == "<p>ab  &lt;i&gt;<br>\nc</p>\n<p>d</p>"


def test_a_summary_stands_in_for_content() -> None:
    assert read().items[2].content_html == "<p>Just a summary</p>"


def test_an_external_url_stands_in_for_a_missing_url() -> None:
    assert read().items[1].url == "https://elsewhere.example/"


def test_authors_are_names_of_the_item_or_the_feed() -> None:
    assert [item.authors for item in read().items] == [("Kim", "Lee"), ("Jo",), ("Old Style",)]


def test_what_is_no_item_is_skipped_and_counted() -> None:
    document = read()
    assert (len(document.items), document.skipped.total) == (3, 2)


def test_forbidden_characters_do_not_come_through_escapes() -> None:
    repr(read()).encode("utf-8")
    assert "\x00" not in read().items[1].content_html


def test_a_feed_that_is_cut_off_gives_the_items_before_the_cut() -> None:
    document = read(TEXT[: TEXT.index("elsewhere")])
    assert ([item.guid for item in document.items], document.title, document.skipped.total) == (["7"], "Notes <3", 2)


def test_a_feed_that_is_cut_off_before_its_first_item_ends_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read(TEXT[: TEXT.index("One <b>")])


def test_a_feed_without_items_is_a_feed() -> None:
    assert read(feed(items=[])).items == ()


def test_a_feed_none_of_whose_items_can_be_read_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read(feed(items=[1, {}, None]))


@pytest.mark.parametrize("items", [{"a": 1}, "text", None, 7])
def test_items_that_are_no_list_are_none(items: object) -> None:
    assert read(feed(items=items)).items == ()


@pytest.mark.parametrize("value", [1, [], {}, None, True, [[]], {"name": 3}])
def test_values_of_the_wrong_type_are_none(value: object) -> None:
    item = {
        "id": "1",
        "summary": "Said",
        "title": value,
        "url": value,
        "authors": value,
        "author": value,
        "tags": value,
        "content_html": value,
    }
    document = read(feed(authors=value, language=value, items=[item]))
    assert (document.items[0].guid, document.items[0].authors, document.items[0].tags) == ("1", (), ())


def test_json_of_another_kind_is_named() -> None:
    with pytest.raises(NotAFeed, match="JSON of another kind"):
        read('{"items": [], "kind": "youtube#list"}')
