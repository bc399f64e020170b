"""What feeds write without markup: text to HTML, and the names of people."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
# Not "@ann@social.example", by which people are known.
_MAIL_ADDRESS = re.compile(r"[<(]?(?<![\w@])(?:mailto:)?[^\s@<>()]{1,100}@[^\s@<>()]{1,200}[>)]?")
_MAX_NAME_LENGTH = 300


def as_html(text: str) -> str:
    """The text as paragraphs: markup in it is shown, not obeyed; lines end where they ended."""
    lines = html.escape(text.replace("\r\n", "\n").replace("\r", "\n").strip(), quote=False)
    paragraphs = (part.replace("\n", "<br>\n") for part in _BLANK_LINES.split(lines))
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs if paragraph)


def person_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names in their order, none twice, without mail addresses."""
    clean = (" ".join(_MAIL_ADDRESS.sub(" ", name[:_MAX_NAME_LENGTH]).split()) for name in names)
    return tuple(dict.fromkeys(name for name in clean if name))
