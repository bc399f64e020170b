"""What a planet's configuration sets and we don't take over: a line for each option, with the reason and a count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

MAX_LINES = 200
"""Of what is left out. There are no more options than that; what goes on behind them is no configuration."""
MAX_NAME_CHARACTERS = 120

_FACES = "pictures of people aren't shown."
_TEMPLATES = "the pages have templates of their own."
_DATES = "dates are written in one way here."
_STORE = "all that is read stays in the database."
_TEXT = "what kind of text a feed brings is found out."

_REASONS = {
    **dict.fromkeys(
        ("face", "facewidth", "faceheight", "avatar", "hackergotchi", "gravatar", "image", "logo", "icon", "photo"),
        _FACES,
    ),
    **dict.fromkeys(
        ("template_files", "template_directories", "output_theme", "theme", "output_dir", "bill_of_materials"),
        _TEMPLATES,
    ),
    **dict.fromkeys(("style", "css", "template", "django_autoescape", "encoding", "html_encoding"), _TEMPLATES),
    **dict.fromkeys(("date_format", "new_date_format", "time_format", "locale"), _DATES),
    **dict.fromkeys(("ignore_in_feed", "name_type", "title_type", "summary_type", "content_type", "id_type"), _TEXT),
    **dict.fromkeys(("xml_base", "lang", "language"), _TEXT),
    "activity_threshold": "a blog that is silent stays in the list.",
    "author": "posts name their authors themselves.",
    "cookie": "feeds are asked without cookies.",
    "days_per_page": "the front page counts posts, not days.",
    "email": "nobody's address is stored.",
    "feed_timeout": "FETCH_TIMEOUT_SECONDS says how long a feed may take.",
    "filter_directories": "no filter is run.",
    "future_dates": "a date in the future counts as now.",
    "generator": "the pages say nothing of it.",
    "generator_uri": "the pages say nothing of it.",
    "link": "each blog's page is taken from its feed.",
    "location": "where people live isn't shown.",
    "max_entries": "all posts of a feed are kept.",
    "name": "a feed without a name goes by its own title.",
    "new_feed_items": "all posts of a new feed are shown.",
    **dict.fromkeys(("nick", "username", "nickname"), "only names are shown."),
    **dict.fromkeys(("offset", "tz"), "dates count as the feed writes them."),
    "owner_name": "CONTACT is an address alone.",
    "portal": "only the blog's own page is shown.",
    "pubsubhubbub_feeds": "feeds are polled.",
    "pubsubhubbub_hub": "feeds are polled.",
    "spider_threads": "POLL_CONCURRENCY says how many feeds are asked at a time.",
    "title": "a feed without a name goes by its own title.",
    **dict.fromkeys(
        (
            "twitter",
            "github",
            "gitlab",
            "mastodon",
            "fediverse",
            "bluesky",
            "gplus",
            "rubygems",
            "irc",
            "jabber",
            "online_accounts",
        ),
        "accounts elsewhere aren't shown.",
    ),
}
_REASONS_BY_START = {
    "cache": _STORE,
    "http_cache": _STORE,
    "log": "the log goes to where the server's does.",
    "face": _FACES,
    "avatar": _FACES,
    "template": _TEMPLATES,
    "output": _TEMPLATES,
    "pubsubhubbub": "feeds are polled.",
}
_UNKNOWN = "it means nothing here."


class LeftOut:
    """What isn't taken over of a configuration, as it is found, and in the end as lines."""

    def __init__(self) -> None:
        self._feeds: Counter[str] = Counter()
        self._sites: dict[str, list[str]] = {}
        self._reasons: dict[str, str] = {}
        self._lines: list[str] = []

    def of_feed(self, options: Iterable[str]) -> None:
        """A feed sets these."""
        self._feeds.update(shown(option) for option in options)

    def of_section(self, section: str, options: Iterable[str]) -> None:
        """The planet's or the default section sets these."""
        for option in options:
            self._sites.setdefault(shown(option), []).append(section)

    def say(self, line: str) -> None:
        """What is no option has a line of its own."""
        self._lines.append(line)

    def because(self, option: str, reason: str) -> None:
        """Give another reason than the usual one, for what stands in the option."""
        self._reasons[option] = reason

    def lines(self) -> tuple[str, ...]:
        """Such as "face: 42 feeds; pictures of people aren't shown."."""
        names = sorted({*self._feeds, *self._sites})
        found = [f"{name}: {self._where(name)}; {self._reasons.get(name) or reason_of(name)}" for name in names]
        return shortened([*self._lines, *found])

    def _where(self, name: str) -> str:
        places = [f"[{section}]" for section in dict.fromkeys(self._sites.get(name, ()))]
        if count := self._feeds[name]:
            places.append(feeds_in_words(count))
        return " and ".join(places)


def shortened(lines: list[str]) -> tuple[str, ...]:
    """The lines, or as many as somebody reads, and how many there are besides."""
    more = len(lines) - MAX_LINES
    return (*lines[:MAX_LINES], f"And {more} more like these.") if more > 0 else tuple(lines)


def reason_of(option: str) -> str:
    """Why an option isn't taken over, as the end of a sentence."""
    starts = (reason for start, reason in _REASONS_BY_START.items() if option.startswith(f"{start}_"))
    return _REASONS.get(option) or next(starts, _UNKNOWN)


def parameters_in_words(section: str, options: Iterable[str]) -> str:
    """The line for a section that is neither the planet nor a feed: it tells a template or a filter something."""
    names = ", ".join(sorted(options)) or "empty"
    return f"[{shown(section)}] is told to a template or a filter ({shown(names, 2000)}); neither is used here."


def feeds_in_words(count: int) -> str:
    return "1 feed" if count == 1 else f"{count} feeds"


def shown(name: str, max_characters: int = MAX_NAME_CHARACTERS) -> str:
    """What a file calls something, as a line may repeat it: it steers no terminal."""
    name = "".join(filter(str.isprintable, " ".join(name.split())))
    return name if len(name) <= max_characters else f"{name[: max_characters - 1]}…"
