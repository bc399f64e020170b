"""What a notice about the desk says. Names come from feeds and from strangers: they are hostile until cleaned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from notifications.models import Kind

from .matters import Matter
from .payload import MAX_BODY_CHARACTERS, MAX_TITLE_CHARACTERS, clean

_MAX_NAME_CHARACTERS = 40
"""Of one of several blogs."""
_MAX_NAMES_SHOWN = 4
_GENERIC = "generic"


def desk_text(matters: Sequence[Matter], *, text: str, site_name: str) -> tuple[str, str]:
    """Title and body for what waits at the desk (one matter at least); "generic" names no blog and no kind."""
    if text == _GENERIC:
        return generic_desk_text(site_name)
    body = clean(matters[0].words, MAX_BODY_CHARACTERS) if len(matters) == 1 else _named(matters)
    return one_title(matters), body


def one_title(matters: Sequence[Matter]) -> str:
    """What all of these are called in one line: by its name if it is one, else by how many there are."""
    title = _title_of(matters[0]) if len(matters) == 1 else _counted(matters)
    return clean(title, MAX_TITLE_CHARACTERS)


def generic_desk_text(site_name: str) -> tuple[str, str]:
    """Title and body that tell no more than that there is something."""
    return clean(f"Something to decide on {site_name}", MAX_TITLE_CHARACTERS), ""


def _title_of(matter: Matter) -> str:
    name = clean(matter.name, MAX_TITLE_CHARACTERS - 40)  # the words around it stay whole
    if matter.kind == Kind.PROPOSALS:
        return f"A new address is proposed for {name}" if matter.is_move else f"A blog is proposed: {name}"
    return f"Posts of {name} are held" if matter.kind == Kind.HELD else f"In trouble: {name}"


def _counted(matters: Sequence[Matter]) -> str:
    counts = Counter(matter.kind for matter in matters)
    proposals, held, trouble = counts[Kind.PROPOSALS], counts[Kind.HELD], counts[Kind.TROUBLE]
    parts = [
        f"{proposals} proposal{'s wait' if proposals > 1 else ' waits'}" if proposals else "",
        f"{held} feed{'s hold' if held > 1 else ' holds'} posts" if held else "",
        f"{trouble} feed{'s are' if trouble > 1 else ' is'} in trouble" if trouble else "",
    ]
    return " · ".join(part for part in parts if part)


def _named(matters: Sequence[Matter]) -> str:
    names = list(dict.fromkeys(name for matter in matters if (name := clean(matter.name, _MAX_NAME_CHARACTERS))))
    named, more = ", ".join(names[:_MAX_NAMES_SHOWN]), len(names) - _MAX_NAMES_SHOWN
    return clean(f"{named} and {more} more" if more > 0 else named, MAX_BODY_CHARACTERS)
