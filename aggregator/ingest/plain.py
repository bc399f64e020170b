"""What feeds write without markup: text to HTML, and the names of people."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_ADDRESS = r"(?:mailto:)?[^\s@<>()]{1,100}@[^\s@<>()]{1,200}"
# Not "@ann@social.example", by which people are known.
_MAIL_ADDRESS = re.compile(rf" ?[<(]{_ADDRESS}[>)]|(?<![\w@]){_ADDRESS}")
_ADDRESS_OF_A_NAME = re.compile(rf"{_ADDRESS} \(([^()]+)\)")  # as RSS wants it
_MAX_NAME_CHARACTERS = 300
"""Of one person, read before mail addresses are looked for in it."""


def as_html(text: str) -> str:
    """The text as paragraphs: markup in it is shown, not obeyed; lines end where they ended."""
    lines = html.escape(text.replace("\r\n", "\n").replace("\r", "\n").strip(), quote=False)
    paragraphs = (part.replace("\n", "<br>\n") for part in _BLANK_LINES.split(lines))
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs if paragraph)


def person_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names in their order, none twice, without mail addresses."""
    clean = (_without_address(_on_one_line(name[:_MAX_NAME_CHARACTERS])) for name in names)
    return tuple(dict.fromkeys(name for name in clean if name))


def _without_address(name: str) -> str:
    match = _ADDRESS_OF_A_NAME.fullmatch(name)
    return _on_one_line(match[1] if match else _MAIL_ADDRESS.sub("", name))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
