"""What somebody pasted into the box, as one address: of a post, a blog, a feed or a page of ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from urllib.parse import unquote, urlsplit

from aggregator.ingest.address import (
    MAX_URL_CHARACTERS,
    absolute_link,
    host_of,
    link_identity,
    normalize_url,
    without_tracking,
)
from aggregator.ingest.post_keys import link_key
from aggregator.ingest.text import one_line

MAX_STEPS = 8
"""Of a path: what lies deeper is looked for by its first steps."""

_WEB_ADDRESS = re.compile(r"(?:https?|feed):/*[^\s<>\"]+", re.IGNORECASE)
_MAIL_ADDRESS = re.compile(r"(?:mailto:.*|[^\s@/?#:]+@[^\s@/?#:]+)", re.IGNORECASE | re.DOTALL)
_OTHER_SCHEME = re.compile(r"(?!https?:|feed:)[a-z][a-z+-]*:(?![0-9])", re.IGNORECASE)
_AROUND = " \t\r\n<>\"'“”‘’«»,;"
_ENCODED_LETTER = re.compile(r"%(?:4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]|3[0-9]|2D|2E|5F|7E)")
"""Letters, digits and four signs, which needn't be encoded: with or without, the address is the same (RFC 3986)."""


class NotAnAddress(ValueError):
    """A sentence that says why there is no answer to what was pasted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An address that may be asked for."""

    url: str
    """Normalized; without a fragment."""
    fragment: str = ""
    own_path: str = ""
    """Of an address of this site: its path."""

    @property
    def keys(self) -> list[list[str]]:
        """The keys of the post at exactly this address; then at it without its fragment, and without its query.

        Each a list: what may be encoded or not is a key of its own. Empty lists for a site's own address.
        """
        whole = f"{self.url}#{self.fragment}" if self.fragment else self.url
        forms = dict.fromkeys([whole, self.url])
        return [keys for form in forms if (keys := _keys_of(form))]

    @property
    def keys_without_query(self) -> list[str]:
        """The keys of what is there without all that follows a question mark; none if nothing does."""
        bare, mark, _ = self.url.partition("?")
        return _keys_of(bare) if mark else []

    @property
    def hosts(self) -> list[str]:
        """The host's name as it is asked, with "www." and without."""
        host = host_of(self.url)
        return [host, f"www.{host}"]

    @property
    def steps(self) -> list[str]:
        """Of the path."""
        return steps_of(self.url)

    @property
    def spellings(self) -> list[str]:
        """The address itself, over https and http, with and without "www.", tracking and a slash at its end."""
        return list(self._spelled([without_tracking(self.url), self.url]))

    @property
    def places(self) -> list[str]:
        """The addresses of sites at which it can lie: its own, and those that it begins with."""
        parts = urlsplit(self.url)
        root = f"https://{parts.netloc}/"
        steps = self.steps[:MAX_STEPS]
        above = [root + "/".join(steps[:count]) for count in range(len(steps) + 1)]
        return list(self._spelled([without_tracking(self.url), *above]))

    def _spelled(self, urls: Sequence[str]) -> Iterator[str]:
        bare = dict.fromkeys(url.partition("://")[2].removeprefix("www.").rstrip("/") for url in urls)
        for rest, scheme, www in product(bare, ("https://", "http://"), ("", "www.")):
            yield scheme + www + rest
            yield scheme + www + rest + "/"


def read(text: str, own_site: str) -> Asked:
    """The address in what somebody pasted; `own_site` is ours. Raises NotAnAddress."""
    text = text.strip(_AROUND)
    if len(text) > MAX_URL_CHARACTERS:
        raise NotAnAddress(f"That is longer than {MAX_URL_CHARACTERS:,} characters: no address is.")
    if text.startswith("/") and not text.startswith("//"):
        text = own_site + text
    elif found := _WEB_ADDRESS.search(text) if len(text.split()) > 1 else None:
        text = found[0].rstrip(".,;:!?")
    _refuse_others(text)
    try:
        url = normalize_url(text)
    except ValueError as error:
        raise NotAnAddress(_told(str(error))) from error
    own_path = _own_path(url, own_site)
    if not own_path and _is_word(text):
        raise NotAnAddress(_NO_ADDRESS)
    fragment = urlsplit(absolute_link(f"{url}#{text.partition('#')[2]}", "")).fragment
    return Asked(url, fragment, own_path)


def as_shown(text: str) -> str:
    """What was pasted, as the box shows it again."""
    return one_line(text, MAX_URL_CHARACTERS)


def steps_of(url: str) -> list[str]:
    """Of an address, what stands between the slashes of its path."""
    return [step for step in urlsplit(url).path.split("/") if step]


_NO_ADDRESS = (
    "That is no web address. Open the post in your browser, copy what stands in the address line, and paste it here."
)


def _refuse_others(text: str) -> None:
    if _MAIL_ADDRESS.fullmatch(text):
        raise NotAnAddress("That is a mail address. Paste the web address of a post, a blog or a feed.")
    if scheme := _OTHER_SCHEME.match(text):
        raise NotAnAddress(f"Only addresses with http or https are asked for here, not “{scheme[0][:20].lower()}”.")
    if len(text.split()) != 1:
        raise NotAnAddress(_NO_ADDRESS)


def _told(sentence: str) -> str:
    """Our own words, where those for who adds a feed would say nothing to who asks for a post."""
    if "Passwords" in sentence:
        return "Leave out the name and the password before the @ sign: posts here have none in their addresses."
    return sentence if "port" in sentence or "longer" in sentence else _NO_ADDRESS


def _is_word(text: str) -> bool:
    """Whether it has neither a scheme nor, before any slash, a dot or a port: so no address is written."""
    return not re.search(r"://|[.:\u3002]", text.removeprefix("//").partition("/")[0])


def _own_path(url: str, own_site: str) -> str:
    authority = link_identity(f"{own_site}/").partition("/")[0]
    return unquote(urlsplit(url).path) if urlsplit(url).netloc.removeprefix("www.") == authority else ""


def _keys_of(url: str) -> list[str]:
    decoded = _ENCODED_LETTER.sub(lambda match: unquote(match[0]), url)
    keys = dict.fromkeys(link_key(form) for form in (url, decoded, decoded.replace("~", "%7E")))
    return [key for key in keys if key]
