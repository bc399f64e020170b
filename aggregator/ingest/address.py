"""Rules about web addresses: one spelling for a feed, and links that can stand on a page. Pure values, no network."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, quote, unquote_plus, urljoin, urlsplit, urlunsplit

import idna

MAX_URL_CHARACTERS = 2000
"""Longer addresses work in few browsers and servers."""

_MAX_HOST_CHARACTERS = 253
"""The longest name that the domain name system can look up."""

_MAX_LABEL_CHARACTERS = 63
"""Of each part of a name, between two dots (RFC 1035 section 2.3.4)."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_TRACKING_NAMES = frozenset({"fbclid", "gclid", "mc_eid"})
_TRACKING_PREFIX = "utm_"

# Browsers drop tabs and line ends wherever they stand in an address, so "java\tscript:" is a script to them.
_IGNORED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?![0-9]{1,5}(?:[/?#]|$))", re.IGNORECASE)
_QUOTES = "<>\"'“”„«»‘’ "
_WEB = re.compile(r"(https?)(?:[:：](?![0-9]{1,5}(?:[/?#]|$))/{0,2}|//)(?=[^/])", re.IGNORECASE)
"""How the address of a page begins, and how it is mistyped."""
_TWICE = re.compile(r"https?:/{0,2}(?=https?:?//)", re.IGNORECASE)
_OF_PROGRAM = re.compile(
    r"(?:(?:view-source|url|feed|pcast|itpc|podcast|rss|(?P<secure>feeds|pcasts|itpcs|podcasts)):)+(?P<slashes>//)?",
    re.IGNORECASE,
)
"""The schemes that open an address in some program."""
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_PERCENT = re.compile(r"%(?:([0-9A-Fa-f]{2})|)")
_MAILBOX = re.compile(r"[^\s@/?#<>\"]+@[^\s@/?#<>\"]+", re.ASCII)

# Most links are written as they should be, and need no further work: a host that can exist (at most 253 characters), a
# port that is no default, and nothing to encode or to leave out.
_SOUND = re.compile(
    r"https?://[a-z0-9-]{1,62}(?:\.[a-z0-9-]{1,62}){0,3}(?::[1-9][0-9]{3})?/[\w/:@!$&'()*+,;=.~-]*+"
    r"(?:\?[\w/:@!$&'()*+,;=.~?-]++)?(?:#[\w/:@!$&'()*+,;=.~?-]++)?",
    re.ASCII,
)

_OF_THE_WEB = re.compile(
    r"https?://(?:[a-z0-9_-]++\.)+(?!(?:local|localhost|localdomain|internal|intranet|lan|home)(?:[:/?#]|$))"
    r"[a-z][a-z0-9-]*+(?=[:/?#]|$)"
)
"""Addresses whose host has a name as they are given on the internet."""

_OWN_MACHINE = re.compile(r"localhost|(?:[a-z0-9-]+\.)+localhost|127(?:\.[0-9]{1,3}){3}|0\.0\.0\.0|::1")

# Everything that RFC 3986 lets stand in a path or a query, and the percent sign of what is encoded already.
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~[]"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?"


def normalize_url(url: str) -> str:
    """The one spelling of a feed's address, so that a feed typed in ten ways is one feed.

    Lower-case scheme and host, host in ASCII (IDNA), no default port, no fragment, no dot after the host, "/" for an
    empty path, everything outside ASCII percent-encoded; the query stays. "feed://host" means http and "feed:https://…"
    what follows it, as do other schemes that open a program; an address without scheme is taken as https. Raises
    ValueError, whose text is a sentence for people, for whatever can't be asked over http(s).
    """
    text = _with_scheme(_visible(url))
    parts = _split(text)
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "Passwords in addresses are not supported, because a feed's address is shown to everyone:"
            " leave out the part before the @ sign."
        )
    result = _rebuild(parts, fragment="")
    if len(result) > MAX_URL_CHARACTERS:
        raise ValueError(f"The address is longer than {MAX_URL_CHARACTERS} characters.")
    return result


def absolute_link(url: str, base_url: str) -> str:
    """An absolute http(s) address that leads where `url` leads from `base_url`; empty if there is none.

    Without a user name or password. Other schemes, hosts that can't exist and over-long addresses are no links.
    """
    text = _visible(url)
    if not text:
        return ""
    try:
        address = text if _SCHEME.match(text) else urljoin(_visible(base_url), text)
        if _SOUND.fullmatch(address) and len(address) <= MAX_URL_CHARACTERS:
            return address
        parts = _split(address)
        result = _rebuild(parts, fragment=quote(_upper_percents(parts.fragment), safe=_SAFE_IN_QUERY))
    except ValueError:
        return ""
    return result if len(result) <= MAX_URL_CHARACTERS else ""


def reachable_link(url: str, base_url: str) -> str:
    """`absolute_link`; an address of the machine that a post was written on is taken as one of its blog's.

    There lies what programs call "http://localhost:4000/" as long as a blog isn't published.
    """
    address = absolute_link(url, base_url)
    if not address or _OF_THE_WEB.match(address) or not base_url or is_private(base_url):
        return address
    parts = urlsplit(address)
    if not _OWN_MACHINE.fullmatch(parts.hostname or ""):
        return address
    base = urlsplit(base_url)
    return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, parts.fragment))


def media_link(url: str, base_url: str) -> str:
    """`reachable_link` for what a page loads or plays: a page of the web asks nothing of its readers' own networks."""
    address = reachable_link(url, base_url)
    return "" if is_private(address) and not is_private(base_url) else address


def is_private(url: str) -> bool:
    """Whether an absolute address can be one of a private network alone, as far as it says so itself."""
    if not url or _OF_THE_WEB.match(url):
        return False
    host = host_of(url)
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return True  # one label, a name such as "nas.local", or an odd spelling of a number


