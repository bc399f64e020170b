"""How a feed is, in words: what is wrong with it and what to do (`feed_health`), notes on its posts (`notes`), and
why none of them is shown (`no_posts`).

It looks at the feed's row and at what it is handed. This is its face.
"""

from .feed_health import SILENT_AFTER, Diagnosis, advice_for, diagnose
from .no_posts import why_no_posts
from .notes import double_note, filtered_note, held_note, held_question, proposal_note, short_held_note, skipped_note

__all__ = [
    "SILENT_AFTER",
    "Diagnosis",
    "advice_for",
    "diagnose",
    "double_note",
    "filtered_note",
    "held_note",
    "held_question",
    "proposal_note",
    "short_held_note",
    "skipped_note",
    "why_no_posts",
]
