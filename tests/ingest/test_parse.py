"""What is read of well-made feeds, and of those that are made less well."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.ingest.decode import decode
from aggregator.ingest.errors import EmptyBody, NotAFeed, Unreadable
from aggregator.ingest.parse import parse
from aggregator.ingest.types import RawDocument, RawItem, RawSource

FEEDS = Path(__file__).parents[1] / "feeds"
URL = "https://host.example/feeds/x.xml"


def read(name: str) -> RawDocument:
    return parse(decode((FEEDS / name).read_bytes(), "text/xml"), URL, "text/xml")


def rss(inner: str, channel: str = "<title>Blog</title>") -> RawDocument:
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return parse(f'<rss version="2.0" {spaces}><channel>{channel}{inner}</channel></rss>', URL, "text/xml")


def atom(inner: str) -> RawDocument:
    return parse(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>{inner}</feed>', URL, "text/xml")


def rss_item(inner: str) -> RawItem:
    return rss(f"<item><title>Post</title>{inner}</item>").items[0]


def atom_entry(inner: str) -> RawItem:
    return atom(f"<entry><title>Post</title>{inner}</entry>").items[0]


class TestRss20:
    def test_the_feed_itself_is_read(self) -> None:
        feed = read("rss20.xml")
        assert (feed.title, feed.description) == ("Rails & Sleepers", "Notes from <em>the</em> line")
        assert (feed.site_url, feed.language, feed.authors) == ("https://rails.example/", "en-GB", ("Edith Editor",))

    def test_the_longest_pause_that_it_asks_for_counts(self) -> None:
        assert read("rss20.xml").ttl_seconds == 3600

    def test_the_whole_content_comes_before_the_excerpt(self) -> None:
        assert read("rss20.xml").items[0].content_html == (
            '<p>The whole text, with a <a href="/about?a=1&b=2">link</a> and <code>&lt;item&gt;</code> in it.</p>'
        )

    def test_a_title_is_html_and_comes_as_written(self) -> None:
        item = read("rss20.xml").items[0]
        assert (item.title, item.title_is_html) == ("Signals &amp; points: 3 &lt; 4", True)

    def test_all_creators_are_authors(self) -> None:
        assert read("rss20.xml").items[0].authors == ("Ada Ångström", "Bo Berg")

    def test_the_name_is_taken_out_of_mail_address_and_name(self) -> None:
        assert read("rss20.xml").items[1].authors == ("Carl Cole",)

    def test_a_mail_address_alone_is_no_name_so_the_feeds_author_counts(self) -> None:
        assert read("rss20.xml").items[2].authors == ("Edith Editor",)

    def test_dates_come_as_written_with_the_parsers_guess(self) -> None:
        item = read("rss20.xml").items[0]
        assert item.published == "Fri, 05 Jun 2026 09:30:00 +0200"
        assert item.published_guess == datetime(2026, 6, 5, 7, 30, tzinfo=UTC)
        assert (item.updated, item.updated_guess) == ("", None)

    def test_tags_are_read(self) -> None:
        assert read("rss20.xml").items[0].tags == ("Signals", "Engineering")

    def test_a_guid_that_is_no_permalink_is_not_the_address(self) -> None:
        item = read("rss20.xml").items[0]
        assert (item.guid, item.url) == ("https://rails.example/?p=17", "https://rails.example/2026/signals/")

    def test_a_permalink_stands_in_for_a_missing_link(self) -> None:
        item = read("rss20.xml").items[1]
        assert item.guid == item.url == "https://rails.example/2026/second/"

    def test_a_guid_that_is_no_address_stays_as_written_and_is_no_address(self) -> None:
        item = read("rss20.xml").items[2]
        assert (item.guid, item.url) == ("42", "https://host.example/2026/third/")

    def test_the_source_of_an_item_is_kept(self) -> None:
        assert read("rss20.xml").items[1].source == RawSource("Origin", "https://origin.example/feed.xml")

    def test_the_feeds_language_and_address_hold_for_its_items(self) -> None:
        item = read("rss20.xml").items[0]
        assert (item.language, item.base_url) == ("en-GB", URL)

    def test_what_an_item_says_of_a_related_post_is_not_its_own_text(self) -> None:
        # A news site nests other posts, with their pictures, in a vocabulary of its own but under plain names.
        related = (
            '<x:related xmlns:x="https://news.example/ns"><x:title>Other</x:title><thumb><title>A picture</title>'
            "<description>A picture of somebody</description></thumb></x:related>"
        )
        item = rss_item(f"<description>What happened, at length.</description>{related}{related}{related}")
        assert (item.title, item.content_html) == ("Post", "What happened, at length.")

    @pytest.mark.parametrize(
        "written",
        [
            '&lt;time datetime="2024-09-23T10:00Z"&gt;Mon, 09/23/2024&lt;/time&gt;',
            '<![CDATA[<time datetime="2024-09-23T10:00Z">Mon, 09/23/2024</time>]]>',
            '<time datetime="2024-09-23T10:00Z">Mon, 09/23/2024</time>',
        ],
    )
    @pytest.mark.parametrize("name", ["pubDate", "dc:date"])
    def test_a_date_in_an_element_of_html_keeps_what_that_says(self, written: str, name: str) -> None:
        item = rss_item(f'<{name} xmlns:dc="http://purl.org/dc/elements/1.1/">{written}</{name}>')
        assert item.published == '<time datetime="2024-09-23T10:00Z">Mon, 09/23/2024</time>'

    def test_what_the_feed_says_of_its_own_age_is_read(self) -> None:
        assert rss("<lastBuildDate>then</lastBuildDate><pubDate>before</pubDate>").dates == ("before", "then")


class TestRss091:
    def test_named_characters_and_bare_ampersands_are_read(self) -> None:
        feed = read("rss091.xml")
        assert feed.title == "Café – the old page"
        assert feed.items[0].title == "Tea & biscuits"
        assert feed.items[0].url == "http://cafe.example/tea?a=1&b=2"
        assert feed.items[0].content_html == "Now with\xa0milk"

    def test_what_it_lacks_is_not_invented(self) -> None:
        item = read("rss091.xml").items[0]
        assert (item.guid, item.published, item.updated, item.published_guess, item.authors) == ("", "", "", None, ())


class TestRdf10:
    def test_items_beside_the_channel_are_read(self) -> None:
        feed = read("rdf10.xml")
        assert (feed.title, feed.site_url) == ("Library news", "https://library.example/")
        assert [item.guid for item in feed.items] == ["https://library.example/1", "https://library.example/2"]

    def test_the_only_date_is_the_published_date(self) -> None:
        assert read("rdf10.xml").items[0].published == "2026-06-01T10:00+02:00"

    def test_update_period_and_frequency_make_a_pause(self) -> None:
        assert read("rdf10.xml").ttl_seconds == 12 * 3600

    def test_the_language_of_the_item_comes_first(self) -> None:
        assert [item.language for item in read("rdf10.xml").items] == ["de", "nl"]

    def test_creator_subject_and_encoded_content_are_read(self) -> None:
        first, second = read("rdf10.xml").items
        assert (first.authors, first.tags, second.content_html) == (("Eva Engels",), ("Maps",), "<p>Round maps.</p>")


class TestAtom10:
    def test_the_feed_itself_is_read(self) -> None:
        feed = read("atom10.xml")
        assert (feed.title, feed.title_is_html) == ("Planet <Example>", False)
        assert feed.description == "A <b>planet</b>"
        assert (feed.feed_id, feed.site_url) == ("tag:planet.example,2026:/", "https://planet.example/")

    def test_xhtml_content_comes_as_its_inner_markup(self) -> None:
        assert read("atom10.xml").items[0].content_html == (
            '<p>Ein <b>Gruß</b> &amp; <img src="bild.png" alt="Bild"></p>'
        )

    def test_text_content_is_escaped_and_keeps_its_lines(self) -> None:
        assert read("atom10.xml").items[1].content_html == (
            "<p>First line<br>\nsecond line &lt;script&gt;</p>\n<p>New paragraph</p>"
        )

    def test_html_content_comes_as_written(self) -> None:
        assert read("atom10.xml").items[2].content_html == '<img src="y.png">'

    def test_titles_say_whether_they_are_html(self) -> None:
        first, second, _ = read("atom10.xml").items
        assert (first.title, first.title_is_html) == ("Gr&uuml;&szlig;e <em>alle</em>", True)
        assert (second.title, second.title_is_html) == ("a < b &amp; c", False)

    def test_the_page_is_the_address_not_the_enclosure_or_another_format(self) -> None:
        assert read("atom10.xml").items[0].url == "https://planet.example/posts/2026/one"

    def test_base_url_follows_xml_base(self) -> None:
        assert [item.base_url for item in read("atom10.xml").items] == [
            "https://planet.example/posts/2026/",
            "https://planet.example/",
            "https://cdn.example/x/",
        ]

    def test_all_authors_are_kept(self) -> None:
        assert read("atom10.xml").items[0].authors == ("Fritz", "Gerda")

    def test_the_author_of_the_source_comes_before_the_feeds(self) -> None:
        _, second, third = read("atom10.xml").items
        assert (second.authors, third.authors) == (("Hans",), ("The Planet",))

    def test_the_source_is_kept(self) -> None:
        assert read("atom10.xml").items[1].source == RawSource(
            title="Hans' blog", url="https://hans.example/", feed_id="https://hans.example/"
        )

    def test_published_and_updated_are_told_apart(self) -> None:
        first, second, _ = read("atom10.xml").items
        assert (first.published, first.updated) == ("2026-06-01T08:00:00Z", "2026-06-02T08:00:00+02:00")
        assert first.updated_guess == datetime(2026, 6, 2, 6, 0, tzinfo=UTC)
        assert (second.published, second.published_guess) == ("", None)

    def test_xml_lang_is_the_language(self) -> None:
        assert [item.language for item in read("atom10.xml").items] == ["de", "en", "en"]

    def test_tags_show_their_labels(self) -> None:
        assert read("atom10.xml").items[0].tags == ("Grüße", "python")

    def test_void_elements_of_xhtml_do_not_double(self) -> None:
        xhtml = '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a<br/>b<hr></hr>c</div></content>'
        assert atom_entry(xhtml).content_html == "a<br>b<hr>c"


class TestAtom03:
    def test_its_dates_are_read(self) -> None:
        item = read("atom03.xml").items[0]
        assert (item.published, item.updated) == ("2004-05-06T07:08:09+01:00", "2004-05-07T00:00:00Z")

    def test_escaped_content_is_html(self) -> None:
        feed = read("atom03.xml")
        assert feed.items[0].content_html == "<p>Hola</p>"
        assert (feed.title, feed.title_is_html) == ("Ol&eacute;", True)


class TestContent:
    def test_the_longer_of_summary_and_content_counts(self) -> None:
        item = atom_entry('<content type="html">Short</content><summary type="html">Much longer summary</summary>')
        assert item.content_html == "Much longer summary"

    def test_content_that_is_no_text_does_not_count(self) -> None:
        item = atom_entry('<content type="image/png">aGVsbG8gaGVsbG8gaGVsbG8=</content><summary>Alt</summary>')
        assert item.content_html == "<p>Alt</p>"

    def test_content_that_lies_elsewhere_leaves_the_summary(self) -> None:
        item = atom_entry('<content type="text/html" src="https://host.example/1"/><summary>Here</summary>')
        assert item.content_html == "<p>Here</p>"

    def test_unescaped_html_in_a_description_is_kept(self) -> None:
        assert rss_item("<description><p>Hello <b>you</b></p></description>").content_html == "<p>Hello <b>you</b></p>"


class TestAddress:
    @pytest.mark.parametrize(
        "href", ["javascript:alert(1)", "mailto:x@y.example", "data:text/html,x", "file:///etc/passwd"]
    )
    def test_other_schemes_are_no_address(self, href: str) -> None:
        assert rss_item(f"<link>{href}</link>").url == ""

    def test_an_entry_without_link_has_none_of_the_entry_before(self) -> None:
        first, second = rss("<item><link>https://host.example/1</link></item><item><title>Two</title></item>").items
        assert (first.url, second.url) == ("https://host.example/1", "")

    @pytest.mark.parametrize("guid", ["<guid>post-1</guid>", '<guid isPermaLink="true"><![CDATA[ post-1 ]]></guid>'])
    def test_a_guid_does_not_change_when_the_feed_moves(self, guid: str) -> None:
        assert rss_item(guid).guid == "post-1"

    def test_a_relative_atom_id_stays_as_written(self) -> None:
        assert atom_entry("<id>post-1</id>").guid == "post-1"

    def test_a_relative_base_resolves_against_the_feed(self) -> None:
        assert atom_entry('<content type="html" xml:base="../img/">x</content>').base_url == "https://host.example/img/"


class TestAuthors:
    @pytest.mark.parametrize(
        "author",
        [
            "jo@blog.photography (Jo)",
            "Jo &lt;jo@blog.example&gt;",
            "<![CDATA[Jo <jo@blog.example>]]>",
            "Jo (jo@blog.example)",
            "mailto:jo@blog.example (Jo)",
            "<![CDATA[jo@blog.example (Jo)]]>",
            "Jo",
        ],
    )
    def test_mail_addresses_go_and_names_stay(self, author: str) -> None:
        assert rss_item(f"<author>{author}</author>").authors == ("Jo",)

    @pytest.mark.parametrize("author", ["jo@blog.example", "<name>jo@blog.example</name>", "&lt;jo@blog.example&gt;"])
    def test_a_mail_address_is_never_a_name(self, author: str) -> None:
        assert rss_item(f"<author>{author}</author>").authors == ()

    def test_the_same_name_counts_once(self) -> None:
        assert rss_item("<dc:creator>Jo</dc:creator><author>Jo</author>").authors == ("Jo",)


class TestPause:
    @pytest.mark.parametrize("ttl", ["-5", "0", "soon", "99999999999", "1e3", "", "٣٠"])
    def test_nonsense_is_no_pause(self, ttl: str) -> None:
        assert rss("", channel=f"<title>Blog</title><ttl>{ttl}</ttl>").ttl_seconds is None

    @pytest.mark.parametrize("ttl", ["90.0", " 90 ", "90 minutes", "90min"])
    def test_a_number_with_something_behind_it_is_a_pause(self, ttl: str) -> None:
        assert rss("", channel=f"<title>Blog</title><ttl>{ttl}</ttl>").ttl_seconds == 5400

    def test_ttl_is_in_minutes(self) -> None:
        assert rss("", channel="<title>Blog</title><ttl>90</ttl>").ttl_seconds == 5400


class TestCdf:
    """The Channel Definition Format of 1997: CHANNEL is the root, and addresses stand in HREF."""

    def test_its_channel_and_items_are_read(self) -> None:
        items = '<ITEM HREF="https://b.example/1"><TITLE>One</TITLE></ITEM><ITEM HREF="https://b.example/2"><ABSTRACT>Two</ABSTRACT></ITEM>'
        feed = parse(f'<CHANNEL HREF="https://b.example/"><TITLE>Blog</TITLE>{items}</CHANNEL>', URL, "text/xml")
        assert (feed.title, feed.site_url) == ("Blog", "https://b.example/")
        assert [(item.url, item.title, item.content_html) for item in feed.items] == [
            ("https://b.example/1", "One", ""),
            ("https://b.example/2", "", "Two"),
        ]


class TestBrokenMarkup:
    def test_all_items_of_a_sloppy_feed_are_read(self) -> None:
        feed = read("broken.xml")
        assert [item.title for item in feed.items] == ["One & only", "Two", "Three"]
        assert feed.items[0].url == "https://broken.example/1?x=1&y=2"
        assert (feed.title, feed.site_url, feed.skipped.total) == ("R&D & more", "https://broken.example/?a=1&b=2", 0)

    def test_a_document_that_is_cut_off_loses_its_last_item_only(self) -> None:
        feed = read("truncated.xml")
        assert [item.guid for item in feed.items] == ["cut-1", "cut-2"]
        assert feed.items[0].content_html == "<p>All of one, which quotes <item> and </rss>.</p>"
        assert feed.skipped.total == 1

    @pytest.mark.parametrize("name", ["rss20.xml", "rdf10.xml", "atom10.xml"])
    def test_wherever_a_feed_is_cut_off_no_half_item_is_read(self, name: str) -> None:
        whole = read(name)
        text = decode((FEEDS / name).read_bytes(), "text/xml")
        for end in range(text.index("<title>"), len(text) - 20, 37):
            try:
                items = parse(text[:end], URL, "text/xml").items
            except Unreadable:
                continue
            assert items == whole.items[: len(items)]

    def test_a_feed_that_is_cut_off_before_its_first_item_ends_is_unreadable(self) -> None:
        with pytest.raises(Unreadable):
            parse("<rss version='2.0'><channel><title>Blog</title><item><title>Ha", URL, "text/xml")

    def test_elements_of_other_vocabularies_change_nothing(self) -> None:
        feed = read("namespaces.xml")
        (item,) = feed.items
        assert (feed.title, item.title, item.content_html) == ("Prefixed", "Real title", "<p>Real content</p>")
        assert (item.url, item.tags, item.authors, feed.skipped.total) == ("https://prefixed.example/1", (), (), 0)

    def test_an_empty_item_is_skipped_and_counted(self) -> None:
        feed = rss("<item/><item><title>Post</title></item>")
        assert ([item.title for item in feed.items], feed.skipped.total) == (["Post"], 1)


class TestWhatIsNoFeed:
    @pytest.mark.parametrize(
        ("body", "content_type", "what"),
        [
            (b"<!doctype html><title>Log in</title><form>", "text/html", "a web page"),
            (b"<html><body>Hi</body></html>", "application/rss+xml", "a web page"),
            (b"Hello <body>there</body>", "text/html", "a web page"),
            (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html xmlns="z"><head/></html>', "", "a web page"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "text/xml", "an image"),
            (b"GIF89a\x01\x00\x01\x00", "", "an image"),
            (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "text/xml", "an image"),
            (b"anything", "image/webp", "an image"),
            (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml", "an image"),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "", "a PDF document"),
            (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xe7\x58\x99\xf0", "", "a ZIP archive"),
            (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xed\xbd", "text/xml", "a compressed file"),
            (b"Just words.", "text/plain", "plain text"),
            (b"404 page not found", "text/xml", "plain text"),
            (b"{not json", "", "plain text"),
            (b'{"message": "not found"}', "application/json", "JSON of another kind"),
            (b"[1, 2]", "application/json", "JSON of another kind"),
            (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "", "an XML document of another kind"),
            (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "", "an XML document of another kind"),
            (b'<?xml version="1.0"?><opml version="2.0"><body/></opml>', "text/xml", "an OPML list of feeds"),
            (
                b"<opml version='2.0'><head><title>Blogs</title></head><body/></opml>",
                "text/html",
                "an OPML list of feeds",
            ),
        ],
    )
    def test_it_is_called_what_it_is(self, body: bytes, content_type: str, what: str) -> None:
        with pytest.raises(NotAFeed) as caught:
            parse(decode(body, content_type), URL, content_type)
        assert (caught.value.what, caught.value.links) == (what, ())

    def test_a_feed_that_is_labeled_as_a_page_is_a_feed(self) -> None:
        assert (
            parse("<rss version='2.0'><channel><title>Blog</title></channel></rss>", URL, "text/html").title == "Blog"
        )

    @pytest.mark.parametrize("text", ["", "\ufeff \n"])
    def test_nothing_is_an_empty_body(self, text: str) -> None:
        with pytest.raises(EmptyBody):
            parse(text, URL, "text/xml")

    def test_a_feed_without_items_is_a_feed(self) -> None:
        feed = atom("")
        assert (feed.title, feed.items, feed.skipped.total) == ("Blog", (), 0)

    @pytest.mark.parametrize("text", ["<rss><channel><<<</rss>", "<feed <<>> </feed>", "<rss>&&&<//></rss>"])
    def test_a_root_with_nothing_readable_is_unreadable(self, text: str) -> None:
        with pytest.raises(Unreadable):
            parse(text, URL, "text/xml")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("It&#146;s caf&#233; &#150; 字 и так", "It’s café – 字 и так"),
        ("&#x80;5 für &#128;", "€5 für €"),
        ("🎉 Ünïcode Ünïcode", "🎉 Ünïcode Ünïcode"),
    ],
)
def test_numbers_of_windows_characters_are_those_and_no_other_letter_changes(written: str, read: str) -> None:
    for _ in range(2):  # what the first reading found out about letters, the second one uses
        assert rss(f"<item><title>{written}</title></item>").items[0].title == read
