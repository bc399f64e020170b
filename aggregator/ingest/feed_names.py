"""How links to feeds look: their types, their addresses and their words; and how those of comments do."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from .address import host_of, opened_in_program

_FEED_TYPE = re.compile(r"(?:application|text)/(?:x-|x\.)?(?:rss|atom|rdf|feed)(?:[+ ._-]?(?:xml|json))?", re.ASCII)
"""As it should be written, and as it is: application/rss+xml, text/rss, application/x-atom+xml, application/rssxml."""
_XML_TYPES = frozenset({"application/xml", "text/xml"})
_PERHAPS_FEED_TYPES = frozenset({"text/html", "text/plain", ""})
_JSON = "application/json"
"""JSON Feed 1.0 asked for this type, but WordPress announces its API with it too."""

_FEED_PATH = re.compile(
    r"/(?:feeds?|rss|atom)(?:/[a-z]{2})?/?$|/(?:rss|feeds?)/[\w.-]+\.xml$|\.(?:rss|atom|rdf)$"
    r"|/(?:index|blog|posts)\.(?:xml|json)$|/(?:[\w.]+-)?(?:feed|rss2?0?|atom(?:10)?)(?:[-_.]\w{1,12})?\.(?:xml|json|php|aspx?)$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|type|alt|output|action)=(?:feed|rss_?2?|atom|rdf)(?:&|$)", re.IGNORECASE
)
_FEED_HOST = re.compile(r"(?:feeds?\d?|rss)\.", re.IGNORECASE)
_FEED_WORDS = re.compile(
    r"(?:subscribe (?:to |via |by |with )?)?(?:the |our |my |full )?(?:blog |posts? |entries |web |news )?"
    r"(?:rss|atom|xml|json|syndication|news|web)?[ -]?(?:1\.0|2\.0)?[ -]?(?:feeds?|rss|atom|rss[ -]abonnieren|flux rss|"
    r"fil rss|canal rss)(?: 1\.0| 2\.0)?(?: feed| icon| logo)?",
    re.IGNORECASE,
)
"""What a link to a feed says, and nothing else."""
_OF_READERS = re.compile(
    r"https?://(?:www\.)?(?:feedly\.com|inoreader\.com|theoldreader\.com|newsblur\.com|netvibes\.com|bloglines\.com"
    r"|add\.my\.yahoo\.com|subtome\.com)/.*?(https?(?::|%3a)(?:/|%2f){2}.+)",
    re.IGNORECASE,
)

_COMMENTS = re.compile(
    # English, German, Dutch, Scandinavian, Finnish; French, Spanish, Portuguese, Italian, Catalan, Romanian;
    r"comment|kommentar|kommentt|reactie|replies|respuestas|comentari|comentári|comentarios|commenti"
    # Slavic, Hungarian, Turkish, Greek, Indonesian, Vietnamese;
    r"|komentar|komentář|komentár|коммент|комент|каментар|hozzászólás|yorum|σχόλι|σχολί|komen\b|bình luận"
    # Japanese, Chinese, Korean, Arabic, Persian, Hebrew, Thai, Hindi
    r"|コメント|评论|評論|留言|迴響|回應|回应|댓글|التعليق|دیدگاه|תגוב|ความเห็น|टिप्पणि",
    re.IGNORECASE,
)
_TITLE_PARTS = re.compile(r"\s[»|–—:·-]\s|\s&raquo;\s|»")
_FEED_OF_SITE = re.compile(
    r"/(?:blog/)?(?:feed|rss|atom|index|rss2|feed/(?:rss2?|atom|posts/default))(?:\.\w{2,4})?/?", re.IGNORECASE
)
_PART_OF_SITE = re.compile(
    r"/(?:category|categories|tags?|topics?|labels?|author|kategorie|search|archives?)/|categor", re.IGNORECASE
)


def is_feed_type(content_type: str) -> bool:
    """Whether a type, in lower case and without parameters, is one of feeds alone."""
    return bool(_FEED_TYPE.fullmatch(content_type))


def may_be_feed(content_type: str, href: str, title: str) -> bool:
    """Whether a link of a type that isn't of feeds alone leads to one, as its address or its words say."""
    if content_type == _JSON:
        return "feed" in href.casefold()
    if content_type in _XML_TYPES:
        return True
    return content_type in _PERHAPS_FEED_TYPES and (leads_to_feed(href) or says_feed(title))


def leads_to_feed(href: str) -> bool:
    """Whether an address, absolute or relative, is plainly that of a feed."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    if parts.scheme and parts.scheme not in {"http", "https"}:
        return opened_in_program(href) != href
    is_of_feeds = bool(_FEED_HOST.match(parts.netloc)) and len(parts.path) > 1
    return is_of_feeds or bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def says_feed(words: str) -> bool:
    """Whether the words of a link are those of a link to a feed, and no others."""
    return bool(_FEED_WORDS.fullmatch(" ".join(words.split())))


def behind_reader(href: str) -> str:
    """The feed that a link to a program on the web would subscribe to; else the link itself."""
    found = _OF_READERS.match(href)
    return unquote(found[1]).partition("&")[0] if found else href


def is_of_comments(url: str, title: str) -> bool:
    """Whether a feed is of comments. A blog may have such a name, and its main feed is none."""
    address = urlsplit(url)
    if _COMMENTS.search(f"{address.path}?{address.query}"):
        return True
    words = _TITLE_PARTS.split(title)
    return bool(_COMMENTS.search(words[-1])) and not (len(words) == 1 and _FEED_OF_SITE.fullmatch(address.path))


def is_of_part(url: str, title: str) -> bool:
    """Whether a feed is of a part of a site only: a category, a tag, an author, what was searched for."""
    return bool(_PART_OF_SITE.search(f"{title} {url}"))


def is_elsewhere(url: str, page_url: str) -> bool:
    """Whether a feed lies on a host that has nothing to do with that of the page that links to it."""
    host, page_host = host_of(url), host_of(page_url)
    return host.split(".")[-2:] != page_host.split(".")[-2:] and not _FEED_HOST.match(host)
