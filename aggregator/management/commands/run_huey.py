"""Huey's consumer. Its app is not installed: it would load the clients of three queues into every other command."""

from __future__ import annotations

from huey.contrib.djhuey.management.commands.run_huey import Command

__all__ = ["Command"]
