"""What a script of somebody else's would draw into a post: where that can be seen, from the marks left for the script.

A post from another network, code, a recording: its place in the post is an empty element or the script alone. What says
something by itself, such as a quoted post with its words, isn't our matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from .address import absolute_link, host_of, media_link
from .embed_pages import parameters_of
from .loose import mappings_of, string_of
from .media_files import PLAYABLE
from .settings_left import address_in, kind_on_the_page, settings_of
from .text import resolve_entities_of_attribute

_SIGNS = ("-embed", "embedly-card", "typeform-widget", "wistia_async_", "youtube-player", "fb-post", "fb-video")
_ATTRIBUTES = re.compile(
    r"data-(?:embed|oembed|instgrm|bluesky|slug-hash|attrs|setup|y(?:ou)?t|video|iframe|media-url|html=|block-json|npf"
    rf"|pin-do|[a-z-]{{1,40}}=[\"'][^\"'<>\s]{{1,300}}\.(?:{PLAYABLE})[?\"'])"
)
_CUSTOM_ELEMENT = re.compile(r"<[a-z]++[-:]")

_SCRIPTS = (
    (re.compile(r"(https?://gist\.github\.com/(?:[\w-]{1,60}/)?[0-9a-f]{4,64})(?:\.js|/raw/)"), "{}", "Code"),
    (re.compile(r"(https?://[\w.-]+/(?:[\w./-]{1,200}/)?snippets/[0-9]{1,12})\.js"), "{}", "Code"),
    (re.compile(r"(https?://asciinema\.org/a/\w{1,40})\.js"), "{}", "Recording"),
    (
        re.compile(r"https?://fast\.wistia\.(?:com|net)/embed/(?:medias/)?(\w{6,20})\.js"),
        "https://fast.wistia.net/embed/iframe/{}",
        "Video",
    ),
    (re.compile(r"(https?://(?:www\.)?buzzsprout\.com/[0-9]{1,12}/(?:episodes/)?[\w-]{1,200})\.js"), "{}", "Audio"),
    (re.compile(r"https?://(?:secure|static)\.polldaddy\.com/p/([0-9]{1,15})\.js"), "https://poll.fm/{}", "Poll"),
    (re.compile(r"(https?://datawrapper\.dwcdn\.net/\w{3,10}/)(?:[0-9]{1,4}/)?embed\.js"), "{}", "Chart"),
    (re.compile(r"(https?://jsfiddle\.net/[\w/-]{1,100}/)embed/"), "{}", "Code"),
)
"""Addresses of scripts, what they draw, and of which kind that is."""

_YOUTUBE = "https://www.youtube.com/watch?v={}"
_BY_ID = {
    "lite-youtube": ("videoid", _YOUTUBE),
    "amp-youtube": ("data-videoid", _YOUTUBE),
    "lite-vimeo": ("videoid", "https://vimeo.com/{}"),
    "amp-vimeo": ("data-videoid", "https://vimeo.com/{}"),
    "amp-twitter": ("data-tweetid", "https://twitter.com/i/status/{}"),
    "amp-instagram": ("data-shortcode", "https://www.instagram.com/p/{}/"),
    "amp-tiktok": ("data-src", "https://www.tiktok.com/embed/v2/{}"),
    "amp-dailymotion": ("data-videoid", "https://www.dailymotion.com/video/{}"),
    "amp-gist": ("data-gistid", "https://gist.github.com/{}"),
    "amp-soundcloud": ("data-trackid", "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/{}"),
    "wistia-player": ("media-id", "https://fast.wistia.net/embed/iframe/{}"),
}
"""Elements that name what they show by an id."""

_BY_CLASS = (
    ("flourish-embed", "data-src", "https://public.flourish.studio/{}/", "Chart"),
    ("infogram-embed", "data-id", "https://infogram.com/{}", "Chart"),
    ("imgur-embed-pub", "data-id", "https://imgur.com/{}", "Picture"),
)
"""Classes of elements, their attributes with an id, and the page for it."""

_PATH_ID = re.compile(r"[\w-]{1,60}(?:/[\w-]{1,60})?", re.ASCII)
_ID = re.compile(r"[\w-]{1,40}", re.ASCII)
_YOUTUBE_ID = re.compile(r"[\w-]{11}", re.ASCII)
_BLUESKY = re.compile(r"at://([\w.:-]{3,200})/app\.bsky\.feed\.post/(\w{5,30})", re.ASCII)
_WISTIA = re.compile(r"\bwistia_async_(\w{6,20})")
_YOUTUBE_NAMES = ("data-youtube-id", "data-youtube", "data-yt-id", "data-ytid", "data-videoid", "data-video-id")
_ADDRESS_NAMES = (
    *("data-instgrm-permalink", "data-embed-url", "data-oembed-url", "data-oembed", "data-embed-src"),
    *("data-video-url", "data-video-src", "data-video", "data-iframe-src", "data-iframe", "data-media-url"),
)
_FACEBOOK = re.compile(r"\bfb-(?:post|video)\b")
_OF_CUSTOM_ELEMENTS = ("src", "data-src", "url", "data-url", "href", "data-href", "data-embed-url", "data-oembed-url")
_OTHERS = frozenset({"portal", "oembed"})
"""Elements with an address that aren't custom, and that `embeds` doesn't read."""

MARK_OF_WORDPRESS = "wp-block-embed__wrapper"
_MEDIA_IN_DATA = re.compile(
    rf"data-[\w-]{{1,40}}\s*+=\s*+[\"']?([^\"'\s<>]{{1,2000}}?\.(?:{PLAYABLE})(?:\?[^\"'\s<>]*+)?)"
    r"(?=[\"'\s>]|$)",
    re.IGNORECASE,
)
_WEB = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_FOR_SCRIPTS = re.compile(r"embedly-card|data-pin-do", re.IGNORECASE)
"""Of links without words, those that a script makes a card of. Others are signs, or ends of links."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What is to be seen elsewhere."""

    address: str
    kind: str = ""
    title: str = ""


