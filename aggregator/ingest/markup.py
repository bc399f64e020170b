"""HTML as found in feeds -> tokens -> plain text, in time that grows with its length and no faster.

The tokenizer follows the HTML standard where authors rely on it, and is more forgiving where a torn tag would swallow
what comes after it. Nothing here decides what is safe.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape

from .drawings import pictures_in, words_in
from .left_out import SWALLOWED
from .text import beginning, printable, resolve_entities, resolve_entities_of_attribute


def names(text: str) -> frozenset[str]:
    """The words of `text`."""
    return frozenset(text.split())


BLOCKS = names(
    "address article aside blockquote caption center dd details dialog dir div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hgroup hr legend li listing main menu nav ol optgroup p pre search section summary"
    " table tbody td tfoot th thead tr ul xmp"
)

IMAGES = names("img image amp-img amp-anim")
"""Elements that are written as images."""

MEDIA = IMAGES | names("iframe video audio object embed")
"""Elements that show something without a word."""

_RAW_TEXT = names("script style iframe textarea title xmp noembed noframes")
_CODE = frozenset({"script", "style", "plaintext"})
"""Shown to nobody, even where the end tag is missing."""

MARK_OF_PLAYLIST = "wp-playlist-script"
"""The class of a script that holds the films or sounds of a list (WordPress)."""

_READ = re.compile(rf"\btype\s*+=\s*+[\"']?math/(?:tex|asciimath|mml)|\b{MARK_OF_PLAYLIST}\b", re.IGNORECASE)
"""Of a script that holds a formula, or a list of recordings: for reading, once another script has drawn it."""

MARK_OF_DRAWING = "data-mml-node"
"""Stands in each drawing of a formula, which MathJax makes."""

_INLINE = names(
    "a abbr acronym applet area audio b base basefont bdi bdo bgsound big blink body br button canvas cite code"
    " col colgroup data datalist del dfn em embed font frame frameset head html i image img input"
    " ins isindex kbd label link map mark marquee math meta meter nobr noscript object option"
    " output param picture progress q rb rp rt rtc ruby s samp slot small source span strike strong sub"
    " sup time track tt u var video wbr"
)
KNOWN = BLOCKS | SWALLOWED | _INLINE

# The text before a tag, and the tag. A quoted value may contain ">". All repeats are possessive, so that nothing is
# tried twice.
_TAG = re.compile(r"([^<]*+)<(/?)([A-Za-z][^\s/>]*+)((?:[^=>]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)>")
_TORN_TAG = re.compile(r"([^<]*+)<(/?)([A-Za-z][^\s/>]*+)([^>]*+)>")
_ATTRIBUTE = re.compile(r"[\s/]*+([^\s/>][^\s/=>]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]*+)))?+")
_END_TAG = re.compile(r"</([A-Za-z][A-Za-z0-9]*+)(?=[\s/>])")
_LOOKS_LIKE_MARKUP = re.compile(r"<[!?/A-Za-z]")
_LOOKS_LIKE_COMMENT = re.compile(r"<(?:[!?]|/(?![A-Za-z]))")
_COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)", re.DOTALL)
_CODE_IN_TEXT = re.compile(r"<(?=\?(?!xml))", re.IGNORECASE)
_END_OF_RAW_TEXT = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW_TEXT}

_START_OF_RAW_TEXT = {name: re.compile(rf"<{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}


@dataclass(slots=True)
class Tag:
    """A start tag, or an end tag (`is_end`); `name` is in lower case, `source` is what follows the name.

    Not frozen, as a post has hundreds of tags, and freezing makes each take three times as long.
    """

    name: str
    is_end: bool
    source: str
    spelled: str
    """The name as its author wrote it."""

    @property
    def is_empty(self) -> bool:
        """Closed by itself, as in <p/>; not in <a href=/blog/>, where the slash is part of the value."""
        return self.source.endswith("/") and (len(self.source) == 1 or self.source[-2] in " \t\n\"'")

    @property
    def local_name(self) -> str:
        """The name without the prefix that XML may put before it."""
        return self.name.rpartition(":")[2]

    @property
    def attributes(self) -> dict[str, str]:
        """Names in lower case, values resolved; of equal names the first one counts."""
        found: dict[str, str] = {}
        position = 0
        while match := _ATTRIBUTE.match(self.source, position):
            position = match.end()
            value = match[2] or match[3] or match[4] or ""
            found.setdefault(match[1].lower(), _resolved(value, resolve_entities_of_attribute))
        return found


def tokens(source: str) -> Iterator[str | Tag]:
    """Texts and tags in order, without comments; of an element in SWALLOWED only the tags, unless it is a
    formula or a list of recordings, and of a drawing what can be read in it.

    References in the texts are resolved, and characters that XML forbids are gone. What a program put between the marks
    of XML's sections stands there as any text.
    """
    if "<![CDATA[" in source:
        source = source.replace("<![CDATA[", "").replace("]]>", "")
    return iter(_Scanner(printable(source)))


def plain_text(source: str, max_length: int) -> str:
    """The text of `source` on one line, at most `max_length` characters, blocks apart and references resolved once.

    What looks like a tag but is none in HTML stays: "Vec<T>" and "Why <?php" are titles that people write.
    """
    if "<" not in source and "&" not in source:
        return beginning([printable(source)], max_length)
    written = _CODE_IN_TEXT.sub("&lt;", source)
    pieces = (token if isinstance(token, str) else _in_place_of(token) for token in tokens(written))
    return beginning(pieces, max_length)


def _resolved(text: str, resolve: Callable[[str], str] = resolve_entities) -> str:
    """A part of a printable source with its references resolved: what they stand for need not be printable."""
    return printable(resolve(text)) if "&" in text else text


def _in_place_of(tag: Tag) -> str:
    if tag.name in BLOCKS or tag.name == "br":
        return " "
    if tag.name in KNOWN or tag.source.strip():
        return ""
    return f"<{'/' if tag.is_end else ''}{tag.spelled}{tag.source}>"


def _seen_in_drawing(source: str) -> Iterator[str | Tag]:
    """The words in an SVG, then images in the place of the pictures in it; of a formula all of it, for `formulas`."""
    if MARK_OF_DRAWING in source:
        yield source
        return
    if words := words_in(source):
        yield f" {printable(words)} "
    for address in pictures_in(source):
        yield Tag("img", False, f' src="{escape(address)}"', "img")


class _Scanner:
    """One pass over the source. `position` only moves forward, and no search is repeated after it failed once."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.tag_pattern = _TAG
        self.last_comment_end = max(source.rfind("-->"), source.rfind("--!>"))  # browsers end it at both

    @cached_property
    def last_end_tags(self) -> dict[str, int]:
        """Where the last end tag of each name begins. Found when it is first needed, as few sources need it."""
        return {match[1].lower(): match.start() for match in _END_TAG.finditer(self.source)}

    def __iter__(self) -> Iterator[str | Tag]:
        while self.position < len(self.source):
            text, tag = self._next()
            if text:
                yield _resolved(text)
            if tag:
                yield tag
                if (tag.name in SWALLOWED or tag.name == "xmp") and not tag.is_end:
                    start = self.position
                    self._swallow(tag)
                    if tag.name == "svg":
                        yield from _seen_in_drawing(self.source[start : self.position])
                    elif tag.name == "xmp" or (tag.name == "script" and _READ.search(tag.source)):
                        yield self.source[start : self.position]  # raw: references in it aren't resolved

    def _next(self) -> tuple[str, Tag | None]:
        """A text and the tag after it. No tag, and perhaps no text, if something else comes next."""
        if match := self.tag_pattern.match(self.source, self.position):
            text, slash, name, source = match.groups()
            self.position = match.end()
            return text, Tag(name.lower(), slash == "/", source, name)
        text = self._text()
        if not text:
            self._skip_what_is_no_tag()
        return text, None

    def _text(self) -> str:
        """What stands before the next markup; a "<" that starts none is text."""
        start = end = self.position
        while (end := self.source.find("<", end)) >= 0:
            if _LOOKS_LIKE_MARKUP.match(self.source, end):
                break
            end += 1
        self.position = end if end >= 0 else len(self.source)
        return self.source[start : self.position]

    def _skip_what_is_no_tag(self) -> None:
        if _LOOKS_LIKE_COMMENT.match(self.source, self.position):
            self._skip_comment()
        elif self.tag_pattern is _TAG:
            # A quote that is never closed makes one tag of all the rest. From here on, the first ">" ends a tag.
            self.tag_pattern = _TORN_TAG
        else:
            self.position = len(self.source)

    def _skip_comment(self) -> None:
        """An unclosed comment ends at the first ">", as it must not hide the rest of a post."""
        is_ended = self.position < self.last_comment_end
        match = _COMMENT.match(self.source, self.position) if is_ended else None
        end = match.end() if match else self.source.find(">", self.position) + 1
        self.position = end or len(self.source)

    def _swallow(self, tag: Tag) -> None:
        """Moves past the content of `tag`. Where the end tag is missing, nothing is skipped unless it is code."""
        last_end = self.last_end_tags.get(tag.name, -1)
        if tag.is_empty and (tag.name not in _CODE or self._is_closed_by_itself(tag.name)):
            return
        if last_end < self.position:
            self.position = len(self.source) if tag.name in _CODE else self.position
        elif tag.name in _RAW_TEXT:
            self._skip_raw_text(tag.name)
        else:
            self._skip_nested(tag.name, last_end)

    def _is_closed_by_itself(self, name: str) -> bool:
        """Whether `<script src=x />` is whole, as in XML: another one begins before any ends, or none ends."""
        if name not in _START_OF_RAW_TEXT or self.last_end_tags.get(name, -1) < self.position:
            return name in _START_OF_RAW_TEXT
        following = _START_OF_RAW_TEXT[name].search(self.source, self.position)
        return bool(following and not _END_OF_RAW_TEXT[name].search(self.source, self.position, following.start()))

    def _skip_raw_text(self, name: str) -> None:
        match = _END_OF_RAW_TEXT[name].search(self.source, self.position)
        self.position = match.start() if match else len(self.source)

    def _skip_nested(self, name: str, last_end: int) -> None:
        depth = 1
        while depth and self.position <= last_end:
            _, tag = self._next()
            if tag is None or tag.is_empty:
                continue
            if tag.name == name:
                depth += -1 if tag.is_end else 1
            elif tag.name in _RAW_TEXT and not tag.is_end and self.last_end_tags.get(tag.name, -1) >= self.position:
                self._skip_raw_text(tag.name)
