"""What itunes: and googleplay: say of an item: words for podcast apps, beside a post and not its text.

feedparser keeps them where it keeps an item's own text, and a summary that comes first pushes the text aside. So the
parser is told another name for them. What Media RSS says of a medium is the matter of `media`.
"""

from __future__ import annotations

import re
from typing import Any

_SPACES = re.compile(
    r"https?://(?:(?:www\.)?itunes\.com/dtds/podcast-1\.0\.dtd"
    r"|example\.com/dtds/podcast-1\.0\.dtd|www\.google\.com/schemas/play-podcasts/1\.0/?)",
    re.IGNORECASE,
)
_NAMES = frozenset({"description", "summary"})
"""Of such elements."""

_TOLD_NAME = "app_summary"
"""Which the parser is told."""

_SIGN = re.compile(r":(?:description|summary)[\s/>]", re.IGNORECASE)
_DECLARATION = re.compile(rf"xmlns:([\w.-]+)\s*=\s*[\"']{_SPACES.pattern}[\"']", re.IGNORECASE)

_KEYS = (f"itunes_{_TOLD_NAME}", f"googleplay_{_TOLD_NAME}")
"""What feedparser calls them then."""


def name_for_parser(name: str) -> str:
    """Another name for an element if it is such a summary; `name` has its namespace, its own name and its prefix."""
    if "description" not in name and "summary" not in name:
        return name
    space, _, rest = name.partition(" ")
    own, _, prefix = rest.partition(" ")
    if own.lower() not in _NAMES or not _SPACES.fullmatch(space):
        return name
    return f"{space} {_TOLD_NAME} {prefix}".rstrip()


def renamed(xml: str) -> str:
    """The text of a document with other names for such summaries, for a parser that knows no namespaces."""
    if not _SIGN.search(xml):
        return xml
    prefixes = {"itunes", "googleplay", *(match[1] for match in _DECLARATION.finditer(xml))}
    names = "|".join(map(re.escape, sorted(prefixes)))
    tags = re.compile(rf"<(/?)({names}):(?:description|summary)(?=[\s/>])[^<>]*?(/?)>", re.IGNORECASE)
    return tags.sub(rf"<\1\2:{_TOLD_NAME}\3>", xml)


def app_summary_of(entry: dict[str, Any]) -> str:
    """The longest of an item as feedparser read it; empty if it has none."""
    texts = [value for key in _KEYS if isinstance(value := entry.get(key), str)]
    return max(texts, key=len, default="")
