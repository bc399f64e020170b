"""Why a post is or isn't here: each cause with what a page's title says of it."""

from __future__ import annotations

from enum import Enum


class Cause(Enum):
    """One of these is the answer; its value is the beginning of it, a sentence without its last full stop."""

    SHOWN = "It is here"
    FOLDED = "It is here, once, under another source"
    HELD = "It waits for a curator"
    DROPPED = "A rule leaves it out"
    HIDDEN = "The curators took it away"
    LET_GO = "It had its time here"
    NO_POST = "No post is shown there"
    OWN_PAGE = "That is an address of this site"

    SOURCE = "This blog is here"
    ABSENT = "It wasn’t in its feed when we last looked"
    FAILING = "Its feed couldn’t be read when we last looked"
    GONE = "Its feed is gone"
    PAUSED = "Its blog is paused here"
    CHANGED = "Its feed looks different from before"
    DOUBLED = "Its feed leads to another one’s"
    PENDING = "Its blog is here, and wasn’t read yet"
    SOURCES = "These blogs are here"
    SEVERAL = "It may belong to one of these sources"

    REMOVED = "Its blog was removed from this site"
    TAKEN_OFF = "Its blog was taken off this site"
    UNKNOWN = "No blog that we read is at this address"
