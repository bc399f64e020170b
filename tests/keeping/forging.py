"""Backups as a stranger makes them, who has one of the site and knows how they are written."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

from aggregator.keeping.archive import MANIFEST
from aggregator.keeping.backing_up import DATABASE

Contents = list[tuple[str, bytes]]


class Forger:
    def __init__(self, backup: Path) -> None:
        """Takes an honest one for a model, and writes the others in its place."""
        self._path = backup
        with tarfile.open(backup) as archive:
            self.manifest: dict[str, Any] = json.loads(self._content(archive, MANIFEST))
            self.database = self._content(archive, DATABASE)

    def _content(self, archive: tarfile.TarFile, name: str) -> bytes:
        content = archive.extractfile(name)
        assert content
        return content.read()

    def write(self, contents: Contents, kinds: dict[str, bytes] | None = None, **said: Any) -> None:
        """Files, of kinds that only their headers have, under a manifest that fits but for what it is said to say."""
        parts = [
            {"name": name, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in contents
        ]
        text = json.dumps(self.manifest | {"parts": parts} | said).encode()
        self.write_raw([(MANIFEST, text), *contents], kinds or {})

    def write_raw(self, contents: Contents, kinds: dict[str, bytes]) -> None:
        with tarfile.open(self._path, "w:gz") as archive:
            for name, content in contents:
                entry = tarfile.TarInfo(name)
                entry.size, entry.type, entry.linkname = len(content), kinds.get(name, tarfile.REGTYPE), "elsewhere"
                archive.addfile(entry, io.BytesIO(content))

    def write_rows(self, folder: Path, *changes: str) -> None:
        """The honest database, after these statements."""
        path = folder / "forged.sqlite3"
        path.write_bytes(self.database)
        with closing(sqlite3.connect(path)) as line:
            for change in changes:
                line.execute(change)
            line.commit()
        self.write([(DATABASE, path.read_bytes())])
