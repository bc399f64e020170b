"""The floor plan of CONTRIBUTING.md, as names of files.

A line of the plan that begins a room names its folder, with a slash at its end, and says what it is for. The lines
below it, further in, name its files; what stands in brackets explains.
"""

from __future__ import annotations

import re


def files_on_plan(text: str) -> set[str]:
    """The files of the plan, as "aggregator/models/feed"."""
    plan = text.partition("## The house")[2].partition("\n## ")[0]
    folders: list[tuple[int, str]] = []
    files: set[str] = set()
    for line in plan.splitlines():
        depth = len(line) - len(line.lstrip())
        if depth < 4 or not line.strip():
            continue
        if begins := re.match(r"\s+([\w/]+)/(?:\s|$)", line):
            folders = [(at, name) for at, name in folders if at < depth]
            folders.append((depth, begins[1]))
            continue
        inside = [name for at, name in folders if at < depth]
        names = re.sub(r"\([^()]*\)", " ", line).split()
        files |= {"/".join([*inside, name]) for name in names}
    return files
