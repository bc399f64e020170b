"""What the aggregator tells the world."""

from __future__ import annotations

from django.dispatch import Signal

entries_added = Signal()
"""Sent once what polls found is committed, with `entry_ids: list[int]`, those of the new entries of all their feeds.

A hint, not a promise: a worker that is killed between commit and signal sends nothing. The truth is in the rows
(`Entry.objects.unannounced()`). A receiver that raises is logged and stops nobody.
"""

site_restored = Signal()
"""Sent while a backup is restored, with `now`, before anybody sees its rows: the database is that of the backup,
migrated. Who keeps rows about the present sets them right. If a receiver raises, nothing is restored.
"""

submission_waiting = Signal()
"""Sent once it is committed that a proposal waits for a curator who is still to be told, with `submission_id: int`.

A hint, too: the truth is in the rows (state "waiting" and no `announced_at`).
"""
