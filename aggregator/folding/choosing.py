"""Which of the entries in a group are shown, into which of those the others are folded, and which are held for them.

Pure: looks at values only. It depends on the entries alone, not on the order in which they are looked at: each time the
whole group is decided anew, from the entry nearest to the post's home down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aggregator.models import Entry
from aggregator.models.visible import PUBLIC_STATES

from .again import comes_again, emptied_by_key
from .likeness import are_other_words, are_same_words
from .nearness import Nearness, Origins, nearness_of_each, origin_of
from .sharing import Keys, Shingles, have_one_text, keys_of


class Place(NamedTuple):
    """What becomes of an entry: it is shown, or folded into another, or held because of another."""

    folded_into: Entry | None = None
    held_for: Entry | None = None
    """The entry that is shown under the link under which this one came with other words."""


SHOWN = Place()


def places_of(
    entries: Iterable[Entry], keys: Keys, texts: Shingles, rewritten: Collection[int] = frozenset()
) -> dict[int, Place]:
    """For each entry, by its id, its place. `rewritten` are those, by their ids, that their feeds changed just now.

    What is hidden, dropped by a rule or held for another reason, emptied, or not of a public feed, is neither folded
    nor held. Only what comes after a post was let go, and is that post once more, is folded into an emptied entry.
    """
    entries = list(entries)
    showable = [entry for entry in entries if can_be_shown(entry)]
    origins = {entry.pk: origin_of(entry) for entry in showable}
    nearness = nearness_of_each(showable, origins, keys, texts)
    comparison = _Comparison(keys, texts, origins, nearness, frozenset(rewritten))
    shown: list[Entry] = []
    ranks_by_trait: defaultdict[str, list[int]] = defaultdict(list)
    emptied = emptied_by_key(entries, keys)
    places = {entry.pk: SHOWN for entry in entries}
    for entry in sorted(showable, key=lambda entry: nearness[entry.pk]):
        if past := comparison.past_of(entry, emptied):
            places[entry.pk] = Place(folded_into=past)
            continue
        titles = [entry.title_key] if entry.title_key and entry.pk in texts else []
        ranks = {rank for trait in (*keys_of(entry), *titles) for rank in ranks_by_trait.get(trait, ())}
        places[entry.pk] = comparison.place_beside([shown[rank] for rank in sorted(ranks)], entry)
        if places[entry.pk] == SHOWN:
            for trait in (*keys[entry.pk], *titles):
                ranks_by_trait[trait].append(len(shown))
            shown.append(entry)
    return places


def can_be_shown(entry: Entry) -> bool:
    """Whether nothing but other entries can keep it from being shown."""
    is_held_otherwise = entry.is_held and entry.held_for_id is None
    is_withheld = entry.is_hidden or entry.is_filtered or is_held_otherwise or entry.emptied_at is not None
    return not is_withheld and entry.feed.state in PUBLIC_STATES


@dataclass(frozen=True, slots=True)
class _Comparison:
    """What is known of the entries of a group, to compare one with others that are shown."""

    keys: Keys
    texts: Shingles
    origins: Origins
    nearness: dict[int, Nearness]
    rewritten: frozenset[int]

    def place_beside(self, shown: list[Entry], entry: Entry) -> Place:
        original = next((other for other in shown if self._is_copy(entry, other)), None)
        if original is not None:
            return Place(folded_into=original)
        return Place(held_for=next((other for other in shown if self._is_intruder(entry, other)), None))

    def past_of(self, entry: Entry, emptied: Mapping[str, Sequence[Entry]]) -> Entry | None:
        """The emptied entry whose post this one is once more; None if it is another post, or in doubt."""
        others = (other for key in sorted(self.keys[entry.pk]) for other in emptied.get(key, ()))
        return next((other for other in others if comes_again(entry, other)), None)

    def _is_copy(self, entry: Entry, other: Entry) -> bool:
        """Whether the entry is the same post as the other, which is shown, so that nothing is lost if it isn't."""
        if entry.feed_id == other.feed_id or self._stands_on_its_own(entry, other):
            return False
        if not self.keys[entry.pk] & self.keys[other.pk]:
            return have_one_text(entry, other, self.texts)
        return self._is_known_copy(entry, other) or not are_other_words(self._text(entry), self._text(other))

    def _stands_on_its_own(self, entry: Entry, other: Entry) -> bool:
        """Whether the entry is at home under a link of its own, which nobody can say of the other."""
        is_at_home, is_other_at_home = self.origins[entry.pk].is_home, self.origins[other.pk].is_home
        has_own_link = entry.link_key != other.link_key
        return is_at_home and has_own_link and not is_other_at_home and not other.is_original

    def _is_known_copy(self, entry: Entry, other: Entry) -> bool:
        """Whether the two were one post before, and nobody but the author, at home, has changed it since."""
        is_folded = entry.duplicate_of_id == other.pk and entry.pk not in self.rewritten
        return is_folded and (self.origins[other.pk].is_home or other.pk not in self.rewritten)

    def _is_intruder(self, entry: Entry, other: Entry) -> bool:
        """Whether the entry would stand under a link, or an id, that is the other's, with other words than those."""
        common = keys_of(entry) & self.keys[other.pk]
        if entry.feed_id == other.feed_id or not common or entry.is_original or entry.is_let_pass:
            return False
        if not self._claims_to_be(entry, other):
            return False
        if common & self.keys[entry.pk]:
            return are_other_words(self._text(entry), self._text(other))
        # Its feed gives the key to several entries, so this one isn't folded: it would be shown beside the other. That
        # is for a feed at home to do, as with the page of a changelog.
        is_nearest = self.origins[entry.pk].is_home and not self.nearness[entry.pk].is_farther_on_host
        return not is_nearest and not are_same_words(self._text(entry), self._text(other))

    def _claims_to_be(self, entry: Entry, other: Entry) -> bool:
        """Whether it says that it is the other post. Merely to have its id in common, which anybody can use, is not
        enough: else a post could be kept from readers by whoever is quick to use its id."""
        if entry.link_key and entry.link_key == other.link_key:
            return True
        has_others_link_as_id = bool(entry.id_key) and entry.id_key == other.link_key
        is_at_home = self.origins[entry.pk].is_home
        return (has_others_link_as_id and not is_at_home) or self.nearness[entry.pk].has_others_id

    def _text(self, entry: Entry) -> frozenset[int]:
        return self.texts.get(entry.pk, frozenset())
