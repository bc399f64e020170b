"""Static files, which everybody may read: also a proxy that hands them out by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ReadableStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage. All other files that the site writes are its own, by its umask."""

    def post_process(self, *arguments: Any, **options: Any) -> Iterator[Any]:
        """Hash and compress what was collected, then open it to all."""
        yield from super().post_process(*arguments, **options)
        root = Path(self.location)
        root.chmod(0o755)
        for path in root.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
