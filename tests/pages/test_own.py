"""A planet's own name, line, picture, text, links and colors stand where readers expect them."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings

from aggregator.own.links import links_of
from aggregator.own.logo import logo_of
from aggregator.own.words import text_of
from aggregator.pages.build import build
from tests.factories import make_entry, make_feed
from tests.own.pictures import jpeg, png, svg

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
PAGES = ["/", "/about/", "/source/ada/", "/no/such/page"]
HOSTILE = svg('viewBox="0 0 30 30"', within="<script>document.title='caught'</script><style>path{fill:red}</style>")


@pytest.fixture(autouse=True)
def _ada() -> None:
    make_entry(make_feed("Ada"))


def html(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_the_tagline_and_the_front_page_describes_itself_by_it(
    client: Client, settings: Settings, address: str
) -> None:
    settings.SITE_NAME, settings.SITE_TAGLINE = 'Planet "Kiln" & Co', 'Fire, <b>clay</b> & "glaze"'
    page = html(client, address)
    assert '<p class="tagline"><bdi>Fire, &lt;b&gt;clay&lt;/b&gt; &amp; &quot;glaze&quot;</bdi></p>' in page
    descriptions = [unescape(said) for said in re.findall('<meta name="description" content="([^"]*)">', page)]
    is_named = descriptions == ['Planet "Kiln" & Co: Fire, <b>clay</b> & "glaze"']
    assert is_named == (address == "/")


def test_without_any_of_it_pages_are_as_they_were(client: Client) -> None:
    page = html(client, "/")
    assert 'class="tagline"' not in page
    assert "/own/" not in page
    assert '<svg class="mark"' in page
    assert "the newest posts of many blogs on one page." in page


def test_our_feeds_say_the_tagline_and_show_the_logo(client: Client, settings: Settings) -> None:
    settings.SITE_TAGLINE, settings.SITE_LOGO = "Fire & clay", logo_of(png(4, 4))
    address = f"http://testserver/own/{settings.SITE_LOGO.name}"
    atom = html(client, "/atom.xml")
    assert "<subtitle>Fire &amp; clay</subtitle>" in atom
    assert f"<logo>{address}</logo>" in atom
    assert "<description>Fire &amp; clay</description>" in html(client, "/rss20.xml")
    feed = json.loads(html(client, "/feed.json"))
    assert (feed["description"], feed["icon"]) == ("Fire & clay", address)
    assert "<logo>" not in html(client, "/source/ada/atom.xml")


@pytest.mark.parametrize(
    ("size", "alt", "shows_name"), [((30, 30), "", True), ((100, 30), "Planet &quot;Kiln&quot;", False)]
)
def test_a_wide_logo_stands_for_the_name_and_another_beside_it(
    client: Client, settings: Settings, size: tuple[int, int], alt: str, shows_name: bool
) -> None:
    settings.SITE_NAME, settings.SITE_LOGO = 'Planet "Kiln"', logo_of(png(*size))
    page = html(client, "/")
    address = f"/own/{settings.SITE_LOGO.name}"
    assert f'<img class="logo" src="{address}" width="{size[0]}" height="{size[1]}" alt="{alt}">' in page
    assert ('<span class="brand-name">' in page) == shows_name
    assert '<svg class="mark"' not in page


@pytest.mark.parametrize(
    ("logo", "is_icon", "is_shared"),
    [(png(30, 30), True, True), (png(100, 30), False, True), (svg('viewBox="0 0 30 30"'), True, False)],
)
def test_it_is_the_pages_icon_unless_it_is_wide_and_other_sites_show_it_unless_it_is_a_drawing(
    client: Client, settings: Settings, logo: bytes, is_icon: bool, is_shared: bool
) -> None:
    settings.SITE_LOGO = logo_of(logo)
    page, address = html(client, "/"), f"/own/{settings.SITE_LOGO.name}"
    assert (f'<link rel="icon" type="{settings.SITE_LOGO.kind}" href="{address}">' in page) == is_icon
    assert page.count('<link rel="icon"') == (1 if is_icon else 2)
    assert (f'<meta property="og:image" content="http://testserver{address}">' in page) == is_shared


@pytest.mark.parametrize(
    ("logo", "is_app_icon"),
    [(png(180, 180), True), (png(180, 170), False), (jpeg(180, 180), False), (svg('viewBox="0 0 9 9"'), False)],
)
def test_a_square_png_stands_for_the_site_on_phones_and_in_readers_of_feeds(
    client: Client, settings: Settings, logo: bytes, is_app_icon: bool
) -> None:
    settings.SITE_LOGO = logo_of(logo)
    icon = client.get("/favicon.ico")
    assert (icon.content == logo, icon["Content-Type"] == "image/png") == (is_app_icon, is_app_icon)
    own = f'<link rel="apple-touch-icon" href="/own/{settings.SITE_LOGO.name}">'
    assert (own in html(client, "/")) == is_app_icon
    assert html(client, "/").count('rel="apple-touch-icon"') == 1


def test_the_logo_is_served_as_it_is_to_be_kept_for_good_and_can_do_nothing(client: Client, settings: Settings) -> None:
    settings.SITE_LOGO = logo_of(HOSTILE)
    answer = client.get(f"/own/{settings.SITE_LOGO.name}")
    assert answer.content == HOSTILE
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not answer.cookies
    assert client.post(f"/own/{settings.SITE_LOGO.name}").status_code == 405


def test_the_address_of_a_logo_of_before_leads_to_that_of_now(client: Client, settings: Settings) -> None:
    """Feed readers keep it. Without a logo, it leads nowhere."""
    settings.SITE_LOGO = logo_of(png(4, 4))
    before = f"/own/{settings.SITE_LOGO.name}"
    settings.SITE_LOGO = logo_of(svg())
    answer = client.get(before)
    assert (answer.status_code, answer["Location"]) == (302, f"/own/{settings.SITE_LOGO.name}")
    assert "no-store" in answer["Cache-Control"]
    settings.SITE_LOGO = None
    assert client.get(before).status_code == 404


@pytest.mark.parametrize(
    "name", ["logo.png", "logo-0123456789ab.php", "colors-0123456789ab.css", "secret_key", "..", "x" * 5000]
)
def test_nothing_else_has_an_address_there(client: Client, settings: Settings, name: str) -> None:
    settings.SITE_LOGO = logo_of(png(4, 4))
    assert client.get(f"/own/{name}").status_code == 404


def test_own_colors_come_as_a_stylesheet_after_ours(client: Client, settings: Settings) -> None:
    settings.SITE_ACCENT, settings.SITE_ACCENT_DARK = "#8a3b12", "#e0a080"
    page = html(client, "/")
    [address] = re.findall(r'<link rel="stylesheet" href="(/own/colors-[0-9a-f]{12}\.css)">', page)
    assert page.index(address) > page.index("css/tokens.css")
    answer = client.get(address)
    assert "--accent: light-dark(#8a3b12, #e0a080);" in answer.content.decode()
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    settings.SITE_ACCENT = "#123456"
    assert address not in html(client, "/")
    assert client.get(address)["Location"] in html(client, "/")


@pytest.mark.parametrize("address", PAGES)
def test_the_footer_has_the_links_of_the_site(client: Client, settings: Settings, address: str) -> None:
    settings.FOOTER_LINKS = links_of('Imprint "x"=https://kiln.example/?a=1&b=2, Über uns=/about/')
    page = html(client, address)
    assert '<a href="https://kiln.example/?a=1&amp;b=2"><bdi>Imprint &quot;x&quot;</bdi></a>' in page
    assert '<a href="/about/"><bdi>Über uns</bdi></a>' in page


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_TAGLINE", "Fire"),
        ("SITE_LOGO", logo_of(png(4, 4))),
        ("FOOTER_LINKS", links_of("Imprint=/imprint/")),
        ("ABOUT_FILE", text_of(b"Ours")),
        ("SITE_ACCENT", "#123456"),
    ],
)
def test_each_of_them_brings_new_pages(client: Client, settings: Settings, name: str, value: object) -> None:
    build.cache_clear()
    before = client.get("/")["ETag"]
    setattr(settings, name, value)
    build.cache_clear()
    assert client.get("/")["ETag"] != before
    build.cache_clear()


def test_another_picture_under_the_same_name_and_another_text_bring_new_pages(settings: Settings) -> None:
    words = []
    for logo, text in ((png(4, 4), b"One"), (png(4, 4)[:-1] + b"!", b"One"), (png(4, 4), b"Two"), (png(4, 4), b"One")):
        settings.SITE_LOGO, settings.ABOUT_FILE = logo_of(logo), text_of(text)
        build.cache_clear()
        words.append(build())
    assert words[0] == words[3]
    assert len(set(words)) == 3
    build.cache_clear()
