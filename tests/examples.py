"""How many examples hypothesis draws: anew in every run, a few by default, many with HYPOTHESIS_PROFILE=long."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

QUICK, LONG = 100, 5000
"""For a test that doesn't say how many."""

# No deadline: how long an example takes says what else the machine is doing. Said aloud that it draws anew, as where CI
# is set hypothesis would draw the same examples for ever.
settings.register_profile("quick", max_examples=QUICK, deadline=None, derandomize=False, print_blob=True)
settings.register_profile("long", settings.get_profile("quick"), max_examples=LONG)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def examples(count: int, **options: Any) -> settings:
    """Settings of a test that draws this many when quick, and as many times more when long as all tests do."""
    return settings(max_examples=count * settings().max_examples // QUICK, **options)
