"""One post that came through several feeds shows once: one of its entries is shown, the others are folded into it.

Which one depends on the entries alone, not on the order in which they came: each time the whole group is decided anew,
from the entry nearest to the post's home down. An entry is folded only into one that it resembles itself, of another
feed; in doubt both are shown, because a post that is wrongly folded is a post lost.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction

from aggregator.ingest.address import link_identity
from aggregator.models import Entry, Feed, SiteState
from aggregator.models.counting import refresh_counts
from aggregator.models.sql import save_each
from aggregator.models.visible import PUBLIC_STATES

from .likeness import are_alike, authority, id_authority, id_key, link_key, shingles, title_key

SAME_TEXT_WITHIN = timedelta(days=7)
"""Posts of one title and one text that lie further apart are two: a yearly call for papers."""
CHUNK = 500
MOST_ROUNDS = 4
"""From copies to copies of copies; a longer chain is somebody's game."""
MOST_ENTRIES = 5000
MOST_OF_ONE_TITLE = 20
"""Of those with neighboring dates; a title that more have is no post's own."""
MOST_TEXTS = 500

Shingles = Mapping[int, frozenset[int]]


def identify(entry: Entry) -> None:
    """Set the keys by which copies of the entry are found (unsaved)."""
    entry.link_key, entry.id_key = link_key(entry.url), id_key(entry.guid)
    entry.title_key = title_key(entry.title, entry.content_html)


def fold(entry_ids: Iterable[int], now: datetime) -> None:
    """Decide anew which entries of these posts are shown. Call it in the change's transaction.

    The counts of feeds follow after the commit: their rows may be locked by polls that wait for this one. With
    FOLD_DUPLICATES off, all that is folded is shown again.
    """
    ids = sorted(set(entry_ids))
    changed: set[int] = set()
    if settings.FOLD_DUPLICATES:
        for start in range(0, len(ids), CHUNK):
            changed |= _fold_chunk(ids[start : start + CHUNK])
    else:
        changed = _unfold_all()
    if changed:
        transaction.on_commit(partial(_recount, changed, now), robust=True)


def fold_feeds(feeds: Iterable[Feed], now: datetime) -> None:
    """The same for all posts of these feeds, as when they begin or cease to be public."""
    fold(Entry.objects.filter(feed__in=feeds).values_list("pk", flat=True), now)


def _unfold_all() -> set[int]:
    folded = Entry.objects.filter(duplicate_of__isnull=False)
    changed = set(folded.values_list("feed_id", flat=True))
    if changed:
        folded.update(duplicate_of=None)
    return changed


def _recount(feed_ids: Collection[int], now: datetime) -> None:
    with transaction.atomic():  # counted under the lock, else a poll that ends meanwhile is forgotten
        refresh_counts(Feed.objects.filter(pk__in=feed_ids).locked())
        SiteState.objects.touch(now)


def _fold_chunk(ids: Collection[int]) -> set[int]:
    entries = _group(ids)
    keys = _telling_keys(entries)
    akin = _to_compare(entries, keys)
    if len(entries) >= MOST_ENTRIES or len(akin) > MOST_TEXTS:
        apart = _by_feed(ids, entries)
        if len(apart) > 1:  # what is too much is one feed's; it must not crowd out another's copies
            return set().union(*map(_fold_chunk, apart))
    return _write(entries, places_of(entries, keys, _texts(akin)))


def _by_feed(ids: Collection[int], entries: Iterable[Entry]) -> list[list[int]]:
    ids_of: defaultdict[int, list[int]] = defaultdict(list)
    for entry in entries:
        if entry.pk in ids:
            ids_of[entry.feed_id].append(entry.pk)
    return list(ids_of.values())


# -- reading ---------------------------------------------------------------------------------------------------------

_COLUMNS = (
    *("guid", "url", "link_key", "id_key", "title_key", "published_at", "first_seen_at", "announced_at"),
    *("is_hidden", "is_held", "is_filtered", "duplicate_of", "feed__url", "feed__site_url", "feed__state"),
)


def _group(ids: Collection[int]) -> list[Entry]:
    """These entries, all that may be the same posts, and all that may be the same as those."""
    light = Entry.objects.select_related("feed").only(*_COLUMNS)
    found = {entry.pk: entry for entry in light.with_folded(ids)}
    fresh, asked = list(found.values()), set[str]()
    for _ in range(MOST_ROUNDS):
        keys = {key for entry in fresh for key in _keys(entry)} - asked
        titles = {entry.title_key for entry in fresh} - {""}
        if not keys and not titles:
            break
        asked |= keys
        dates = [_dated_at(entry) for entry in fresh]
        akin = light.sharing(keys, titles, min(dates) - SAME_TEXT_WITHIN, max(dates) + SAME_TEXT_WITHIN)
        akin = akin.exclude(pk__in=ids)  # most that share something with these
        fresh = [entry for entry in akin[:MOST_ENTRIES] if entry.pk not in found]
        found |= {entry.pk: entry for entry in fresh}
    return list(found.values())


def _to_compare(entries: Iterable[Entry], keys: Mapping[int, frozenset[str]]) -> set[int]:
    """The ids of those entries that only a text could make one post."""
    pairs = (pair for pair in _of_one_title(entries) if not keys[pair[0].pk] & keys[pair[1].pk])
    return {entry.pk for pair in pairs for entry in pair}


