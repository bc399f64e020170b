"""Whether a feed has become another one, because its domain was sold or its server mixed up its sites. Pure.

Each sign of it counts points:

- 2: most of its unfamiliar posts link to sites that are new to this feed, which used to link to one site. No points
  if a permanent redirect of the feed leads to that site: then the blog has moved.
- 1: it has another id. No points if a permanent redirect leads it to another site, or if both ids are addresses of one
  site: new software makes new ids.
- 1: it is in another language; "en-us" is "en".
- 1: it has three posts or more, and none of them is familiar.

A few familiar posts take 1 away. With 2 points or more, the feed has drifted. If at least half of the posts are
familiar, or if fewer than five posts of the feed are known, it is always the feed that it was.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from aggregator.ingest.address import host_of

MAX_COMPARED_POSTS = 50
"""The newest known posts, whose links say where a feed is at home; older ones may be of an earlier home."""
MIN_KNOWN_POSTS = 5
"""With fewer posts known, a feed has no habits yet."""
MIN_HOME_SHARE = 0.8
"""A feed keeps to one site if this share of its links leads there; a planet or a link blog has no such site."""
MIN_UNFAMILIAR_POSTS = 3
"""A feed may carry only its last post or two; that those are new means nothing."""
MIN_DRIFT_POINTS = 2
"""One sign that counts 1 has harmless causes, such as new software; two of them seldom have."""

_SECOND_LEVELS = frozenset(
    {
        *("ac", "asn", "co", "com", "edu", "go", "gob", "gouv", "gov", "gv", "id"),
        *("ltd", "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch"),
    }
)
"""What countries put between their own label and a registered name, as in blog.co.uk."""
_ONE_LANGUAGE = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no"}
"""Retired codes, and the two forms of Norwegian, which many feeds don't tell apart."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a feed is known by."""

    feed_id: str = ""
    language: str = ""
    links: tuple[str, ...] = ()
    """One for each of its posts; empty for a post without a link."""
    places: tuple[str, ...] = ()
    """Its own addresses: the feed's, its site's, and that to which a permanent redirect leads."""


def drift(was: Traits, now: Traits, *, familiar: int) -> str:
    """The signs of drift, in words that continue "It may be another blog now:"; empty if there are none, or too few.

    `now.links` are those of the document's posts that are not familiar; `familiar` says how many are.
    """
    unfamiliar = len(now.links)
    if len(was.links) < MIN_KNOWN_POSTS or familiar >= unfamiliar:
        return ""
    moved_to = _sites(now.places) - _sites(was.places)
    signs = [
        (2, _sign_in_links(was, now, moved_to)),
        (1, "" if moved_to else _sign_in_id(was.feed_id, now.feed_id)),
        (1, _sign_in_language(was.language, now.language)),
    ]
    found = [(points, words) for points, words in signs if words]
    if not familiar and unfamiliar >= MIN_UNFAMILIAR_POSTS:
        found.append((1, "none of its earlier posts is left"))
    points = sum(points for points, _ in found) - bool(familiar)
    return "; ".join(words for _, words in found) if points >= MIN_DRIFT_POINTS else ""


def site_of(url: str) -> str:
    """The registered name in an address: the last two labels of its host, or three where a country has a second level.

    A guess that needs no list of all suffixes, and errs towards one site: the blogs of one platform, like
    ada.github.io and bo.github.io, count as one. Numeric addresses stay whole. Empty for none.
    """
    host = host_of(url)
    labels = host.split(".")
    if len(labels) < 3 or _is_numeric(host):
        return host
    is_deeper = len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS
    return ".".join(labels[-3:] if is_deeper else labels[-2:])


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _sites(urls: Iterable[str]) -> set[str]:
    return {site_of(url) for url in urls} - {""}


def _sign_in_links(was: Traits, now: Traits, moved_to: set[str]) -> str:
    before = Counter(site for link in was.links if (site := site_of(link)))
    after = Counter(site for link in now.links if (site := site_of(link)))
    strange = Counter({site: uses for site, uses in after.items() if site not in before.keys() | _sites(was.places)})
    if not before or 2 * strange.total() <= after.total():
        return ""
    [(home, uses)], [(goal, _)] = before.most_common(1), strange.most_common(1)
    if uses < MIN_HOME_SHARE * before.total() or goal in moved_to:
        return ""
    return f"its posts link to {goal[:80]}, no longer to {home[:80]}"


def _sign_in_id(was: str, now: str) -> str:
    if not was or not now or was == now:
        return ""
    is_of_one_site = bool(site_of(was)) and site_of(was) == site_of(now)
    return "" if is_of_one_site else "its id is another one"


def _sign_in_language(was: str, now: str) -> str:
    if not was or not now or _primary(was) == _primary(now):
        return ""
    return f"its language is “{now}”, no longer “{was}”"


def _primary(language: str) -> str:
    code = language.partition("-")[0]
    return _ONE_LANGUAGE.get(code, code)
