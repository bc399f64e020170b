"""What feedparser found in a feed -> a raw document: which of its fields says what."""

from __future__ import annotations

import re
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime
from time import struct_time
from typing import Any

from .app_summaries import app_summary_of
from .enclosures import enclosures_of
from .errors import Unreadable
from .loose import mapping_of, mappings_of, string_of
from .media import CAPTIONS, caption_of, captions_as_html
from .persons import with_addresses
from .plain import as_html, person_names
from .types import Person, RawDocument, RawItem, RawSource, Skipped

_ESCAPED_AMPERSAND = re.compile(r"&amp;?")
_NOT_CONTENT = frozenset({"href", "id", "label", "link", "name", "term", "url"})

_WHOLE_TEXTS = ("yandex_full-text", "rambler_fulltext", "mailru_full-text", "full-text", "fulltext")
"""Fields in which Russian blogs, and old programs, put the whole post; their description is its beginning."""

_INSTEAD_OF_A_TEXT = ("dcterms_abstract", "prism_teaser")
_LEADS_ON = frozenset({"related", "via", "canonical", "shortlink", "bookmark", "replies"})
"""Relations of links that an item can be shown as, which has nothing else."""

_VOID_END_TAG = re.compile(r"</(?:area|br|col|embed|hr|img|input|source|track|wbr)>", re.IGNORECASE)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_WEB_SCHEME = re.compile(r"https?:", re.IGNORECASE)

_OTHER_DATES = (
    *("dcterms_date", "dcterms_available", "dcterms_datesubmitted", "dc_created", "dc_issued"),
    *("prism_publicationdate", "prism_coverdate", "itunes_pubdate"),
)
"""What some feeds give alone, of journals above all; feedparser keeps them as they are written."""

_PERIOD_SECONDS = {
    "hourly": 3600,
    "daily": 86_400,
    "weekly": 7 * 86_400,
    "monthly": 30 * 86_400,
    "yearly": 365 * 86_400,
}
_NUMBER = re.compile(r"([0-9]{1,9})(?:\.0+)?(?:\s*[a-z]+)?\Z", re.IGNORECASE)
_MAX_TTL_SECONDS = 366 * 86_400
"""A year. Who asks for a longer pause has made a mistake."""


def document_of(parsed: dict[str, Any], url: str) -> RawDocument:
    """The document that came from `url`, as feedparser read it. Raises Unreadable if that found nothing at all."""
    if parsed["bozo"]:
        parsed = _resolved(parsed)
    feed: dict[str, Any] = dict(parsed["feed"])
    entries = [dict(entry) for entry in parsed["entries"]]
    is_atom = parsed["version"].startswith("atom")
    if parsed["bozo"] and not entries and not any(feed.get(name) for name in ("title", "link", "id")):
        raise Unreadable(reason="nothing in it can be read")
    document = RawDocument(
        title=string_of(feed, "title"),
        title_is_html=not (is_atom and _is_plain(feed.get("title_detail"))),
        description=_as_html(string_of(feed, "subtitle"), feed.get("subtitle_detail"), is_atom=is_atom),
        rights=string_of(feed, "rights"),
        site_url=_address(feed),
        feed_id=string_of(feed, "id"),
        language=string_of(feed, "language"),
        authors=_authors(feed),
        persons=_persons(feed),
        dates=tuple(date for name in ("published", "updated") if (date := _date(feed, name))),
        ttl_seconds=_ttl_seconds(feed),
        is_sound=not parsed["bozo"],
    )
    items = [_item(entry, document, url, is_atom=is_atom) for entry in entries]
    written = tuple(item for item in items if _says_anything(item))
    return replace(document, items=written, skipped=Skipped(empty=len(items) - len(written)))


def _says_anything(item: RawItem) -> bool:
    """Whether readers find anything in it. An id is nothing to them; one that is an address is the link, too."""
    return bool(item.url or item.title or item.content_html or item.enclosures)


