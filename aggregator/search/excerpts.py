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
from .places import Place, likely_places
from .query import ANYWHERE, TITLE, Query, Words
from .query_tokens import INVISIBLE
from .terms import graphemes

EXCERPT_CHARACTERS = 240
MAX_READ_CHARACTERS = 150_000
"""Of a post, some 25,000 words: if the ones looked for come later, its beginning is shown."""
_GIANT_HTML, _READ_FIRST = 50_000, 8_000
_MAX_READ_HTML = 2 * MAX_READ_CHARACTERS
_MAX_TAG = 10_000
_MAX_TITLE_CHARACTERS = 300
_BEFORE_WORDS = EXCERPT_CHARACTERS // 4
"""What is shown before the first of them."""
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
    text, start, end = _shown_piece(entry.content_html, wanted, reading or Reading())
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return format_html("{}{}{}", before, _marked(text[start:end].strip(), wanted), after)


def marked_title(title: str, query: Query) -> SafeString:
    """A title with the words marked that were looked for in it, or anywhere."""
    return _marked(_visible(title[:_MAX_TITLE_CHARACTERS]), [w for w in query.wanted if w.field in {ANYWHERE, TITLE}])


def _beginning(html: str) -> str:
    """As much as is read, without half a tag at its end."""
    if len(html) <= _MAX_READ_HTML:
        return html
    tag = html.rfind("<", _MAX_READ_HTML - _MAX_TAG, _MAX_READ_HTML)
    is_torn = tag > html.rfind(">", 0, _MAX_READ_HTML)
    return html[: tag if is_torn else _MAX_READ_HTML]


def _visible(text: str) -> str:
    return " ".join(INVISIBLE.sub(" ", text).split())


def _shown_piece(html: str, wanted: list[Words], reading: Reading) -> tuple[str, int, int]:
    """A text, and where the piece of it begins and ends that is shown. Of a giant, no more is read if its first part
    has all the words."""
    text = ""
    places: list[Place] = []
    for most in _steps(html, reading):
        read = whole_text(_beginning(html), most)
        reading.left -= len(read)
        text = _visible(read)
        places = likely_places(text, wanted, EXCERPT_CHARACTERS - _EDGE, EXCERPT_CHARACTERS - _BEFORE_WORDS)
        words, last = (places[-1].words, places[-1].last) if places else (0, 0)
        if words == len(wanted) and last < len(text) - EXCERPT_CHARACTERS:
            break
    start, end = _window(text, places, wanted)
    return text, start, end


def _steps(html: str, reading: Reading) -> tuple[int, ...]:
    """How many characters are read at first, and then."""
    if reading.left <= 0:
        return (2 * EXCERPT_CHARACTERS,)
    return (_READ_FIRST, MAX_READ_CHARACTERS) if len(html) > _GIANT_HTML else (MAX_READ_CHARACTERS,)


def _window(text: str, places: list[Place], wanted: list[Words]) -> tuple[int, int]:
    """Where the piece begins and ends that has most of the words: the first of those that have as many."""
    last_start = max(0, len(text) - EXCERPT_CHARACTERS)
    for place in reversed(places):
        if place.last < EXCERPT_CHARACTERS - _EDGE:
            break
        near, end = (_cut_before(text, place.first + way) for way in (-EXCERPT_CHARACTERS, EXCERPT_CHARACTERS))
        if spans := spans_of(text[near:end], wanted):
            first = min((near + span.start for span in spans), key=lambda at: abs(at - place.first))
            begin = max(0, min(first - _BEFORE_WORDS, last_start))
            return _cut_before(text, begin), _cut_before(text, begin + EXCERPT_CHARACTERS)
    return 0, _cut_before(text, EXCERPT_CHARACTERS)


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
