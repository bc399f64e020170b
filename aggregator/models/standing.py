"""How a post stands with readers, in one word, and what lets the desk list posts by it, however many there are."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Func, Q

from .visible import LISTED, SET_ASIDE

NOT_PLAIN = (
    SET_ASIDE | Q(is_hidden=True) | Q(is_original=True) | Q(duplicate_of__isnull=False) | Q(emptied_at__isnull=False)
)
"""All but what is shown as a matter of course. Such posts have indexes of their own; a poll seldom adds to them."""

IN_ORDER_OF_FEED = Q(guid__isnull=False)
"""All rows. But SQLite takes an index with a condition only for questions that say it: without one, it would take the
feeds' index for public pages, too, and read all that a feed ever wrote to find sixty posts that are named by their ids.
"""


class Standing(models.TextChoices):
    """Each post has one of these: the first that holds."""

    LET_GO = "let_go", "too old: its text went"
    HIDDEN = "hidden", "hidden"
    DROPPED = "dropped", "dropped by a rule"
    HELD = "held", "held"
    FOLDED = "folded", "folded into another copy"
    CHOSEN = "chosen", "shown: a curator chose this copy"
    SHOWN = "shown", "shown"


class StandingWord(Func):
    """The `Standing` of an entry. Written without parameters: SQLite looks into an index of it for no others."""

    output_field = models.CharField()

    def __init__(self) -> None:
        super().__init__("emptied_at", "is_hidden", "is_filtered", "is_held", "duplicate_of", "is_original")

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra_context: Any) -> Any:
        columns = [compiler.compile(one)[0] for one in self.get_source_expressions()]
        emptied, hidden, dropped, held, copied, chosen = columns
        word = (
            f"CASE WHEN {emptied} IS NOT NULL THEN 'let_go' WHEN {hidden} THEN 'hidden' "
            f"WHEN {dropped} THEN 'dropped' WHEN {held} THEN 'held' "
            f"WHEN {copied} IS NOT NULL THEN 'folded' WHEN {chosen} THEN 'chosen' ELSE 'shown' END"
        )
        return word, []


def stands(standing: Standing) -> Q:
    """The condition of a standing, written so that an index leads to it. Annotate `standing` with a StandingWord."""
    return LISTED if standing == Standing.SHOWN else NOT_PLAIN & Q(standing=standing)


DESK_INDEXES = (
    models.Index(fields=["-timeline_at", "-id"], name="entry_all"),
    models.Index(fields=["feed", "-timeline_at", "-id"], name="entry_of_feed", condition=IN_ORDER_OF_FEED),
    models.Index(StandingWord(), F("timeline_at").desc(), F("id").desc(), name="entry_standing", condition=NOT_PLAIN),
    models.Index(
        *("feed", StandingWord(), F("timeline_at").desc(), F("id").desc()),
        name="entry_feed_standing",
        condition=NOT_PLAIN,
    ),
)
"""For the lists of all posts, of a feed's posts, and of those that stand in one way."""
