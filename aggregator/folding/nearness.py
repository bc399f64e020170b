"""Which of the entries of one post is nearest to the post's home. Pure: looks at values only.

A feed can say what it likes: that a site is its own, that a link or an id is its post's. It can't choose the host that
it is read from. So only that counts here, and a curator's word; for the rest, the entry that was known first is near.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from aggregator.ingest.address import link_identity
from aggregator.models import Entry

from .likeness import authority, id_authority
from .sharing import Keys, Shingles, have_one_text, keys_of


class Nearness(NamedTuple):
    """How near an entry is to its post's home: the nearest sorts first, field by field, and False before True."""

    is_not_chosen: bool
    """No curator said that this is the one to show."""
    is_from_elsewhere: bool
    """A feed that has this post, too, is read from the host that the entry's link leads to; this one isn't."""
    has_others_id: bool
    """Such a feed is read from the host in whose name the entry's id was made. The entry itself says it isn't its."""
    is_farther_on_host: bool
    """Of several blogs on the link's host, another one's feed has an address that goes further along the link."""
    first_seen_at: datetime
    """Of entries that are equally near, the one that came first."""
    entry_id: int
    """Two entries of one poll have one `first_seen_at`; the id makes the order of these certain, too."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an entry comes from, and where it says that it belongs; hosts are without "www.", and empty for none."""

    feed_host: str
    link_host: str
    id_host: str
    steps: int
    """How many parts of its path the link has in common with the feed's own address, if both are on one host."""

    @property
    def is_home(self) -> bool:
        """Whether the feed is read from the host that the link leads to."""
        return bool(self.link_host) and self.feed_host == self.link_host


Origins = Mapping[int, Origin]


def origin_of(entry: Entry) -> Origin:
    link, feed = link_identity(entry.url), link_identity(entry.feed.url)
    link_host, feed_host = authority(link), authority(feed)
    steps = _common_steps(link, feed) if link_host == feed_host else 0
    return Origin(feed_host, link_host, id_authority(entry.guid), steps)


def nearness_of_each(entries: Sequence[Entry], origins: Origins, keys: Keys, texts: Shingles) -> dict[int, Nearness]:
    """By the id of an entry, how near it is. Give it those entries only that may be shown: no other bears witness."""
    hosts_by_key: defaultdict[str, set[str]] = defaultdict(set)
    most_steps: defaultdict[str, int] = defaultdict(int)
    by_title: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        origin = origins[entry.pk]
        for key in keys[entry.pk]:
            hosts_by_key[key].add(origin.feed_host)
        most_steps[entry.link_key] = max(most_steps[entry.link_key], origin.steps)
        if entry.title_key and entry.pk in texts:
            by_title[entry.title_key].append(entry)

    def is_read_from(host: str, entry: Entry) -> bool:
        """Whether a feed that has the entry's post is read from this host."""
        if any(host in hosts_by_key[key] for key in keys_of(entry) if key in hosts_by_key):
            return True
        others = by_title.get(entry.title_key, ()) if entry.title_key else ()
        return any(origins[other.pk].feed_host == host and have_one_text(entry, other, texts) for other in others)

    def nearness_of(entry: Entry) -> Nearness:
        origin = origins[entry.pk]
        link_host, id_host = origin.link_host, origin.id_host
        return Nearness(
            is_not_chosen=not entry.is_original,
            is_from_elsewhere=bool(link_host) and not origin.is_home and is_read_from(link_host, entry),
            has_others_id=id_host not in {"", link_host, origin.feed_host} and is_read_from(id_host, entry),
            is_farther_on_host=bool(entry.link_key) and origin.steps < most_steps[entry.link_key],
            first_seen_at=entry.first_seen_at,
            entry_id=entry.pk,
        )

    return {entry.pk: nearness_of(entry) for entry in entries}


def _common_steps(link: str, feed: str) -> int:
    steps_of_both = zip(_steps(link), _steps(feed), strict=False)
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], steps_of_both))


def _steps(identity: str) -> list[str]:
    path = identity.partition("#")[0].partition("?")[0]
    return path.split("/")[1:]
