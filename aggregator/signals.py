"""What the aggregator tells the world."""

from __future__ import annotations

from django.dispatch import Signal

entries_added = Signal()
"""Sent once what polls found is committed, with `entry_ids: list[int]`, those of the new entries of all their feeds.

A hint, not a promise: a worker that is killed between commit and signal sends nothing. The truth is in the rows
(`Entry.objects.unannounced()`). A receiver that raises is logged and stops nobody.
"""
