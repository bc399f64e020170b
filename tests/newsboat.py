"""A feed reader that people use, which reads what we write."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

from tests.patience import PATIENCE_SECONDS


def read_by_newsboat(program: str, urls: list[str], folder: Path) -> list[tuple[str, str, str, str, str, int]]:
    """What it keeps of the posts at these addresses: id, title, author, link, content, and when it was published."""
    (folder / "urls").write_text("".join(f"{url}\n" for url in urls), encoding="ascii")
    (folder / "config").write_text("download-timeout 10\n", encoding="ascii")
    command = [program, "-q", "-u", folder / "urls", "-c", folder / "cache.db", "-C", folder / "config", "-x", "reload"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    subprocess.run(command, env=environment, check=True, timeout=PATIENCE_SECONDS, capture_output=True)
    database = sqlite3.connect(folder / "cache.db")
    try:
        return database.execute("SELECT guid, title, author, url, content, pubDate FROM rss_item").fetchall()
    finally:
        database.close()
