"""What became of the posts of a source's last document: how many stand with readers in which way, and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count

from aggregator.models import Entry, Feed
from aggregator.models.standing import Standing, StandingWord

_WORDS = {
    Standing.SHOWN: "shown",
    Standing.CHOSEN: "shown",
    Standing.FOLDED: "folded: another blog or planet brought them, too, and they are shown once",
    Standing.HELD: "waiting for a curator",
    Standing.DROPPED: "left out: curators have rules for this blog",
    Standing.HIDDEN: "hidden: curators took them away",
    Standing.LET_GO: "had their time here: old posts are let go",
}


@dataclass(frozen=True, slots=True)
class Standings:
    """How many posts for each of these words, those that are shown first."""

    counts: tuple[tuple[str, int], ...]
    known: int
    """All of them."""

    @property
    def shown(self) -> int:
        return sum(count for words, count in self.counts if words == _WORDS[Standing.SHOWN])


def standings_of(feed: Feed, entry_ids: Collection[int]) -> Standings:
    """Of these entries, as far as they are the feed's still."""
    if not entry_ids:
        return Standings((), 0)
    of_feed = Entry.objects.filter(pk__in=entry_ids, feed=feed).order_by()
    rows = of_feed.annotate(standing=StandingWord()).values_list("standing").annotate(Count("pk"))
    counts = dict.fromkeys(dict.fromkeys(_WORDS.values()), 0)
    for standing, count in rows:
        counts[_WORDS[Standing(standing)]] += count
    told = tuple((words, count) for words, count in counts.items() if count)
    return Standings(told, sum(count for _, count in told))
