"""Text of other languages and scripts: its elements say so, and it turns nothing around it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from aggregator.models import Entry
from aggregator.models.counting import refresh_counts
from aggregator.pages.written_in import isolated, lang, written_in
from tests.factories import make_category, make_entry, make_feed

ARABIC, HEBREW, JAPANESE = "مدونة", "בעברית", "日本語の記事"


@pytest.mark.parametrize(
    ("text", "language", "attributes"),
    [
        ("A post", "", ' dir="auto"'),
        ("A post", "en", ' dir="auto"'),
        ("Ein Beitrag", "de-at", ' dir="auto" lang="de-at"'),
        (JAPANESE, "ja", ' dir="auto" lang="ja"'),
        (ARABIC, "ar", ' dir="rtl" lang="ar"'),
        (f"Django {HEBREW}", "he-il", ' dir="rtl" lang="he-il"'),
        ("All in English after all", "he", ' dir="auto" lang="he"'),
        (f"A long English title with the word {HEBREW[:4]}", "he", ' dir="auto" lang="he"'),
        (ARABIC, "", ' dir="auto"'),
        ("", "ar", ' dir="auto" lang="ar"'),
        ("x", '"><script>', ' dir="auto" lang="&quot;&gt;&lt;script&gt;"'),
    ],
)
def test_what_an_element_says_of_its_text(text: str, language: str, attributes: str) -> None:
    assert written_in(text, language) == attributes


def test_only_what_differs_from_the_page_is_said() -> None:
    assert (lang(""), lang("en"), lang("de")) == ("", "", ' lang="de"')
    assert (isolated("Blog: <1>"), isolated(f"{ARABIC}!")) == ("Blog: <1>", f"\u2068{ARABIC}!\u2069")


@pytest.fixture
def site() -> dict[str, Entry]:
    """Posts in three scripts with names in others; one says its language, of the other two the feed does."""
    shelf = make_category(ARABIC, slug="arabic")
    arabic = make_feed(ARABIC, slug="arabic", category=shelf, language="ar", description=f"{ARABIC}.")
    japanese = make_feed("Planet Nippon", slug="nippon", language="ja")
    hebrew = make_feed(HEBREW, slug="hebrew")
    texts = {"content_html": f"<p>{ARABIC}</p>", "excerpt": ARABIC}
    made = {
        "arabic": make_entry(arabic, f"Django 6 {ARABIC}", days_ago=1, author="Ann Smith", **texts),
        "older": make_entry(arabic, f"{ARABIC} 2", days_ago=9, language="fa", **texts),
        "japanese": make_entry(japanese, JAPANESE, days_ago=2, author="Ann Smith"),
        "hebrew": make_entry(hebrew, f"PostgreSQL {HEBREW}", days_ago=3, language="he", source_title=ARABIC),
    }
    refresh_counts([arabic, japanese, hebrew])
    return made


def html(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.django_db
@pytest.mark.any_database
def test_a_post_is_in_its_own_language_or_its_feeds(client: Client, site: dict[str, Entry]) -> None:
    front = html(client, "/")
    assert re.search(rf'<h4 [^>]*><a [^>]*rel="noopener" dir="rtl" lang="ar">Django 6 {ARABIC}</a></h4>', front)
    assert '<div class="prose e-content" dir="rtl" lang="ar">' in front
    assert re.search(rf'rel="noopener" dir="auto" lang="ja">{JAPANESE}</a></h4>', front)
    assert re.search(rf'rel="noopener" dir="rtl" lang="he">PostgreSQL {HEBREW}</a></h4>', front)
    assert re.search(rf'rel="noopener" dir="rtl" lang="fa">{ARABIC} 2</a></h4>', front)
    assert f'<p class="entry-excerpt p-summary" dir="rtl" lang="ar">{ARABIC}</p>' in html(client, "/archive/2026/06/")


@pytest.mark.django_db
@pytest.mark.any_database
def test_names_stand_apart_from_what_is_around_them(client: Client, site: dict[str, Entry]) -> None:
    front = html(client, "/")
    assert f"All posts of <bdi>{ARABIC}</bdi> here" in front
    assert "All posts of <bdi>Planet Nippon</bdi> here" in front
    assert re.search(rf'<a class="run-title" href="[^"]+" dir="rtl" lang="ar">{ARABIC}</a></h3>', front)
    assert f'<bdi lang="ar">{ARABIC}</bdi></a>' in front, "beside the posts"
    assert f"from <bdi>{ARABIC}</bdi>" in front
    source = html(client, "/source/arabic/")
    assert f"<title>\u2068{ARABIC}\u2069 · Orrery</title>" in source
    assert f'<p class="heading-note" dir="rtl" lang="ar">{ARABIC}.</p>' in source
    assert f"<title>How reading \u2068{ARABIC}\u2069 goes · Orrery</title>" in html(client, "/source/arabic/status/")
    assert f'alt="Feed of \u2068{ARABIC}\u2069"' in html(client, "/sources/")
    assert f"<title>\u2068{ARABIC}\u2069 · Orrery</title>" in html(client, "/category/arabic/")
    post = html(client, site["arabic"].get_absolute_url())
    assert f"<title>\u2068Django 6 {ARABIC}\u2069 · \u2068{ARABIC}\u2069 · Orrery</title>" in post
    assert f'rel="next"><bdi lang="fa">{ARABIC} 2</bdi></a>' in post
    assert f"<title>\u2068{ARABIC}\u2069 · Search · Orrery</title>" in html(client, f"/search/?q={ARABIC}")


@pytest.mark.django_db
@pytest.mark.any_database
def test_who_else_brought_a_post_is_named_in_that_blogs_language(client: Client) -> None:
    post = make_entry(make_feed("North"), "Of all", url="https://n.example/1", guid="one")
    copy = make_entry(make_feed(ARABIC, slug="arabic", language="ar"), "Of all", url="https://n.example/1", guid="one")
    Entry.objects.filter(pk=copy.pk).update(duplicate_of=post)
    assert f'also in <a href="/source/arabic/"><bdi lang="ar">{ARABIC}</bdi></a>' in html(client, "/")


@pytest.mark.django_db
@pytest.mark.any_database
def test_what_was_found_is_in_its_language(client: Client) -> None:
    make_entry(make_feed(ARABIC, slug="arabic", language="ar"), f"Django {ARABIC}", excerpt=ARABIC, content_html=ARABIC)
    found = html(client, f"/search/?q={ARABIC}")
    assert f'<a class="run-title" href="/source/arabic/" dir="rtl" lang="ar">{ARABIC}</a>' in found
    assert f"All posts of <bdi>{ARABIC}</bdi> here" in found
    assert f'dir="rtl" lang="ar">Django <mark>{ARABIC}</mark></a></h2>' in found
    assert f'<p class="entry-excerpt p-summary" dir="rtl" lang="ar"><mark>{ARABIC}</mark></p>' in found
    nearest = html(client, "/search/?q=Djagno")
    assert f'dir="rtl" lang="ar">Django {ARABIC}</a>, <bdi lang="ar">{ARABIC}</bdi>' in nearest
