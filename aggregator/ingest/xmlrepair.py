"""The text of an XML feed without what would make a parser give up, take too long, or misunderstand it."""

from __future__ import annotations

import html
import re
from html.entities import html5

from .xmltext import NO_TAGS, end_of

_MAX_PERSON_CHARACTERS = 300
"""Of what names a person. feedparser looks for a mail address in it, in quadratic time (#562)."""

_MAX_ATTRIBUTES = 200
"""Of one element. Reading them takes quadratic time."""

_LONG_TAG_CHARACTERS = 2000
"""Shorter tags are left alone: however many attributes they have, reading so few characters takes no time."""

# The start tag of an element that names a person.
_PERSON = re.compile(
    rf"{NO_TAGS}|<(?:[\w.-]+:)?(?P<person>author|creator|managingEditor|webMaster|publisher|owner|name)"
    r"(?=[\s>])[^<>]*(?<!/)>",
    re.DOTALL | re.IGNORECASE,
)
_PERSON_NAME = re.compile(r"<(?:[\w.-]+:)?name[^<>]*>([^<]*)", re.IGNORECASE)
_MARKUP = re.compile(r"<!\[CDATA\[|\]\]>|<[^<>]*>")
_ONE_CDATA = re.compile(r"\s*<!\[CDATA\[(.*?)\]\]>\s*", re.DOTALL)
_MAIL_ADDRESS = re.compile(
    r"\(?(?:&lt;)?(?:mailto:)?[^\s@()<>&;]{1,64}@[^\s@()<>&;]{1,255}(?:&gt;|>)?\)?|\(\s*\)", re.IGNORECASE
)

_REFERENCES = ("&lt;", "&gt;", "&amp;", "&quot;", "&apos;")

# An ampersand that starts no reference of XML, with the `entity` that it may start in HTML; or the start tag of a
# guid or id (`identity`) whose text isn't a web address. No group stands around what a match begins with: so Python
# sees that only "<" and "&" can, and passes over the rest ten times as fast.
_STRAY = r"&(?!(?:[lg]t|amp|quot|apos|#[0-9]+|#x[0-9a-f]+);)"
_REPAIRABLE = re.compile(
    rf"{NO_TAGS}"
    rf"|{_STRAY}(?P<entity>[a-z][a-z0-9]{{1,31}};)?"
    r"|<(?P<identity>(?:[\w.-]+:)?(?:guid|id))(?:\s[^<>]*)?(?<!/)>"
    r"(?=\s*+(?:<!\[CDATA\[)?+\s*+(?!https?:)[^\s<])",
    re.DOTALL | re.IGNORECASE,
)
_AMPERSAND = re.compile(rf"{NO_TAGS}|{_STRAY}", re.DOTALL | re.IGNORECASE)
_LONG_TAG = re.compile(rf"{NO_TAGS}|<(?P<tag>[^\s<>/!?]+)(?P<rest>\s[^<]{{{_LONG_TAG_CHARACTERS},}})", re.DOTALL)
# The rest of a tag up to the ">" that ends it; a quoted value may contain others. What follows the tag can be HTML, and
# the attributes there are not the tag's.
_TO_TAG_END = re.compile(r"(?:[^>\"']++|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))*+")
# The look-behind lets a name begin at its first letter only: else a long word would be tried again from each letter.
_ATTRIBUTE = re.compile(r"(?<![^\s=\"'<>])[^\s=\"'<>]++\s*+=\s*+(?:\"[^\"]*\"|'[^']*')")


def repair(text: str) -> str:
    """The document with these mistakes mended:

    - What names a person is cut to 300 characters, without a mail address.
    - HTML's named characters ("&nbsp;") become characters, other stray ampersands "&amp;". No entity is left.
    - A guid or id that isn't an address is marked as no permalink: feedparser would resolve it against the address of
      the feed, and all posts would be new once the feed moves.
    - An element with more than 200 attributes loses them all.
    """
    return _REPAIRABLE.sub(_repaired, _with_short_tags(_with_short_persons(text)))


def has_stray_ampersands(text: str) -> bool:
    """Whether XML has some that begin no reference of XML: a strict parser stops there. `repair` mends them."""
    if text.count("&") == sum(map(text.count, _REFERENCES)):
        return False  # so it is in most feeds, and counting takes a tenth of the time
    return any(text.startswith("&", match.start()) for match in _AMPERSAND.finditer(text))


def _with_short_tags(text: str) -> str:
    # Two cheap questions first, which spare most documents the slow pattern.
    runs = (run for run in text.split("<") if len(run) > _LONG_TAG_CHARACTERS)
    may_have_many = any(run.count("=") > _MAX_ATTRIBUTES for run in runs)
    return _LONG_TAG.sub(_with_few_attributes, text) if may_have_many else text


def _repaired(match: re.Match[str]) -> str:
    if match["identity"]:
        return f'<{match["identity"]} isPermaLink="false">'
    if not match[0].startswith("&"):
        return match[0]
    entity = match["entity"] or ""
    characters = html5.get(entity)
    return html.escape(characters, quote=True) if characters else f"&amp;{entity}"


def _with_few_attributes(match: re.Match[str]) -> str:
    rest = match["rest"] or ""
    end = end_of(_TO_TAG_END, rest, 0)
    if len(_ATTRIBUTE.findall(rest, 0, end)) <= _MAX_ATTRIBUTES:
        return match[0]
    return f"<{match['tag']}{'/' if rest.endswith('/', 0, end) else ''}{rest[end:] or '>'}"


def _with_short_persons(text: str) -> str:
    pieces = []
    position = 0
    never_closed: set[str] = set()
    while match := _PERSON.search(text, position):
        end = match.end()
        person = (match["person"] or "").casefold()
        if person and person not in never_closed:
            end = _end_of_content(text, person, match.end())
        if end < 0:
            never_closed.add(person)
            end = match.end()
        pieces += [text[position : match.end()], _short_person(text[match.end() : end])]
        position = end
    return "".join([*pieces, text[position:]])


def _end_of_content(text: str, local_name: str, start: int) -> int:
    """Where the end tag begins; -1 if there is none."""
    closing = re.compile(rf"{NO_TAGS}|(?P<end></(?:[\w.-]+:)?{local_name}\s*>)", re.DOTALL | re.IGNORECASE)
    return next((match.start() for match in closing.finditer(text, start) if match["end"]), -1)


def _short_person(content: str) -> str:
    """What stands for the content of a person's element.

    With elements in it, short content stays as it is; of long content only the `<name>` is left, or else the bare text.
    """
    literal = _ONE_CDATA.fullmatch(content)
    text = html.escape(literal[1][:_MAX_PERSON_CHARACTERS], quote=False) if literal else content
    if "<" in text:
        if len(content) <= _MAX_PERSON_CHARACTERS:
            return content
        name = _PERSON_NAME.search(content)
        text = (name[1].strip() if name else "") or _MARKUP.sub(" ", content).replace("<", "&lt;").strip()
    return _without_mail_address(text[:_MAX_PERSON_CHARACTERS])


def _without_mail_address(person: str) -> str:
    """ "Jo" from "jo@blog.example (Jo)" (RSS 2.0), "Jo <jo@blog.example>" and the like; nothing from an address alone.

    feedparser does this as well, but knows no top-level domain of more than four letters.
    """
    name = _MAIL_ADDRESS.sub(" ", person).strip()
    return name[1:-1].strip() if name.startswith("(") and name.endswith(")") else name
