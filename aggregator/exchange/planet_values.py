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

_TOO_OFTEN = "The values of the configuration name each other too often."


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

    def __init__(self, sections: Mapping[str, Options]) -> None:
        self._sections = sections
        self._defaults = [name for name in sections if name.lower() == "default"]
        self._left = MAX_FILLED_IN_CHARACTERS
        self.lent: dict[str, set[str]] = {}
        """By the name of its section, the options that stand in the place of a name by now."""

    def filled_in(self) -> dict[str, Options]:
        """The sections. Raises PlanetConfigError for values that would never end."""
        return {
            section: {name: self._value(value, section) for name, value in options.items()}
            for section, options in self._sections.items()
        }

    def _value(self, value: str, section: str) -> str:
        for _ in range(MAX_DEPTH):
            if "%(" not in value:
                break
            before, value = value, _NAME.sub(lambda found: self._lend(found, section), value)
            if value == before:
                break
        return value

    def _lend(self, found: re.Match[str], section: str) -> str:
        name = (found[1] or "").lower()
        for lender in (section, *self._defaults):
            if name in self._sections[lender]:
                self.lent.setdefault(lender, set()).add(name)
                lent = self._sections[lender][name]
                self._left -= len(lent)
                if self._left < 0:  # before they are put together
                    raise PlanetConfigError(_TOO_OFTEN)
                return lent
        return found[0]
