"""Long posts are rolled up on lists to their beginning, by how long they are to read or how high they stand."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from aggregator.models.counting import refresh_counts
from aggregator.pages import long_posts
from aggregator.pages.long_posts import Length, length_of, measured
from tests.factories import make_category, make_entry, make_feed
from tests.outline import page_at

LISTS = ["/", "/category/web/", "/source/one/", "/archive/2026/06/23/"]
OLDER = ["/category/web/", "/source/one/", "/archive/2026/06/23/"]


def paragraphs(words: int, of_words: int = 100) -> str:
    return f"<p>{'word ' * of_words}</p>" * (words // of_words)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("", 0),
        ("<p>one</p><p>two</p>", 2),
        ("<p>one<br>two <em>th</em>ree,\n<a href='https://a.example/b c'>four</a>.</p>", 4),
        ("<ul><li>one</li><li>two</li></ul><table><tr><td>three</td><td>four</td></tr></table>", 4),
        ("<p>R&amp;D, naïve &lt;b&gt;</p>", 3),
        ("<p>행성은 천천히 돈다</p>", 3),
        ("<p>行星慢慢地转动。</p>", 4),
        ("<p>行星慢慢地转动，Django 6 来了。</p>", 7),
        ("<p>ดาวเคราะห์หมุนช้า</p>", 4),
    ],
)
def test_words_are_counted_in_all_languages(html: str, words: int) -> None:
    assert measured(html).words == words


@pytest.mark.parametrize(
    ("html", "name"),
    [
        (paragraphs(20_000), "20,000 words"),
        (f"<p>{'word ' * 700}</p>", "700 words"),
        (f"<p>{'行星慢慢转动' * 300}</p>", "900 words"),
        ("<p><img src='https://a.example/b.png' alt=''></p>" * 500, "500 pictures"),
        (f"<p>{'w' * 20_000}</p>", ""),
        (f"<pre>{'x' * 20}{chr(10)}</pre>".replace("\n", "\n" * 90), ""),
        (f"<p>{'a line<br>' * 90}</p>", ""),
        (f"<ul>{'<li>item</li>' * 90}</ul>", ""),
        (f"<table>{'<tr><td>1</td><td>2</td></tr>' * 90}</table>", ""),
    ],
)
def test_a_post_is_long_by_its_words_or_its_height(html: str, name: str) -> None:
    length = measured(html)
    assert (length.is_long, length.name) == (True, name)


@pytest.mark.parametrize(
    "html",
    [
        "",
        paragraphs(600),
        paragraphs(500, 10),
        f"<div><div>{paragraphs(500, 20)}</div></div>\n" + "<p><img src='https://a.example/b.png' alt=''></p>" * 5,
        f"<p>{'行星慢慢转动' * 190}</p>",
        f"<table>{'<tr>' + '<td>1</td>' * 20 + '</tr>'}</table>" * 10,
        f"<pre>{'a line of code' + chr(10)}</pre>" * 9,
    ],
)
def test_a_post_of_usual_length_is_not(html: str) -> None:
    assert not measured(html).is_long


def test_lengths_are_kept_and_not_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_posts, "MAX_KEPT", 3)
    lengths = [length_of(f"<p>{'word ' * number}</p>").words for number in (1, 2, 3, 4, 5, 5)]
    assert (lengths, len(long_posts._kept) <= 3) == ([1, 2, 3, 4, 5, 5], True)


@pytest.mark.processor_seconds(5)
@pytest.mark.parametrize("piece", ["<", "</p>", "</p> ", "<br", "<br ", "<p>", "</td>", " ", "\n", "，", "行", "<pre"])
def test_a_length_is_found_in_linear_time(piece: str) -> None:
    assert isinstance(measured(piece * (2**17 // len(piece))), Length)


@pytest.fixture
def post() -> str:
    """The address of a long post, which stands on all lists; on those that have older pages, as the second."""
    feed = make_feed("One", slug="one", category=make_category("Web"))
    entry = make_entry(feed, "Long", content_html=paragraphs(20_000), days_ago=1.001)
    make_entry(feed, "Short", content_html=paragraphs(100), days_ago=1)
    refresh_counts([feed])
    return entry.get_absolute_url()


@pytest.mark.django_db
@pytest.mark.parametrize("path", LISTS)
def test_a_list_rolls_up_a_long_post_and_has_it_whole_once(client: Client, post: str, path: str) -> None:
    page = page_at(client, path)
    assert (page.faults, page.classed("rolled-up")) == ([], [{"class": "rolled-up"}])
    html = client.get(path).content.decode()
    assert (html.count("word "), html.count("The whole post (20,000 words)")) == (20_100, 1)
    assert "Long" in html[: html.index("<details")].rpartition("<h4")[2]


@pytest.mark.django_db
@pytest.mark.parametrize("path", OLDER)
def test_so_do_its_older_pages(client: Client, post: str, path: str) -> None:
    newest = page_at(client, "/").classed("dt-published")
    assert len(newest) == 2
    newer = re.findall(r"/post/([0-9]+)/", client.get("/").content.decode())[0]
    assert client.get(f"{path}?before={newer}").content.count(b"The whole post (20,000 words)") == 1


@pytest.mark.django_db
def test_its_own_page_shows_it_as_it_is(client: Client, post: str) -> None:
    html = client.get(post).content.decode()
    assert ("rolled-up" in html, "The whole post" in html, html.count("word ")) == (False, False, 20_000)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/atom.xml", "/rss20.xml", "/feed.json", "/archive/2026/06/"])
def test_neither_our_feeds_nor_brief_lists_know_of_it(client: Client, post: str, path: str) -> None:
    text = client.get(path).content.decode()
    assert ("rolled-up" in text, "The whole post" in text, "tabindex" in text.partition("<main")[0]) == (False,) * 3
