"""Being alone with posts while it is decided which of their entries are shown."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from aggregator.models import Entry
from aggregator.models.sql import MAX_LOCKED_WORDS, Locked, has_word_locks, lock_kind, lock_words

from .group import related_entries
from .sharing import keys_of


def lock_posts(entry_ids: Iterable[int], *, drafts: Iterable[Entry] = ()) -> None:
    """Be alone with these posts, and all that may be the same, until the transaction ends. Call it before `fold`.

    Without it, two copies of a post that come in one instant could each miss the other. `drafts` are entries as they
    are to be saved: an edit from one link to another locks both, and what they have needn't be looked up first. Call it
    once in a transaction, with all its entries, before any of them is changed: `models.sql` tells the order of locks.

    What is locked is what entries have in common. While it was waited for, somebody may have stored a copy that has
    more in common with others; then all is let go (the savepoint takes its locks along) and locked anew, so that nobody
    waits who holds a part.
    """
    if not has_word_locks():
        return
    ids, changed = list(entry_ids), list(drafts)
    words = _words_of(changed)
    while max(len(ids), len(words)) <= MAX_LOCKED_WORDS:
        with transaction.atomic():
            lock_words(Locked.POSTS, words)
            found = _words_of(related_entries(ids, drafts=changed))
            if found <= words:
                return
            transaction.set_rollback(True)
        words |= found
    lock_kind(Locked.POSTS)


def _words_of(entries: Iterable[Entry]) -> set[str]:
    words = set[str]()
    for entry in entries:
        words |= {f"key {key}" for key in keys_of(entry)}
        if entry.title_key:
            words.add(f"title {entry.title_key}")
    return words
