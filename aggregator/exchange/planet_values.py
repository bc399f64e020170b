"""What stands behind the options of a planet's configuration: names in it filled in, percent signs, lines."""

from __future__ import annotations

import re
from collections.abc import Mapping

Options = Mapping[str, str]

MAX_DEPTH = 10
"""Names within names, as Python's own reader has it."""
MAX_FILLED_IN_CHARACTERS = 5 * 2**20
"""Of all values that have names in them, as they are then: names within names would fill any memory."""

_NAME = re.compile(r"%%|%\(([^()\n]{1,100})\)s")


class PlanetConfigError(ValueError):
    """Why a file is not read as a planet's configuration, in words for the person who chose it."""


def one_line(value: str) -> str:
    """A value on one line; "%%" is how these files had to write a percent sign."""
    return " ".join(value.split()).replace("%%", "%")


def lines_of(value: str) -> list[str]:
    """The lines of a value that may have several, without the empty ones."""
    return [line for line in (one_line(line) for line in value.splitlines()) if line]


class FillingIn:
    """Puts the options that values name with "%(name)s" in their place: of the same section, or else of [DEFAULT].

    What names no option stays as it is: dates such as "%B %d" don't break a file.
    """

    def __init__(self, default: Options) -> None:
        self._default = default
        self._left = MAX_FILLED_IN_CHARACTERS
        self.lent: set[str] = set()
        """The options that stand in the place of a name by now."""

    def filled_in(self, options: Options) -> dict[str, str]:
        """The options of a section. Raises PlanetConfigError for values that would never end."""
        return {name: self._value(value, options) for name, value in options.items()}

    def _value(self, value: str, options: Options) -> str:
        for _ in range(MAX_DEPTH):
            if "%(" not in value:
                break
            before, value = value, _NAME.sub(lambda name: self._lent(name, options), value)
            if value == before:
                break
            self._left -= len(value)
            if self._left < 0:
                raise PlanetConfigError("The values of the configuration name each other too often.")
        return value

    def _lent(self, found: re.Match[str], options: Options) -> str:
        name = (found[1] or "").lower()
        for section in (options, self._default):
            if name in section:
                self.lent.add(name)
                return section[name][: self._left + 1]
        return found[0]
