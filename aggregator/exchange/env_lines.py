"""Lines for `.env`, written so that they are read as they were meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BARE = re.compile(r"[\w.,:/@+-]+", re.ASCII)


def env_line(name: str, value: str) -> str:
    """Such as `SITE_NAME='Planet Kiln'`. White space becomes single spaces; what could steer a terminal is left out.

    In single quotes a value is taken as it stands; one that has quotes itself stands in double ones, where a backslash
    goes before what would end it. A dollar sign at the beginning would name another variable, so it is left out.
    """
    value = _CONTROLS.sub("", " ".join(value.split())).lstrip("$ ")
    if _BARE.fullmatch(value):
        return f"{name}={value}"
    if not {"'", '"'} & set(value):
        return f"{name}='{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'


def has_website(lines: Iterable[str]) -> bool:
    """Whether one of them names a host that is all the site's: so a planet's addresses go on where it is now."""
    return any(line.startswith("WEBSITE_URL=") for line in lines)
