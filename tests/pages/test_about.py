"""About answers what readers, authors and search engines ask, and what it says is so."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from pytest_django import Settings

from aggregator.limiting.limits import FORGOTTEN_AFTER
from aggregator.own.words import text_of
from aggregator.polling.asking import BELIEVED_FOR
from aggregator.polling.policies import fetch_policy
from aggregator.submissions import expiring

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
SETTINGS = [
    {"CONTACT": contact, "SUBMISSIONS": is_open, "ABOUT_FILE": text}
    for contact in ("", "ann@kiln.example")
    for is_open in (True, False)
    for text in (None, text_of(b"We fire clay."))
]


def about(client: Client) -> str:
    return client.get("/about/").content.decode()


def words(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", "", html).split())


@pytest.mark.parametrize("said", SETTINGS, ids=lambda said: "-".join(name for name, value in said.items() if value))
def test_each_section_has_an_anchor_that_the_list_at_the_top_leads_to(
    client: Client, settings: Settings, said: dict[str, object]
) -> None:
    for name, value in said.items():
        setattr(settings, name, value)
    html = about(client)
    sections = re.findall(r'<h2 id="([a-z]+)">(.*?)</h2>', html)
    listed = re.findall(r'<li><a href="#([a-z]+)">(.*?)</a></li>', html)
    assert len(sections) == html.count("<h2") >= 12
    assert listed == sections
    assert set(re.findall(r'href="#([a-z]+)"', html)) <= {anchor for anchor, _ in sections} | {"main"}


def test_the_sites_own_text_goes_before_all_and_is_only_text(client: Client, settings: Settings) -> None:
    settings.ABOUT_FILE = text_of(
        b"We <b>fire</b> & glaze {{ SECRET_KEY }}.\nWrite to ann@kiln.example\n\n<script>alert(1)</script> https://kiln.example/?a=1&b"
    )
    html = about(client)
    assert (
        '<p dir="auto">We &lt;b&gt;fire&lt;/b&gt; &amp; glaze {{ SECRET_KEY }}.<br>\nWrite to '
        '<a href="mailto:ann@kiln.example">ann@kiln.example</a></p>\n'
        '<p dir="auto">&lt;script&gt;alert(1)&lt;/script&gt; '
        '<a href="https://kiln.example/?a=1&amp;b">https://kiln.example/?a=1&amp;b</a></p>'
    ) in html
    assert html.index("We &lt;b&gt;") < html.index('class="contents"') < html.index("gathers the blogs of a community")


def test_it_names_the_bot_as_the_bot_names_itself(client: Client, settings: Settings) -> None:
    settings.WEBSITE_URL = "https://planet.kiln.example"
    sent = fetch_policy().user_agent
    assert f'<code class="written">{sent}</code>' in about(client)
    assert "(+https://planet.kiln.example)" in sent


def test_what_the_bot_does_now_and_then_is_told_too(client: Client, settings: Settings) -> None:
    said = words(about(client))
    assert BELIEVED_FOR.days == 7
    assert "After a week of such answers it asks for the whole feed once" in said
    assert "Only a curator or the blog’s owner can send it sooner" in said
    assert "feeds of the blogs that stand here or were proposed," in said
    settings.SUBMISSIONS = False
    assert "feeds of the blogs that stand here, and" in words(about(client))


def test_how_long_it_is_kept_who_tried_how_often_is_so(client: Client) -> None:
    longest = FORGOTTEN_AFTER + timedelta(hours=1)  # `tidy_up` comes once an hour
    assert longest == timedelta(hours=3)
    assert "for at most three hours it keeps a salted hash" in words(about(client))


def test_the_bots_manners_are_those_of_the_settings(client: Client, settings: Settings) -> None:
    settings.FETCH_HOST_SPACING_SECONDS, settings.FETCH_TIMEOUT_SECONDS, settings.FETCH_MAX_BYTES = 1.5, 20, 2**20
    said = words(about(client))
    assert "waits 1.5 seconds between two feeds" in said
    assert "After 20 seconds, or 1.0 MB, it gives up" in said
    settings.FETCH_HOST_SPACING_SECONDS = 0
    assert "between two feeds" not in words(about(client))


def test_how_long_proposals_are_kept_is_so(client: Client) -> None:
    assert (expiring.ADDRESS_KEPT.days, expiring.KEPT.days) == (14, 90)
    said = words(about(client))
    assert "goes two weeks after the decision, and all the rest three months after its end" in said


def test_without_proposals_and_a_contact_it_names_neither(client: Client, settings: Settings) -> None:
    settings.SUBMISSIONS, settings.CONTACT = False, ""
    html = about(client)
    assert "ropose" not in html.partition("<footer")[0].replace("of searches and of proposals", "")
    assert "rite to the curators" not in html
    assert "show that the blog is yours" in html


def test_its_form_looks_as_that_of_the_answer_does(client: Client) -> None:
    assert "/css/why" in about(client)


def test_it_asks_for_an_address_by_a_form_that_leads_to_the_answer(client: Client) -> None:
    class Forms(HTMLParser):
        action, fields = "", frozenset[str]()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            said = dict(attrs)
            if tag == "form":
                self.action = said.get("action") or ""
            if tag == "input" and self.action == "/why/":
                self.fields |= {said.get("name") or ""}

    forms = Forms()
    html = about(client)
    forms.feed(html)
    assert forms.fields == {"url"}
    assert re.search(r'<link rel="stylesheet" href="[^"]*css/why[^"]*\.css">', html), "the form looks as it does there"
    assert client.get("/why/", {"url": "https://kiln.example/post"}).status_code == 200
