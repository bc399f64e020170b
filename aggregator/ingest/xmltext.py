"""The text of an XML feed, made safe and whole before a parser sees it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from html.entities import html5
from itertools import pairwise

NO_TAGS = (
    r"<!\[CDATA\[[^\]]*+(?:(?=\][^\]])\][^\]]++)*+.*?(?:\]\]>|\Z)"
    r"|<!--[^-]*+(?:(?=-[^-])-[^-]++)*+.*?(?:-->|\Z)"
)
"""Neither holds tags. Both alternatives always match to an end, so that hostile text can't make them start over. Up to
the first two brackets or hyphens in a row they read in runs, six times faster than by ".*?". A round of these looks
ahead before it takes anything: Python 3.11.2 (Debian 12) loses its place in one that breaks off (cpython#106052)."""

_MAX_PERSON_LENGTH = 300
_MAX_ATTRIBUTES = 200
_JUNK_WINDOW_CHARACTERS = 4096

_PROLOGUE = re.compile(r"(?:\s++|<\?[^<]*?\?>|<\?[^>]*>|<!--.*?(?:-->|\Z))*+", re.DOTALL)
_DOCTYPE = re.compile(
    r"<!DOCTYPE(?:[^\[>\"']|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))*+"
    r"(?:\[(?:[^\]<\"']|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|<!--.*?(?:-->|\Z)|<)*+\]\s*)?+>",
    re.DOTALL | re.IGNORECASE,
)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]*)(?=[\s/>])[^<>]*")
_FEED_START = re.compile(r"<(?:rss|(?:[\w.-]+:)?(?:feed|RDF))[\s>]", re.IGNORECASE)

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