def _resolved(value: Any, name: str = "") -> Any:
    """A value of feedparser's loose parser with its ampersands, which that leaves escaped in all but content."""
    if isinstance(value, dict):
        return {key: _resolved(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_resolved(part, name) for part in value]
    return _ESCAPED_AMPERSAND.sub("&", value) if name in _NOT_CONTENT and isinstance(value, str) else value


def _item(entry: dict[str, Any], document: RawDocument, url: str, *, is_atom: bool) -> RawItem:
    title = mapping_of(entry.get("title_detail"))
    content = _own_content(entry) or _app_summary(entry)
    link, burned = _address(entry), _address_before_burning(entry)
    published = _date(entry, "published") or _date(entry, "created")
    if not published and not is_atom:
        published = _date(entry, "updated")  # dc:date, the only date that RSS 1.0 has
    published = published or next((date for name in _OTHER_DATES if (date := _date(entry, name))), "")
    content_html = _as_html(string_of(content, "value"), content, is_atom=is_atom) or _instead_of_a_text(entry)
    enclosures = enclosures_of(entry)
    return RawItem(
        # Without a guid, the link that leads by way of a counter tells the item from others, and goes on doing so.
        guid=string_of(entry, "id") or (link if burned else ""),
        url=burned or link or ("" if content_html or enclosures else _related(entry)),
        title=string_of(entry, "title")
        or string_of(entry, "itunes_title")
        or caption_of(mapping_of(entry.get(CAPTIONS)), "title"),
        title_is_html=not (is_atom and _is_plain(title)),
        content_html=content_html,
        base_url=string_of(content, "base") or string_of(title, "base") or url,
        authors=_authors(entry) or _authors(mapping_of(entry.get("source"))) or document.authors,
        persons=_persons(entry) or _persons(mapping_of(entry.get("source"))) or document.persons,
        published=published,
        updated=_date(entry, "updated"),
        published_guess=_moment(entry, "published", "created", *(() if is_atom else ("updated",))),
        updated_guess=_moment(entry, "updated"),
        source=_source(entry),
        language=string_of(entry, "language")
        or string_of(content, "language")
        or string_of(title, "language")
        or document.language,
        tags=_tags(entry),
        enclosures=enclosures,
    )


def _own_content(entry: dict[str, Any]) -> dict[str, Any]:
    """The longest of all contents and the summary; content that lies elsewhere or isn't text doesn't count."""
    # feedparser takes the detail from a description deeper within the item, too; only `summary` is the item's own.
    summary = {**mapping_of(entry.get("summary_detail")), "value": entry.get("summary")}
    whole = [{"type": "text/html", "value": entry[name]} for name in _WHOLE_TEXTS if name in entry]
    candidates = [*mappings_of(entry.get("content")), summary, *whole]
    readable = [each for each in candidates if _is_text(string_of(each, "type")) and string_of(each, "value")]
    return max(readable, key=lambda candidate: len(string_of(candidate, "value")), default={})


def _app_summary(entry: dict[str, Any]) -> dict[str, Any]:
    """What is said to podcast apps, and stands for the item's text where it has none."""
    return {"type": "text/html", "value": app_summary_of(entry) or string_of(entry, "subtitle")}


def _instead_of_a_text(entry: dict[str, Any]) -> str:
    """What is said of an item that has no text: of its media, of the article that it stands for, or in Markdown."""
    said = captions_as_html(entry) or next(
        (text for each in _INSTEAD_OF_A_TEXT if (text := string_of(entry, each))), ""
    )
    return said or as_html(string_of(entry, "source_markdown"))


def _is_text(media_type: str) -> bool:
    return not media_type or media_type.startswith("text/") or media_type in _HTML_TYPES


def _is_plain(detail: Any) -> bool:
    """Whether it is text, of whatever kind: Markdown, too, is read as it was typed."""
    media_type = string_of(mapping_of(detail), "type")
    return media_type.startswith("text/") and media_type not in {"text/html", "text/xml"}


def _as_html(value: str, detail: Any, *, is_atom: bool) -> str:
    """The value as HTML. RSS doesn't say whether a text is HTML or plain, so there it counts as HTML."""
    if string_of(mapping_of(detail), "type") == "application/xhtml+xml":
        return _VOID_END_TAG.sub("", value)  # feedparser adds end tags that HTML lacks; "</br>" would be one more line
    return as_html(value) if is_atom and _is_plain(detail) else value


def _address(owner: dict[str, Any]) -> str:
    """The page that an entry or a feed stands for; empty if it names none on the web."""
    links = [link for link in mappings_of(owner.get("links")) if link.get("rel") == "alternate" and _is_web(link)]
    links.sort(key=lambda link: string_of(link, "type") not in _HTML_TYPES)
    links.append({"href": owner.get("link")})  # in RSS, a guid that is a permalink
    return next((string_of(link, "href") for link in links if _is_web(link)), "")


def _address_before_burning(entry: dict[str, Any]) -> str:
    """The page itself, where the link leads to it by way of a service that counts readers; empty if it doesn't.

    `feedburner:origLink` and `pheedo:origLink`; the services are gone, or going.
    """
    names = (name for name in entry if name.endswith("_origlink"))
    return next((address for name in names if _WEB_SCHEME.match(address := string_of(entry, name))), "")


def _related(entry: dict[str, Any]) -> str:
    """What an entry leads to that has no page and no text of its own; at last, what is said about it."""
    # A content that lies elsewhere comes first, if it is a page (RFC 4287 section 4.1.3.2).
    contents = (each for each in mappings_of(entry.get("content")) if _is_text(string_of(each, "type")))
    links: list[dict[str, Any]] = [{"href": string_of(each, "src")} for each in contents]
    links += [link for link in mappings_of(entry.get("links")) if link.get("rel") in _LEADS_ON]
    links.append({"href": entry.get("comments")})
    return next((string_of(link, "href") for link in links if _is_web(link)), "")


def _is_web(link: dict[str, Any]) -> bool:
    href = string_of(link, "href")
    return bool(href) and (not _SCHEME.match(href) or bool(_WEB_SCHEME.match(href)))


def _authors(owner: dict[str, Any]) -> tuple[str, ...]:
    return person_names(string_of(author, "name") for author in mappings_of(owner.get("authors")))


def _persons(owner: dict[str, Any]) -> tuple[Person, ...]:
    details = mappings_of(owner.get("authors"))
    return with_addresses((string_of(one, "name"), string_of(one, "href")) for one in details)


def _source(entry: dict[str, Any]) -> RawSource | None:
    source = mapping_of(entry.get("source"))
    if not source:
        return None
    return RawSource(
        title=string_of(source, "title"),
        url=_address(source) or string_of(source, "href"),
        feed_id=string_of(source, "id"),
    )


def _tags(entry: dict[str, Any]) -> tuple[str, ...]:
    names = (string_of(tag, "label") or string_of(tag, "term") for tag in mappings_of(entry.get("tags")))
    return tuple(dict.fromkeys(name for name in names if name))


def _date(entry: dict[str, Any], name: str) -> str:
    """A date as written. One in an HTML `time` element (Drupal's) gets that back, which feedparser takes apart."""
    words = string_of(entry, name)
    exact = string_of(mapping_of(entry.get("time")), "datetime")
    return f'<time datetime="{exact}">{words}</time>' if exact and words else words


def _moment(entry: dict[str, Any], *names: str) -> datetime | None:
    """feedparser's reading of the first of these dates, which is in UTC."""
    for name in names:
        parsed = entry.get(f"{name}_parsed")
        if isinstance(parsed, struct_time):
            try:
                return datetime.fromtimestamp(timegm(parsed), UTC)
            except (ArithmeticError, OSError, ValueError):
                return None
    return None


def _ttl_seconds(feed: dict[str, Any]) -> int | None:
    """The longest pause that a feed asks for (RSS ttl; RDF Site Summary, module syndication); nonsense is ignored."""
    pauses = [60 * _count(string_of(feed, "ttl"))]
    period = _PERIOD_SECONDS.get(string_of(feed, "sy_updateperiod").casefold(), 0)
    pauses.append(period // (_count(string_of(feed, "sy_updatefrequency")) or 1))
    return max((pause for pause in pauses if 0 < pause <= _MAX_TTL_SECONDS), default=None)


def _count(text: str) -> int:
    """The whole number that the text begins with ("60", "60.0", "60 minutes"); 0 for anything else."""
    digits = _NUMBER.match(text)
    return int(digits[1]) if digits else 0
