"""How pages write times, addresses and posts, and draw blogs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from aggregator.exchange.links import listed_url, public_url
from aggregator.models import Entry, Feed
from aggregator.models.bylines import byline_of
from aggregator.models.entry_tag import ShownTag
from aggregator.pages.beside import media_beside
from aggregator.pages.discs import Disc, disc_of
from aggregator.pages.long_posts import Length, length_of
from aggregator.pages.nameless import with_names
from aggregator.pages.pulse import KEPT, counts_of, pulse_of, pulse_of_counts
from aggregator.pages.tag_links import MAX_LISTED_TAGS, links_to
from aggregator.pages.timeline import (
    clock_name,
    day_name,
    month_name,
    publication_note,
    stamp_name,
    utc_date,
    weekday_name,
)
from aggregator.pages.wide import with_ways_to_scroll
from aggregator.pages.written_in import isolated, lang, written_in

register = template.Library()

HEADING = re.compile(r"<(/?)h([1-6])(?=[\s>])")
TIME = re.compile(r"<(/?)time(?=[\s>])")

register.filter("weekday", weekday_name)
register.filter("clock", clock_name)
register.filter("stamp", stamp_name)
register.filter("utc_date", utc_date)
register.filter("outward", public_url)
register.filter("outward_in_list", listed_url)
register.filter("byline", byline_of)
register.filter("written_in", written_in)
register.filter("lang", lang)
register.filter("isolated", isolated)


@register.filter
def day(value: date | None) -> str:
    return day_name(value) if value else ""


@register.filter
def month(value: date | None) -> str:
    return month_name(value) if value else ""


@register.filter
def iso(moment: datetime) -> str:
    """Such as `2026-06-07T01:37:00+00:00`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


@register.filter
def moment(value: datetime) -> SafeString:
    """A stamp that a reader's own zone can take the place of (static/js/times.js)."""
    return format_html('<time datetime="{}">{}</time>', iso(value), stamp_name(value))


@register.filter
def publication(entry: Entry) -> str:
    """When the post was published, in words, if that is not when it is shown."""
    return publication_note(entry.timeline_at, entry.published_at)


@register.filter
def duration(seconds: float) -> str:
    """Whole minutes or, from two hours on, whole hours."""
    minutes = max(1, round(seconds / 60))
    count, unit = (round(minutes / 60), "hour") if minutes >= 120 else (minutes, "minute")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


@register.filter
def seconds_since(now: datetime, moment: datetime) -> float:
    """How long ago the moment was; 0 for one that a clock put into the future."""
    return max(0.0, (now - moment).total_seconds())


@register.filter
def hostname(url: str) -> str:
    """The name of a site, to be read by people."""
    return (urlsplit(public_url(url)).hostname or "").removeprefix("www.")


@register.filter
def rate(feed: Feed, until: datetime) -> str:
    """How often the blog posted in the twelve months that end with the month of `until`."""
    return pulse_of(feed.posts_by_month, utc_date(until)).rate


@register.filter
def content(entry: Entry) -> SafeString:
    """The post's HTML, which was sanitized before it was stored, with its headings below those of the page, names for
    links that hold pictures alone, and code and tables that the keyboard can scroll."""
    return mark_safe(with_ways_to_scroll(with_names(below_title(entry.content_html))))  # noqa: S308


def below_title(html: str) -> str:
    """The HTML with its highest headings as h5 and all others as h6, and without `<time>`.

    On a page h2, h3, h4 and `<time>` are the page's own. Works on sanitized HTML only: there a `<` always starts a tag.
    """
    levels = {int(level) for _, level in HEADING.findall(html)}
    top = min(levels, default=1)
    html = HEADING.sub(lambda match: f"<{match[1]}h{5 if int(match[2]) == top else 6}", html)
    return TIME.sub(r"<\1span", html)


@register.simple_tag
def is_shown_as_note(entry: Entry, brief: Any) -> bool:
    """Whether the page shows the words of a note, so that a heading would say them twice. Its feed is at hand.

    `brief` is true where only excerpts are shown.
    """
    if not entry.is_note or entry.feed.display == Feed.Display.LINK or entry.feed.has_author_titles:
        return False
    return bool(entry.excerpt or (not brief and entry.feed.display == Feed.Display.FULL and entry.content_html))


@register.simple_tag
def rolled_up(entry: Entry) -> Length | None:
    """How long the post is, if it is so long that lists show its beginning."""
    length = length_of(entry.content_html)
    return length if length.is_long else None


@register.inclusion_tag("pages/parts/beside.html")
def beside(entry: Entry) -> dict[str, Any]:
    """What stands beside the entry's text, which `load_enclosures` has read."""
    return {"media": media_beside(entry, entry.enclosures.all())}


@register.simple_tag
def disc(feed: Feed) -> SafeString:
    """The blog's disc as SVG; decoration, so its name must stand beside it."""
    return drawn_disc(disc_of(feed.slug, feed.shown_title))


@register.simple_tag
def pulse(feed: Feed, until: datetime) -> SafeString:
    """Twelve bars, the last of them the month of `until`."""
    return drawn_pulse(counts_of(feed.posts_by_month, utc_date(until)))


@lru_cache(KEPT)
def drawn_disc(disc: Disc) -> SafeString:
    return render_to_string("pages/parts/disc.html", {"disc": disc})


@lru_cache(KEPT)
def drawn_pulse(counts: tuple[int, ...]) -> SafeString:
    return render_to_string("pages/parts/pulse.html", {"pulse": pulse_of_counts(counts)})


@register.simple_tag
def tags(shown: Sequence[ShownTag], is_whole: object) -> SafeString:
    """The line of a post's tags: of all on its own page, of some in lists. Written here, as lists have hundreds."""
    links = links_to(shown if is_whole else shown[:MAX_LISTED_TAGS])
    return format_html('<p class="tags"><span class="visually-hidden">Tags:</span> {}</p>\n', links)