_REPAIRABLE = re.compile(
    rf"{NO_TAGS}"
    r"|(?P<ampersand>&)(?!(?:#[0-9]+|#x[0-9a-f]+|amp|lt|gt|quot|apos);)(?:(?P<entity>[a-z][a-z0-9]{1,31};))?"
    r"|<(?P<identity>(?:[\w.-]+:)?(?:guid|id))(?:\s[^<>]*)?(?<!/)>"
    r"(?=\s*+(?:<!\[CDATA\[)?+\s*+(?!https?:)[^\s<])",
    re.DOTALL | re.IGNORECASE,
)
_LONG_TAG_CHARACTERS = 2000
_LONG_TAG = re.compile(rf"{NO_TAGS}|<(?P<tag>[^\s<>/!?]+)(?P<rest>\s[^<]{{{_LONG_TAG_CHARACTERS},}})", re.DOTALL)
# A quoted value may hold a ">"; and the text behind the tag can be HTML, whose attributes are its own.
_TO_TAG_END = re.compile(r"(?:[^>\"']++|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))*+")
# A name begins where the one before it ended, or a text of one long word would be read anew from each of its letters.
_ATTRIBUTE = re.compile(r"(?<![^\s=\"'<>])[^\s=\"'<>]++\s*+=\s*+(?:\"[^\"]*\"|'[^']*')")
_ITEM = re.compile(
    rf"{NO_TAGS}|<(?P<close>/?)(?P<name>(?:[\w.-]+:)?(?:item|entry))(?=[\s/>])[^<>]*>",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Root:
    """The outermost element, and the text from its start tag on: no XML declaration, no document type."""

    name: str
    """As written, with its prefix; empty if the text doesn't begin with an element."""
    text: str

    @property
    def local_name(self) -> str:
        """In lower case, without a prefix."""
        return self.name.rpartition(":")[2].casefold()

    @property
    def is_feed(self) -> bool:
        return self.local_name in {"rss", "feed", "rdf", "channel"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A feed taken apart: `head`, then `items`, then `tail` is a document again; so is the head with some items."""

    head: str
    items: tuple[str, ...]
    tail: str
    gaps: str = ""
    """What stands between the items; mostly white space, and left out of what is put together again."""
    is_cut_off: bool = False
    """The document ends before its root does. The item that it ends in is not among the items."""
    has_torn_item: bool = False

    def with_items(self, items: tuple[str, ...]) -> str:
        return "".join((self.head, *items, self.tail))

    def bare(self, root: Root) -> Shelf:
        """The same items in an empty document."""
        start_tag = root.text[: root.text.find(">") + 1] + ("<channel>" if root.local_name == "rss" else "")
        return replace(self, head=start_tag, tail=_end_tags(root, ""))


def find_root(text: str) -> Root:
    """The root of a document. Junk before a feed, such as the warnings of a broken PHP page, is left out.

    So is the document type, and with it every entity that it declares: a feed needs none, and expanding or fetching
    them is how XML is turned against its reader.
    """
    root = _root_at(text, _end_of_prologue(text))
    if root.is_feed or root.local_name in {"html", "head", "body"}:
        return root
    late_start = _FEED_START.search(text, 0, _JUNK_WINDOW_CHARACTERS)
    return _root_at(text, late_start.start()) if late_start else root


def _end_of_prologue(text: str) -> int:
    end = _end_of(_PROLOGUE, text, 0)
    return _end_of(_PROLOGUE, text, _end_of(_DOCTYPE, text, end))


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _root_at(text: str, start: int) -> Root:
    element = _ELEMENT.match(text, start)
    return Root(name=element[1] if element else "", text=text[start:])


def repair(text: str) -> str:
    """The document with the mistakes mended that would make a parser give up, or take too long.

    - What names a person is cut to 300 characters: feedparser looks for a mail address in it in quadratic time (#562).
    - HTML's named characters ("&nbsp;") become characters, other stray ampersands "&amp;". No entity is left.
    - A guid or id that isn't an address is marked as no permalink: feedparser would resolve it against the address of
      the feed, and all posts would be new once the feed moves.
    - An element with more than 200 attributes loses them all: reading them takes quadratic time.
    """
    return _REPAIRABLE.sub(_repaired, _with_short_tags(_with_short_persons(text)))


def _with_short_tags(text: str) -> str:
    # Asked first, as it costs next to nothing and most documents have no such tag.
    runs = (run for run in text.split("<") if len(run) > _LONG_TAG_CHARACTERS)
    may_have_many = any(run.count("=") > _MAX_ATTRIBUTES for run in runs)
    return _LONG_TAG.sub(_with_few_attributes, text) if may_have_many else text


def _repaired(match: re.Match[str]) -> str:
    if match["identity"]:
        return f'<{match["identity"]} isPermaLink="false">'
    if not match["ampersand"]:
        return match[0]
    entity = match["entity"] or ""
    characters = html5.get(entity)
    return html.escape(characters, quote=True) if characters else f"&amp;{entity}"


def _with_few_attributes(match: re.Match[str]) -> str:
    rest = match["rest"] or ""
    end = _end_of(_TO_TAG_END, rest, 0)
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
    literal = _ONE_CDATA.fullmatch(content)
    text = html.escape(literal[1][:_MAX_PERSON_LENGTH], quote=False) if literal else content
    if "<" in text:
        if len(content) <= _MAX_PERSON_LENGTH:
            return content
        name = _PERSON_NAME.search(content)
        text = (name[1].strip() if name else "") or _MARKUP.sub(" ", content).replace("<", "&lt;").strip()
    return _without_mail_address(text[:_MAX_PERSON_LENGTH])


def _without_mail_address(person: str) -> str:
    """ "Jo" from "jo@blog.example (Jo)" (RSS 2.0), "Jo <jo@blog.example>" and the like; nothing from an address alone.

    feedparser does this as well, but knows no top-level domain of more than four letters.
    """
    name = _MAIL_ADDRESS.sub(" ", person).strip()
    return name[1:-1].strip() if name.startswith("(") and name.endswith(")") else name


def take_apart(root: Root) -> Shelf:
    """The items of a repaired document, and what stands around them.

    A document that was cut off loses the item that it ends in, and gets its end tags back.
    """
    name = _item_name(root)
    spans: list[tuple[int, int]] = []
    start = -1
    for match in _ITEM.finditer(root.text):
        if not match["name"] or match["name"].casefold() != name:
            continue
        if start >= 0:
            # Without an end tag, an item ends where the next one begins.
            spans.append((start, match.end() if match["close"] else match.start()))
        start = -1 if match["close"] else match.start()
    return _shelved(root, spans, start)


def _item_name(root: Root) -> str:
    """How the items are called in this document; elements of other vocabularies can be items, too."""
    prefix, colon, _ = root.name.rpartition(":")
    if root.local_name == "feed":
        return f"{prefix}{colon}entry".casefold()
    if root.local_name == "rss":
        return "item"
    named = (match["name"].casefold() for match in _ITEM.finditer(root.text) if match["name"])
    return next((name for name in named if name.rpartition(":")[2] == "item"), "item")


def _shelved(root: Root, spans: list[tuple[int, int]], open_start: int) -> Shelf:
    end_of_items = spans[-1][1] if spans else 0
    end_tag = _end_of_root(root, max(open_start, end_of_items))
    is_cut_off = end_tag < 0
    if open_start >= 0 and not is_cut_off:
        spans.append((open_start, end_tag))
    end = _end_of_whole_markup(root.text, open_start) if is_cut_off else len(root.text)
    head = root.text[: spans[0][0] if spans else end]
    tail = root.text[spans[-1][1] if spans else end : end]
    return Shelf(
        head=head,
        items=tuple(root.text[start:stop] for start, stop in spans),
        tail=tail + _end_tags(root, tail) if is_cut_off else tail,
        gaps="".join(root.text[stop:start] for (_, stop), (start, _) in pairwise(spans)),
        is_cut_off=is_cut_off,
        has_torn_item=is_cut_off and open_start >= 0,
    )


def _end_of_whole_markup(text: str, torn_item_start: int) -> int:
    """Where a text that is cut off is still sound: before its torn item, or before a torn tag."""
    if torn_item_start >= 0:
        return torn_item_start
    last_tag = text.rfind("<")
    return last_tag if last_tag >= 0 and ">" not in text[last_tag:] else len(text)


def _end_tags(root: Root, tail: str) -> str:
    is_in_channel = root.local_name == "rss" and "</channel" not in tail
    return f"</channel></{root.name}>" if is_in_channel else f"</{root.name}>"


def _end_of_root(root: Root, start: int) -> int:
    """Where the end tag of the root begins; -1 if the document is cut off."""
    element = _ELEMENT.match(root.text)
    if element and element[0].endswith("/"):
        return element.end()
    end_tag = re.compile(rf"</{re.escape(root.name)}\s*>", re.IGNORECASE).search(root.text, start)
    return end_tag.start() if end_tag else -1
