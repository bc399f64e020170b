"""Rows -> what our feeds say about them: which id, which dates, how much of the post, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from django.db.models import Min

from aggregator.exchange.links import public_uri, public_url
from aggregator.exchange.outgoing import on_this_site
from aggregator.ingest.languages import language_tag
from aggregator.models import Entry, Feed, load_authors, load_enclosures, load_tags
from aggregator.models.bylines import byline_of
from aggregator.models.tag_key import key_of
from aggregator.pages.budget import Weight

from .attached import Attached
from .formats import Origin

# The kinds of URI that feeds use as ids. A reader that makes links of ids gets no script from us.
_PERMANENT_ID = re.compile(r"(https?|tag|urn|yt):[^\s\x00-\x20\x7f<>\"\\^`{|}]+", re.IGNORECASE)
_MEDIA_TYPE = re.compile("{name}/{name}".format(name="[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*"))  # RFC 6838 section 4.2

ITEM_BYTES = 1500
"""What a format writes around an item: no more than this."""
ATTACHED_BYTES = 300
"""The same for each file beside it."""
CATEGORY_BYTES = 30
"""And for each of its tags."""


@dataclass(frozen=True, slots=True)
class OutgoingItem:
    """An entry as it leaves the site; its blog's display mode is obeyed here."""

    entry: Entry
    own_id: str
    """Ours; it stays when the site's address changes."""
    permanent_id: str = ""
    """The id that its own feed gave it, if that may be passed on."""

    @property
    def our_address(self) -> str:
        return on_this_site(self.entry.get_absolute_url())

    @property
    def id(self) -> str:
        return self.permanent_id or self.own_id

    @property
    def link(self) -> str:
        return public_uri(self.entry.url) or self.our_address

    @property
    def author_names(self) -> tuple[str, ...]:
        """Each who wrote it, as far as that is told; else all of them as one name, or the blog."""
        return tuple(name for name, _ in self.entry.written_by) or (byline_of(self.entry).author or self.origin.title,)

    @property
    def author_urls(self) -> dict[str, str]:
        """By such a name, an address that is surely theirs, and may be given out."""
        found = ((name, public_url(url)) for name, url in self.entry.author_urls.items())
        return {name: url for name, url in found if url}

    @property
    def content_html(self) -> str:
        """Empty unless the blog's posts are shown in full, and where this one would take too much of the feed."""
        return self.entry.content_html if self.entry.feed.display == Feed.Display.FULL else ""

    @property
    def excerpt(self) -> str:
        """Plain text; empty where only titles are shown."""
        return "" if self.entry.feed.display == Feed.Display.LINK else self.entry.excerpt

    @property
    def attached(self) -> tuple[Attached, ...]:
        """The files beside the post; none where only titles are shown. Pages that are named beside it are no files."""
        if self.entry.feed.display == Feed.Display.LINK or not self.entry.feed.has_enclosures:
            return ()
        files = ((public_uri(one.url), one) for one in self.entry.enclosures.all())
        return tuple(
            Attached(url, _media_type(one.media_type), one.byte_count, one.seconds, one.title)
            for url, one in files
            if url and one.media_type != "text/html"
        )

    @property
    def categories(self) -> tuple[str, ...]:
        """That of its blog, and the names of its tags; each once, however it is spelled."""
        category = self.entry.feed.category
        names = [category.name] if category else []
        tags = () if self.entry.is_bare else self.entry.shown_tags
        names += [tag.name for tag in tags if not category or tag.key != key_of(category.name)]
        return tuple(names)

    @property
    def is_note(self) -> bool:
        """Whether the words of its title are given out as its text."""
        return self.entry.is_note and bool(self.content_html or self.excerpt)

    def weight(self, written_bytes: Callable[[str], int]) -> Weight:
        """What the entry takes of a feed, in which a text takes so many bytes. It is the same before and after the
        entry is made bare."""
        excerpt = self.excerpt + escape(self.excerpt)  # twice in JSON, as HTML in the others
        names = "<dc:creator></dc:creator>".join(self.author_names) + "<uri></uri>".join(self.author_urls.values())
        least = f"{self.entry.shown_title}{self.link}{self.id}{names}{excerpt}"
        origin = self.origin
        beside = f"{origin.id}{origin.title}{origin.site_url}{origin.feed_url}"
        files = self.attached
        named = "".join(one.url + one.media_type + one.title for one in files)
        named += "".join(tag.name for tag in self.entry.shown_tags)
        return Weight(
            ITEM_BYTES + written_bytes(least),
            written_bytes(beside + named) + ATTACHED_BYTES * len(files) + CATEGORY_BYTES * len(self.entry.shown_tags),
        )

    @property
    def published_at(self) -> datetime:
        """As the author said, but never after the moment that our pages show: no post is from the future."""
        shown_at = self.entry.timeline_at
        return min(self.entry.published_at or shown_at, shown_at)

    @property
    def updated_at(self) -> datetime:
        return self.entry.updated_at or self.entry.timeline_at

    @property
    def language(self) -> str | None:
        return language_tag(self.entry.language or self.entry.feed.language) or None

    @property
    def origin(self) -> Origin:
        """The feed that we read; for a post that came through another planet, the one which that planet names."""
        feed = self.entry.feed
        first_url = public_uri(self.entry.source_url)
        if first_url:
            title = self.entry.source_title or feed.shown_title
            return Origin(first_url, title, site_url=first_url, feed_url="", updated_at=self.updated_at)
        feed_url = public_uri(feed.url)
        return Origin(
            id=feed_url,
            title=feed.shown_title,
            site_url=public_uri(feed.home_url),
            feed_url=feed_url,
            updated_at=feed.newest_at or self.updated_at,
        )


