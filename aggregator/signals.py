"""What the aggregator tells the world."""

from __future__ import annotations

from django.dispatch import Signal

entries_added = Signal()
"""Sent once a poll's transaction is committed, with `feed_id: int` and `entry_ids: list[int]` of the new entries.

A hint, not a promise: a worker that is killed between commit and signal sends nothing. The truth is in the rows
(`Entry.objects.unannounced()`). A receiver that raises is logged and stops nobody.
"""
