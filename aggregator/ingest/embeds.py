"""Films, sounds, frames and other things that a page embeds: each becomes a link that says what it is.

Nothing of them is loaded from here. What browsers show in their place if they can't play them stays if it says
something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from .address import absolute_link, host_of, without_tracking
from .balance import Element
from .embed_pages import kind_of_host, page_of
from .hidden import hides
from .images import image_attributes, is_pixel, lazy_address
from .left_out import PLEAS, TRACKERS, TRACKING_FRAMES
from .markup import Tag
from .nesting import Token, ends_of, words_of
from .text import one_line

SIGNS = ("<iframe", "<video", "<audio", "<object", "<embed", "<lite-", "<amp-", "<frame", "gist.github.com", "<bgsound")
"""One of them stands in lower case in every HTML that embeds something."""

_MAX_NAME_CHARACTERS = 200
_MAX_PLEA_CHARACTERS = 600
"""Of the words that stand in the place of a film. Longer ones are more than a plea for another browser."""

_PLAYERS = frozenset({"video", "audio", "object", "amp-video", "amp-audio", "amp-iframe"})
"""Elements that have what they play, or what stands in their place, inside."""

_ADDRESS_NAMES = {"object": "data", "param": "value"}
_PARAMETERS = frozenset({"movie", "src", "url", "filename", "file"})
_BY_ID = {
    "lite-youtube": ("videoid", "https://www.youtube.com/watch?v="),
    "amp-youtube": ("data-videoid", "https://www.youtube.com/watch?v="),
    "lite-vimeo": ("videoid", "https://vimeo.com/"),
    "amp-vimeo": ("data-videoid", "https://vimeo.com/"),
}
_ID = re.compile(r"[\w-]{1,40}", re.ASCII)
_SNIPPET = re.compile(r"(https://gist\.github\.com/[\w-]{1,60}/[0-9a-f]{4,64})\.js", re.ASCII)
_EMBEDS = frozenset({"iframe", "frame", "embed", "source", "param", "bgsound", "script", *_PLAYERS, *_BY_ID})

_KINDS = (
    (re.compile(r"(?:mp4|m4v|webm|ogv|mov|avi|mkv|m3u8)"), "Video"),
    (re.compile(r"(?:mp3|m4a|ogg|oga|opus|wav|flac|aac)"), "Audio"),
    (re.compile(r"(?:png|jpe?g|gif|webp|avif|svg|bmp)"), "Picture"),
    (re.compile(r"(?:pdf|epub|odt|odp|pptx?|docx?|xlsx?|csv|txt|zip)"), ""),
)
_EXTENSION = re.compile(r"[^?#]*/([^/?#]*\.([A-Za-z0-9]{2,5}))")


def with_links_for_embeds(read: Sequence[Token], base_url: str) -> list[Token]:
    """The tokens with a named link in the place of each thing that is embedded, each address once."""
    return _Embeds(read, base_url).written()


class _Embeds:
    def __init__(self, read: Sequence[Token], base_url: str) -> None:
        self.read = read
        self.base_url = base_url
        self.ends = ends_of(read)
        self.linked: set[str] = set()
        self.out: list[Token] = []

    def written(self) -> list[Token]:
        index = 0
        while index < len(self.read):
            token = self.read[index]
            end = index + 1
            if not isinstance(token, Tag) or token.name not in _EMBEDS:
                self._write(token)
            elif token.is_end:
                pass  # what it ends isn't written
            elif token.name == "script":
                self._link_snippet(token)
                self._write(token)
            elif token.name in _PLAYERS and index in self.ends:
                end = self.ends[index]
                self._play(token, index + 1, end - 1)
            elif token.name not in ("source", "param"):
                self._link(token, token.name)
            index = end
        return self.out

    def _write(self, token: Token) -> None:
        """Words and links don't run into each other, though the thing had a place of its own."""
        last = self.out[-1] if self.out else ""
        if isinstance(token, Element) and token.text:
            is_apart = isinstance(last, Tag) or (isinstance(last, str) and not last[-1:].strip())
        else:
            is_apart = not (isinstance(last, Element) and last.text and isinstance(token, str) and token[:1].isalnum())
        self.out += [token] if is_apart else [" ", token]

    def _play(self, player: Tag, start: int, end: int) -> None:
        """A film, a sound or an object: its picture, its links, and what stands in its place."""
        if _is_unseen(player.attributes):
            return
        if poster := image_attributes({"src": player.attributes.get("poster", "")}, self.base_url):
            self._write(Element("img", poster))
        title = _title(player.attributes)
        self._link(player, player.name)
        rest: list[Token] = []
        for token in self.read[start:end]:
            if not isinstance(token, Tag) or token.name not in _EMBEDS:
                rest.append(token)
            elif not token.is_end and token.name != "script":
                is_format = player.name in ("video", "audio") and token.name == "source"
                self._link(token, player.name if is_format else token.name, title)
        if self._says_something(rest):
            for token in rest:
                self._write(token)

    def _says_something(self, rest: Sequence[Token]) -> bool:
        words = words_of(rest)
        starts = [token for token in rest if isinstance(token, Tag) and not token.is_end]
        if any(tag.name in ("img", "table") for tag in starts):
            return True
        if not PLEAS.words.search(words) or len(words) > _MAX_PLEA_CHARACTERS:
            return bool(words.strip())
        addresses = [absolute_link(tag.attributes.get("href", ""), self.base_url) for tag in starts if tag.name == "a"]
        return any(_file_of(address) and address not in self.linked for address in addresses)

    def _link(self, tag: Tag, element: str, title: str = "") -> None:
        found = tag.attributes
        address = self._address(tag, found)
        page = page_of(address) if address else ""
        if not page or _is_unseen(found) or not self.linked.isdisjoint((address, page)):
            return
        if any(kind.addresses.match(each) for kind in (TRACKERS, TRACKING_FRAMES) for each in (address, page)):
            return
        self.linked |= {address, page}
        kind, title = _kind(element, found, address), _title(found) or title
        if kind == "Picture" and element in ("object", "embed", "param"):
            sizes = {name: value for name, value in found.items() if name in ("width", "height")}
            if image := image_attributes({"src": address, "alt": title} | sizes, self.base_url):
                self._write(Element("img", image))
        else:
            self._write(Element("a", {"href": page}, _name(kind, title, page)))

    def _address(self, tag: Tag, found: Mapping[str, str]) -> str:
        """Where the thing lies; empty if that can't be known."""
        if tag.name in _BY_ID:
            name, page = _BY_ID[tag.name]
            identity = found.get(name, "")
            return page + identity if _ID.fullmatch(identity) else ""
        if tag.name == "param" and found.get("name", "").lower() not in _PARAMETERS:
            return ""
        written = found.get(_ADDRESS_NAMES.get(tag.name, "src"), "")
        return without_tracking(lazy_address(found, self.base_url) or absolute_link(written, self.base_url))

    def _link_snippet(self, script: Tag) -> None:
        """Code that a script of its host would show."""
        match = _SNIPPET.match(script.attributes.get("src", ""))
        if match and match[1] not in self.linked:
            self.linked.add(match[1])
            self._write(Element("a", {"href": match[1]}, "Code: gist.github.com"))


