"""What an author could mend of a document that is read all the same is told from what is fine."""

from __future__ import annotations

import pytest

from aggregator.ingest.decode import charset_flaw
from aggregator.ingest.types import Document
from aggregator.ingest.xmlrepair import has_stray_ampersands
from aggregator.polling.bodies import read
from aggregator.polling.read_job import ReadJob
from tests.factories import NOW

TYPE = "application/rss+xml"


@pytest.mark.parametrize(
    ("body", "content_type", "flaw"),
    [
        (b'<?xml version="1.0" encoding="iso-8859-1"?><rss/>', TYPE, ""),
        ("<rss>é</rss>".encode(), TYPE, ""),
        ("<rss>é</rss>".encode(), f"{TYPE}; charset=utf-8", ""),
        ("\ufeff<rss>é</rss>".encode(), f"{TYPE}; charset=iso-8859-1", ""),
        ("<rss>é</rss>".encode("utf-16"), TYPE, ""),
        ("<rss>é</rss>".encode(), f"{TYPE}; charset=iso-8859-1", "label"),
        ('<?xml version="1.0" encoding="iso-8859-1"?><rss>é</rss>'.encode("latin-1"), TYPE, ""),
        ("<rss>é</rss>".encode("latin-1"), TYPE, "unlabeled"),
        ("<rss>é</rss>".encode("latin-1"), f"{TYPE}; charset=utf-8", "bytes"),
        (b'<?xml version="1.0" encoding="euc-jp"?><rss>\xff\xe9</rss>', TYPE, "bytes"),
        ("<rss>é</rss>".encode("latin-1"), f"{TYPE}; charset=no-such", "unlabeled"),
    ],
)
def test_what_is_wrong_with_the_encoding(body: bytes, content_type: str, flaw: str) -> None:
    assert charset_flaw(body, content_type) == flaw


@pytest.mark.parametrize(
    ("text", "is_stray"),
    [
        ("<a>b &amp; c &#38; &#x26; &lt;</a>", False),
        ("<a><![CDATA[b & c]]><!-- d & e --></a>", False),
        ("<a>b & c</a>", True),
        ("<a>b&nbsp;c</a>", True),
    ],
)
def test_an_ampersand_that_strict_parsers_stop_at(text: str, is_stray: bool) -> None:
    assert has_stray_ampersands(text) is is_stray


def document(body: bytes) -> Document:
    return read(ReadJob(body=body, url="https://blog.example/feed", content_type=TYPE, now=NOW))


ITEM = b"<item><title>One</title><link>https://blog.example/1</link></item>"
RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>A blog</title>%s</channel></rss>'


@pytest.mark.parametrize(
    ("body", "is_mended"),
    [
        (RSS % ITEM, False),
        (RSS % ITEM.replace(b"One", b"One & two"), True),
        (RSS % ITEM.replace(b"<title>", b"<title lang=en>"), True),
        (b'{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": "1", "title": "&"}]}', False),
    ],
    ids=["sound", "an ampersand", "an attribute", "JSON"],
)
def test_a_document_says_whether_it_was_mended(body: bytes, is_mended: bool) -> None:
    read_ = document(body)
    assert (read_.is_mended, read_.byte_count, len(read_.items)) == (is_mended, len(body), 1)
