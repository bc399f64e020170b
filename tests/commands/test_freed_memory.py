from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT

KEPT = """
import resource
from pathlib import Path
from aggregator.management.freed_memory import give_back_large_blocks
assert give_back_large_blocks()
blocks, small = [], []
for size in range(2, 32):
    blocks.append(bytes([size]) * (size << 20))
    small.append(bytes([size]) * 100_000)
    if len(blocks) == 3:
        blocks.clear()
blocks.clear()
pages = int(Path("/proc/self/statm").read_text().split()[1])
print(pages * resource.getpagesize() >> 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is for glibc")
def test_what_was_large_is_given_back_although_small_blocks_stay_among_it() -> None:
    run = subprocess.run(
        [sys.executable, "-c", KEPT], cwd=ROOT, check=True, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert int(run.stdout) < 60
