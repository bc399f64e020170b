"""What feeds write without markup: text to HTML, and the names of people."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from itertools import pairwise

_MARKUP = re.compile(r"<[!?/A-Za-z]")
_NOT_INLINE = re.compile(
    r"<(?!/?(?:a|abbr|b|big|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|small|span|strike|strong|sub|sup|tt|u)[\s/>]|!--)"
    r"[!?/A-Za-z]"
)
"""Markup of more than words within a line. HTML with it has paragraphs of its own, or a program that made none on
purpose."""

_WRITTEN_HTML = re.compile(
    r"\s*<(?:(p|div|h[1-6]|ul|ol|table|figure|blockquote|article|section|center|pre)(?:\s[^<>]*)?>(?=.*</\1\s*>)"
    r"|img\s(?=[^<>]*\bsrc\s*=)|a\s(?=[^<>]*\bhref\s*=)(?=.*</a\s*>)).*>\s*",
    re.IGNORECASE | re.DOTALL,
)
_TAG_OVER_LINES = re.compile(r"<[a-z/][^<>\n]*+\n[^<>]*+>", re.IGNORECASE)
_MIN_WIDTH_CHARACTERS, _MAX_WIDTH_CHARACTERS = 50, 100
"""Where programs break lines: at 72 to 80, with room for references, and for a text whose words happen to be short."""

_MIN_BROKEN_LINES = 2
"""One line alone can be long by chance."""

_MAX_WORD_CHARACTERS = 40
"""A longer one is an address, or a script without spaces: what it stands on may have had any width."""

_ITEM = re.compile(r"\s*(?:[-*+•·–—>]|\(?\w{1,3}[.)])\s")
"""How a line of a list begins, or of a quotation."""

_BLANK_LINES = re.compile(r"\n[ \t]*+\n\s*+")
_ADDRESS = r"(?:mailto:)?[^\s@<>()]{1,100}@[^\s@<>()]{1,200}"
# Not "@ann@social.example", by which people are known.
_MAIL_ADDRESS = re.compile(rf" ?[<(]{_ADDRESS}[>)]|(?<![\w@]){_ADDRESS}")
_ADDRESS_OF_A_NAME = re.compile(rf"{_ADDRESS} \(([^()]+)\)")  # as RSS wants it
_MAX_NAME_CHARACTERS = 300
"""Of one person, read before mail addresses are looked for in it."""


def as_html(text: str) -> str:
    """The text as paragraphs: markup in it is shown, not obeyed; lines end where they ended.

    A text that is HTML from its beginning to its end is taken for it: many feeds forget to say so.
    """
    if is_html(text):
        return text
    return _paragraphs(html.escape(text.replace("\r\n", "\n").replace("\r", "\n").strip(), quote=False))


def is_html(text: str) -> bool:
    """Whether a text is HTML from its beginning to its end; one that speaks of an element is not."""
    return text.lstrip()[:1] == "<" and bool(_WRITTEN_HTML.fullmatch(text))


def with_lines(text: str) -> str:
    """HTML with paragraphs and lines where it has none, as they were typed; any other HTML as it is.

    Feeds that call all of their texts HTML write such without any markup: read as HTML, a poem would be one line. Where
    there is markup within lines alone, blank lines part paragraphs, as in what bloggers type. A text without markup
    that was HTML before it was escaped once more is that HTML.
    """
    if "<" in text and _MARKUP.search(text):
        return _with_paragraphs(text) if "\n" in text and not _NOT_INLINE.search(text) else text
    if "&lt;" in text and is_html(escaped_once := html.unescape(text)):
        return escaped_once
    written = text.strip()
    return _paragraphs(written) if "\n" in written else text


def _with_paragraphs(text: str) -> str:
    written = text.strip()
    if not _BLANK_LINES.search(written):
        return text
    return _paragraphs(_TAG_OVER_LINES.sub(lambda tag: tag[0].replace("\n", " "), written))


def _paragraphs(written: str) -> str:
    lines = _joined(written) if len(written) > _MIN_WIDTH_CHARACTERS else written
    paragraphs = (part.replace("\n", "<br>\n") for part in _BLANK_LINES.split(lines))
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs if paragraph)


def _joined(text: str) -> str:
    """The text with long lines instead of those that a program broke at a width, as mail programs do.

    They are known by this: on no line, there was still room for the first word of the next. In verse and in lists there
    nearly always is, on some line.
    """
    lines = [line.rstrip() for line in text.split("\n")]
    width = max(map(len, lines))
    if not _MIN_WIDTH_CHARACTERS <= width <= _MAX_WIDTH_CHARACTERS:
        return text
    goes_on = [bool(line and after and not _ITEM.match(after)) for line, after in pairwise(lines)]
    broken = [pair for pair, is_one in zip(pairwise(lines), goes_on, strict=True) if is_one]
    if len(broken) < _MIN_BROKEN_LINES or any(_has_room(line, after, width) for line, after in broken):
        return text
    ends = [*(" " if is_one else "\n" for is_one in goes_on), ""]
    return "".join(line + end for line, end in zip(lines, ends, strict=True))


def _has_room(line: str, after: str, width: int) -> bool:
    word = after.split(None, 1)[0]
    return len(line) + 1 + len(word) <= width or len(word) > _MAX_WORD_CHARACTERS


def person_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names in their order, none twice, without mail addresses."""
    clean = (_without_address(_on_one_line(name[:_MAX_NAME_CHARACTERS])) for name in names)
    return tuple(dict.fromkeys(name for name in clean if name))


def _without_address(name: str) -> str:
    match = _ADDRESS_OF_A_NAME.fullmatch(name)
    return _on_one_line(match[1] if match else _MAIL_ADDRESS.sub("", name))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