def may_be_drawn(lowered: str) -> bool:
    """Whether HTML in lower case may have such an element; scripts aside."""
    return bool(
        any(sign in lowered for sign in _SIGNS) or _ATTRIBUTES.search(lowered) or _CUSTOM_ELEMENT.search(lowered)
    )


def is_of_script(name: str) -> bool:
    """Whether it is the name of an element that no browser knows by itself."""
    return "-" in name or ":" in name or name in _OTHERS


def drawn_by(script: Mapping[str, str], base_url: str) -> Elsewhere | None:
    """What a script with these attributes draws; None if it isn't known to draw anything."""
    source = absolute_link(script.get("src", ""), base_url)
    for pattern, page, kind in _SCRIPTS:
        if match := pattern.match(source):
            return Elsewhere(page.format(match[1]), kind)
    if post := script.get("data-telegram-post", ""):
        return Elsewhere(absolute_link(post, "https://t.me/"))
    if "speakerdeck" in source and _ID.fullmatch(script.get("data-id", "")):
        return Elsewhere(f"https://speakerdeck.com/player/{script['data-id']}", "Slides")
    if source.startswith("https://emgithub.com/"):
        return Elsewhere(absolute_link(parameters_of(urlsplit(source).query).get("target", ""), ""), "Code")
    if "podcast" in source or "player" in source:
        address = absolute_link(script.get("data-configuration", ""), base_url)
        return Elsewhere(address, "Audio") if address else None
    return None


def named_by(name: str, found: Mapping[str, str], base_url: str) -> str:
    """The address that an element `is_of_script` was given; empty if there is none."""
    if name in _BY_ID:
        attribute, page = _BY_ID[name]
        identity = found.get(attribute, "")
        return page.format(identity) if _ID.fullmatch(identity) else ""
    addresses = (found[each] for each in _OF_CUSTOM_ELEMENTS if found.get(each))
    return next(filter(None, (_whole(each, base_url) for each in addresses)), "") or _of_setup(found, base_url)


def left_for_scripts(found: Mapping[str, str], base_url: str) -> Elsewhere | None:
    """What a script draws into an empty element with these attributes; None if they don't say."""
    if "data-attrs" in found:
        return _of_settings(found["data-attrs"], base_url) or _on_its_page(found, base_url)
    if match := _BLUESKY.fullmatch(found.get("data-bluesky-uri", "")):
        return Elsewhere(f"https://bsky.app/profile/{match[1]}/post/{match[2]}")
    classes = found.get("class", "").lower()
    if "tiktok-embed" in classes:
        return Elsewhere(absolute_link(found.get("cite", ""), base_url))
    if match := _WISTIA.search(found.get("class", "")):
        return Elsewhere(f"https://fast.wistia.net/embed/iframe/{match[1]}", "Video")
    if (pen := found.get("data-slug-hash", "")) and _ID.fullmatch(pen) and _ID.fullmatch(found.get("data-user", "")):
        return Elsewhere(f"https://codepen.io/{found['data-user']}/pen/{pen}")
    if identity := _youtube_id(found, classes):
        return Elsewhere(_YOUTUBE.format(identity), "Video")
    for name, attribute, page, kind in _BY_CLASS:
        if name in classes and _PATH_ID.fullmatch(found.get(attribute, "")):
            return Elsewhere(page.format(found[attribute]), kind, found.get("data-title", ""))
    if "tmblr-embed" in classes or "typeform-widget" in classes:
        return Elsewhere(absolute_link(unquote(found.get("data-url", "")), base_url))
    names = (*_ADDRESS_NAMES, "data-href") if _FACEBOOK.search(classes) else _ADDRESS_NAMES
    address = next(filter(None, (_whole(found.get(name, ""), base_url) for name in names)), "")
    address = address or _of_setup(found, base_url) or address_in(found, base_url)
    return Elsewhere(address) if address else None