def _texts(entry_ids: Collection[int]) -> Shingles:
    """The newest of these texts."""
    if not entry_ids:
        return {}
    rows = Entry.objects.filter(pk__in=sorted(entry_ids)[-MOST_TEXTS:]).values_list("pk", "content_html")
    return {pk: shingles(content_html) for pk, content_html in rows}


def _of_one_title(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of entries of different feeds with one title and neighboring dates."""
    columns: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=_dated_at):
        if entry.title_key:
            columns[entry.title_key].append(entry)
    for column in columns.values():
        for at, entry in enumerate(column):
            neighbors = column[at + 1 : at + MOST_OF_ONE_TITLE]
            yield from ((entry, other) for other in neighbors if _may_be_one(entry, other))


# -- deciding --------------------------------------------------------------------------------------------------------


def places_of(entries: Iterable[Entry], keys: Mapping[int, frozenset[str]], texts: Shingles) -> dict[int, Entry | None]:
    """For each entry the one that it is folded into, None for one that isn't."""
    shown: list[Entry] = []
    ranks_by_trait: defaultdict[str, list[int]] = defaultdict(list)
    places: dict[int, Entry | None] = {}
    for entry in sorted(entries, key=_preference):
        places[entry.pk] = None
        if not _can_be_shown(entry):
            continue
        traits = [*keys[entry.pk], *([entry.title_key] if entry.pk in texts else [])]
        candidates = [shown[rank] for rank in sorted({rank for trait in traits for rank in ranks_by_trait[trait]})]
        original = next((other for other in candidates if _is_one(entry, other, keys, texts)), None)
        places[entry.pk] = original
        if original is None:
            for trait in traits:
                ranks_by_trait[trait].append(len(shown))
            shown.append(entry)
    return places


def _is_one(entry: Entry, other: Entry, keys: Mapping[int, frozenset[str]], texts: Shingles) -> bool:
    if entry.feed_id == other.feed_id:
        return False
    if keys[entry.pk] & keys[other.pk]:
        return True
    return _may_be_one(entry, other) and are_alike(texts.get(entry.pk, frozenset()), texts.get(other.pk, frozenset()))


def _may_be_one(entry: Entry, other: Entry) -> bool:
    """By title and date, and of different feeds."""
    is_near = abs(_dated_at(entry) - _dated_at(other)) <= SAME_TEXT_WITHIN
    return is_near and entry.feed_id != other.feed_id and entry.title_key == other.title_key


def _telling_keys(entries: Iterable[Entry]) -> dict[int, frozenset[str]]:
    """The keys of each entry without those that its feed gives to several, such as the page of a changelog."""
    entries = list(entries)
    uses = Counter((entry.feed_id, key) for entry in entries for key in _keys(entry))
    return {entry.pk: frozenset(key for key in _keys(entry) if uses[entry.feed_id, key] == 1) for entry in entries}


def _keys(entry: Entry) -> frozenset[str]:
    return frozenset({entry.link_key, entry.id_key} - {""})


def _dated_at(entry: Entry) -> datetime:
    return entry.published_at or entry.first_seen_at


def _can_be_shown(entry: Entry) -> bool:
    is_withheld = entry.is_hidden or entry.is_held or entry.is_filtered
    return not is_withheld and entry.feed.state in PUBLIC_STATES


def _preference(entry: Entry) -> tuple[bool, bool, bool, bool, int, datetime, int]:
    """Sorts the entry nearest to the post's home first.

    A feed can claim any site and any id, but not the host that it is read from. So the host of its address comes
    before that of its site, and an id made in another's name makes it stand back. Of several blogs on one host, that
    one is nearest whose site's address the link goes on from.
    """
    link, feed, site = (link_identity(url) for url in (entry.url, entry.feed.url, entry.feed.site_url))
    host = authority(link)
    comes_from_host = bool(host) and authority(feed) == host
    is_home = comes_from_host or (bool(host) and authority(site) == host)
    has_foreign_id = id_authority(entry.guid) not in {"", host}
    is_within_site = bool(site) and (link == site or link.startswith((f"{site}/", f"{site}?", f"{site}#")))
    depth = len(site) - len(host) if is_within_site else 0
    nearness = not is_home, has_foreign_id, not comes_from_host, not is_within_site, -depth
    return *nearness, entry.first_seen_at, entry.pk


# -- writing ---------------------------------------------------------------------------------------------------------


def _write(entries: Sequence[Entry], places: Mapping[int, Entry | None]) -> set[int]:
    """Save what changed; the feeds that show more or fewer entries now."""
    moved: list[Entry] = []
    for entry in entries:
        original = places[entry.pk]
        original_id = original.pk if original else None
        if entry.duplicate_of_id != original_id:
            entry.duplicate_of_id = original_id
            moved.append(entry)
    settled = list(_settle(entries, places))
    rows = {entry.pk: entry for entry in (*moved, *settled)}
    save_each(list(rows.values()), ("duplicate_of", "announced_at"))
    return {entry.feed_id for entry in moved}


def _settle(entries: Sequence[Entry], places: Mapping[int, Entry | None]) -> Iterator[Entry]:
    """The entries that needn't be announced any more, marked: copies, and posts of which a copy was announced.

    What was never told of gets the moment of its arrival, so that it isn't taken for something that was.
    """
    told = {
        original.pk
        for entry in entries
        if (original := places[entry.pk]) and entry.announced_at and entry.announced_at > entry.first_seen_at
    }
    for entry in entries:
        if entry.announced_at is None and (places[entry.pk] or entry.pk in told):
            entry.announced_at = entry.first_seen_at
            yield entry
