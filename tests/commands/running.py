"""Run a command as a person would: what it printed, and what it refused."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError


def run(*words: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue()


def refusal(*words: str) -> tuple[str, str]:
    """What the command prints, and the sentence that it ends with."""
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue(), str(error.value)
