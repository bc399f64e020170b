from __future__ import annotations

from io import BytesIO
from pathlib import Path
from xml.sax import make_parser
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import InputSource

import feedparser
import feedparser.api
import pytest

from aggregator.ingest import parse, saxreader
from aggregator.ingest.app_summaries import renamed

FEEDS = Path(__file__).resolve().parent.parent / "feeds"
POST = b"<item>" + b"&lt;p&gt;One line.&lt;/p&gt;\n" * 50 + b"</item>"


class Pieces(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def characters(self, content: str) -> None:
        self.texts.append(content)


def pieces_of(document: bytes) -> list[str]:
    handler = Pieces()
    parser = make_parser([saxreader.__name__])
    parser.setContentHandler(handler)
    source = InputSource()
    source.setByteStream(BytesIO(document))
    parser.parse(source)
    return handler.texts


def test_a_text_comes_in_one_piece() -> None:
    assert pieces_of(POST) == ["<p>One line.</p>\n" * 50]


def test_feedparser_reads_with_it() -> None:
    assert [saxreader.__name__] == parse.feedparser.api.PREFERRED_XML_PARSERS
    assert isinstance(make_parser([saxreader.__name__]), saxreader.SaxReader)


@pytest.mark.parametrize("path", sorted(FEEDS.rglob("*.xml")), ids=lambda path: path.stem)
def test_it_reads_what_the_parser_of_the_standard_library_reads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is told the other names of app summaries by the text itself."""
    ours = feedparser.parse(path.read_bytes())
    monkeypatch.setattr(feedparser.api, "PREFERRED_XML_PARSERS", [])
    theirs = feedparser.parse(renamed(path.read_bytes().decode("latin-1")).encode("latin-1"))
    assert (ours["feed"], ours["entries"], ours["bozo"]) == (theirs["feed"], theirs["entries"], theirs["bozo"])
