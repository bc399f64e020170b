"""Which of the entries in a group are shown, and into which of those the others are folded. Pure: looks at values only.

It depends on the entries alone, not on the order in which they came: each time the whole group is decided anew, from
the entry nearest to the post's home down.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from aggregator.ingest.address import link_identity
from aggregator.models import Entry
from aggregator.models.visible import PUBLIC_STATES

from .likeness import are_alike, authority, id_authority

MAX_SAME_TEXT_GAP = timedelta(days=7)
"""Posts with one title and one text whose dates are further apart are two posts, such as a yearly call for papers."""

Keys = Mapping[int, frozenset[str]]
"""By the id of an entry, the keys that tell which post it is."""
Shingles = Mapping[int, frozenset[int]]
"""By the id of an entry, its text as `likeness` compares it; only of entries that a text could make one post."""


def places_of(entries: Iterable[Entry], keys: Keys, texts: Shingles) -> dict[int, Entry | None]:
    """For each entry, by its id, the one that it is folded into; None for one that isn't folded."""
    shown: list[Entry] = []
    ranks_by_trait: defaultdict[str, list[int]] = defaultdict(list)
    places: dict[int, Entry | None] = {}
    for entry in sorted(entries, key=nearness_of):
        places[entry.pk] = None
        if not _can_be_shown(entry):
            continue
        traits = [*keys[entry.pk], *([entry.title_key] if entry.pk in texts else [])]
        candidates = [shown[rank] for rank in sorted({rank for trait in traits for rank in ranks_by_trait[trait]})]
        original = next((other for other in candidates if _is_one_post(entry, other, keys, texts)), None)
        places[entry.pk] = original
        if original is None:
            for trait in traits:
                ranks_by_trait[trait].append(len(shown))
            shown.append(entry)
    return places


def telling_keys(entries: Iterable[Entry]) -> dict[int, frozenset[str]]:
    """The keys of each entry without those that its feed gives to several, such as the page of a changelog."""
    entries = list(entries)
    uses = Counter((entry.feed_id, key) for entry in entries for key in keys_of(entry))
    return {entry.pk: frozenset(key for key in keys_of(entry) if uses[entry.feed_id, key] == 1) for entry in entries}


def keys_of(entry: Entry) -> frozenset[str]:
    return frozenset({entry.link_key, entry.id_key} - {""})


def dated_at(entry: Entry) -> datetime:
    return entry.published_at or entry.first_seen_at


def may_be_one_post(entry: Entry, other: Entry) -> bool:
    """Whether the two have one title and neighboring dates, and come from different feeds."""
    is_near = abs(dated_at(entry) - dated_at(other)) <= MAX_SAME_TEXT_GAP
    return is_near and entry.feed_id != other.feed_id and entry.title_key == other.title_key


class Nearness(NamedTuple):
    """How near an entry is to its post's home: the nearest sorts first, field by field, and False before True.

    A feed can claim any site and any id, but not the host that it is read from.
    """

    is_away_from_home: bool
    """Neither the feed nor its site is on the host that the post's link leads to."""
    has_foreign_id: bool
    """The id was made in the name of another host than the link's: the post comes from there."""
    is_read_from_elsewhere: bool
    """The feed is not on the link's host, even if its site is, which it can claim."""
    is_outside_of_site: bool
    """The link doesn't go on from the site's address. Of several blogs on one host, only one is the post's."""
    negative_site_depth: int
    """How long the path in the site's address is, which the link goes on from: the longest is nearest, so negative."""
    first_seen_at: datetime
    """Of entries that are equally near, the one that came first."""
    entry_id: int
    """Two entries of one poll have one `first_seen_at`; the id makes the order of these certain, too."""


def nearness_of(entry: Entry) -> Nearness:
    link, feed, site = (link_identity(url) for url in (entry.url, entry.feed.url, entry.feed.site_url))
    host = authority(link)
    is_read_from_host = bool(host) and authority(feed) == host
    is_site_on_host = bool(host) and authority(site) == host
    is_within_site = bool(site) and (link == site or link.startswith((f"{site}/", f"{site}?", f"{site}#")))
    return Nearness(
        is_away_from_home=not (is_read_from_host or is_site_on_host),
        has_foreign_id=id_authority(entry.guid) not in {"", host},
        is_read_from_elsewhere=not is_read_from_host,
        is_outside_of_site=not is_within_site,
        negative_site_depth=len(host) - len(site) if is_within_site else 0,
        first_seen_at=entry.first_seen_at,
        entry_id=entry.pk,
    )


def _can_be_shown(entry: Entry) -> bool:
    is_withheld = entry.is_hidden or entry.is_held or entry.is_filtered
    return not is_withheld and entry.feed.state in PUBLIC_STATES


def _is_one_post(entry: Entry, other: Entry, keys: Keys, texts: Shingles) -> bool:
    if entry.feed_id == other.feed_id:
        return False
    if keys[entry.pk] & keys[other.pk]:
        return True
    texts_of_both = texts.get(entry.pk, frozenset()), texts.get(other.pk, frozenset())
    return may_be_one_post(entry, other) and are_alike(*texts_of_both)
