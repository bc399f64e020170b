"""Moving in: the file of a reader or of a planet becomes a list of feeds with rules of ours, and notes on the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from aggregator.exchange.address_lines import looks_like_addresses, read_addresses
from aggregator.exchange.opml import Listed, ListedRule, Outline, read_opml_list
from aggregator.exchange.opml_elements import NoOpmlError, OpmlError
from aggregator.exchange.planet_config import PlanetConfig, PlanetConfigError, read_planet_config
from aggregator.exchange.planet_options import feeds_in_words, shortened, shown
from aggregator.exchange.planet_sections import looks_like_sections
from aggregator.exchange.planet_yaml import looks_like_yaml
from aggregator.filtering.expressions import BadPattern, with_case
from aggregator.filtering.rules import MAX_PATTERN_CHARACTERS, MAX_RULES
from aggregator.ingest.decode import decode
from aggregator.ingest.errors import EmptyBody

UNREADABLE = (OpmlError, PlanetConfigError)
"""What `read_list` raises, with a sentence for people."""

_OPTIONS = {"require": "filter", "drop": "exclude"}
"""What a planet's configuration calls each kind of rule."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a file brings along."""

    outlines: tuple[Outline, ...]
    """The feeds, whose rules are in our words: each of them can be a row."""
    name: str = ""
    """Of the planet."""
    notes: tuple[str, ...] = ()
    """A line for everything that isn't taken over."""
    env_lines: tuple[str, ...] = ()
    """What the planet says of itself, as lines for `.env`."""

    @property
    def rules_in_words(self) -> str:
        """How many rules are taken over, to stand after a colon; empty without any."""
        counts = [len(outline.rules) for outline in self.outlines if outline.rules]
        if not counts:
            return ""
        rules = "one rule" if sum(counts) == 1 else f"{sum(counts)} rules"
        return f"filter and exclude, as {rules} of {feeds_in_words(len(counts))}, unless a feed is here already."


def read_list(data: bytes) -> Arrival:
    """What a file brings: OPML, a planet's configuration, or lines of addresses.

    Raises OpmlError or PlanetConfigError.
    """
    try:
        text = _text_of(data)
    except PlanetConfigError:
        return _listed(read_opml_list(data))  # which says in its own words what is wrong
    if text.lstrip().startswith("<"):
        return _listed(read_opml_list(data))
    if looks_like_sections(text) or looks_like_yaml(text):
        return _arrival(read_planet_config(text))
    if looks_like_addresses(text):
        return _listed(read_addresses(text))
    try:
        return _listed(read_opml_list(data))
    except NoOpmlError as error:
        raise NoOpmlError(
            "This is neither an OPML file nor a planet's configuration, and no line of it begins with an address."
        ) from error


def _listed(listed: Listed) -> Arrival:
    return Arrival(listed.outlines, notes=listed.notes)


def _text_of(data: bytes) -> str:
    try:
        return decode(data, "")
    except EmptyBody as error:
        raise PlanetConfigError("The file is empty.") from error


def _arrival(planet: PlanetConfig) -> Arrival:
    unusable: Counter[_Unusable] = Counter()
    outlines = tuple(_with_usable_rules(outline, unusable) for outline in planet.feeds)
    notes = [f"{what.name}: {feeds_in_words(count)}; {what.reason}" for what, count in unusable.items()]
    return Arrival(
        outlines=outlines,
        name=planet.name,
        notes=(*planet.skipped, *shortened(notes), *planet.left_out),
        env_lines=planet.env_lines,
    )


class _Unusable(NamedTuple):
    """A rule of a planet that can't be one of ours: how a note calls it, and why."""

    name: str
    reason: str


def _with_usable_rules(outline: Outline, unusable: Counter[_Unusable]) -> Outline:
    rules: list[ListedRule] = []
    for rule in outline.rules:
        found = _usable(rule)
        if isinstance(found, ListedRule) and len(rules) == MAX_RULES:
            found = _Unusable(_called(rule), f"a feed can have {MAX_RULES} rules.")
        if isinstance(found, ListedRule):
            rules.append(found)
        else:
            unusable[found] += 1
    return replace(outline, rules=tuple(rules))


@lru_cache(maxsize=256)  # many feeds have the rules of their planet
def _usable(rule: ListedRule) -> ListedRule | _Unusable:
    """The rule with an expression of ours, or why there is none."""
    too_long = f"it has more than {MAX_PATTERN_CHARACTERS} characters."
    if len(rule.pattern) > MAX_PATTERN_CHARACTERS:
        return _Unusable(_called(rule), too_long)
    try:
        pattern = with_case(rule.pattern)
    except BadPattern as error:
        return _Unusable(_called(rule), str(error))
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        return _Unusable(_called(rule), too_long)
    return rule._replace(pattern=pattern)


def _called(rule: ListedRule) -> str:
    return f"{_OPTIONS[rule.action]} “{shown(rule.pattern)}”"
