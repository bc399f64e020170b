"""What of a post is shown where it was found: a piece of its text around the words that were looked for, marked.

It is made of the row that is shown, as plain text, and escaped; the marks are ours. A blog that wants no text shown has
none here, either.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from aggregator.ingest.whole_text import whole_text
from aggregator.models import Entry, Feed

from .marking import Span, spans_of
from .query import ANYWHERE, TITLE, Query, Words
from .query_tokens import INVISIBLE
from .terms import graphemes, terms

EXCERPT_CHARACTERS = 240
MAX_READ_CHARACTERS = 60_000
"""Of a post: if the words come later, its beginning is shown."""
_MAX_READ_HTML = 4 * MAX_READ_CHARACTERS
_MAX_TITLE_CHARACTERS = 300
_EDGE = 30
"""How far from where it would be cut a text is cut between two words."""


@dataclass(slots=True)
class Reading:
    """How many characters may still be read for the excerpts of a page: the beginning will do of what comes after. Long
    posts that have the words far apart would else take a page some seconds."""

    left: int = 400_000


def excerpt(entry: Entry, query: Query, reading: Reading | None = None) -> SafeString:
    """Up to EXCERPT_CHARACTERS of an entry's text, whose feed is at hand; empty where its blog shows titles alone."""
    wanted = [words for words in query.wanted if words.field == ANYWHERE]
    display = entry.feed.display
    if display == Feed.Display.LINK or entry.emptied_at:
        return format_html("{}", "")
    if display == Feed.Display.EXCERPT:
        return _marked(_visible(entry.excerpt), wanted)
    reading = reading or Reading()
    most = MAX_READ_CHARACTERS if reading.left > 0 else 2 * EXCERPT_CHARACTERS
    text = _visible(whole_text(_beginning(entry.content_html), most))
    start, end = _best_window(text, wanted, reading)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return format_html("{}{}{}", before, _marked(text[start:end].strip(), wanted), after)


def marked_title(title: str, query: Query) -> SafeString:
    """A title with the words marked that were looked for in it, or anywhere."""
    return _marked(_visible(title[:_MAX_TITLE_CHARACTERS]), [w for w in query.wanted if w.field in {ANYWHERE, TITLE}])


def _beginning(html: str) -> str:
    """As much as is read, without half a tag at its end."""
    return html if len(html) <= _MAX_READ_HTML else html[: html.rfind("<", 0, _MAX_READ_HTML)]


def _visible(text: str) -> str:
    return " ".join(INVISIBLE.sub(" ", text).split())


def _best_window(text: str, wanted: list[Words], reading: Reading) -> tuple[int, int]:
    """Where a piece begins and ends that has most of the words; the first of those that have as many."""
    if len(text) <= EXCERPT_CHARACTERS:
        return 0, len(text)
    needles = [f" {' '.join(words.terms)} " for words in wanted]
    best, most = 0, 0
    for start in range(0, len(text), EXCERPT_CHARACTERS // 2):
        if most == len(needles) or reading.left <= 0:
            break
        reading.left -= EXCERPT_CHARACTERS
        padded = f" {' '.join(terms(text[start : start + EXCERPT_CHARACTERS]))} "
        count = sum(needle in padded for needle in needles)
        if count > most:
            best, most = start, count
    return _around(text, best, wanted)


def _around(text: str, start: int, wanted: list[Words]) -> tuple[int, int]:
    """The window that begins about there, moved so that the first of its words stands in its first third."""
    spans = spans_of(text[start : start + EXCERPT_CHARACTERS], wanted)
    first = start + (spans[0].start if spans else 0)
    last_start = len(text) - EXCERPT_CHARACTERS
    begin = max(0, min(first - EXCERPT_CHARACTERS // 4, last_start)) if spans and start else start
    return _cut_before(text, begin), _cut_before(text, begin + EXCERPT_CHARACTERS)


def _cut_before(text: str, place: int) -> int:
    """The nearest place before this one where two words meet; where there is none near, two letters."""
    if place <= 0 or place >= len(text):
        return max(0, min(place, len(text)))
    near = max(0, place - _EDGE)
    space = text.rfind(" ", near, place)
    if space > 0:
        return space + 1
    at = near
    for letter in graphemes(text[near : place + _EDGE]):
        if at + len(letter) > place:
            break
        at += len(letter)
    return at


def _marked(text: str, wanted: list[Words]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in _in_pieces(text, spans_of(text, wanted))))


def _in_pieces(text: str, spans: list[Span]) -> list[str]:
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], format_html("<mark>{}</mark>", text[span.start : span.end])]
        at = span.end
    return [*pieces, text[at:]]
