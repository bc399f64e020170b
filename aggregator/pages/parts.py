"""The longest posts in parts: each is HTML that fits into a page, and together they are the whole post.

A post that is a megabyte in its feed can be eight when it is cleaned: short links become long ones, and a letter can
take four bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.http import Http404
from django.urls import reverse

PART_BYTES = 1_500_000
"""Of the post and of what stands beside it, as they are written on a page."""
MAX_AGAIN_BYTES = 200_000
"""What the tags may take that a part begins with again; beyond that, they are without their attributes."""

_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*+)(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>|[^<]++")
_VOID = frozenset({"br", "hr", "img", "wbr"})
_ID = re.compile(r' id="[^"]*"')
_LAST_GAP = re.compile(rb".*[\s;>]", re.DOTALL)
_CUT_REFERENCE = re.compile(rb"&[#\w]{0,9}\Z")


def parts_of(html: str, beside_bytes: int = 0) -> list[str]:
    """The HTML in parts, each balanced; mostly it is the only one. With what stands beside it, none has more than
    PART_BYTES.

    Works on sanitized HTML only, where all elements end, and a `<` or `>` stands in tags alone. An element that goes on
    in the next part begins there again, without its id.
    """
    most = max(PART_BYTES - beside_bytes, PART_BYTES // 4)  # its limits leave it less than half; a loop needs some room
    if len(html) * 4 <= most or len(html.encode()) <= most:
        return [html]
    writer = _Writer(most)
    for match in _TOKEN.finditer(html):
        writer.write(match[0], match[2], is_end=bool(match[1]))
    return writer.finish()


def part_of(parts: Sequence[str], number: int) -> str:
    """The part of this number, from 1 on. Raises Http404 if there is none."""
    if not 1 <= number <= len(parts):
        raise Http404
    return parts[number - 1]


def ways_between_parts(pk: int, part: int, count: int) -> dict[str, str]:
    """The addresses of the parts before and after this one; empty where there is none.

    No names of the query: proxies are told which of these pages read, and an older file of theirs wouldn't know it.
    """
    return {
        "part_before": _address(pk, part - 1) if part > 1 else "",
        "part_after": _address(pk, part + 1) if part < count else "",
    }


def _address(pk: int, part: int) -> str:
    return reverse("post", args=[pk]) if part == 1 else reverse("post_part", args=[pk, part])


@dataclass(slots=True)
class _Writer:
    most: int
    """Bytes of a part."""
    parts: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    """Of the part that is being written."""
    size: int = 0
    """Its bytes, and those of the end tags that it needs if it ends here."""
    start_tags: list[tuple[str, str]] = field(default_factory=list)
    """Of the elements that are open: name and tag."""
    has_content: bool = False
    """Whether the part has anything yet but tags of elements that go on from the part before."""

    def write(self, token: str, name: str | None, *, is_end: bool) -> None:
        if name is None:
            self._text(token)
        elif is_end:
            self.start_tags.pop()
            self.written.append(token)
        else:
            self._start(token, name)

    def finish(self) -> list[str]:
        if self.has_content:  # else nothing is left but the end of what has been shown
            self.parts.append("".join(self.written))
        return self.parts

    def _start(self, tag: str, name: str) -> None:
        end_bytes = 0 if name in _VOID else len(name) + 3
        size = len(tag.encode()) + end_bytes  # small beside a part: what attributes hold has limits
        if self.size + size > self.most:
            self._break()
        self._add(tag, size)
        if name not in _VOID:
            self.start_tags.append((name, tag))

    def _text(self, text: str) -> None:
        rest = text.encode()
        while self.size + len(rest) > self.most:
            cut = _beginning(rest, self.most - self.size)
            if cut:
                self._add(cut.decode(), len(cut))
                rest = rest[len(cut) :]
            self._break()
        if rest:
            self._add(rest.decode(), len(rest))

    def _add(self, token: str, size: int) -> None:
        self.written.append(token)
        self.size += size
        self.has_content = True

    def _break(self) -> None:
        """Ends the part, and begins the next with what is open."""
        ends = (f"</{name}>" for name, _ in reversed(self.start_tags))
        self.parts.append("".join([*self.written, *ends]))
        self.start_tags = list(_again(self.start_tags))
        self.written = [tag for _, tag in self.start_tags]
        self.size = sum(len(tag.encode()) + len(name) + 3 for name, tag in self.start_tags)
        self.has_content = False


def _again(start_tags: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    is_short = sum(len(tag.encode()) for _, tag in start_tags) <= MAX_AGAIN_BYTES
    for name, tag in start_tags:
        yield name, _ID.sub("", tag) if is_short else f"<{name}>"


def _beginning(text: bytes, most: int) -> bytes:
    """At most so many bytes of the text: up to a gap between words if one is near, never within a character."""
    cut = text[: max(most, 0)].decode(errors="ignore").encode()
    near = len(cut) - min(len(cut), 1000)
    if gap := _LAST_GAP.match(cut, near):
        return cut[: gap.end()]
    return _CUT_REFERENCE.sub(b"", cut)
