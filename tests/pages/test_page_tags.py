from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.template import Context, Template

from aggregator.models import Entry, Feed
from aggregator.templatetags.pages import below_title, duration, hostname, iso, seconds_since
from tests.outline import Page

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("<h2>a</h2><h3>b</h3><h4>c</h4>", "<h5>a</h5><h6>b</h6><h6>c</h6>"),
        ("<h1>a</h1><h2>b</h2>", "<h5>a</h5><h6>b</h6>"),
        ("<h4>b</h4><h3>a</h3>", "<h6>b</h6><h5>a</h5>"),
        ("<h6>a</h6>", "<h5>a</h5>"),
        ('<h2 dir="rtl">a</h2>', '<h5 dir="rtl">a</h5>'),
        ("<p>no heading</p><hr>", "<p>no heading</p><hr>"),
        ("<p>&lt;h2&gt; is a tag</p>", "<p>&lt;h2&gt; is a tag</p>"),
        ('<p>on <time datetime="2026">Monday</time></p>', '<p>on <span datetime="2026">Monday</span></p>'),
    ],
)
def test_headings_of_a_post_stand_below_its_title(stored: str, shown: str) -> None:
    assert below_title(stored) == shown


def test_content_is_shown_as_html_and_stored_as_it_was() -> None:
    entry = Entry(content_html="<h1>a</h1>")
    page = Template("{% load pages %}{{ entry|content }}").render(Context({"entry": entry}))
    assert (page, entry.content_html) == ("<h5>a</h5>", "<h1>a</h1>")


def test_no_template_marks_anything_safe() -> None:
    templates = [
        path for folder in ("templates", "aggregator", "notifications") for path in (ROOT / folder).rglob("*.html")
    ]
    words = ("|safe", "autoescape off", "safeseq")
    assert not [path for path in templates if any(word in path.read_text(encoding="utf-8") for word in words)]


def test_a_disc_is_drawn_without_style_attributes() -> None:
    feed = Feed(slug="a-blog", title="<b>A</b> & Blog")
    page = Page(Template("{% load pages %}{% disc feed %}").render(Context({"feed": feed})))
    assert (page.faults, [attributes for _, attributes in page.elements if "style" in attributes]) == ([], [])


def test_a_pulse_says_its_sum_to_those_who_cannot_see_it() -> None:
    context = {"feed": Feed(posts_by_month={"2026-06": 4, "2026-05": 3}), "until": datetime(2026, 6, 24, tzinfo=UTC)}
    page = Page(Template("{% load pages %}{% pulse feed until %}").render(Context(context)))
    assert page.named("svg")[0]["aria-label"] == "Posts in twelve months: 7"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "1 minute"), (60, "1 minute"), (1200, "20 minutes"), (7200, "2 hours"), (43200, "12 hours")],
)
def test_durations_are_rounded_to_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_clock_that_was_set_back_makes_nothing_negative() -> None:
    now = datetime(2026, 6, 24, tzinfo=UTC)
    assert seconds_since(now, now + timedelta(hours=1)) == 0


def test_moments_for_machines_are_utc_without_fractions() -> None:
    moment = datetime(2026, 6, 7, 3, 37, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    assert iso(moment) == "2026-06-07T01:37:00+00:00"


@pytest.mark.parametrize(
    ("url", "name"),
    [("https://www.blog.example/x", "blog.example"), ("http://a:b@c.example:8080/", "c.example"), ("x", "")],
)
def test_a_site_is_named_by_its_host(url: str, name: str) -> None:
    assert hostname(url) == name


def test_no_template_takes_markup_apart() -> None:
    slow = re.compile(r"\|\s*(?:striptags|urlize|urlizetrunc|truncate(?:chars|words)_html|linebreaks\w*)\b")
    templates = list((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 20
    assert [path for path in templates if slow.search(path.read_text(encoding="utf-8"))] == []
