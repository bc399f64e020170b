"""What a browser makes of a push message by itself (W3C Push API, declarative messages), from the draft."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_STRINGS = ("body", "tag", "lang", "icon", "badge", "image")
_DIRECTIONS = ("auto", "ltr", "rtl")


class NotDeclarative(ValueError):
    """The message is handed to the service worker instead."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A notification that is shown without any script."""

    title: str
    navigate: str
    options: dict[str, Any]
    is_mutable: bool


def read_declarative(data: bytes) -> Declared:
    """The notification, or NotDeclarative with the first rule that the message breaks."""
    message = _object(json.loads(data.decode()), "the message")
    if type(message.get("web_push")) is not int or message["web_push"] != 8030:
        raise NotDeclarative("web_push is not the number 8030")
    notification = _object(message.get("notification"), "notification")
    if not isinstance(notification.get("title"), str):
        raise NotDeclarative("title is no string")
    options = {name: value for name, value in notification.items() if name not in {"title", "navigate"}}
    _check_options(options)
    mutable = message.get("mutable", False)
    if not isinstance(mutable, bool):
        raise NotDeclarative("mutable is no boolean")
    return Declared(notification["title"], _url(notification.get("navigate"), "navigate"), options, mutable)


def _check_options(options: dict[str, Any]) -> None:
    for name in _STRINGS:
        if not isinstance(options.get(name, ""), str):
            raise NotDeclarative(f"{name} is no string")
    for name in ("icon", "badge", "image"):
        if name in options:
            _url(options[name], name)
    if options.get("dir", "auto") not in _DIRECTIONS:
        raise NotDeclarative("dir is none of auto, ltr, rtl")
    timestamp = options.get("timestamp", 0)
    if type(timestamp) is not int or timestamp < 0:
        raise NotDeclarative("timestamp is no number of milliseconds")
    if options.get("renotify") and not options.get("tag"):
        raise NotDeclarative("renotify without a tag")
    if options.get("silent") and "vibrate" in options:
        raise NotDeclarative("silent with vibrate")
    for action in options.get("actions", []):
        _url(_object(action, "action").get("navigate"), "the action's navigate")


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotDeclarative(f"{name} is no object")
    return value


def _url(value: object, name: str) -> str:
    """An absolute address: the parser knows no base."""
    if not isinstance(value, str) or not urlsplit(value).scheme or not urlsplit(value).netloc:
        raise NotDeclarative(f"{name} is no address")
    return value
