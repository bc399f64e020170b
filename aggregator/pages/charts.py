"""Bars for days and months, as paths of SVG. Pure: counts in, units of a drawing out.

Which bars are which is told by place and width, not by color alone: what went well stands on the line, what didn't
hangs below it; what brought something is broad, the rest is narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

STEP = 10
"""From one bar to the next, in units of the drawing."""
BROAD, NARROW = 8, 4
HEIGHT = 100
"""Of all bars, above and below the line."""
MIN_PEAK = 4
"""A full height stands for at least so much: else a single look would be as high as the drawing."""
LINE = 2
"""How thick the line is on which bars stand."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar's parts, each above the other, or below the line."""

    broad: float = 0
    narrow: float = 0
    broad_below: float = 0
    narrow_below: float = 0

    @property
    def above(self) -> float:
        return self.broad + self.narrow

    @property
    def below(self) -> float:
        return self.broad_below + self.narrow_below


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing; each path is one color's. `gaps` marks the places of which nothing is known."""

    width: int
    height: int
    line: str
    gaps: str
    broad: str
    narrow: str
    broad_below: str
    narrow_below: str
    peak: float
    """What the highest bar stands for."""


def chart_of(stacks: Sequence[Stack | None], *, places: int = 0, least: float = MIN_PEAK) -> Chart:
    """One bar each, from left to right; None is a gap in what is known. A full height stands for `least`, or more.

    They stand at the end of so many `places`: few bars are no broader than many.
    """
    known = [stack for stack in stacks if stack]
    above = max((stack.above for stack in known), default=0)
    below = max((stack.below for stack in known), default=0)
    scale = HEIGHT / max(least, above + below)
    axis = HEIGHT - round(below * scale)
    paths: dict[str, list[str]] = {name: [] for name in ("gaps", "broad", "narrow", "broad_below", "narrow_below")}
    first = max(0, places - len(stacks))
    for number, stack in enumerate(stacks, first):
        left = number * STEP
        if stack is None:
            paths["gaps"].append(_box(left + 3, axis, 2, LINE))
            continue
        top = _pile(paths["broad"], left, BROAD, axis, -stack.broad * scale)
        _pile(paths["narrow"], left, NARROW, top, -stack.narrow * scale)
        foot = _pile(paths["broad_below"], left, BROAD, axis + LINE, stack.broad_below * scale)
        _pile(paths["narrow_below"], left, NARROW, foot, stack.narrow_below * scale)
    line = "".join(_box(number * STEP, axis, STEP, LINE) for number, stack in enumerate(stacks, first) if stack)
    width, height = max(1, places, len(stacks)) * STEP, HEIGHT + LINE
    return Chart(width, height, line, **{name: "".join(path) for name, path in paths.items()}, peak=above)


def _pile(path: list[str], left: int, width: int, start: int, length: float) -> int:
    """Draw a bar from `start` on, upwards if its length is negative, and say where it ends."""
    if not length:
        return start
    units = max(1, round(abs(length)))
    end = start + units if length > 0 else start - units
    path.append(_box(left + (BROAD - width) // 2, min(start, end), width, units))
    return end


def _box(x: int, y: int, width: int, height: int) -> str:
    return f"M{x} {y}h{width}v{height}h-{width}z"


def days_until(until: date, count: int) -> list[date]:
    """So many days, the last one `until`."""
    return [until - timedelta(days=ago) for ago in range(count - 1, -1, -1)]
