"""The file of a backup: a compressed tar, which begins with what it says of itself. Read, each byte is checked."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from .errors import NoBackup, Refused, files_in_plain_words
from .manifest import Manifest, Part
from .progress import Progress

MANIFEST = "orrery-backup.json"
MAX_MANIFEST_BYTES = 2**20
CHUNK_BYTES = 2**20
COMPRESSION = 3
"""Of gzip, from 1 to 9. Posts shrink to a third; with 9 to little less, in four times the time."""

MAX_END_BYTES = 2 * tarfile.RECORDSIZE
"""Of nothing, with which a tar ends."""

_TORN_OFF = "its content isn't whole, or was changed; copy it anew, or take another one"
_STRANGE = "it doesn't begin as one; `manage.py backup FILE` makes one"
_TORN = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeDecodeError, MemoryError)


def pack(path: Path, manifest: Manifest, files: Iterable[tuple[str, Path]], progress: Progress) -> Manifest:
    """Write a backup of these files, by the names that they have in it. What it says of itself then."""
    files = list(files)
    progress.begin("Packing")
    parts = [Part(name, file.stat().st_size, _digest_of(file)) for name, file in files]
    whole = replace(manifest, parts=parts)
    total = sum(part.size_bytes for part in parts)
    done = 0
    with tarfile.open(path, "w:gz", compresslevel=COMPRESSION, format=tarfile.GNU_FORMAT) as archive:
        text = whole.text().encode()
        archive.addfile(_entry(MANIFEST, len(text), manifest), io.BytesIO(text))
        for (_, file), part in zip(files, parts, strict=True):
            with file.open("rb") as content:
                counted = _Counted(content, done, total, progress)
                archive.addfile(_entry(part.name, part.size_bytes, manifest), counted)
            done += part.size_bytes
    return whole


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """A backup, for reading. Raises Refused for what is none, or not whole."""
    with files_in_plain_words(path, verb="read"):
        try:
            with tarfile.open(path, "r:gz", tarinfo=_PlainFile) as archive:
                yield Backup(archive)
        except _TORN as error:
            raise NoBackup(_TORN_OFF if _began_well(path) else _STRANGE) from error


class Backup:
    """A backup that is read from its beginning to its end."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        first = archive.next()
        if first is None or first.name != MANIFEST or first.size > MAX_MANIFEST_BYTES:
            raise NoBackup(_STRANGE)
        self.manifest = Manifest.read(self._content(first).read())

    def unpack(self, folder: Path, progress: Progress) -> dict[str, Path]:
        """Write its parts into this folder, under names of ours; where each is. Raises Refused unless all is whole."""
        progress.begin("Reading and checking the backup")
        total = sum(part.size_bytes for part in self.manifest.parts)
        _refuse_without_room(folder, total)
        done, found = 0, {}
        for number, part in enumerate(self.manifest.parts):
            entry = self._archive.next()
            if entry is None or (entry.name, entry.size) != (part.name, part.size_bytes):
                raise NoBackup(_TORN_OFF)
            found[part.name] = folder / f"part-{number}"
            digest = hashlib.sha256()
            content = _Counted(self._content(entry), done, total, progress)
            with _written(found[part.name]) as write:
                while chunk := content.read(CHUNK_BYTES):
                    digest.update(chunk)
                    write(chunk)
            if digest.hexdigest() != part.sha256:
                raise NoBackup(_TORN_OFF)
            done += part.size_bytes
        self._read_to_its_end()
        return found

    def _read_to_its_end(self) -> None:
        """What stands at the end of a compressed file tells whether all before it is as it was written."""
        if self._archive.next() is not None:
            raise NoBackup(_TORN_OFF)
        if self._archive.fileobj and len(self._archive.fileobj.read(MAX_END_BYTES + 1)) > MAX_END_BYTES:
            raise NoBackup(_TORN_OFF)

    def _content(self, entry: tarfile.TarInfo) -> IO[bytes]:
        content = self._archive.extractfile(entry)
        if content is None:
            raise NoBackup(_TORN_OFF)
        return content


class _PlainFile(tarfile.TarInfo):
    """All that a backup has: another kind could lead elsewhere, be longer than it is, or fill the memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Raises Refused for another kind, before what follows is read."""
        entry = super().frombuf(buf, encoding, errors)
        if entry.type != tarfile.REGTYPE or entry.size < 0:
            raise NoBackup("it has more than plain files in it")
        return entry


def _refuse_without_room(folder: Path, size_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if size_bytes > free:
        raise Refused(
            f"The backup needs {size_bytes / 2**20:,.0f} MiB beside the site, and the disk of {folder.parent} has "
            f"{free / 2**20:,.0f} MiB left. Make room there. Nothing was changed."
        )


@contextmanager
def _written(path: Path) -> Iterator[Callable[[bytes], None]]:
    """What writes to a new file; its faults are told from those of what is read meanwhile."""
    with files_in_plain_words(path.parent, verb="written"):
        file = path.open("xb", buffering=0)

    def write(chunk: bytes) -> None:
        with files_in_plain_words(path.parent, verb="written"):
            file.write(chunk)

    with file:
        yield write


class _Counted(io.RawIOBase):
    """A file that tells how far it is read."""

    def __init__(self, file: IO[bytes], before: int, total: int, progress: Progress) -> None:
        self._file, self._done, self._total, self._progress = file, before, total, progress

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._done += len(chunk)
        self._progress.at(self._done, self._total)
        return chunk


def _entry(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    entry.mtime = int(datetime.fromisoformat(manifest.made_at).astimezone(UTC).timestamp())
    return entry


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _began_well(path: Path) -> bool:
    """Whether a file that can't be read to its end begins as a backup does."""
    try:
        with tarfile.open(path, "r:gz", tarinfo=_PlainFile) as archive:
            first = archive.next()
    except (OSError, Refused, *_TORN):
        return False
    return first is not None and first.name == MANIFEST
