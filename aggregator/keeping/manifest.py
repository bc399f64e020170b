"""What a backup says of itself: when and by which version it was made, and what is in it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from .errors import NoBackup, Refused, shown

FORMAT = 2
"""Of the file. What reads it must know this number; whoever changes what stands in the file raises it. Since 2, it has
files that pages show, too."""
MAX_PARTS = 1000
MAX_NUMBER = 10**12
MAX_BYTES = 2**50
MAX_WORD = 300
_WORD = re.compile(rf"[\w.:+ -]{{1,{MAX_WORD}}}", re.ASCII)
"""Names of migrations and settings, versions, moments. A terminal shows it as it is."""
_SHA256 = re.compile("[0-9a-f]{64}")


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
            if type(number) is int and number > FORMAT:
                version = shown(str(facts.get("version", "another one")), MAX_WORD)
                raise Refused(f"A newer version of Orrery ({version}) made it. Install that one here, then restore.")
            facts["parts"] = [Part(**part) for part in facts["parts"]]
            manifest = cls(**facts)
            if type(number) is not int or not 1 <= number <= FORMAT or not manifest._is_sound():
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, MemoryError) as error:
            raise NoBackup("what it says of itself makes no sense") from error
        return manifest

    def _is_sound(self) -> bool:
        """Whether all is of the kind and length that a backup has. ValueError or TypeError say no, too."""
        return (
            datetime.fromisoformat(self.made_at).tzinfo is not None
            and _are_words([self.made_at, self.version, self.database])
            and _are_words(self.migrations)
            and _are_words(self.set_names)
            and isinstance(self.counts, dict)
            and _are_words(list(self.counts))
            and all(type(count) is int and 0 <= count <= MAX_NUMBER for count in self.counts.values())
            and isinstance(self.settings, dict)
            and _are_words(list(self.settings))
            and all(isinstance(value, str) for value in self.settings.values())
            and len(self.parts) <= MAX_PARTS
            and all(map(_is_part, self.parts))
        )


def _are_words(words: Any) -> bool:
    return isinstance(words, list) and all(isinstance(one, str) and _WORD.fullmatch(one) for one in words)


def _is_part(part: Part) -> bool:
    is_digest = isinstance(part.sha256, str) and _SHA256.fullmatch(part.sha256) is not None
    is_size = type(part.size_bytes) is int and 0 <= part.size_bytes <= MAX_BYTES
    return isinstance(part.name, str) and is_size and is_digest
