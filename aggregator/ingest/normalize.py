"""A document as its feed wrote it -> one ready for the database: plain texts, absolute links, true dates, one identity
per item.

Texts that the feed damaged are mended. The content is handed on as written, and hostile until `sanitize` cleans it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from .address import absolute_link, lasting_part, reachable_link, without_tracking
from .enclosures import name_of, settled
from .item_dates import Dates, age_of, all_dates
from .languages import language_tag
from .markup import plain_text
from .mend import mend, mend_html
from .persons import names_that_fit, persons_of
from .plain import with_lines
from .text import one_line, printable
from .titles import title_text, with_signs_resolved
from .types import CONTENT_VERSION, MADE_OF_TEXT, Document, Enclosure, Item, RawDocument, RawItem, Skipped

MAX_ITEMS = 500
"""Of one document, the newest. Some feeds carry all that their blog ever published."""

MAX_TITLE_CHARACTERS = 300
"""Of a feed, a post or a source; the columns have room for as many."""

MAX_DESCRIPTION_CHARACTERS = 500
"""Of a feed; the column has room for as many."""

MAX_NAME_CHARACTERS = 300
"""Of one author."""

MAX_GUID_CHARACTERS = 500
"""A longer one is replaced by its hash, so it still tells items apart. The column has room for as many, and more."""

MAX_TAGS = 20
"""Of one post. Those who write more than that write them for search engines."""

MAX_TAG_CHARACTERS = 100
"""Of one tag. They have no column of their own, so nothing else limits them."""

_NO_CONTENT = sha256(b"").hexdigest()
"""The digest of a content that is empty."""

_NOT_IN_A_GUID = re.compile(r"[\t\n\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


def normalize(raw: RawDocument, *, url: str, now: datetime) -> Document:
    """The document that came from `url` at `now` (aware), its newest 500 items in the order of the feed.

    Pure: the same document gives the same guids at every poll. Raises ContentMissing when an item can only be told from
    others by a content that was left out.
    """
    site_url = reachable_link(raw.site_url, url)
    dated = _newest(list(zip(raw.items, all_dates(raw.items, now), strict=True)), now)
    bases = {base: absolute_link(base, url) for base in {url, *(item.base_url for item, _ in dated)}}
    drafts = [_draft(item, dates, bases, site_url or url, url) for item, dates in dated]
    identified = _identified(drafts)
    files = sum(draft.files_left_out for draft, _ in identified)
    left_out = Skipped(repeated=len(drafts) - len(identified), too_old=len(raw.items) - len(drafts), files=files)
    return Document(
        title=_text(raw.title, is_html=raw.title_is_html, max_length=MAX_TITLE_CHARACTERS),
        description=_plain(raw.description, MAX_DESCRIPTION_CHARACTERS),
        site_url=site_url,
        feed_id=_bounded(_guid_text(raw.feed_id)),
        language=language_tag(raw.language),
        ttl_seconds=raw.ttl_seconds,
        skip_hours=raw.skip_hours,
        skip_days=raw.skip_days,
        items=tuple(_item(draft, guid) for draft, guid in identified),
        dated_at=age_of(raw, now) if any(dates.published is None for _, dates in dated) else None,
        skipped=raw.skipped + left_out,
        is_mended=not raw.is_sound,
    )


class ContentMissing(LookupError):
    """An item's identity depends on its content, of which only the digest is there."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """An item without its identity, which depends on the others."""

    raw: RawItem
    dates: Dates
    url: str
    base_url: str
    title: str
    source_url: str
    enclosures: tuple[Enclosure, ...]
    files_left_out: int


def _draft(raw: RawItem, dates: Dates, bases: Mapping[str, str], site_url: str, feed_url: str) -> _Draft:
    declared_base = bases[raw.base_url]
    url = without_tracking(reachable_link(raw.url, declared_base or site_url))
    # Without xml:base the author wrote for the page of the post, not for the place where the feed lies.
    base_url = declared_base if declared_base and declared_base != bases[feed_url] else url
    base = declared_base or site_url
    enclosures, files_left_out = settled(raw.enclosures, base_url=base, item_url=url, plain=_plain)
    title = _text(raw.title, is_html=raw.title_is_html, max_length=MAX_TITLE_CHARACTERS)
    return _Draft(
        raw=raw,
        dates=dates,
        url=url,
        base_url=base_url or site_url,
        title=title or ("" if _has_text(raw) else name_of(enclosures, url)),
        source_url=absolute_link(raw.source.url, declared_base or site_url) if raw.source else "",
        enclosures=enclosures,
        files_left_out=files_left_out,
    )


def _has_text(raw: RawItem) -> bool:
    return raw.content_digest != _NO_CONTENT if raw.content_digest else bool(raw.content_html)