def after_consent(found: Mapping[str, str], base_url: str) -> str:
    """Where a frame leads once its reader agrees: each program that asks has a name of its own for that."""
    named = (value for name, value in found.items() if name != "src" and ("src" in name or "url" in name))
    return next((address for value in named if _WEB.match(value) and (address := media_link(value, base_url))), "")


def file_of_data(source: str, found: Mapping[str, str], base_url: str) -> Elsewhere | None:
    """A sound or a film that a script plays, once somebody presses the element whose attribute names it."""
    match = _MEDIA_IN_DATA.search(source)
    address = media_link(resolve_entities_of_attribute(match[1]), base_url) if match else ""
    title = found.get("title", "") or found.get("data-title", "") or found.get("data-name", "")
    return Elsewhere(address, title=title) if address else None


def words_of_empty_link(source: str, found: Mapping[str, str]) -> str:
    """What a link says that a script makes a card of; empty for other links."""
    if not _FOR_SCRIPTS.search(source):
        return ""
    return found.get("title", "") or found.get("aria-label", "") or host_of(found.get("href", ""))


def left_by_wordpress(inner: Sequence[object], base_url: str) -> Elsewhere | None:
    """A lone address in an element with MARK_OF_WORDPRESS, which embeds what lies there if the other side answers."""
    words = inner[0] if inner else ""
    if not isinstance(words, str) or len(words.split()) != 1 or not _WEB.match(words.strip()):
        return None
    return Elsewhere(media_link(words.strip(), base_url))


def playlist(settings: str, base_url: str) -> list[Elsewhere]:
    """The films or sounds that WordPress plays one after the other, from the JSON that it writes for its player."""
    told = settings_of(settings)
    kind = {"audio": "Audio", "video": "Video"}.get(string_of(told, "type"), "")
    found = ((track, absolute_link(string_of(track, "src"), base_url)) for track in mappings_of(told.get("tracks")))
    return [Elsewhere(address, kind, string_of(track, "title")) for track, address in found if address]


def _of_settings(settings: str, base_url: str) -> Elsewhere | None:
    """Substack's, which has the address of what it embeds, and often its words."""
    told = settings_of(settings)
    title = string_of(told, "full_text") or string_of(told, "title")
    if _YOUTUBE_ID.fullmatch(string_of(told, "videoId")):
        return Elsewhere(_YOUTUBE.format(told["videoId"]), "Video", title)
    address = absolute_link(string_of(told, "url") or string_of(told, "canonical_url"), base_url)
    return Elsewhere(address, title=title) if address else None


def _on_its_page(found: Mapping[str, str], base_url: str) -> Elsewhere | None:
    """What lies on the author's own page alone: a recording, or a poll."""
    kind = kind_on_the_page(found)
    return Elsewhere(base_url, kind) if kind and base_url else None


def _of_setup(found: Mapping[str, str], base_url: str) -> str:
    """What Video.js is told to play."""
    sources = mappings_of(settings_of(found.get("data-setup", "")).get("sources"))
    return next(filter(None, (absolute_link(string_of(each, "src"), base_url) for each in sources)), "")


def _youtube_id(found: Mapping[str, str], classes: str) -> str:
    names = (*_YOUTUBE_NAMES, "data-id") if "youtube" in classes or "yt" in classes else _YOUTUBE_NAMES
    return next((found[name] for name in names if _YOUTUBE_ID.fullmatch(found.get(name, ""))), "")


def _whole(value: str, base_url: str) -> str:
    """An address; a word that could be a relative one is a setting of a script."""
    return absolute_link(value, base_url) if "/" in value and not value.startswith(("{", "[")) else ""
