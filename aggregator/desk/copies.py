"""What a curator can do with one of several copies of a post: words and buttons on its page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from aggregator.models import Entry

CHOOSE = ("choose", "Show this copy, fold the others into it")
CHOOSE_NO_MORE = ("choose_no_more", "Let the site choose again")
SHOW_BOTH = ("unhide", "Show both")
HIDE = ("hide", "Hide it")

_IS_CHOSEN = "A curator chose this copy: it is shown, whichever other feeds bring the post."
_IS_FOLDED = "Another copy of this post is shown. If this one is the author's own, show it instead."
_IS_HELD = (
    "Its words are not those of the post that is shown under its link. If this one is the author's own, show it "
    "instead: the other one is held then. If both belong there, show both; else hide it."
)


def copies_of(entry: Entry) -> dict[str, Any]:
    """Advice and buttons, as the page of the entry shows them; none for an entry without copies."""
    if entry.is_hidden or entry.emptied_at:
        return {}
    if entry.is_original:
        return _shown(entry, _IS_CHOSEN, CHOOSE_NO_MORE)
    if entry.held_for_id:
        return _shown(entry, _IS_HELD, CHOOSE, SHOW_BOTH, HIDE)
    return _shown(entry, _IS_FOLDED, CHOOSE) if entry.duplicate_of_id else {}


def _shown(entry: Entry, advice: str, *buttons: tuple[str, str]) -> dict[str, Any]:
    at = [
        {"url": reverse(f"admin:aggregator_entry_{verb}", args=[entry.pk]), "label": label} for verb, label in buttons
    ]
    return {"copy_advice": advice, "copy_buttons": at}
