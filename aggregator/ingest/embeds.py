"""Films, sounds, frames and other things that a page embeds: each becomes a link that says what it is.

Nothing of them is loaded from here. What browsers show in their place if they can't play them stays if it says
something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from . import drawn_by_scripts as scripts
from .address import host_of, link_identity, media_link, without_tracking
from .backgrounds import picture_of
from .balance import Element
from .drawn_by_scripts import Elsewhere
from .embed_names import file_of, kind_of, name_of, title_of
from .embed_pages import file_for_player, kind_of_host, page_of
from .hidden import hides, without_hidden
from .images import image_attributes, is_blank, is_pixel, lazy_address
from .left_out import PLEAS, TRACKERS, TRACKING_FRAMES
from .markup import BLOCKS, IMAGES, MARK_OF_PLAYLIST, Tag, tokens
from .nesting import Token, ends_of, shows_something, words_of
from .settings_left import page_in, words_and_pictures
from .text import one_line

_SIGNS = (
    *("<iframe", "<video", "<audio", "<object", "<embed", "<frame"),
    *("<script", "<bgsound", "<area", "<portal", "<oembed"),
)

_MAX_PLEA_CHARACTERS = 600
"""Of the words that stand in the place of a film. Longer ones are more than a plea for another browser."""

_MAX_WORDS = 1000
"""Of a post elsewhere, where its place here has them."""

_MAX_EMPTY_TOKENS = 30
"""Within an element that waits for a script; it has no words, and few elements."""

_PLAYERS = frozenset({"video", "audio", "object", "amp-video", "amp-audio", "amp-iframe"})
"""Elements that have what they play, or what stands in their place, inside."""

_ADDRESS_NAMES = {"object": "data", "param": "value"}
_PARAMETERS = frozenset({"movie", "src", "url", "filename", "file", "flashvars"})
_EMBEDS = frozenset({"iframe", "frame", "embed", "source", "param", "bgsound", "script", "area", *_PLAYERS})
_NO_PICTURES = frozenset({"iframe", "frame", "video", "audio", "source"})
"""Elements that are links also where they lead to a picture."""

_WAITING = frozenset({"div", "blockquote", "p", "span", "section", "figure", "a"})
"""Elements into which scripts draw."""

_MARKS_OF_WAITING = ("data-", "cite", "wistia_", "embedly-card")
"""One of them stands in every tag of such an element."""


def may_embed(lowered: str) -> bool:
    """Whether HTML in lower case may embed something."""
    return any(sign in lowered for sign in _SIGNS) or scripts.may_be_drawn(lowered)


def with_links_for_embeds(read: Sequence[Token], base_url: str) -> list[Token]:
    """The tokens with a named link in the place of each thing that is embedded, each address once."""
    return _Embeds(read, base_url, set()).written()


class _Embeds:
    def __init__(self, read: Sequence[Token], base_url: str, linked: set[str], *, is_inner: bool = False) -> None:
        self.read = read
        self.base_url = base_url
        self.ends = ends_of(read)
        self.linked = linked
        self.is_inner = is_inner
        self.out: list[Token] = []

    def written(self) -> list[Token]:
        index = 0
        while index < len(self.read):
            token = self.read[index]
            index = self._tag(token, index) if isinstance(token, Tag) else self._other(token, index)
        return self.out

    def _other(self, token: Token, index: int) -> int:
        self._write(token)
        return index + 1

    def _tag(self, tag: Tag, index: int) -> int:
        """Writes what stands for the tag; where to go on after it."""
        if tag.name not in _EMBEDS:
            return self._other(tag, index) if tag.is_end else self._unknown(tag, index)
        if tag.is_end:
            pass  # what it ends isn't written
        elif tag.name == "script":
            return self._script(tag, index)
        elif tag.name in _PLAYERS and index in self.ends:
            self._play(tag, index + 1, self.ends[index] - 1)
            return self.ends[index]
        elif tag.name == "area":
            self._area(tag.attributes)
        elif tag.name not in ("source", "param"):
            self._link(tag, tag.name)
        return index + 1

    def _write(self, token: Token) -> None:
        """Words and links don't run into each other, though the thing had a place of its own."""
        last = self.out[-1] if self.out else ""
        if _is_link(token):
            is_apart = _is_edge(last) or (isinstance(last, str) and not last[-1:].strip())
        else:
            is_apart = not (_is_link(last) and isinstance(token, str) and token[:1].isalnum())
        self.out += [token] if is_apart else [" ", token]

    def _unknown(self, tag: Tag, index: int) -> int:
        """An element that isn't written for what it embeds, but may have an address all the same."""
        if tag.source and scripts.is_of_script(tag.name) and tag.name not in IMAGES:
            self._of_script(tag, index)
            return self._other(tag, index)
        self._write(tag)
        inner = self._beginning_of(index) if scripts.MARK_OF_WORDPRESS in tag.source else ()
        if other := scripts.left_by_wordpress(inner, self.base_url):
            self._link_to(other, {}, "a")
            return index + 2
        if "data-" in tag.source:
            self._of_data(tag)
        if tag.name in _WAITING and any(mark in tag.source for mark in _MARKS_OF_WAITING):
            self._left_for_scripts(tag, self._beginning_of(index))
        return index + 1

    def _of_script(self, tag: Tag, index: int) -> None:
        """What an element that is a script's shows, unless a link within it leads there."""
        found = tag.attributes
        address = scripts.named_by(tag.name, found, self.base_url)
        if address and link_identity(page_of(address)) not in self._links_in(self._beginning_of(index)):
            self._picture(found.get("poster", ""))
            self._show_or_link(Elsewhere(address, title=title_of(found) or found.get("alt", "")), found, tag.name)

    def _of_data(self, tag: Tag) -> None:
        """A page or a file that an attribute keeps for a script."""
        found = tag.attributes
        self._page_within(page_in(found))
        other = scripts.file_of_data(tag.source, found, self.base_url) if tag.name not in IMAGES else None
        if other and link_identity(other.address) not in self.written_links:
            self._link_to(other, {}, "a")

    def _beginning_of(self, start: int) -> Sequence[Token]:
        """What is in an element, as far as it is looked at."""
        return self.read[start + 1 : min(self.ends.get(start, 0), start + _MAX_EMPTY_TOKENS)]

    def _left_for_scripts(self, tag: Tag, inner: Sequence[Token]) -> None:
        if not inner or shows_something(inner):
            return
        found = tag.attributes
        if tag.name == "a" and (words := scripts.words_of_empty_link(tag.source, found)):
            self._write(words)
        for one in words_and_pictures(found, self.base_url) if "data-attrs" in found else ():
            self._write(one)
        if other := scripts.left_for_scripts(found, self.base_url):
            self._link_to(other, found, tag.name)

    def _script(self, script: Tag, index: int) -> int:
        """Code, a recording or a list of them that a script would show."""
        found = script.attributes
        settings = self.read[index + 1] if index + 1 < len(self.read) else ""
        if MARK_OF_PLAYLIST in found.get("class", "") and isinstance(settings, str):
            for one in scripts.playlist(settings, self.base_url):
                if link_identity(one.address) not in self.written_links:
                    self._link_to(one, {}, one.kind.lower())
            return index + 2
        if other := scripts.drawn_by(found, self.base_url):
            self._link_to(other, {}, "script")
        else:
            self._write(script)
        return index + 1

    def _play(self, player: Tag, start: int, end: int) -> None:
        """A film, a sound or an object: its picture, its links, and what stands in its place."""
        found = player.attributes
        if _is_unseen(found):
            return
        poster = found.get("poster", "") or found.get("data-poster", "")
        if not is_blank(poster):
            self._picture(poster)
        elif behind := picture_of(found, self.base_url):
            self._write(Element("img", behind))
        title = title_of(found)
        self._link(player, player.name)
        is_picture = bool(self.out) and isinstance(self.out[-1], Element) and self.out[-1].name == "img"
        rest: list[Token] = []
        for token in self.read[start:end]:
            if not isinstance(token, Tag) or token.name not in _EMBEDS:
                rest.append(token)
            elif not token.is_end and token.name != "script":
                is_format = player.name in ("video", "audio") and token.name == "source"
                self._link(token, player.name if is_format else token.name, title)
        if self._says_something(rest, is_picture=is_picture and player.name == "object"):
            for token in rest:
                self._write(token)
        if player.name in ("video", "audio") and found.get("src", "") and not self._address(player, found):
            # It lies in the page alone, or where nobody else gets to.
            self._link_to(Elsewhere(self.base_url, player.name.capitalize(), title), {}, player.name)

    def _says_something(self, rest: Sequence[Token], *, is_picture: bool) -> bool:
        words = words_of(rest)
        starts = [token for token in rest if isinstance(token, Tag) and not token.is_end]
        if any(tag.name in ("img", "table") for tag in starts) and not (is_picture and not words.strip()):
            return True
        if not PLEAS.words.search(words) or len(words) > _MAX_PLEA_CHARACTERS:
            return bool(words.strip())
        addresses = [media_link(tag.attributes.get("href", ""), self.base_url) for tag in starts if tag.name == "a"]
        return any(file_of(address) and self._is_new(address.partition("#")[0]) for address in addresses)

    def _link(self, tag: Tag, element: str, title: str = "") -> None:
        found = tag.attributes
        address = self._address(tag, found)
        if not address and tag.name == "iframe" and not _is_unseen(found):
            self._page_within(found.get("srcdoc", ""))
        self._show_or_link(Elsewhere(address, title=title_of(found) or title), found, element)

    def _show_or_link(self, other: Elsewhere, found: Mapping[str, str], element: str) -> None:
        if element in _NO_PICTURES or kind_of(element, found, other.address) != "Picture":
            self._link_to(other, found, element)
        elif not _is_unseen(found) and self._is_new(other.address):
            self.linked.add(other.address)
            sizes = {name: value for name, value in found.items() if name in ("width", "height")}
            self._picture(other.address, {"alt": other.title} | sizes)

    def _link_to(self, other: Elsewhere, found: Mapping[str, str], element: str) -> None:
        page = page_of(other.address) if other.address else ""
        if not page or _is_unseen(found) or not (self._is_new(other.address) and self._is_new(page)):
            return
        if any(kind.addresses.match(each) for kind in (TRACKERS, TRACKING_FRAMES) for each in (other.address, page)):
            return
        self.linked |= {other.address.partition("#")[0], page.partition("#")[0]}
        kind = other.kind or kind_of(element, found, other.address) or kind_of_host(page)
        self._write(Element("a", {"href": page}, name_of(kind, one_line(other.title, _MAX_WORDS), page)))

    def _is_new(self, address: str) -> bool:
        """Not one that has a link. Where in a film its player starts makes it no other film."""
        return address.partition("#")[0] not in self.linked

    def _address(self, tag: Tag, found: Mapping[str, str]) -> str:
        """Where the thing lies; empty if that can't be known."""
        if tag.name == "param" and found.get("name", "").lower() not in _PARAMETERS:
            return ""
        written = found.get(_ADDRESS_NAMES.get(tag.name, "src"), "")
        if tag.name == "param" and found["name"].lower() == "flashvars":
            return file_for_player(written, self.base_url)
        address = lazy_address(found, self.base_url) or media_link(written, self.base_url)
        if not address and tag.name in ("iframe", "frame"):
            address = scripts.after_consent(found, self.base_url)
        if ".swf" in address or "flashvars" in found:
            address = file_for_player(found.get("flashvars", "") or address, self.base_url) or address
        if not address and "data-setup" in found:
            other = scripts.left_for_scripts(found, self.base_url)
            address = other.address if other else ""
        return without_tracking(address)

    def _page_within(self, srcdoc: str) -> None:
        """A frame whose page stands in the post itself: its words and pictures, as those around it."""
        if srcdoc and not self.is_inner:
            read = without_hidden(list(tokens(srcdoc)))
            for token in _Embeds(read, self.base_url, self.linked, is_inner=True).written():
                self._write(token)

    def _picture(self, address: str, others: Mapping[str, str] | None = None) -> None:
        if address and (image := image_attributes({"src": address, **(others or {})}, self.base_url)):
            self._write(Element("img", image))

    def _area(self, found: Mapping[str, str]) -> None:
        """A part of a picture that leads somewhere."""
        address = media_link(found.get("href", ""), self.base_url)
        if address:
            words = one_line(found.get("alt", "") or title_of(found), _MAX_WORDS)
            self._write(Element("a", {"href": address}, words or file_of(address) or host_of(address)))

    @cached_property
    def written_links(self) -> set[str]:
        """Where the links of the post lead, by `link_identity`."""
        return self._links_in(self.read)

    def _links_in(self, inner: Iterable[Token]) -> set[str]:
        found = (token.attributes.get("href", "") for token in inner if isinstance(token, Tag) and token.name == "a")
        addresses = (media_link(href, self.base_url) for href in found if href)
        return {link_identity(page_of(address)) for address in addresses if address}


def _is_link(token: Token) -> bool:
    return isinstance(token, Element) and token.name == "a"


def _is_edge(token: Token) -> bool:
    """Whether nothing in the line can stand right before what follows."""
    return isinstance(token, Tag) and (not token.is_end or token.name in BLOCKS)


def _is_unseen(found: Mapping[str, str]) -> bool:
    return is_pixel(found) or hides(found)