def items_of(entries: Iterable[Entry], id_base: str) -> list[OutgoingItem]:
    """The entries as items. Each keeps the id of its own feed where it can (RFC 4287 section 4.2.6).

    The others get one of ours, which begins with `id_base`. Of two that claim one id, the entry known first has it,
    whichever pages of our feeds they stand on, and nobody can claim one of ours: no blog can take the place of
    another's post in a reader.
    """
    entries = list(entries)
    load_enclosures(entries)
    load_tags(entries)
    load_authors(entries, with_pages=False)
    owners = _owners_of_ids([entry for entry in entries if _may_be_passed_on(entry.guid, id_base)])
    return [
        OutgoingItem(
            entry,
            own_id=id_base + entry.get_absolute_url(),
            permanent_id=entry.guid if owners.get(entry.guid) == entry.pk else "",
        )
        for entry in entries
    ]


def _owners_of_ids(entries: Sequence[Entry]) -> dict[str, int]:
    """By the id that its own feed gave it, the entry that was known first, of these and of all that readers may see.

    Of ids that have no key, such as those of some video sites, only these entries are known.
    """
    keys = {entry.id_key for entry in entries if entry.id_key}
    same = Entry.objects.listed().filter(id_key__in=keys, id_key__gt="", guid__in=[entry.guid for entry in entries])
    known = same.order_by().values_list("guid").annotate(Min("pk")) if keys else ()
    owners: dict[str, int] = {}
    for guid, pk in (*known, *((entry.guid, entry.pk) for entry in entries)):
        owners[guid] = min(pk, owners.get(guid, pk))
    return owners


def _media_type(text: str) -> str:
    """The text if it is shaped as a media type; empty for another word, such as a row of before can have."""
    return text if _MEDIA_TYPE.fullmatch(text) else ""


def _may_be_passed_on(guid: str, id_base: str) -> bool:
    if not _PERMANENT_ID.fullmatch(guid) or guid.startswith((on_this_site("/"), f"{id_base}/")):
        return False
    return not guid.lower().startswith("http") or guid == public_url(guid)
