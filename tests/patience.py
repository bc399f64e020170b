"""How long a test waits for what has to happen: much longer than it takes, as a busy machine is slow."""

from __future__ import annotations

PATIENCE_SECONDS = 300
PATIENCE_MILLISECONDS = 1000 * PATIENCE_SECONDS
