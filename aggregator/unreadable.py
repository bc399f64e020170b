"""A file that is there and can't be read: said by whom and why, so that nobody makes anew what only needs a right."""

from __future__ import annotations

import getpass
import os

WAY_OUT = "Let this user read it, or run this as the user that it belongs to."


def why_unreadable(error: OSError) -> str:
    """The end of a sentence that begins with a file: "can't be read by the user ada: permission denied"."""
    return f"can't be read by the user {_user()}: {(error.strerror or type(error).__name__).lower()}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # of a container, which nobody named
        return f"number {os.geteuid()}"
