"""What makes a planet its own, from the environment and from files: read once, at the start, and checked there."""

from __future__ import annotations

import sys
from pathlib import Path

from aggregator.own.colors import GOOD_CONTRAST, BadColor, accent_of, readable
from aggregator.own.links import BadLinks, FooterLink, links_of
from aggregator.own.logo import MAX_BYTES as MAX_LOGO_BYTES
from aggregator.own.logo import SUFFIXES as LOGO_SUFFIXES
from aggregator.own.logo import BadLogo, Logo, logo_of
from aggregator.own.words import MAX_BYTES as MAX_TEXT_BYTES
from aggregator.own.words import SUFFIXES as TEXT_SUFFIXES
from aggregator.own.words import BadWords, OwnText, tagline_of, text_of
from config.environment import env, refuse, unreadable

OUR_ACCENT, OUR_ACCENT_DARK = "#0b5d4a", "#6fd3b5"
"""As static/css/tokens.css has them."""


def read_tagline(name: str) -> str:
    try:
        return tagline_of(env.str(name, default=""))
    except BadWords as error:
        raise refuse(name, str(error)) from error


def read_logo(name: str, data_dir: Path) -> Logo | None:
    content = _content(name, data_dir, LOGO_SUFFIXES, MAX_LOGO_BYTES)
    try:
        return None if content is None else logo_of(content)
    except BadLogo as error:
        raise refuse(name, f"{error} ({own_path(name, data_dir)})") from error


def read_own_text(name: str, data_dir: Path) -> OwnText | None:
    content = _content(name, data_dir, TEXT_SUFFIXES, MAX_TEXT_BYTES)
    try:
        return None if content is None else text_of(content)
    except BadWords as error:
        raise refuse(name, f"{error} ({own_path(name, data_dir)})") from error


def read_footer_links(name: str) -> tuple[FooterLink, ...]:
    try:
        return links_of(env.str(name, default=""))
    except BadLinks as error:
        raise refuse(name, str(error)) from error


def read_accents(name: str, dark_name: str) -> tuple[str, str]:
    """Of links where pages are light, and where they are dark; both empty if neither is set.

    For one that isn't set stands the other's nearest shade that can be read there, or ours.
    """
    light, dark = (_accent(each, is_dark=is_dark) for each, is_dark in ((name, False), (dark_name, True)))
    if not (light or dark):
        return "", ""
    return light or OUR_ACCENT, dark or readable(light, is_dark=True, least_contrast=GOOD_CONTRAST)


def _accent(name: str, *, is_dark: bool) -> str:
    value = env.str(name, default="").strip()
    try:
        return accent_of(value, is_dark=is_dark) if value else ""
    except BadColor as error:
        raise refuse(name, str(error)) from error


def own_path(name: str, data_dir: Path) -> Path | None:
    """Where the file lies that this setting names: in DATA_DIR, unless its whole path is said."""
    value = env.str(name, default="").strip()
    return data_dir / value if value else None


def _content(name: str, data_dir: Path, suffixes: tuple[str, ...], max_bytes: int) -> bytes | None:
    """Of the file that a setting names; None if it names none, or if a restore is to bring it."""
    path = own_path(name, data_dir)
    if path is None:
        return None
    if ".." in path.parts:
        raise refuse(name, "a file's name in DATA_DIR, or its whole path, without ..")
    if path.suffix.lower() not in suffixes:
        raise refuse(
            name, f"a file whose name ends in {', '.join(suffixes[:-1])}{' or ' * (len(suffixes) > 1)}{suffixes[-1]}"
        )
    try:
        if not path.is_file():
            if sys.argv[1:2] == ["restore"]:
                return None
            raise refuse(name, f"a file, and there is none at {path}: put it there, or take {name} out")
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise unreadable(name, path, error) from error
    if len(content) > max_bytes:
        raise refuse(name, f"a file of at most {max_bytes:,} bytes, and {path} has {path.stat().st_size:,}")
    return content
