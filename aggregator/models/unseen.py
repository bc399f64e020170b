"""Sources of which no post is shown: how their posts stand, and under which other sources readers find those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from .entry import Entry
from .feed import Feed
from .standing import NOT_PLAIN, Standing, StandingWord
from .visible import LISTED, PUBLIC_STATES, through

MAX_NAMED = 3
"""Of the sources that show copies of a source's posts; those with most of them."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """How many posts of a source stand with readers in which way, and where copies of them are shown."""

    counts: Mapping[Standing, int] = field(default_factory=dict)
    shown_under: Sequence[Feed] = ()
    """At most MAX_NAMED public sources, the one with most copies first."""


def unseen_of(feeds: Iterable[Feed]) -> dict[int, Unseen]:
    """Of those of these sources that show no post, by their ids. Three queries at most, however many there are."""
    ids = [feed.pk for feed in feeds if not feed.entry_count]
    if not ids:
        return {}
    entries = Entry.objects.filter(NOT_PLAIN, feed__in=ids).order_by()
    counts: dict[int, dict[Standing, int]] = {pk: {} for pk in ids}
    words = entries.annotate(standing=StandingWord()).values_list("feed", "standing")
    for pk, word, count in words.annotate(Count("pk")):
        counts[pk][Standing(word)] = count
    under = _shown_under([pk for pk in ids if Standing.FOLDED in counts[pk]])
    return {pk: Unseen(counts[pk], under.get(pk, ())) for pk in ids}


def _shown_under(ids: Sequence[int]) -> dict[int, list[Feed]]:
    """By the source's id, the public sources that show most of its copies."""
    if not ids:
        return {}
    shown = through("duplicate_of", LISTED)
    copies = Entry.objects.filter(shown, feed__in=ids, duplicate_of__feed__state__in=PUBLIC_STATES).order_by()
    pairs = (
        copies.values_list("feed", "duplicate_of__feed")
        .annotate(count=Count("pk"))
        .order_by("-count", "duplicate_of__feed")
    )
    found: dict[int, list[int]] = {}
    for pk, other, _ in pairs:
        found.setdefault(pk, []).append(other)
    named = {pk: others[:MAX_NAMED] for pk, others in found.items()}
    rows = Feed.objects.in_bulk({other for others in named.values() for other in others})
    return {pk: [rows[other] for other in others if other in rows] for pk, others in named.items()}
