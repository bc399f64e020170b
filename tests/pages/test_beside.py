"""Pictures, players and files beside a post's text, and notes, whose words stand once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator.models import Enclosure, Entry, Feed
from aggregator.pages.beside import facts_of, file_name, length_name, media_beside, size_name
from tests.factories import make_entry, make_feed
from tests.outline import Page, page_at

AUDIO = {"url": "https://a.example/talk.mp3", "media_type": "audio/mpeg", "seconds": 2820, "byte_count": 46_000_000}
VIDEO = {"url": "https://a.example/film.mp4", "media_type": "video/mp4"}
PICTURE = {"url": "https://a.example/tide-300x200.jpg", "media_type": "image/jpeg", "title": "Sand with ripples"}
FILE = {"url": "https://a.example/notes.pdf?a=1&b=2", "media_type": "application/pdf", "byte_count": 2_000_000}


def make_post(*files: dict[str, Any], display: str = "full", **fields: object) -> Entry:
    entry = make_entry(make_feed(has_enclosures=True, display=display), **fields)
    for position, one in enumerate(files):
        Enclosure.objects.create(entry=entry, position=position, **one)
    return entry


def links_of(page: Page) -> list[str]:
    return [link["href"] for link in page.classed("u-enclosure")]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a%20tide.bin", "a tide.bin"),
        ("x%00%0A%1By.bin", "xy.bin"),
        ("%E2%80%AEgpj.exe", "gpj.exe"),
        ("caf%C3%A9.bin", "café.bin"),
        ("w" * 1500, "w" * 99 + "…"),
    ],
)
def test_the_name_of_a_file_has_nothing_that_cannot_be_seen_and_an_end(path: str, name: str) -> None:
    assert file_name(f"https://a.example/files/{path}?a=1") == name


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(None, ""), (0, ""), (40, "40 s"), (2820, "47 min"), (3599, "1 h"), (3900, "1 h 5 min"), (90_000, "25 h")],
)
def test_a_length_is_named_as_people_say_it(seconds: int | None, name: str) -> None:
    assert length_name(seconds) == name


@pytest.mark.parametrize(
    ("byte_count", "name"),
    [
        (None, ""),
        (0, ""),
        (7, "7 B"),
        (1000, "1 kB"),
        (46_000_000, "46 MB"),
        (1_540_000_000, "1.5 GB"),
        (999_999, "1 MB"),
    ],
)
def test_a_size_is_named_as_people_say_it(byte_count: int | None, name: str) -> None:
    assert size_name(byte_count) == name


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        (AUDIO, "Audio, 47 min, 46 MB"),
        (FILE, "PDF, 2 MB"),
        ({"url": "https://a.example/x.xlsx", "media_type": "application/vnd.x"}, "XLSX file"),
        ({"url": "https://a.example/x", "media_type": ""}, "File"),
    ],
)
def test_a_file_is_named_by_what_is_known_of_it(fields: dict[str, Any], facts: str) -> None:
    assert facts_of(Enclosure(**fields)) == facts


@pytest.mark.django_db
class TestBesideAPost:
    def test_sound_and_films_have_a_player_that_loads_nothing_by_itself_and_a_named_link(self, client: Client) -> None:
        make_post(AUDIO, VIDEO)
        page = page_at(client, "/")
        players = [*page.named("audio"), *page.named("video")]
        assert [(player["src"], player["preload"]) for player in players] == [
            (AUDIO["url"], "none"),
            (VIDEO["url"], "none"),
        ]
        assert all("controls" in player and "autoplay" not in player for player in players)
        assert links_of(page) == [AUDIO["url"], VIDEO["url"]]
        assert "Audio, 47 min, 46 MB</a>" in client.get("/").content.decode()

    def test_a_picture_is_shown_where_the_text_has_none(self, client: Client) -> None:
        make_post(PICTURE)
        [picture] = [one for one in page_at(client, "/").named("img") if one["src"] == PICTURE["url"]]
        assert (picture["alt"], picture["loading"], picture["referrerpolicy"]) == (
            "Sand with ripples",
            "lazy",
            "no-referrer",
        )

    @pytest.mark.parametrize(
        ("in_text", "links"),
        [("https://b.example/other.jpg", [PICTURE["url"]]), (PICTURE["url"], []), ("http://a.example/tide.jpg", [])],
    )
    def test_beside_a_text_with_pictures_it_is_a_link_unless_it_is_one_of_them(
        self, client: Client, in_text: str, links: list[str]
    ) -> None:
        make_post(PICTURE, content_html=f'<p>Low water.</p><img src="{in_text}" alt="">')
        page = page_at(client, "/")
        assert [one["src"] for one in page.named("img") if one["src"].startswith("http")] == [in_text]
        assert links_of(page) == links

    def test_a_file_whose_address_only_begins_another_one_in_the_text_keeps_its_link(self, client: Client) -> None:
        make_post({"url": "https://a.example/talks/1"}, content_html='<a href="https://a.example/talks/12">Next</a>')
        assert links_of(page_at(client, "/")) == ["https://a.example/talks/1"]

    def test_a_file_that_the_text_links_to_has_no_second_link(self, client: Client) -> None:
        make_post(
            FILE, content_html='<p><a rel="nofollow" href="https://a.example/notes.pdf?a=1&amp;b=2">Notes</a></p>'
        )
        assert links_of(page_at(client, "/")) == []

    @pytest.mark.parametrize("display", ["excerpt", "link"])
    def test_where_posts_are_not_shown_whole_there_are_links_alone(self, client: Client, display: str) -> None:
        make_post(AUDIO, PICTURE, FILE, display=display)
        page = page_at(client, "/")
        assert (page.named("audio"), links_of(page)) == ([], [AUDIO["url"], FILE["url"]])
        assert PICTURE["url"] not in client.get("/").content.decode()

    def test_what_a_feed_says_of_a_file_is_text(self, client: Client) -> None:
        make_post({**AUDIO, "title": '"><script>alert(1)</script>'})
        page = page_at(client, "/")
        assert (page.strange_scripts, page.faults) == ([], [])

    def test_every_page_with_whole_posts_has_them_and_asks_one_question_more(self, client: Client) -> None:
        entry = make_post(AUDIO)
        feed = entry.feed
        for number in range(3):
            Enclosure.objects.create(
                entry=make_entry(feed), position=0, **{**AUDIO, "url": f"https://a.example/{number}"}
            )
        pages = ["/", feed.get_absolute_url(), "/archive/2026/06/23/", entry.get_absolute_url()]
        for address in pages:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert page_at(client, address).named("audio")
            assert sum("aggregator_enclosure" in query["sql"] for query in queries) == 1
        Feed.objects.update(has_enclosures=False)
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        assert not any("aggregator_enclosure" in query["sql"] for query in queries)

    def test_the_policy_lets_browsers_play_from_where_the_files_are(self, client: Client) -> None:
        assert "media-src https: http:" in client.get("/about/")["Content-Security-Policy"]


@pytest.mark.django_db
class TestNotes:
    WORDS = "The kettle sings before it boils, and I write down the minute each morning"

    @pytest.mark.parametrize("title", ["", WORDS, f"{WORDS[:30]}…", f"{WORDS[:30]}..."])
    def test_the_words_of_a_note_are_seen_once(self, client: Client, title: str) -> None:
        entry = make_entry(content_html=f"<p>{self.WORDS}</p>", excerpt=self.WORDS)
        Entry.objects.update(title=title)
        page = page_at(client, "/")
        [heading] = page.named("h4")
        assert "visually-hidden" in heading["class"].split()
        assert [kind for kind, _ in page.outline] == ["date", "feed", "entry", "stamp"]
        [link] = page.classed("u-url")
        assert (link["tabindex"], link["href"]) == ("-1", entry.url)
        assert [one["href"] for one in page.classed("entry-permalink")] == [entry.url]

    @pytest.mark.parametrize("title", ["The kettle", "The kettle…", "The kettle sings by itself…"])
    def test_a_title_that_says_more_or_less_than_the_text_is_a_heading(self, client: Client, title: str) -> None:
        entry = make_entry(title=title, content_html=f"<p>{self.WORDS}</p>", excerpt=self.WORDS)
        page = page_at(client, "/")
        assert "visually-hidden" not in page.named("h4")[0]["class"].split()
        assert [one["href"] for one in page.classed("entry-permalink")] == [entry.get_absolute_url()]

    def test_where_only_titles_are_shown_the_heading_has_the_words(self, client: Client) -> None:
        make_entry(make_feed(display="link"), excerpt=self.WORDS)
        Entry.objects.update(title="")
        assert "visually-hidden" not in page_at(client, "/").named("h4")[0]["class"].split()

    def test_the_page_of_a_month_shows_them_once_and_asks_for_no_contents(self, client: Client) -> None:
        make_entry(excerpt=self.WORDS), make_entry(excerpt="")
        Entry.objects.update(title="")
        with CaptureQueriesContext(connection) as queries:
            page = page_at(client, "/archive/2026/06/")
        assert sorted("visually-hidden" in one["class"] for one in page.named("h4")) == [False, True]
        assert not any("content_html" in query["sql"] for query in queries)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "title", "words"),
    [
        (FILE, "Low water", "notes.pdf (PDF, 2 MB)"),
        (FILE, "", "notes.pdf (PDF, 2 MB)"),
        (FILE, "notes", "PDF, 2 MB"),
        (FILE | {"title": "Slides"}, "Low water", "Slides (PDF, 2 MB)"),
        (FILE | {"title": "Low water"}, "Low water", "PDF, 2 MB"),
        (FILE | {"url": "https://a.example/download?id=7"}, "Low water", "PDF, 2 MB"),
        (AUDIO, "Low water", "Audio, 47 min, 46 MB"),
    ],
)
def test_a_file_without_a_title_has_the_name_that_its_address_gives_it(
    client: Client, file: dict[str, Any], title: str, words: str
) -> None:
    entry = make_post(file, title=title)
    html = client.get(entry.get_absolute_url()).content.decode()
    [link] = re.findall('(?s)<a class="u-enclosure"[^>]*>(.*?)</a>', html)
    assert re.sub("<[^>]*>", "", link) == words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("in_text", "beside"),
    [
        ("https://1.bp.blogspot.com/x/s320/tide.jpg", "https://1.bp.blogspot.com/x/s72-w640-h480-c/tide.jpg"),
        (
            "https://blogger.googleusercontent.com/img/a/AV=s1600",
            "https://blogger.googleusercontent.com/img/a/AV=s72-c",
        ),
        ("https://live.staticflickr.com/1/2_3_m.jpg", "https://live.staticflickr.com/1/2_3_b.jpg"),
        ("https://cdn-images-1.medium.com/max/1024/1*x.png", "https://cdn-images-1.medium.com/fit/c/60/60/1*x.png"),
        ("https://a.example/tide-1024x768.jpg?x=1", "http://a.example/tide-150x150.jpg"),
        ("https://a.example/tide.jpg?w=640", "https://a.example/tide.jpg?w=1280"),
    ],
)
def test_a_picture_that_the_text_has_in_another_size_has_no_link(client: Client, in_text: str, beside: str) -> None:
    entry = make_post(PICTURE | {"url": beside}, content_html=f'<p>Low water.</p><img src="{in_text}" alt="">')
    assert links_of(page_at(client, entry.get_absolute_url())) == []
    Entry.objects.update(
        content_html=f'<img src="{in_text.replace("tide", "ebb").replace("1*x", "y").replace("2_3", "4")}">'
    )
    assert len(links_of(page_at(client, entry.get_absolute_url()))) == (0 if "AV=" in beside else 1)


@pytest.mark.django_db
@pytest.mark.parametrize("program", ["picture.php", "thumb.aspx", "show.cgi", "picture"])
def test_a_picture_that_a_program_gives_by_its_number_is_another_one(client: Client, program: str) -> None:
    address = f"https://a.example/{program}?id="
    make_post(PICTURE | {"url": f"{address}2"}, content_html=f'<p>Low water.</p><img src="{address}1" alt="">')
    assert links_of(page_at(client, "/")) == [f"{address}2"]


@pytest.mark.django_db
@pytest.mark.parametrize("media_type", ["audio/x-ms-wma", "audio/midi", "video/x-msvideo", "video/x-flv", "video/mpeg"])
def test_what_no_browser_plays_is_a_link_alone(client: Client, media_type: str) -> None:
    make_post({"url": "https://a.example/old", "media_type": media_type})
    page = page_at(client, "/")
    assert (page.named("audio"), page.named("video"), len(links_of(page))) == ([], [], 1)


@pytest.mark.processor_seconds(2)
def test_many_pictures_beside_a_text_of_many_are_compared_in_time() -> None:
    entry = Entry(feed=Feed(display="full"))
    entry.content_html = "".join(f'<img src="https://a.example/{number}.jpg" alt="">' for number in range(40_000))
    files = [Enclosure(url=f"https://a.example/b{number}.jpg", media_type="image/jpeg") for number in range(50)]
    files.append(Enclosure(url="https://a.example/7-300x200.jpg", media_type="image/jpeg"))
    assert len(media_beside(entry, files)) == 50
