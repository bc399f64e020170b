"""The page that shows what an embedded player shows: its readers can leave a comment there, and it plays."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from .address import absolute_link, host_of, media_link
from .markup import names
from .media_files import PLAYABLE

_YOUTUBE = frozenset({"youtube.com", "youtube-nocookie.com", "m.youtube.com"})
_YOUTUBE_PATH = re.compile(r"/(?:embed|v|shorts|live|e)/([\w-]{5,20})(?:&[^/]*)?/?", re.ASCII)
_YOUTUBE_ID = re.compile(r"[\w-]{5,20}", re.ASCII)
_LIST = re.compile(r"[\w-]{2,80}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)
_VIMEO_PATH = re.compile(r"/video/([0-9]{1,15})/?", re.ASCII)
_VIMEO_KEY = re.compile(r"[0-9a-f]{4,40}", re.ASCII)

_WRAPPERS = {
    "w.soundcloud.com": ("url",),
    "cdn.embedly.com": ("url",),
    "docs.google.com": ("url",),
    "facebook.com": ("href",),
}
"""Hosts whose player shows what lies elsewhere, and the parameters that say where."""

_PAGES = (
    (re.compile(r"https?://open\.spotify\.com/embed/([a-z]{2,12}/\w{1,40})(?:\?.*)?"), "https://open.spotify.com/{}"),
    (
        re.compile(r"https?://codepen\.io/([\w-]{1,60})/embed/(?:preview/)?(\w{1,20})/?(?:\?.*)?"),
        "https://codepen.io/{}/pen/{}",
    ),
    (
        re.compile(r"https?://(?:geo\.)?(?:www\.)?dailymotion\.com/embed/video/(\w{1,20})(?:\?.*)?"),
        "https://www.dailymotion.com/video/{}",
    ),
    (re.compile(r"(https?://[\w.:-]+/@[\w.@-]{1,100}/[0-9]{1,30})/embed/?"), "{}"),
    (re.compile(r"(https?://[\w.:-]+)/videos/embed/([\w-]{1,60})(?:\?.*)?"), "{}/w/{}"),
    (re.compile(r"https?://archive\.org/embed/([\w.-]{1,200})/?(?:\?.*)?"), "https://archive.org/details/{}"),
    (re.compile(r"https?://embed\.ted\.com/(.{1,200})"), "https://www.ted.com/{}"),
    (
        re.compile(r"https?://(?:www\.)?instagram\.com/(p|reel)/([\w-]{1,40})/embed(?:/captioned)?/?(?:\?.*)?"),
        "https://www.instagram.com/{}/{}/",
    ),
    (
        re.compile(r"https?://(?:www\.)?tiktok\.com/embed/(?:v2/)?([0-9]{1,30})(?:\?.*)?"),
        "https://www.tiktok.com/@/video/{}",
    ),
    (
        re.compile(r"https?://platform\.twitter\.com/embed/Tweet\.html\?(?:.*&)?id=([0-9]{1,30})(?:&.*)?"),
        "https://twitter.com/i/status/{}",
    ),
    (
        re.compile(r"https?://embed\.bsky\.app/embed/([\w.:-]{1,200})/app\.bsky\.feed\.post/(\w{1,30})(?:\?.*)?"),
        "https://bsky.app/profile/{}/post/{}",
    ),
)
"""Addresses of players and quoted posts, and those of the pages behind them."""

_AUDIO = names(
    "open.spotify.com w.soundcloud.com soundcloud.com bandcamp.com embed.podcasts.apple.com mixcloud.com anchor.fm"
    " podcasters.spotify.com player.simplecast.com buzzsprout.com podbean.com share.transistor.fm omny.fm podigee.io"
    " html5-player.libsyn.com play.libsyn.com player.captivate.fm"
)
_VIDEO = names(
    "youtube.com vimeo.com player.vimeo.com dailymotion.com player.twitch.tv clips.twitch.tv embed.ted.com"
    " fast.wistia.net videopress.com video.wordpress.com rumble.com odysee.com media.ccc.de"
)
_FEDERATED = re.compile(r"https?://[^/]++/videos/embed/")
"""PeerTube, on whatever host."""

_PLAYED = re.compile(rf"\.(?:{PLAYABLE}|flv)$", re.IGNORECASE)
_MAX_SETTINGS_CHARACTERS = 8000


def page_of(address: str) -> str:
    """The page for people behind the address of a player; the address itself if it is one that nobody here knows."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    host = host_of(address)
    if host in _YOUTUBE:
        return _youtube_page(parts) or address
    if host == "youtu.be" and _YOUTUBE_ID.fullmatch(parts.path[1:]):
        return f"https://www.youtube.com/watch?v={parts.path[1:]}"
    if host == "player.vimeo.com":
        return _vimeo_page(parts) or address
    for pattern, page in _PAGES:
        if match := pattern.fullmatch(address):
            return page.format(*match.groups())
    if host in _WRAPPERS:
        parameters = parameters_of(parts.query)
        inner = (absolute_link(parameters.get(name, ""), "") for name in _WRAPPERS[host])
        # What only programs ask isn't for people.
        return next((each for each in inner if each and not host_of(each).startswith("api.")), address)
    return address


def file_for_player(settings: str, base_url: str) -> str:
    """The sound or film that an old player's settings name (Flash): what plays it is gone, the file may not be."""
    for pair in settings[:_MAX_SETTINGS_CHARACTERS].rpartition("?")[2].split("&"):
        value = unquote(pair.partition("=")[2])
        if _PLAYED.search(value):
            return media_link(value, base_url)
    return ""


def kind_of_host(address: str) -> str:
    """ "Video" or "Audio" for hosts that have nothing else; empty for others."""
    host = host_of(address)
    if host in _VIDEO or host in _YOUTUBE or _FEDERATED.match(address):
        return "Video"
    return "Audio" if host in _AUDIO or host.endswith((".bandcamp.com", ".podigee.io", ".podbean.com")) else ""


def parameters_of(query: str) -> dict[str, str]:
    """The first value of each; none of a query that has too many."""
    try:
        return {name: values[0] for name, values in parse_qs(query, max_num_fields=100).items()}
    except ValueError:
        return {}


def _youtube_page(parts: SplitResult) -> str:
    parameters = parameters_of(parts.query)
    playlist = parameters.get("list", "")
    playlist = playlist if _LIST.fullmatch(playlist) else ""
    match = _YOUTUBE_PATH.fullmatch(parts.path)
    video = match[1] if match and match[1] not in ("videoseries", "live_stream") else ""
    if video:
        start = parameters.get("start", "")
        when = f"&t={start}s" if _SECONDS.fullmatch(start) and int(start) else ""
        return f"https://www.youtube.com/watch?v={video}" + (f"&list={playlist}" if playlist else "") + when
    if playlist:
        return f"https://www.youtube.com/playlist?list={playlist}"
    channel = parameters.get("channel", "")
    return f"https://www.youtube.com/channel/{channel}/live" if match and _LIST.fullmatch(channel) else ""


def _vimeo_page(parts: SplitResult) -> str:
    match = _VIMEO_PATH.fullmatch(parts.path)
    if not match:
        return ""
    key = parameters_of(parts.query).get("h", "")  # without it, a video that isn't listed can't be seen
    return f"https://vimeo.com/{match[1]}" + (f"/{key}" if _VIMEO_KEY.fullmatch(key) else "")
