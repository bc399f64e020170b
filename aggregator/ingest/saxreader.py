"""The XML parser under feedparser: expat, told to hand over text in large pieces, and captions by a name of theirs."""

from __future__ import annotations

from typing import Any
from xml.sax.expatreader import ExpatParser

from .captions import name_for_parser


class SaxReader(ExpatParser):
    _parser: Any

    def reset(self) -> None:
        super().reset()
        # By default, each line and each "&lt;" of a post is a call of its own: thousands for a document.
        self._parser.buffer_text = True
        self._parser.buffer_size = 2**16

    def start_element_ns(self, name: str, attrs: Any) -> None:
        told = name_for_parser(name)
        # With attributes, feedparser would keep those, and not the text.
        super().start_element_ns(told, attrs if told is name else {})

    def end_element_ns(self, name: str) -> None:
        super().end_element_ns(name_for_parser(name))


def create_parser() -> SaxReader:
    """A new parser. xml.sax looks for a function of this name in the modules that it is told to use."""
    return SaxReader()
