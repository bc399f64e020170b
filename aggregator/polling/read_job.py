"""What a reading process is given. It stands alone, so that neither side need import the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReadJob:
    """A body, where it came from and what is known of its feed."""

    body: bytes
    url: str
    content_type: str
    now: datetime
    known: Mapping[str, str] = field(default_factory=dict)
    """Content hash by guid; content that is known is not cleaned again."""
    memory: str = ""
    """What the last reading of the feed gave as `Document.memory`; items that are in it are not parsed again."""
    is_counted: bool = False
    """Whether to say how many items count their readers, before what does it is left out."""
