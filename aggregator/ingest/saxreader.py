"""The XML parser under feedparser: expat, told to hand over text in large pieces."""

from __future__ import annotations

from typing import Any
from xml.sax.expatreader import ExpatParser


class SaxReader(ExpatParser):
    _parser: Any

    def reset(self) -> None:
        super().reset()
        # By default, each line and each "&lt;" of a post is a call of its own: thousands for a document.
        self._parser.buffer_text = True
        self._parser.buffer_size = 2**16


def create_parser() -> SaxReader:
    """A new parser. xml.sax looks for a function of this name in the modules that it is told to use."""
    return SaxReader()
