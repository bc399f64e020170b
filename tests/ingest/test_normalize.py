"""From a document as written to one ready for the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from urllib.parse import unquote

import pytest

from aggregator.ingest.normalize import ContentMissing, content_digest, normalize
from aggregator.ingest.types import Document, Item, RawDocument, RawItem, RawSource, Skipped

NOW = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)
FEED_URL = "https://blog.example/feeds/all.xml"


def document(*items: RawItem, **fields: object) -> Document:
    return normalize(replace(RawDocument(items=items), **fields), url=FEED_URL, now=NOW)  # type: ignore[arg-type]


def item(**fields: object) -> Item:
    (only,) = document(replace(RawItem(guid="1"), **fields)).items  # type: ignore[arg-type]
    return only


def guids(*items: RawItem) -> list[str]:
    return [each.guid for each in document(*items).items]


# Texts


def test_a_title_in_html_becomes_plain_text() -> None:
    assert item(title="Tips &amp; <b>tri</b>cks &amp;lt;").title == "Tips & tricks &lt;"


def test_a_title_in_plain_text_is_not_read_as_html() -> None:
    assert item(title="Why &lt;b> is <b>", title_is_html=False).title == "Why &lt;b> is <b>"


def test_a_title_that_shows_nothing_is_empty() -> None:
    assert item(title=" &nbsp;\u200b<br>\u202e").title == ""


def test_a_title_has_at_most_300_characters() -> None:
    assert len(item(title="word " * 200_000).title) <= 300


def test_a_script_in_a_title_leaves_no_trace() -> None:
    assert item(title="Hi<script>alert(1)</script> <img src=x onerror=alert(1)>there").title == "Hi there"


def test_the_feed_has_a_plain_title_and_description() -> None:
    feed = document(title="<b>Jane</b>&#39;s", description="<p>On\n&amp; off</p>" + "x " * 500, language="en_US")
    assert (feed.title, feed.language) == ("Jane's", "en-us")
    assert feed.description.startswith("On & off x")
    assert len(feed.description) <= 500


def test_no_field_holds_a_character_that_a_database_refuses() -> None:
    bad = "a\x00b\ud800\x08"
    source = RawSource(title=bad, url=f"https://s.example/{bad}")
    read = item(
        guid=bad, url=f"/{bad}", title=bad, content_html=bad, authors=(bad,), tags=(bad,), language=bad, source=source
    )
    assert repr(read).isprintable()
    assert "\\x" not in repr(read)
    assert "\\ud" not in repr(read)


def test_authors_are_named_once_each() -> None:
    assert item(authors=(" Jane  Doe", "Ann", "", "Jane Doe")).author == "Jane Doe, Ann"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # A catalog of papers links its authors; a blog system escapes names before it writes them into CDATA.
        (
            '<a href="https://uni.example/~ann">Ann</a> (Uni One), <a href="/bo">Bo</a> (Uni Two)',
            "Ann (Uni One), Bo (Uni Two)",
        ),
        ("Salt &amp; Pepper", "Salt & Pepper"),
        ("Zo&#235; O&#8217;Hara", "Zoë O’Hara"),
        ("Ann <3 Bo", "Ann <3 Bo"),
        ("Vec<T>", "Vec<T>"),
        ("R&D", "R&D"),
        ("ann&#64;blog.example", ""),
        ("Ann (mailto:&#97;nn&#64;blog.example)", "Ann"),
        ("Ann &lt;ann@blog.example&gt;", "Ann"),
        ("Ann (@ann@social.example)", "Ann (@ann@social.example)"),
        ("ann@blog.example (Ann)", "Ann"),
        ("Ann <ann@blog.example>, Bo <bo@blog.example>", "Ann, Bo"),
        ("(Ann)", "(Ann)"),
    ],
)
def test_an_author_is_named_in_plain_text(written: str, read: str) -> None:
    assert item(authors=(written,)).author == read


def test_no_author_is_named_by_half() -> None:
    assert item(authors=tuple(f"Author number {number}" for number in range(100))).author.endswith(" 16")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("de", "de"),
        ("pt_BR", "pt-br"),
        (" EN ", "en"),
        ("gsw-CH", "gsw-ch"),
        ("zh-Hant-TW", "zh-hant-tw"),
        ("iw", "he"),
        ("jp", ""),
        ("xx-de", ""),
        ("x-klingon", ""),
        ("english", ""),
        ("deut-de", ""),
        ("en-", ""),
        ("<b>", ""),
        ("", ""),
    ],
)
def test_a_language_is_a_short_code_or_nothing(written: str, read: str) -> None:
    assert item(language=written).language == read


def test_tags_are_plain_and_once_each() -> None:
    assert item(tags=("News &amp; Views", "<b>x</b>", "x", " ")).tags == ("News & Views", "x")


def test_what_the_feed_says_of_itself_is_handed_on() -> None:
    feed = document(ttl_seconds=3600, skipped=Skipped(torn=2), feed_id=" urn:blog\n")
    assert (feed.ttl_seconds, feed.skipped.total, feed.feed_id) == (3600, 2, "urn:blog")


# Addresses


def test_a_link_resolves_against_the_declared_base() -> None:
    assert item(url="a/b", base_url="https://base.example/x/").url == "https://base.example/x/a/b"


def test_a_link_without_a_base_resolves_against_the_site() -> None:
    (only,) = document(RawItem(url="posts/1"), site_url="https://site.example/blog/").items
    assert only.url == "https://site.example/blog/posts/1"


def test_a_link_without_base_and_site_resolves_against_the_feed() -> None:
    assert item(url="/posts/1").url == "https://blog.example/posts/1"


def test_a_relative_base_resolves_against_the_feed() -> None:
    assert item(base_url="/posts/").base_url == "https://blog.example/posts/"


@pytest.mark.parametrize("base_url", ["", FEED_URL, "javascript:alert(1)"])
def test_content_without_a_declared_base_resolves_against_its_post(base_url: str) -> None:
    assert item(url="/posts/1/", base_url=base_url).base_url == "https://blog.example/posts/1/"


def test_content_without_base_and_link_resolves_against_the_feed() -> None:
    assert item(url="").base_url == FEED_URL


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "mailto:a@b.example"]
)
def test_a_link_that_is_not_of_the_web_is_empty(url: str) -> None:
    assert item(url=url).url == ""


def test_a_password_in_a_link_is_removed() -> None:
    assert item(url="https://jane:secret@e.org/").url == "https://e.org/"


def test_tracking_parameters_leave_the_link() -> None:
    assert item(url="https://e.org/?utm_source=rss&p=1&fbclid=x").url == "https://e.org/?p=1"


def test_the_site_of_the_feed_is_absolute_or_empty() -> None:
    assert document(site_url="/").site_url == "https://blog.example/"
    assert document(site_url="javascript:1").site_url == ""


def test_the_source_of_an_item_is_plain_and_absolute() -> None:
    read = item(source=RawSource(title="<b>Jane</b>", url="/jane/"))
    assert (read.source_title, read.source_url) == ("Jane", "https://blog.example/jane/")


# Identity


def test_an_item_is_known_by_its_guid() -> None:
    assert item(guid=" tag:e.org,2024:1\n", url="https://e.org/").guid == "tag:e.org,2024:1"


def test_an_item_without_guid_is_known_by_its_link() -> None:
    assert item(guid="", url="https://e.org/?p=1&utm_campaign=june").guid == "https://e.org/?p=1"


def test_an_item_without_guid_and_link_is_known_by_what_it_says() -> None:
    one, two = guids(RawItem(title="One"), RawItem(title="Two"))
    assert one != two
    assert [one] == guids(RawItem(title="One", published="2026-06-01"))
    assert one.startswith("sha256:")


def test_a_guid_is_never_a_link() -> None:
    assert item(guid="javascript:alert(1)", url="").url == ""


def test_a_very_long_guid_is_shortened_to_its_hash() -> None:
    one, two = guids(RawItem(guid="x" * 501), RawItem(guid="x" * 502))
    assert one != two
    assert len(one) == len("sha256:") + 64


def test_a_guid_of_500_characters_stays() -> None:
    assert guids(RawItem(guid="x" * 500)) == ["x" * 500]


SHARED = (
    RawItem(guid="same", url="https://e.org/1", title="One"),
    RawItem(guid="same", url="https://e.org/2", title="Two"),
    RawItem(guid="same", url="https://e.org/2", title="Three"),
)


def test_items_that_share_a_guid_all_stay() -> None:
    assert len(set(guids(*SHARED))) == 3


def test_a_shared_guid_is_completed_by_the_link_first() -> None:
    assert guids(*SHARED[:2]) == ["same https://e.org/1", "same https://e.org/2"]


def test_items_that_share_a_guid_keep_theirs_when_the_feed_is_reordered() -> None:
    assert guids(*reversed(SHARED)) == list(reversed(guids(*SHARED)))


def test_items_without_guid_that_share_a_link_all_stay() -> None:
    home = [RawItem(url="https://e.org/", title=f"Note {number}") for number in range(3)]
    assert len(set(guids(*home))) == 3


def test_an_exact_repeat_is_there_once_under_its_own_guid() -> None:
    once = RawItem(guid="1", url="https://e.org/1", title="One", content_html="x")
    assert guids(once, RawItem(guid="2"), once) == ["1", "2"]


def test_of_exact_repeats_the_first_one_counts() -> None:
    first = RawItem(guid="1", published="2026-06-01")
    (only,) = document(first, replace(first, published="2026-06-02")).items
    assert only.published_at == datetime(2026, 6, 1, tzinfo=UTC)


def test_repeats_among_shared_guids_are_there_once() -> None:
    assert len(guids(*SHARED, *SHARED)) == 3


# Content


def test_content_is_handed_on_as_written() -> None:
    assert item(content_html="<p onclick=x>é</p>\r\n").content_html == "<p onclick=x>é</p>\n"


def test_the_content_hash_follows_the_content_and_its_base() -> None:
    base = item(url="https://e.org/1", content_html="x")
    assert base.content_hash == item(url="https://e.org/1", content_html="x", title="New").content_hash
    assert base.content_hash != item(url="https://e.org/1", content_html="y").content_hash
    assert base.content_hash != item(url="https://e.org/2", content_html="x").content_hash


# Dates


def test_a_date_is_read_in_utc() -> None:
    assert item(published="2026-06-07T01:37:00+02:00").published_at == datetime(2026, 6, 6, 23, 37, tzinfo=UTC)


def test_our_own_reading_comes_before_the_parser_s() -> None:
    guess = datetime(2026, 1, 1, tzinfo=UTC)
    assert item(published="2016-06-29", published_guess=guess).published_at == datetime(2016, 6, 29, tzinfo=UTC)


def test_the_parser_s_reading_is_taken_where_we_have_none() -> None:
    guess = datetime(2026, 1, 26, tzinfo=UTC)
    assert item(published="2026-W05", published_guess=guess).published_at == guess


@pytest.mark.parametrize("text", ["2024-02-30", "2024-13-01T10:00:00Z", "2024-01-05T25:00:00Z"])
def test_the_parser_s_reading_of_a_day_that_no_calendar_has_is_not_taken(text: str) -> None:
    assert item(published=text, published_guess=datetime(2024, 3, 1, tzinfo=UTC)).published_at is None


def test_the_parser_s_reading_of_a_year_that_isn_t_written_is_not_taken() -> None:
    assert item(published="-0001-01-01", published_guess=datetime(2000, 1, 1, tzinfo=UTC)).published_at is None


def test_the_parser_s_reading_of_a_month_in_a_language_that_we_lack_is_taken() -> None:
    guess = datetime(2004, 7, 11, tzinfo=UTC)
    assert item(published="Κυρ, 11 Ιούλ 2004", published_guess=guess).published_at == guess


@pytest.mark.parametrize(
    "guess", [datetime(1994, 12, 31, tzinfo=UTC), NOW + timedelta(days=2), datetime.max.replace(tzinfo=UTC)]
)
def test_an_unbelievable_reading_is_no_date(guess: datetime) -> None:
    assert item(published=f"week 1 of {guess.year}", published_guess=guess).published_at is None


@pytest.mark.parametrize("text", ["4102444800", "-0001-01-01", "10000-01-01", "9999-12-31T00:00:00-12:00", "soon", ""])
def test_an_unbelievable_date_is_no_date(text: str) -> None:
    assert item(published=text).published_at is None


@pytest.mark.parametrize("hours", [5, 48, 500_000])
def test_a_date_ahead_is_now(hours: int) -> None:
    ahead = (NOW + timedelta(hours=hours)).astimezone(timezone(timedelta(hours=9))).isoformat()
    read = item(published=ahead, updated=ahead)
    assert (read.published_at, read.updated_at) == (NOW, NOW)


def test_of_two_dates_one_that_lies_years_ahead_does_not_count() -> None:
    assert item(published="2097-01-01", updated="2026-06-01").published_at == datetime(2026, 6, 1, tzinfo=UTC)


def test_an_item_without_a_published_date_takes_the_updated_one() -> None:
    read = item(updated="2026-06-01")
    assert read.published_at == read.updated_at == datetime(2026, 6, 1, tzinfo=UTC)


def test_one_updated_date_for_all_items_is_no_news() -> None:
    same = [RawItem(guid=str(number), updated="2026-06-07T11:00:00Z") for number in range(3)]
    assert [(each.published_at, each.updated_at) for each in document(*same).items] == [(None, None)] * 3


def test_different_updated_dates_are_news() -> None:
    items = [RawItem(guid=str(number), updated=f"2026-06-0{number}") for number in (1, 2)]
    assert [each.published_at for each in document(*items).items] == [
        datetime(2026, 6, day, tzinfo=UTC) for day in (1, 2)
    ]


def test_one_updated_date_for_all_leaves_published_dates_alone() -> None:
    items = [RawItem(guid=str(day), updated="2026-06-07", published=f"2026-06-0{day}") for day in (1, 2)]
    assert [each.published_at for each in document(*items).items] == [
        datetime(2026, 6, day, tzinfo=UTC) for day in (1, 2)
    ]


def test_the_newest_500_items_are_kept_in_their_order() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    oldest_first = [
        RawItem(guid=str(number), published=(start + timedelta(hours=number)).isoformat()) for number in range(600)
    ]
    assert guids(*oldest_first) == [str(number) for number in range(100, 600)]


def test_without_dates_the_first_500_items_are_kept() -> None:
    assert guids(*(RawItem(guid=str(number)) for number in range(600))) == [str(number) for number in range(500)]


def test_the_same_document_reads_the_same_at_every_poll() -> None:
    raw = RawDocument(items=(*SHARED, RawItem(title="x"), RawItem(url="/y", published="2026-06-01")))
    today = normalize(raw, url=FEED_URL, now=NOW)
    tomorrow = normalize(raw, url=FEED_URL, now=NOW + timedelta(days=1))
    assert today == tomorrow


# Damaged text


def test_texts_that_the_feed_damaged_are_mended() -> None:
    read = item(
        title="memory β€œleak”",
        authors=("JosÃ© NÃºÃ±ez",),
        tags=("BÃ¼cher",),
        content_html="<p>StraÃŸe</p>",
        source=RawSource(title="GrÃ¼ne BlÃ¤tter"),
    )
    assert (read.title, read.author, read.tags) == ("memory “leak”", "José Núñez", ("Bücher",))
    assert (read.content_html, read.source_title) == ("<p>Straße</p>", "Grüne Blätter")


def test_a_plain_title_is_mended_too() -> None:
    assert item(title="Q1 <2026>! πŸŽ‰", title_is_html=False).title == "Q1 <2026>! 🎉"


def test_what_the_feed_says_of_itself_is_mended() -> None:
    feed = document(title="BlÃ¤tter", description="<p>FÃ¼r GÃ¤rtner</p>")
    assert (feed.title, feed.description) == ("Blätter", "Für Gärtner")


def test_damage_that_looks_like_controls_and_spaces_is_mended_before_those_go() -> None:
    assert item(title="voil\u00c3\u00a0 une stra\u00c3\u009fe").title == "voilà une straße"


def test_mending_changes_no_guid_and_no_address() -> None:
    written = RawItem(title="StraÃŸe", content_html="<p>GrÃ¼n</p>")
    assert guids(written) == ["sha256:" + sha256("StraÃŸe\0<p>GrÃ¼n</p>".encode()).hexdigest()]
    damaged = item(guid="urn:StraÃŸe", url="https://e.org/StraÃŸe")
    assert (damaged.guid, unquote(damaged.url)) == ("urn:StraÃŸe", "https://e.org/StraÃŸe")


def test_content_is_mended_and_known_by_what_its_feed_wrote() -> None:
    damaged, right = item(content_html="<p>GrÃ¼n</p>"), item(content_html="<p>Grün</p>")
    assert damaged.content_html == right.content_html
    assert damaged.content_hash != right.content_hash


def test_a_content_that_was_left_out_has_the_hash_that_it_had() -> None:
    known = item(content_html="", content_digest=content_digest("<p>Text</p>"))
    assert (known.content_html, known.content_hash) == (None, item(content_html="<p>Text</p>").content_hash)


def test_an_item_that_only_its_content_tells_from_others_needs_that() -> None:
    with pytest.raises(ContentMissing):
        item(guid="", title="Alone", content_digest=content_digest("<p>Text</p>"))


# The feed's own date


@pytest.mark.parametrize(
    ("dates", "moment"),
    [
        (("Mon, 01 Jan 2024 10:00:00 GMT", "Tue, 02 Jan 2024 10:00:00 GMT"), datetime(2024, 1, 1, 10, tzinfo=UTC)),
        (("Sun, 07 Jun 2026 11:59:00 GMT", "Tue, 02 Jan 2024 10:00:00 GMT"), datetime(2024, 1, 2, 10, tzinfo=UTC)),
        (("Sun, 07 Jun 2026 11:59:00 GMT",), None),
        (("Sat, 06 Jun 2026 13:00:00 GMT",), None),
        (("whenever",), None),
        ((), None),
    ],
)
def test_a_feed_says_how_old_it_is_unless_it_was_built_just_now(
    dates: tuple[str, ...], moment: datetime | None
) -> None:
    assert document(RawItem(guid="1"), dates=dates).dated_at == moment
