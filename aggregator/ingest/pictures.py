"""Pictures that stand where no script runs, or in several formats: each once.

Pages that load pictures late write them twice: an image that waits for a script, and beside it, in `<noscript>`, one
for those who run none. We run none; so what is in there counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from .balance import Element
from .images import image_attributes, lazy_address, without_size
from .left_out import PLEAS
from .markup import IMAGES, MEDIA, Tag
from .nesting import Token, ends_of, words_of

SIGNS = ("<noscript", "<picture")
"""One of them stands in lower case in every HTML that this concerns."""

_MIN_NAME_CHARACTERS = 6
"""Of a file, by which two are known as one: not "1.jpg"."""

_NEAR_TOKENS = 8
"""How far from its `<noscript>` an image stands at most that waits for a script."""


def with_each_picture_once(read: Sequence[Token], base_url: str) -> list[Token]:
    """The tokens with one image for each picture, and what `<noscript>` holds in its place."""
    return list(_without_twins(list(_with_sources(read, base_url)), base_url))


def _with_sources(read: Sequence[Token], base_url: str) -> Iterator[Token]:
    """In a `<picture>`, an image that has no address takes that of the first source that can be read."""
    sources: list[dict[str, str]] | None = None
    for token in read:
        if isinstance(token, Tag):
            if token.name == "picture":
                if token.is_end and sources:
                    yield from _image_of(sources, {}, base_url)
                sources = None if token.is_end else []
            elif token.name == "source" and sources is not None and not token.is_end:
                sources.append(token.attributes)
            elif token.name in IMAGES and sources is not None and not token.is_end:
                if sources and image_attributes(token.attributes, base_url) is None:
                    yield from _image_of(sources, token.attributes, base_url)
                    sources = None
                    continue
                sources = None
        yield token


def _image_of(sources: Sequence[dict[str, str]], image: dict[str, str], base_url: str) -> Iterator[Element]:
    for source in sources:
        addresses = {name: value for name, value in source.items() if "src" in name}
        described = {name: value for name, value in image.items() if name in ("alt", "width", "height")}
        if attributes := image_attributes(addresses | described, base_url):
            yield Element("img", attributes)
            return


def _without_twins(read: list[Token], base_url: str) -> Iterator[Token]:
    ends = ends_of(read)
    blocks = list(_outermost(read, ends, "noscript"))
    within = {index for start, end in blocks for index in range(start, end)}
    shown = {
        address for index, token in enumerate(read) if index not in within for address in _addresses(token, base_url)
    }
    dropped: set[int] = set()
    for start, end in blocks:
        dropped |= _dropped(read, start, end, shown, base_url)
    return (token for index, token in enumerate(read) if index not in dropped)


def _outermost(read: Sequence[Token], ends: dict[int, int], name: str) -> Iterator[tuple[int, int]]:
    last = 0
    for start in sorted(ends):
        token = read[start]
        if start >= last and isinstance(token, Tag) and token.name == name:
            last = ends[start]
            yield start, last


def _dropped(read: Sequence[Token], start: int, end: int, shown: set[str], base_url: str) -> set[int]:
    """The places of what isn't written: images that are there already, or that those in a `<noscript>` stand for."""
    media = [index for index in range(start, end) if _is_start(read[index], MEDIA)]
    if not media and PLEAS.words.search(words_of(read[start:end])):
        return set(range(start, end))
    images = [index for index in media if _addresses(read[index], base_url)]
    there = {index for index in images if shown.issuperset(_addresses(read[index], base_url)[:1])}
    smaller = _smaller(read, start, end, images, base_url)
    if there and len(there) == len(media) and not words_of(read[start:end]).strip():
        return smaller | set(range(start, end))
    pleas = {index for index in range(start, end) if isinstance(text := read[index], str) and PLEAS.words.search(text)}
    files = {_file_of(address) for index in images for address in _addresses(read[index], base_url)}
    waiting = {index for index in _near(read, start, end) if len(there) < len(images) and _waits(read[index])}
    twins = {index for index in waiting if _file_to_come(read[index], base_url) in {"", *files}}
    return there | pleas | twins | smaller


def _file_to_come(token: Token, base_url: str) -> str:
    """What a script loads in place of an image that waits; empty if it doesn't say."""
    if not isinstance(token, Tag):
        return ""
    found = token.attributes
    if address := lazy_address(found, base_url):
        return _file_of(address)
    is_empty = found.get("src", "data:").startswith("data:")
    return _file_of(next(iter(_addresses(token, base_url)), "")) if is_empty else ""


def _file_of(address: str) -> str:
    """The file of a picture, in whatever size it is asked for."""
    return without_size(address.partition("?")[0])


def _smaller(read: Sequence[Token], start: int, end: int, images: Sequence[int], base_url: str) -> set[int]:
    """The places of images beside a `<noscript>` that wait without a mark: of the same name, out of another folder."""
    addresses = {address for index in images for address in _addresses(read[index], base_url)[:1]}
    names = {_name_of(read[index], base_url) for index in images} - {""}
    near = (
        index for index in (_near(read, start, end, 2) if names else ()) if _name_of(read[index], base_url) in names
    )
    return {index for index in near if addresses.isdisjoint(_addresses(read[index], base_url)[:1])}


def _name_of(token: Token, base_url: str) -> str:
    """What the file of an image is called; empty for what has no name of its own, as a program's address."""
    addresses = _addresses(token, base_url)
    name = _file_of(addresses[0]).rpartition("/")[2] if addresses else ""
    return name if "." in name and len(name) >= _MIN_NAME_CHARACTERS else ""


def _near(read: Sequence[Token], start: int, end: int, count: int = 1) -> Iterator[int]:
    """The places of the images directly before and after, so many on each side."""
    for places in (range(start - 1, start - _NEAR_TOKENS, -1), range(end, end + _NEAR_TOKENS)):
        found = 0
        for index in places:
            if found == count or not 0 <= index < len(read):
                break
            token = read[index]
            if _is_start(token, IMAGES) or isinstance(token, Element):
                yield index
                found += 1
            if isinstance(token, str) and token.strip():
                break


def _waits(token: Token) -> bool:
    """Whether an image is there for a script to load another."""
    if not isinstance(token, Tag):
        return False
    found = token.attributes
    is_lazy = "lazy" in found.get("class", "").lower() or bool(lazy_address(found, "https://localhost/"))
    return is_lazy or found.get("src", "data:").startswith("data:")


def _addresses(token: Token, base_url: str) -> list[str]:
    """Where an image lies, first the one that is shown."""
    if isinstance(token, Element):
        attributes = token.attributes if token.name == "img" else None
    else:
        attributes = image_attributes(token.attributes, base_url) if _is_start(token, IMAGES) else None
    if not attributes:
        return []
    return [attributes["src"], *(each.split()[0] for each in attributes.get("srcset", "").split(", ") if each)]


def _is_start(token: Token, names: frozenset[str]) -> TypeGuard[Tag]:
    return isinstance(token, Tag) and not token.is_end and token.name in names