def _is_unseen(found: Mapping[str, str]) -> bool:
    return is_pixel(found) or hides(found)


def _kind(element: str, found: Mapping[str, str], address: str) -> str:
    """ "Video", "Audio", "Picture", a format such as "PDF", or nothing that is known."""
    media, _, form = found.get("type", "").lower().partition("/")
    if media in ("video", "audio", "image"):
        return "Picture" if media == "image" else media.capitalize()
    file = _EXTENSION.match(address)
    extension = file[2].lower() if file else ""
    if element in ("video", "audio", "amp-video", "amp-audio", "bgsound"):
        return "Video" if "video" in element else "Audio"
    for pattern, kind in _KINDS:
        if pattern.fullmatch(extension):
            return kind or extension.upper()
    return "PDF" if form == "pdf" else kind_of_host(address)


def _name(kind: str, title: str, address: str) -> str:
    """What the link says."""
    if kind in ("Video", "Audio"):
        return f"{kind}: {title or _place(address)}"
    return title or f"{kind or 'Embedded'}: {_place(address)}"


def _place(address: str) -> str:
    file = _file_of(address)
    return f"{file} ({host_of(address)})" if file else host_of(address)


def _file_of(address: str) -> str:
    match = _EXTENSION.match(address)
    is_known = match and any(pattern.fullmatch(match[2].lower()) for pattern, _ in _KINDS)
    return one_line(unquote(match[1]), _MAX_NAME_CHARACTERS) if match and is_known else ""


def _title(found: Mapping[str, str]) -> str:
    return one_line(
        found.get("title", "") or found.get("aria-label", "") or found.get("playlabel", ""), _MAX_NAME_CHARACTERS
    )
