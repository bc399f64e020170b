"""Rows of tags are made of what entries say of themselves, and follow when entries are shown, hidden or moved.

All who write entries come by here: with the entries whose tags are new (`tag_entries`), or, by way of `refresh_counts`,
with the days on which a feed shows other entries than before (`follow_days`). So a row that counts under its tag is the
same as a row that is listed, whatever happens between the two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from django.db.models import BooleanField, Case, F, Q, Value, When

from .entry import Entry
from .entry_tag import EntryTag
from .site_state import count_tagged
from .sql import Locked, lock_words, save_each
from .standing import IN_ORDER_OF_FEED
from .tag import MAX_NAME_CHARACTERS, Tag
from .tag_key import key_of
from .visible import LISTED, OF_PUBLIC_FEEDS, PUBLIC_STATES, through

MAX_ENTRY_TAGS = 20
"""Under which a post can stand. A blog that names hundreds wants to be found everywhere."""
MAX_DAYS = 20
"""A feed that shows other posts on more days is looked at as a whole."""
FEW_POSTS = 200
"""Of a feed: to look at all of them takes less than to ask for some days of it. So it is with nearly all new feeds."""
_ROWS = 500
"""In one statement."""

_SHOULD_BE_LISTED = Case(
    When(through("entry", LISTED & OF_PUBLIC_FEEDS), then=Value(True)),
    default=Value(False),
    output_field=BooleanField(),
)


def tag_entries(entries: Iterable[Entry], *, known: Collection[int] = ()) -> None:
    """Have these entries, which are saved, stand under the tags that they name; the feeds of new ones are at hand.

    Of those with `known` ids, rows may be here already, or their post was folded since: what is stored says of them who
    may see them. Within a `site_change`, under the locks of their feeds or of the entries themselves.
    """
    entries = list(entries)
    named = {entry.pk: _named(entry) for entry in entries}
    tags = _tags_of(_most_usual(named.values()))
    wanted = {pk: dict.fromkeys(tags[key] for key in names) for pk, names in named.items()}
    if known:
        _leave_wanted(wanted, known)
    rows = [
        EntryTag(
            tag_id=tag_id,
            entry=entry,
            timeline_at=entry.timeline_at,
            is_listed=entry.pk not in known and _is_listed(entry),  # of those that are known, `follow` says it
        )
        for entry in entries
        for tag_id in wanted[entry.pk]
    ]
    if rows:
        EntryTag.objects.bulk_create(rows, batch_size=_ROWS)
        count_tagged(Counter(row.tag_id for row in rows if row.is_listed))
    if known:
        follow(Q(pk__in=list(known)))


def follow_days(changed: Mapping[int, Collection[date]], post_counts: Mapping[int, int]) -> None:
    """Bring the rows of these feeds' entries up to date, which are shown otherwise than before on these days.

    `post_counts` says how many posts each shows: those of few are looked at together, from the first day to the last.
    """
    by_feed = {feed_id: sorted(days) for feed_id, days in changed.items() if days}
    lately, small, others = dict[int, list[date]](), dict[int, list[date]](), dict[int, list[date]]()
    last = max((days[-1] for days in by_feed.values()), default=date.min)
    for feed_id, days in by_feed.items():
        if last - days[0] <= timedelta(days=1):  # most have a new post of today
            lately[feed_id] = days
        else:
            (small if post_counts[feed_id] <= FEW_POSTS else others)[feed_id] = days
    for together in filter(None, (lately, small)):
        first = min(days[0] for days in together.values())
        follow(_of_feeds(together) & _between(first, last))
    for feed_id, days in others.items():
        spans = [_between(day, day) for day in days] if len(days) <= MAX_DAYS else [Q()]
        for span in spans:
            follow(_of_feeds([feed_id]) & span)


def follow_entries(entry_ids: Iterable[int]) -> None:
    """Bring the rows of these entries up to date, however many: where as many come as go, no day's count tells."""
    ids = sorted(entry_ids)
    for start in range(0, len(ids), _ROWS):
        follow(Q(pk__in=ids[start : start + _ROWS]))


def follow_feeds(feed_ids: Iterable[int]) -> None:
    """Bring the rows of all entries of these feeds up to date."""
    for feed_id in sorted(feed_ids):
        follow(_of_feeds([feed_id]))


