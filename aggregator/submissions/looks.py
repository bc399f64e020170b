"""One look for one code: which places are still to ask, what they answered, and the sentence about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from aggregator.ingest.errors import HttpStatus, IngestError, NotAFeed
from aggregator.ingest.text import shorten
from aggregator.models import Ownership, Submission
from aggregator.models.ownership import MAX_ANSWER_CHARACTERS

from .places import KIND_OF_WAY, Place, places_of

_NAMES = {"feed": "the feed", "page": "the page", "file": "the file"}
MAX_SHOWN_ADDRESS_CHARACTERS = 60


class Verdict(Enum):
    """What a look means for a proof."""

    FOUND = "found"
    MISSING = "its place answered, and is without it"
    UNKNOWN = "nobody can tell just now"


@dataclass(slots=True)
class Look:
    """A look under way. `submission` is the new address that it is about, if it isn't about the blog as it is here."""

    row: Ownership
    feed_url: str
    site_url: str
    submission: Submission | None = None
    found: str = ""
    """By which way the code was seen."""
    at: str = ""
    left: list[Place] = field(init=False)
    without: list[Place] = field(default_factory=list)
    """Those that answered well, and don't have it."""
    troubles: list[tuple[Place, str]] = field(default_factory=list)
    """Those that can't tell, and why."""

    def __post_init__(self) -> None:
        self.left = places_of(self.feed_url, self.site_url, way=self.row.way)

    @property
    def is_over(self) -> bool:
        return bool(self.found) or not self.left

    def note_answer(self, place: Place, found: str | IngestError) -> None:
        """Note what the place said: the way by which it shows the code, "" if it doesn't, or why nobody can tell."""
        self.left.remove(place)
        if isinstance(found, str) and found:
            self.found, self.at = found, place.url
        elif not found or _says_that_nothing_is_there(place, found):
            self.without.append(place)
        else:
            self.troubles.append((place, found.for_everybody))

    def verdict(self) -> Verdict:
        """A proof is missing only if all places of its kind could tell."""
        if self.found:
            return Verdict.FOUND
        kind = KIND_OF_WAY.get(self.row.way)
        can_tell = any(place.kind == kind for place in self.without)
        is_in_doubt = any(place.kind == kind for place, _ in self.troubles)
        return Verdict.MISSING if can_tell and not is_in_doubt else Verdict.UNKNOWN

    def sentence(self) -> str:
        """For who asked."""
        if self.found:
            return shorten(f"Found at {self.at}.", MAX_ANSWER_CHARACTERS)
        seen = ", ".join(f"{_NAMES[place.kind]} {_short(place.url)}" for place in self.without)
        said = [f"Not found in {seen}."] if seen else []
        said += [f"{_NAMES[place.kind].capitalize()} can’t be read now: {why}" for place, why in self.troubles]
        return shorten(" ".join(said), MAX_ANSWER_CHARACTERS)


def _says_that_nothing_is_there(place: Place, error: IngestError) -> bool:
    """Whether the server has answered, and what was asked for isn't there, or is something else."""
    is_missing = isinstance(error, HttpStatus) and error.status in {404, 410}
    return is_missing or (isinstance(error, NotAFeed) and place.kind == "feed")


def _short(url: str) -> str:
    return shorten(url.partition("://")[2], MAX_SHOWN_ADDRESS_CHARACTERS)
