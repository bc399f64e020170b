"""The page of a search, asked for as a browser does: what it shows, what it says where it has nothing, who may wait."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from html import escape, unescape
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from aggregator.curating.entries import hide
from aggregator.models import Entry, Feed, SearchState, SiteState
from aggregator.models.counting import refresh_counts
from aggregator.pages import in_turn, searching
from aggregator.pages.search import PAGE_POSTS
from aggregator.search import deadline
from aggregator.search.query import MAX_CHARACTERS
from aggregator.search.terms import VERSION
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.outline import Page, page_at
from tests.pages.conftest import Ask
from tests.tagged import tag_all
from tests.writers import group

pytestmark = pytest.mark.django_db

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def address(q: str, **others: object) -> str:
    return f"/search/?q={quote(q)}" + "".join(f"&{name}={value}" for name, value in others.items())


def html_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


def text_of(html: str) -> str:
    """What is read in `<main>` and its heading."""
    body = html.partition('<div class="page h-feed">')[2].partition("<footer")[0]
    return " ".join(unescape(re.sub("<[^>]*>", "", body)).split())


def found(client: Client, q: str, **others: object) -> list[str]:
    """The titles of the posts that are shown, in their order."""
    html = html_of(client, address(q, **others))
    return [unescape(re.sub("<[^>]*>", "", one)) for one in re.findall(r'<h2 class="entry-title.*?</h2>', html)]


def ways(client: Client, path: str, within: str = "found-nothing") -> list[tuple[str, str]]:
    """The links of a part of the page: their text, and what is searched there."""
    part = html_of(client, path).partition(f'class="words {within}"')[2].partition("</div>")[0]
    links = re.findall(r'<a href="([^"]*)">(.*?)</a>', part)
    asked = [(unescape(re.sub("<[^>]*>", "", text)), parse_qs(urlsplit(unescape(href)).query)) for href, text in links]
    return [(text, query["q"][0]) for text, query in asked if query]


# -- what is shown -------------------------------------------------------------------------------------------------


def test_what_was_found_stands_newest_first_with_its_source_and_its_time(client: Client) -> None:
    north = make_feed("North")
    make_entry(north, "Trains in winter", days_ago=3, author="Ada")
    make_entry(make_feed("South"), "More trains", days_ago=1)
    make_entry(title="Ships")
    page = page_at(client, address("trains"))
    assert page.outline == [
        ["date", "More trains"],
        ["stamp", "23 Jun 2026 12:00pm GMT"],
        ["date", "Trains in winter"],
        ["stamp", "21 Jun 2026 12:00pm GMT"],
    ]
    assert [link["href"] for link in page.classed("run-title")] == ["/source/south/", "/source/north/"]
    assert [link["href"] for link in page.classed("u-url")] == [
        entry.url for entry in Entry.objects.filter(title__contains="rains").order_by("-timeline_at")
    ]
    assert page.faults == []
    assert "2 posts with “trains”" in text_of(html_of(client, address("trains")))


def test_what_was_found_leads_to_who_wrote_it_and_to_its_tags(client: Client) -> None:
    group()
    tag_all("Birds", "Trees")
    page = html_of(client, address("one"))
    assert 'href="/author/ann/"' in page
    assert 'href="/tag/birds/"' in page


def test_what_was_looked_for_is_marked_in_title_and_text(client: Client) -> None:
    make_entry(title="A naïve <b>train</b>", content_html="<p>All aboard the naive &lt;train&gt;.</p>")
    html = html_of(client, address("NAIVE"))
    assert "<mark>naïve</mark> &lt;b&gt;train" in html
    assert "<mark>naive</mark> &lt;train&gt;" in html


def test_best_first_is_a_link_and_keeps_the_question(client: Client) -> None:
    make_entry(title="On ships", days_ago=1, content_html="<p>A train, once.</p>")
    make_entry(title="Train, train, train", days_ago=2)
    assert found(client, "train") == ["On ships", "Train, train, train"]
    links = page_at(client, address("train")).classed("way")
    assert [link["href"] for link in links] == ["?q=train", "?q=train&order=best"]
    assert found(client, "train", order="best") == ["Train, train, train", "On ships"]
    assert 'name="order" value="best"' in html_of(client, address("train", order="best"))


def test_the_question_stays_in_the_box_as_it_was_written(client: Client) -> None:
    (box,) = page_at(client, address(' "two  words" -x ')).named("input")
    assert (box["value"], box["maxlength"], box["name"], box["type"]) == ('"two  words" -x', "200", "q", "search")


@pytest.mark.parametrize(("count", "words"), [(1, "1 post "), (2, "2 posts ")])
def test_how_many_there_are_is_said_in_words(client: Client, count: int, words: str) -> None:
    for _ in range(count):
        make_entry(title="Trains")
    assert f"{words}with “trains”" in text_of(html_of(client, address("trains")))


def test_of_very_many_it_says_that_there_are_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.search.finding.MAX_COUNT", 2)
    for _ in range(3):
        make_entry(title="Trains")
    assert "More than 2 posts with “trains”" in text_of(html_of(client, address("trains")))


def test_of_blogs_that_show_titles_alone_no_word_of_the_text_is_shown(client: Client) -> None:
    secret = "<p>A train with a secret in it.</p>"
    make_entry(make_feed(display=Feed.Display.LINK), "Title alone", content_html=secret, excerpt="A train with")
    make_entry(make_feed(display=Feed.Display.EXCERPT), "Excerpt", content_html=secret, excerpt="A train")
    html = html_of(client, address("train"))
    assert len(found(client, "train")) == 2
    assert ("secret" in html, html.count('class="entry-excerpt')) == (False, 1)


def test_a_note_has_a_heading_for_who_hears_the_page_and_its_text_once_for_who_sees_it(client: Client) -> None:
    make_entry(make_feed(), "", content_html="<p>Rain on the train again.</p>", excerpt="Rain on the train again.")
    Entry.objects.update(title="")
    assert '<h2 class="entry-title visually-hidden' in html_of(client, address("rain"))


@pytest.mark.parametrize(
    "q", [HOSTILE, "'onfocus=alert(1) autofocus x='", "{{ 7*7 }} %s", "</title><h1>x", "\u202ex<b>"]
)
def test_a_question_is_text_wherever_it_stands(client: Client, q: str) -> None:
    make_entry(title=q, content_html="<p>x</p>")
    for path in (address(q), address(f"{q} zzzz"), address(f"{q} before:x")):
        html = client.get(path).content.decode()
        page = Page(html)
        assert page.faults == []
        assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []
        assert page.strange_scripts == []
        assert {image["src"] for image in page.named("img")} == set()


def test_searches_are_for_no_other_search_engine(client: Client) -> None:
    make_entry(title="Trains")
    for path in ("/search/", address("trains"), address("zzzz"), "/search/atom.xml?q=trains"):
        answer = client.get(path)
        assert answer["X-Robots-Tag"] == "noindex"
    page = page_at(client, address("trains"))
    assert {"name": "robots", "content": "noindex"} in page.named("meta")
    assert [link for link in page.named("link") if link["rel"] == "canonical"] == []


@pytest.mark.any_database
@pytest.mark.parametrize("letter", ["&", "'", "𝕬"])
def test_no_post_can_make_the_page_of_a_search_large(client: Client, letter: str) -> None:
    others = [make_feed(letter * 300) for _ in range(10)]
    for number in range(PAGE_POSTS):
        feed = make_feed(letter * 300, site_url=f"https://a.example/?{letter * 1950}")
        at_most = dict.fromkeys(("author", "source_title", "excerpt"), letter * 299)
        addresses = dict.fromkeys(("url", "source_url"), f"https://a.example/{number}?{letter * 1900}")
        content = f"<p>train {escape(letter) * 20_000}</p>"
        entry = make_entry(feed, f"train {letter * 290}", content_html=content, **at_most, **addresses)
        for other in others:
            make_entry(other, duplicate_of=entry)
    html = html_of(client, address("train"))
    assert (html.count("<article"), len(html.encode()) < 1_500_000) == (PAGE_POSTS, True)


# -- pages ---------------------------------------------------------------------------------------------------------


def older(client: Client, path: str) -> str:
    links = page_at(client, path).classed("pager-older")
    return f"/search/{links[0]['href']}" if links else ""


@pytest.fixture
def trains() -> list[Entry]:
    """Of 45 days, the newest first."""
    feed = make_feed()
    return [make_entry(feed, f"Train {number}", days_ago=number) for number in range(2 * PAGE_POSTS + 5)]


@pytest.mark.parametrize("order", ["newest", "best"])
def test_pages_lead_through_all_that_was_found(client: Client, trains: list[Entry], order: str) -> None:
    path, titles = address("train", order=order), []
    while path:
        html = html_of(client, path)
        titles += re.findall(r"Train</mark> ([0-9]+)", html)
        path = older(client, path)
    assert sorted(map(int, titles)) == list(range(len(trains)))
    assert [link["href"] for link in page_at(client, address("train")).classed("pager-newer")] == []


def test_a_page_that_was_opened_an_hour_ago_leads_on(client: Client, trains: list[Entry]) -> None:
    path = older(client, address("train"))
    last = trains[PAGE_POSTS - 1]
    hide(Entry.objects.filter(pk=last.pk), timezone.now())
    for _ in range(PAGE_POSTS):
        make_entry(last.feed, "New train", days_ago=-1)
    html = html_of(client, path)
    assert re.findall(r"Train</mark> ([0-9]+)", html)[0] == str(PAGE_POSTS)
    assert [link["href"] for link in Page(html).classed("pager-newer")] == ["?q=train"]


@pytest.mark.parametrize("others", [{"before": "x"}, {"before": 10**6}, {"order": "best", "skip": "-1"}])
def test_a_page_after_what_is_no_post_is_not_there(client: Client, others: dict[str, object]) -> None:
    assert client.get(address("train", **others)).status_code == 404


def test_behind_the_last_post_is_a_way_back(client: Client, trains: list[Entry]) -> None:
    assert "That was the last post" in html_of(client, address("train", before=trains[-1].pk))
    assert "That was the last post" in html_of(client, address("train", order="best", skip=60))


# -- nothing -------------------------------------------------------------------------------------------------------


def test_without_a_question_the_page_tells_how_to_ask_by_examples_that_find_something(client: Client) -> None:
    feed = make_feed("North", category=make_category("Web"))
    make_entry(feed, "A long railway journey", author="Ada L", tags=["web dev"])
    make_entry(feed, "", days_ago=0)
    Entry.objects.filter(title__startswith="Post").update(title="")
    html = html_of(client, "/search/")
    assert "each as a whole: post doesn’t find posts" in text_of(html)
    examples = re.findall(r'<dt><a href="([^"]*)"><bdi>(.*?)</bdi>', html)
    texts = [unescape(text) for _, text in examples]
    assert [text for text in texts if ":" in text and "after" not in text and "before" not in text] == [
        "title:railway",
        'author:"Ada L"',
        "source:north",
        "category:web",
        'tag:"web dev"',
    ]
    assert [href for href, _ in examples if "entry-title" not in html_of(client, unescape(href))] == []
    for junk in ("/search/?q=", "/search/?q=%20%20", "/search/?x=1&before=2"):
        assert html_of(client, junk) == html


def test_without_any_post_there_is_the_box(client: Client) -> None:
    assert len(page_at(client, "/search/").classed("question")) == 1


def test_where_nothing_is_found_it_says_what_was_searched_and_what_else_could_be(client: Client) -> None:
    make_entry(title="Trains")
    asked = 'trains "night journey" -snow title:sleeper before:2020'
    text = text_of(html_of(client, address(asked)))
    said = "No post with “trains” and “night journey”, without “snow”, with “sleeper” in the title, before 01 Jan 2020"
    assert said in text
    assert [q for _, q in ways(client, address(asked))] == [
        'trains "night journey" title:sleeper before:2020-01-01',
        'trains "night journey" -snow title:sleeper',
        'trains "night journey" -snow sleeper before:2020-01-01',
        "trains night journey -snow title:sleeper before:2020-01-01",
        "trains before:2020-01-01",
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("trains source:nowhere", "No source is called “nowhere”."),
        ("trains category:nowhere", "in a category called “nowhere”."),
        ("trains tag:nowhere", "No tag is called “nowhere”."),
    ],
)
def test_what_is_not_there_by_name_is_named(client: Client, asked: str, said: str) -> None:
    make_entry(title="Trains")
    assert said in text_of(html_of(client, address(asked)))
    assert ("trains", "trains") in ways(client, address(asked))


def test_where_nothing_is_found_the_nearest_titles_are_named(client: Client) -> None:
    entry = make_entry(title="Migrating a database")
    make_entry(title="Migrations elsewhere", is_hidden=True)
    page = page_at(client, address("migratin databse"))
    assert entry.get_absolute_url() in [link["href"] for link in page.named("a")]
    assert "elsewhere" not in html_of(client, address("migratin databse"))


@pytest.mark.parametrize(
    ("q", "sentence"),
    [
        ("x" * 201, "A search has at most 200 characters"),
        ("-trains", "only says what to leave out"),
        ("before:yesterday", "is no date"),
        ("a " * 13, ""),
        ("!!!", "no word"),
    ],
)
def test_what_is_refused_is_a_400_with_the_sentence_and_the_box(client: Client, q: str, sentence: str) -> None:
    q = " ".join(f"w{number}" for number in range(13)) if q == "a " * 13 else q
    answer = client.get(address(q))
    html = answer.content.decode()
    page = Page(html)
    assert (answer.status_code, "ETag" in answer, page.faults) == (400, False, [])
    assert sentence in text_of(html)
    (box,) = page.named("input")
    assert (box["value"], box["aria-describedby"]) == (q, "refusal")
    assert answer["X-Robots-Tag"] == "noindex"


# -- whatever is asked ---------------------------------------------------------------------------------------------


def test_of_two_questions_the_last_counts_as_everywhere(client: Client) -> None:
    make_entry(title="Trains")
    assert 'value="trains"' in html_of(client, "/search/?q=ships&q=trains")


@pytest.mark.parametrize("raw", ["%E9", "caf%E9", "%FF%FE", "a%00b", "%ed%a0%80", "a%u0041", "q" * 20_000, "%" * 50])
def test_bytes_that_are_no_text_are_no_fault_of_ours(client: Client, raw: str) -> None:
    for path in ("/search/", "/search/atom.xml", "/search/feed.json"):
        assert client.get(f"{path}?q={raw}").status_code in {200, 400}


def test_a_search_is_read_and_never_sent(client: Client) -> None:
    assert client.post("/search/", {"q": "trains"}).status_code == 405
    head = client.head(address("trains"))
    assert (head.status_code, head.content) == (200, b"")


# -- what browsers and proxies keep --------------------------------------------------------------------------------


def test_a_search_is_made_each_time_but_not_for_who_has_it(ask: Ask) -> None:
    make_entry(title="Trains")
    SiteState.objects.touch(NOW)
    first, second = (ask("/search/", "q=trains") for _ in range(2))
    assert first.questions == second.questions > 1, "our memory keeps none"
    assert (first.headers, first.body) == (second.headers, second.body)
    known = ask("/search/", "q=trains", HTTP_IF_NONE_MATCH=first.headers["ETag"])
    assert (known.status, known.body) == (304, b"")
    assert "cookie" not in first.headers.get("Vary", "").lower()


def test_who_is_gone_is_gone_from_pages_counts_and_feeds_at_once(ask: Ask) -> None:
    feed = make_feed("North")
    one, _ = make_entry(feed, "Train vanishing"), make_entry(feed, "Train two")
    SiteState.objects.touch(NOW)
    places = [("/search/", "q=train"), ("/search/", "q=train&order=best"), ("/search/feed.json", "q=train")]
    before = [ask(*place) for place in places]
    hide(Entry.objects.filter(pk=one.pk), timezone.now())
    for place, was in zip(places, before, strict=True):
        now = ask(*place, HTTP_IF_NONE_MATCH=was.headers["ETag"])
        assert (now.status, "vanishing" in was.text, "vanishing" in now.text) == (200, True, False)
    assert "1 post with “<bdi>train" in ask("/search/", "q=train").text


@pytest.mark.parametrize("field", ["is_hidden", "is_held", "is_filtered", "emptied_at", "state"])
def test_what_readers_may_not_see_is_not_found(client: Client, field: str) -> None:
    feed = make_feed(state="rejected" if field == "state" else "active")
    make_entry(feed, "Secret train", **({} if field == "state" else {field: NOW if field == "emptied_at" else True}))
    html = html_of(client, address("secret"))
    assert ("Secret train" in html, "No post with" in html) == (False, True)


@pytest.fixture
def half_read(client: Client) -> None:
    """A site whose worker has read the newest of two posts."""
    feed = make_feed()
    newer, _ = (make_entry(feed, "Train", days_ago=days) for days in (1, 3))
    refresh_counts([feed])
    SearchState(pk=1, version=VERSION, reached_at=NOW - timedelta(days=2), reached_id=newer.pk).save()
    SiteState.objects.touch(NOW)


@pytest.mark.usefixtures("half_read")
def test_while_posts_of_before_are_read_the_page_says_how_far_it_is(client: Client) -> None:
    for path in ("/search/", address("train"), address("zzzz")):
        assert "Those since 22 Jun 2026 can be found, 50&nbsp;% of all." in html_of(client, path)
    SearchState.objects.update(reached_at=None, reached_id=None)
    assert "hardly any can be found yet" in html_of(client, address("train"))
    SearchState.objects.update(is_done=True)
    assert "found yet" not in html_of(client, address("train"))


@pytest.mark.usefixtures("half_read")
@pytest.mark.parametrize("path", ["/search/", "/search/atom.xml", "/search/feed.json"])
def test_while_posts_of_before_are_read_nobody_is_told_that_nothing_changed(ask: Ask, path: str) -> None:
    for known in ({}, {"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_IF_MODIFIED_SINCE": "Wed, 24 Jun 2026 12:00:00 GMT"}):
        answer = ask(path, "q=train", **known)
        assert (answer.status, "ETag" in answer.headers, "Last-Modified" in answer.headers) == (200, False, False)
    SearchState.objects.update(is_done=True)
    etag = ask(path, "q=train").headers["ETag"]
    assert ask(path, "q=train", HTTP_IF_NONE_MATCH=etag).status == 304


# -- who has to wait -----------------------------------------------------------------------------------------------


@pytest.fixture
def others_search() -> Iterator[None]:
    """As many as may at once."""
    with ExitStack() as stack:
        for _ in range(in_turn.AT_ONCE):
            stack.enter_context(searching.in_turn())
        yield


@pytest.mark.usefixtures("others_search")
def test_who_comes_while_many_search_is_told_to_try_again(client: Client) -> None:
    answer = client.get(address("trains"))
    assert (answer.status_code, answer["Retry-After"]) == (503, str(in_turn.RETRY_SECONDS))
    assert (answer["Cache-Control"], "ETag" in answer) == ("no-store", False)
    assert "Many are searching" in text_of(answer.content.decode())
    feed = client.get("/search/atom.xml?q=trains")
    assert (feed.status_code, feed["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert client.get("/").status_code == client.get("/search/").status_code == 200


@pytest.mark.usefixtures("others_search")
def test_who_has_the_page_needs_no_turn(client: Client) -> None:
    SiteState.objects.touch(NOW)
    etag = client.get("/search/")["ETag"]
    assert client.get(address("trains"), HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_what_takes_too_long_ends_with_a_sentence_and_gives_its_turn_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entry(title="Trains")
    with monkeypatch.context() as patch:
        patch.setattr(deadline, "MAX_SECONDS", -1.0)
        for _ in range(in_turn.AT_ONCE + 1):
            answer = client.get(address("trains"))
            assert (answer.status_code, answer["Cache-Control"], "ETag" in answer) == (503, "no-store", False)
            assert "takes longer than a second" in text_of(answer.content.decode())
            assert 'value="trains"' in answer.content.decode()
    assert found(client, "trains") == ["Trains"]


def test_all_links_of_a_search_that_is_as_long_as_may_be_can_be_followed(client: Client) -> None:
    for number in range(21):
        make_entry(title=f"Word {number}")
    text = "word after:2000 before:2099 -"
    page = client.get("/search/", {"q": text.ljust(MAX_CHARACTERS, "x")}).content.decode()
    links = {unescape(link) for link in re.findall('href="([^"]*[?]q=[^"]*)"', page)}
    assert len(links) >= 6
    assert {client.get(urljoin("/search/", link)).status_code for link in links} == {200}
    page = client.get("/search/", {"q": "nowhere " + text.ljust(MAX_CHARACTERS - 8, "x")}).content.decode()
    links = {unescape(link) for link in re.findall('href="([^"]*[?]q=[^"]*)"', page)}
    assert {client.get(urljoin("/search/", link)).status_code for link in links} == {200}
