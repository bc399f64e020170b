"""What a backup says of itself: when and by which version it was made, and what is in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from .errors import Refused

FORMAT = 1
"""Of the file. What reads it must know this number; whoever changes what stands in the file raises it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file within the backup."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    made_at: str
    """ISO 8601, in UTC."""
    version: str
    """Of the program."""
    migrations: list[str]
    """Those that the tables have had, as "app.name"."""
    database: str
    """What kind the site had."""
    counts: dict[str, int]
    """How many of what there are, for people."""
    settings: dict[str, str]
    """What pages and devices depend on, as it was. Settings are no part of a backup: they are to be taken along."""
    set_names: list[str]
    """Which settings came from the environment."""
    parts: list[Part] = field(default_factory=list)

    @property
    def counted(self) -> str:
        """For people."""
        return ", ".join(f"{count} {what[:-1] if count == 1 else what}" for what, count in self.counts.items())

    def text(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False)

    @classmethod
    def read(cls, text: bytes) -> Manifest:
        """Raises Refused for what no version of ours wrote, or a newer one."""
        try:
            facts: dict[str, Any] = json.loads(text)
            number = facts.pop("format")
            if number != FORMAT:
                version = facts.get("version", "another one")
                raise Refused(f"A newer version of Orrery ({version}) made it. Install that one here, then restore.")
            facts["parts"] = [Part(**part) for part in facts["parts"]]
            return cls(**facts)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused("It is no backup of Orrery. `manage.py backup FILE` makes one.") from error