def follow(entries: Q) -> None:
    """Bring the rows of the entries of this condition up to date: who may see them, and where they stand."""
    rows = EntryTag.objects.filter(through("entry", entries)).annotate(should=_SHOULD_BE_LISTED)
    behind = rows.exclude(is_listed=F("should"), timeline_at=F("entry__timeline_at"))
    found = list(behind.values_list("pk", "is_listed", "should", "timeline_at", "entry__timeline_at"))
    more = Counter[int]()
    turned: defaultdict[bool, list[int]] = defaultdict(list)
    moved = []
    for pk, is_listed, should, at, moved_to in found:
        if is_listed != should:
            turned[should].append(pk)
        if at != moved_to:
            moved.append(EntryTag(pk=pk, timeline_at=moved_to))
    for should, found_keys in turned.items():
        keys = sorted(found_keys)
        for start in range(0, len(keys), _ROWS):
            still = [row for row in _locked(keys[start : start + _ROWS]) if row[2] != should]
            EntryTag.objects.filter(pk__in=[pk for pk, *_ in still]).update(is_listed=should)
            for _, tag_id, _ in still:
                more[tag_id] += 1 if should else -1
    save_each(moved, ["timeline_at"])
    count_tagged(more)


def _locked(keys: Iterable[int]) -> list[tuple[int, int, bool]]:
    """The keys of those of these rows that are there, their tags, and whether they are listed, as they are now: who
    folds a post and who changes its feed do so under other locks, and each would count it."""
    rows = EntryTag.objects.filter(pk__in=list(keys)).order_by("pk").select_for_update(no_key=True)
    return list(rows.values_list("pk", "tag", "is_listed"))


def untag(entry_ids: Iterable[int]) -> None:
    """Have these entries stand under no tag any more."""
    _delete(EntryTag.objects.filter(entry__in=list(entry_ids)).values_list("pk", flat=True))


def _named(entry: Entry) -> dict[str, str]:
    """The names of the entry's tags by their keys, each key with its first name; as many as it may have."""
    names: dict[str, str] = {}
    for name in entry.tags:
        if isinstance(name, str) and (key := key_of(name)):
            names.setdefault(key, " ".join(name.split()).lstrip("# ")[:MAX_NAME_CHARACTERS] or key)
    return dict(islice(names.items(), MAX_ENTRY_TAGS))


def _most_usual(named: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """By each key the name that most of these posts give it."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for names in named:
        for key, name in names.items():
            spellings[key][name] += 1
    return {key: max(names, key=lambda name: names[name]) for key, names in spellings.items()}


def _tags_of(names: Mapping[str, str]) -> dict[str, int]:
    """The ids of the tags that stand for these keys, which are made where there are none, with these names."""
    found = _known(names)
    if missing := sorted(names.keys() - found.keys()):
        lock_words(Locked.TAGS, missing)
        found |= _known(missing)  # somebody may have made some of them until we were alone with them
        Tag.objects.bulk_create(
            [Tag(key=key, name=names[key]) for key in missing if key not in found], batch_size=_ROWS
        )
        found |= _known(key for key in missing if key not in found)
    return found


def _known(keys: Iterable[str]) -> dict[str, int]:
    asked, found = list(keys), dict[str, int]()
    for start in range(0, len(asked), _ROWS):
        rows = Tag.objects.having_keys(asked[start : start + _ROWS]).values_list("key", "pk", "joined_into")
        found |= {key: joined_into or pk for key, pk, joined_into in rows}
    return found


def _leave_wanted(wanted: Mapping[int, dict[int, None]], entry_ids: Collection[int]) -> None:
    """Delete rows of these entries that are not wanted, and want no more what is there."""
    unwanted = []
    for pk, tag_id, entry_id in EntryTag.objects.filter(entry__in=entry_ids).values_list("pk", "tag", "entry"):
        if tag_id in wanted[entry_id]:
            del wanted[entry_id][tag_id]
        else:
            unwanted.append(pk)
    _delete(unwanted)


def _delete(keys: Iterable[int]) -> None:
    """Delete rows, told by their keys, and count their posts no more."""
    gone, less = sorted(keys), Counter[int]()
    for start in range(0, len(gone), _ROWS):
        rows = _locked(gone[start : start + _ROWS])
        EntryTag.objects.filter(pk__in=[pk for pk, *_ in rows]).delete()
        less.update(tag_id for _, tag_id, is_listed in rows if is_listed)
    count_tagged({tag_id: -posts for tag_id, posts in less.items()})


def _is_listed(entry: Entry) -> bool:
    """Whether readers may see it, by the object at hand: nothing has changed it in the database since."""
    withheld = entry.is_hidden or entry.is_held or entry.is_filtered or entry.duplicate_of_id or entry.emptied_at
    return not withheld and entry.feed.state in PUBLIC_STATES


def _of_feeds(feed_ids: Iterable[int]) -> Q:
    return IN_ORDER_OF_FEED & Q(feed__in=list(feed_ids))


def _between(first: date, last: date) -> Q:
    start, end = (datetime.combine(day, time.min, UTC) for day in (first, last + timedelta(days=1)))
    return Q(timeline_at__gte=start, timeline_at__lt=end)
