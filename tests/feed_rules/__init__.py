"""What readers and the W3C's validator hold a feed to, in words of ours, as far as it concerns what we give out.

Each rule is a function that takes a document and says what breaks it; its docstring names where it is written. Most are
errors in a validator; "asked for" is a warning that we choose to heed.

What is accepted, though a validator may remark on it:

- The length of a recording (itunes:duration) makes it ask for what iTunes wants of a channel: a category, an owner with
  a mail address, whether it is explicit. A planet can't truly say that of all its blogs.
- Ids of entries are those of their own feeds, letter for letter, so that readers know a post again: none is mended.
- Hosts with an underscore, without a dot, or that are an IPv6 address lead somewhere; RFC 3986 allows them.
- `rb` in ruby: browsers that know it pair each base with its reading by it, and HTML's parsers still read it.
- Posts of one moment have equal dates, a post that is nothing but a title has no text, a blog's or an author's name may
  look like markup: they say so, and we say what they say.
"""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

from . import atom, every_format, rss
from .document import Document, Rule, read

RULES: dict[str, tuple[Rule, ...]] = {
    "rss": (*every_format.RULES, *rss.RULES),
    "feed": (*every_format.RULES, *atom.RULES),
}
"""By the name of a document's outermost element."""


def broken_rules(data: bytes, content_type: str, url: str) -> dict[str, list[str]]:
    """The names of the rules that a document breaks, read at this address, and what breaks them."""
    try:
        document = Document(read(data), content_type, url)
    except ParseError as error:
        return {"xml_is_well_formed": [str(error)]}
    faults = {rule.__name__: list(rule(document)) for rule in RULES[document.root.tag]}
    return {name: found for name, found in faults.items() if found}
