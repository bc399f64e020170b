"""Which posts a planet's configuration leaves out: Venus' `filter`, `exclude` and `regexp_sifter.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from .opml import ListedRule
from .planet_values import Options, PlanetConfigError, lines_of, one_line

_SIFTER = "regexp_sifter.py"
_ACTIONS = {"filter": "require", "include": "require", "includes": "require", "exclude": "drop", "excludes": "drop"}
"""What each option demands of a post: to match each of its lines, or none. Pluto says "include"."""
_PARAMETERS = {"require": "require", "exclude": "drop"}
SIFTER_OPTIONS = frozenset(_PARAMETERS)
"""What the filter that becomes rules is told."""

RULE_OPTIONS = frozenset(_ACTIONS)

MAX_FILTER_CHARACTERS = 20_000
"""Of one option. What the planet says counts for each of its feeds."""
MAX_FILTER_LINES = 100
"""Of one option; more than a feed can have rules, so that those too many can be named."""


@dataclass(frozen=True, slots=True)
class Filtering:
    """What becomes rules, and the filters that can't."""

    rules: tuple[ListedRule, ...]
    others: tuple[str, ...]
    """Such as "excerpt.py", without what they are told."""


def filtering_of(layers: Sequence[Options], site: Options, sections: dict[str, Options]) -> Filtering:
    """What a planet filters of a feed whose options are the first found in `layers`: its own, the default, the site's.

    So a feed's own `filter` stands in the place of the site's, while all that `filters` names is run one after the
    other, the site's too. What a filter is told stands behind its name or in a section that has it (Venus, "filters").
    Raises PlanetConfigError for filters that would never end.
    """
    rules = [rule for option in _ACTIONS for rule in _rules(_ACTIONS[option], _first(layers, option))]
    others: list[str] = []
    for word in (*_words(site.get("filters", "")), *_words(_first(layers[:-1], "filters"))):
        name = word.partition("?")[0]
        if name.rpartition("/")[2] == _SIFTER:
            rules += _sifter_rules(word, sections)
            others += [f"{_SIFTER}?{unknown}" for unknown, _ in _parameters(word) if unknown not in _PARAMETERS]
        else:
            others.append(name)
    return Filtering(tuple(dict.fromkeys(rules)), tuple(dict.fromkeys(others)))


def is_sifter(section: str) -> bool:
    """Whether a section holds what the filter that becomes rules is told."""
    return section.strip().partition("?")[0].rpartition("/")[2] == _SIFTER


def _first(layers: Sequence[Options], option: str) -> str:
    return next((layer[option] for layer in layers if option in layer), "")


def _sifter_rules(word: str, sections: dict[str, Options]) -> Iterator[ListedRule]:
    name = word.partition("?")[0]
    for parameter, value in _parameters(word):
        if parameter in _PARAMETERS:
            yield from _rules(_PARAMETERS[parameter], value)
    for section in dict.fromkeys((word, name)):
        for parameter, action in _PARAMETERS.items():
            yield from _rules(action, sections.get(section, {}).get(parameter, ""))


def _parameters(word: str) -> list[tuple[str, str]]:
    return parse_qsl(word.partition("?")[2], keep_blank_values=True)


def _rules(action: str, value: str) -> Iterator[ListedRule]:
    _demand_bounded(value)
    lines = lines_of(value)
    if len(lines) > MAX_FILTER_LINES:
        raise PlanetConfigError(f"A filter has more than {MAX_FILTER_LINES} lines.")
    for line in lines:
        yield ListedRule(action, line)


def _words(value: str) -> list[str]:
    _demand_bounded(value)
    words = one_line(value).split()
    if len(words) > MAX_FILTER_LINES:
        raise PlanetConfigError(f"There are more than {MAX_FILTER_LINES} filters.")
    return words


def _demand_bounded(value: str) -> None:
    if len(value) > MAX_FILTER_CHARACTERS:
        raise PlanetConfigError(f"A filter has more than {MAX_FILTER_CHARACTERS} characters.")
