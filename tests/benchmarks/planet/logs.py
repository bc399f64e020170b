"""Whether what the site said can be read: how much, which errors, which tracebacks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_STAMP = re.compile(r" *(\d+\.\d+) (.*)")
_LEVEL = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) ")
_FEED_LINE = "INFO aggregator.polling.recording polled "
"""One for each feed that brought something or failed: counted by itself."""
_OUTCOME = re.compile(r"outcome=(\S+) .* error=(\S+)")
_NUMBERS = re.compile(r"\b\d[\d.:]*\b|\b[0-9a-f]{8}-[0-9a-f-]+\b")


@dataclass
class Said:
    """What stands in some logs."""

    lines: int = 0
    feed_lines: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    """Of polls, each with the kind of its error, if there was one."""
    by_minute: Counter[int] = field(default_factory=Counter)
    """Without the lines of feeds."""
    errors: Counter[str] = field(default_factory=Counter)
    """Lines of level WARNING and above, numbers as N."""
    tracebacks: Counter[str] = field(default_factory=Counter)
    """The line before it, the deepest place of ours or Huey's, and its last line, numbers as N."""

    def report(self, minutes: float) -> str:
        feeds, others = self.feed_lines / minutes, (self.lines - self.feed_lines) / minutes
        fullest = max(self.by_minute.values(), default=0)
        shares = f"{feeds:.0f} a minute say how a feed was polled, {others:.1f} say other things"
        lines = [f"{self.lines} lines: {shares} (fullest minute: {fullest}); {self.tracebacks.total()} tracebacks"]
        lines += [f"  {count:5} × polled: {outcome}" for outcome, count in self.outcomes.most_common()]
        lines += [f"  {count:5} × {line}" for line, count in self.errors.most_common(25)]
        for traceback, count in self.tracebacks.most_common(25):
            lines.append(f"  {count:5} × traceback: {traceback}")
        return "\n".join(lines)


def read_logs(paths: Iterable[Path]) -> Said:
    said = Said()
    for path in paths:
        if path.exists():
            _read_log(path.read_text(encoding="utf-8").splitlines(), said)
    return said


def _read_log(lines: list[str], said: Said) -> None:
    before, traceback = "", list[str]()
    for line in [*lines, "0.0 INFO end"]:
        if not (stamped := _STAMP.fullmatch(line)):
            continue
        at, text = float(stamped[1]), stamped[2]
        if text.startswith("Traceback (most recent call last)"):
            traceback = traceback or [before]
        if traceback and _LEVEL.match(text):
            said.tracebacks[_gist(traceback)] += 1
            traceback = []
        if traceback:
            traceback.append(text)
        elif _LEVEL.match(text):
            before = text
            if not text.startswith(("INFO", "DEBUG")):
                said.errors[_NUMBERS.sub("N", text)[:300]] += 1
        said.lines += 1
        if outcome := _OUTCOME.search(text) if text.startswith(_FEED_LINE) else None:
            said.outcomes[" ".join(outcome.groups()).removesuffix(" -")] += 1
        said.feed_lines += text.startswith(_FEED_LINE)
        said.by_minute[int(at // 60)] += not text.startswith(_FEED_LINE)
    said.lines -= 1
    said.by_minute[0] -= 1


def _gist(traceback: list[str]) -> str:
    places = [line.strip() for line in traceback if line.startswith("  File ")]
    ours = [place for place in places if re.search(r"/(aggregator|notifications|config|huey)/", place)]
    place = re.sub(r'File "[^"]*/((?:[^/"]+/){0,2}[^/"]+)"', r"\1", (ours or places or [""])[-1])
    ends = [line for line in traceback[1:] if line and not line.startswith((" ", "Traceback", "The above", "During"))]
    return _NUMBERS.sub("N", f"{traceback[0][:120]} | {place} | {(ends or [''])[-1][:200]}")
