"""Memory that a long-lived process frees goes back to the machine."""

from __future__ import annotations

import ctypes

_M_MMAP_THRESHOLD = -3
"""As glibc's malloc.h numbers it."""
_LARGE_BYTES = 2**18


def give_back_large_blocks() -> bool:
    """From now on, blocks of 256 KiB are the machine's again as soon as they are freed. Whether this can be set.

    By itself glibc raises that size with each large block that it frees, up to 32 MiB, and keeps smaller ones among
    others that are still in use: a worker stayed as large as the largest feeds had made it. Other C libraries have no
    such call.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES))
    except (AttributeError, OSError):
        return False
