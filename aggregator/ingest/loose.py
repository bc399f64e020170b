"""Values of a kind that is hoped for, out of mappings in which a feed can have put any: feedparser's, and JSON's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def string_of(owner: Mapping[str, Any], name: str) -> str:
    """A field that is a text, without white space around it; else empty."""
    value = owner.get(name)
    return value.strip() if isinstance(value, str) else ""


def mapping_of(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return dict(value) if isinstance(value, dict) else {}


def mappings_of(values: Any) -> list[dict[str, Any]]:
    """Those of the values that are mappings, if they are a list."""
    return [dict(value) for value in values if isinstance(value, dict)] if isinstance(values, list) else []
