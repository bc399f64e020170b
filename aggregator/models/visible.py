"""Which rows readers may see, as conditions that querysets, indexes and counts share."""

from __future__ import annotations

from django.db.models import Q

PUBLIC_STATES = ("active", "paused", "gone")
"""States of feeds that readers may know of."""
WITHHELD_STATES = ("pending", "rejected")
"""All the others."""
NOT_WITHHELD = Q(is_hidden=False, is_held=False, is_filtered=False)
LISTED = Q(duplicate_of__isnull=True) & NOT_WITHHELD
HELD = Q(is_held=True, is_hidden=False, is_filtered=False)
HELD_FOR_ANOTHER = Q(held_for__isnull=False)
"""Held because another feed's post is shown under the same link in other words: there's no doubt about its own feed."""
FILTERED = Q(is_filtered=True)
SET_ASIDE = Q(is_held=True) | FILTERED
"""Held or dropped; few rows are, so they have an index."""