def mail_link(url: str) -> str:
    """The mailto: address with a plain mailbox and its query left out; empty if it is something else (RFC 6068)."""
    scheme, colon, rest = _visible(url).partition(":")
    mailbox = rest.partition("?")[0]
    if not colon or scheme.lower() != "mailto" or not _MAILBOX.fullmatch(mailbox) or len(mailbox) > MAX_URL_CHARACTERS:
        return ""
    return "mailto:" + quote(mailbox, safe="@%!$'*+-.=_~")


def without_tracking(url: str) -> str:
    """`url` without the parameters that only tell where a reader came from; otherwise letter for letter the same."""
    head, mark, fragment = url.partition("#")
    path, question, query = head.partition("?")
    if not query:
        return url
    kept = [pair for pair in query.split("&") if not _is_tracking(pair)]
    if len(kept) == query.count("&") + 1:
        return url
    return path + (question + "&".join(kept) if kept else "") + mark + fragment


def lasting_part(url: str) -> str:
    """The address without its query, in which servers of podcasts sign it anew at every poll."""
    return url.partition("#")[0].partition("?")[0]


def link_identity(url: str) -> str:
    """What two spellings of an absolute http(s) link share: no scheme, no "www.", no tracking, no slash at the end.

    It is no address, so nothing can be fetched from it. Empty if the link is.
    """
    parts = urlsplit(without_tracking(url))
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return parts.netloc.removeprefix("www.") + parts.path.rstrip("/") + query + fragment


def host_of(url: str) -> str:
    """The host of an absolute address, without "www."; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def opened_in_program(url: str) -> str:
    """The web address in a link that opens a program for feeds ("feed:https://…", "itpc://…"); else the link itself.

    Raises ValueError for one that has no address.
    """
    return _with_scheme(url) if _OF_PROGRAM.match(url) else url


def _is_tracking(pair: str) -> bool:
    name = unquote_plus(pair.partition("=")[0]).lower()
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIX)


def _visible(url: str) -> str:
    return _IGNORED.sub("", url).strip()


def _with_scheme(text: str) -> str:
    """As it was meant: without what programs for feeds put before an address, and with the scheme that it lacks."""
    text = text.strip(_QUOTES) if text.startswith(tuple(_QUOTES)) else text
    if program := _OF_PROGRAM.match(text):
        text = text[program.end() :]
        if program["slashes"] and not _WEB.match(text):
            return ("https://" if program["secure"] else "http://") + text
    text = _TWICE.sub("", text)
    if not text:
        raise ValueError("The address is empty.")
    if text.startswith("//"):
        return "https:" + text
    if torn := _WEB.match(text):
        return f"{torn[1].lower()}://{text[torn.end() :]}"
    if _SCHEME.match(text):
        return text
    return "https://" + text


def _split(text: str) -> SplitResult:
    """Raises ValueError unless the address is http(s) with something where the host stands."""
    try:
        parts = urlsplit(text)
        netloc = parts.netloc
    except ValueError as error:
        raise ValueError("The address has no valid host.") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(f"Only http and https addresses can be used, not “{parts.scheme[:20]}:”.")
    if not netloc:
        raise ValueError("The address has no host.")
    return parts


def _rebuild(parts: SplitResult, fragment: str) -> str:
    path = quote(_upper_percents(parts.path), safe=_SAFE_IN_PATH) or "/"
    query = quote(_upper_percents(parts.query), safe=_SAFE_IN_QUERY)
    return urlunsplit((parts.scheme, _host(parts) + _port(parts), path, query, fragment))


def _upper_percents(text: str) -> str:
    """One spelling for what is percent-encoded; a percent sign that encodes nothing is itself encoded."""
    return _PERCENT.sub(lambda match: f"%{match[1].upper()}" if match[1] else "%25", text)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if parts.netloc.rpartition("@")[2].startswith("["):
        return _ip_literal(host)
    if len(host) > _MAX_HOST_CHARACTERS:  # long names take long to map
        raise ValueError("The address has no valid host.")
    ascii_host = _in_ascii(host).removesuffix(".")
    labels_fit = all(len(label) <= _MAX_LABEL_CHARACTERS for label in ascii_host.split("."))
    if not _HOST.fullmatch(ascii_host) or len(ascii_host) > _MAX_HOST_CHARACTERS or not labels_fit:
        raise ValueError("The address has no valid host.")
    return ascii_host


def _in_ascii(host: str) -> str:
    """The name as it is looked up, mapped as browsers do (UTS 46, non-transitional): "ß" is a letter of its own.

    Python's own codec follows the older IDNA 2003, for which "straße" is "strasse": another owner's name. Labels that
    IDNA 2008 doesn't allow, such as emoji, are in use, so they are only mapped. Raises ValueError.
    """
    if host.isascii():
        return host.lower()
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        return ".".join(_label_in_ascii(label) for label in mapped.split("."))
    except UnicodeError as error:
        raise ValueError("The address has no valid host.") from error


def _label_in_ascii(label: str) -> str:
    if label.isascii():
        return label
    if unicodedata.category(label[0]).startswith("M"):  # it would stand on what comes before the name
        raise ValueError("The address has no valid host.")
    return "xn--" + label.encode("punycode").decode("ascii")


def _ip_literal(host: str) -> str:
    if "%" in host:  # a zone names a network card of this machine
        raise ValueError("The address has no valid host.")
    try:
        return f"[{ipaddress.IPv6Address(host)}]"
    except ValueError as error:
        raise ValueError("The address has no valid host.") from error


def _port(parts: SplitResult) -> str:
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError("The port of the address is not a number from 1 to 65535.") from error
    if port == 0:
        raise ValueError("The port of the address is not a number from 1 to 65535.")
    return "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