def _item(draft: _Draft, guid: str) -> Item:
    raw = draft.raw
    digest = raw.content_digest or content_digest(raw.content_html)
    names = names_that_fit(raw.authors, _plain_name)
    return Item(
        guid=guid,
        url=draft.url,
        title=draft.title,
        author=", ".join(names),
        content_html=None if raw.content_digest else with_lines(printable(mend_html(raw.content_html))),
        content_hash=_digest(CONTENT_VERSION, draft.base_url, digest, *_files_as_content(draft)),
        base_url=draft.base_url,
        published_at=draft.dates.published,
        updated_at=draft.dates.updated,
        source_title=_plain(raw.source.title, MAX_TITLE_CHARACTERS) if raw.source else "",
        source_url=draft.source_url,
        language=language_tag(raw.language),
        tags=_distinct(_plain(tag, MAX_TAG_CHARACTERS) for tag in raw.tags)[:MAX_TAGS],
        enclosures=draft.enclosures,
        persons=persons_of(names, raw.persons, _plain_name),
    )


def _files_as_content(draft: _Draft) -> tuple[str, ...]:
    """Where there is no text, the files are what the post says; those beside a text can change without it."""
    return () if _has_text(draft.raw) else tuple(lasting_part(one.url) for one in draft.enclosures)


def content_digest(content_html: str) -> str:
    """What tells one content from another, as it was written."""
    return _digest(content_html)


def _text(raw: str, *, is_html: bool, max_length: int) -> str:
    text = title_text(mend_html(raw), max_length) if is_html else one_line(mend(raw), max_length)
    return with_signs_resolved(text)


def _plain(raw: str, max_length: int) -> str:
    # Mended first: parts of what is damaged look like controls and spaces, which are no part of a plain text.
    return plain_text(mend_html(raw), max_length)


def _plain_name(raw: str) -> str:
    return _plain(raw, MAX_NAME_CHARACTERS)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _newest(dated: list[tuple[RawItem, Dates]], now: datetime) -> list[tuple[RawItem, Dates]]:
    """At most MAX_ITEMS, in their order; an item without a date counts as new."""
    if len(dated) <= MAX_ITEMS:
        return dated
    by_age = sorted(range(len(dated)), key=lambda index: dated[index][1].published or now, reverse=True)
    return [dated[index] for index in sorted(by_age[:MAX_ITEMS])]


# Identity


def _identified(drafts: list[_Draft]) -> list[tuple[_Draft, str]]:
    """Each item with a guid of its own.

    Items that share one are told apart by their links, by what they say, then by their files; what says the same is
    there once. All that share it change their guid, not only the later ones, so the order of the feed doesn't matter.
    """
    guids = [_guid(draft) for draft in drafts]
    for tell_apart in (_with_link, _with_text, _with_file):
        guids = _told_apart(drafts, guids, tell_apart)
    first = dict(zip(reversed(guids), reversed(drafts), strict=True))
    return [(draft, guid) for draft, guid in zip(drafts, guids, strict=True) if first[guid] is draft]


def _told_apart(drafts: list[_Draft], guids: list[str], tell_apart: Callable[[_Draft, str], str]) -> list[str]:
    """Items that share a guid get others; where the others would all be one again, they are copies, and keep theirs."""
    uses = Counter(guids)
    pairs = zip(drafts, guids, strict=True)
    others = [tell_apart(draft, guid) if uses[guid] > 1 else guid for draft, guid in pairs]
    kinds = Counter(guid for guid, _ in set(zip(guids, others, strict=True)))
    return [other if kinds[guid] > 1 else guid for guid, other in zip(guids, others, strict=True)]


def _guid(draft: _Draft) -> str:
    given = _bounded(_guid_text(draft.raw.guid)) or _bounded(draft.url)
    if not given and draft.enclosures and not draft.raw.title and not _has_text(draft.raw):
        return _bounded(lasting_part(draft.enclosures[0].url))
    return given or _text_hash(draft)


def _with_link(draft: _Draft, guid: str) -> str:
    return _bounded(f"{guid} {draft.url}".strip())


def _with_text(draft: _Draft, guid: str) -> str:
    return _bounded(f"{guid} {_text_hash(draft)}")


def _with_file(draft: _Draft, guid: str) -> str:
    return _bounded(f"{guid} {lasting_part(draft.enclosures[0].url)}") if draft.enclosures else guid


def _text_hash(draft: _Draft) -> str:
    raw = draft.raw
    if raw.content_digest:
        raise ContentMissing
    # The texts count as their feed wrote them: were they mended first, whatever we learn to mend would be a new post.
    shorten = plain_text if raw.title_is_html else one_line
    return MADE_OF_TEXT + _digest(shorten(raw.title, MAX_TITLE_CHARACTERS), raw.content_html)


def _guid_text(raw: str) -> str:
    return _NOT_IN_A_GUID.sub("", printable(raw)).strip()


def _bounded(guid: str) -> str:
    return guid if len(guid) <= MAX_GUID_CHARACTERS else MADE_OF_TEXT + _digest(guid)


def _digest(*texts: str) -> str:
    """SHA-256 in hex of the texts, one after the other."""
    return sha256("\0".join(printable(text) for text in texts).encode()).hexdigest()
