"""Where indexes lie on disk: built once by whoever comes first, shared by every process, replaced at once.

    var/index/<catalogue hash>/<engine>-<model>/<language>/…

A folder appears under its name only when it is whole (rename is atomic). One process builds at a time; it holds
a lock that the operating system drops when the process dies.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FORMAT = 1  # raise it when what is written changes, so that old folders are built anew
KEPT = 3  # catalogue folders: the current one, and those that a process may still be reading


class IndexFolders:
    """The index folders under one `var`."""

    def __init__(self, var: Path) -> None:
        self._root = var / "index"

    def whole(self, catalogue: str, variant: str) -> Path | None:
        """Give the folder of a finished index, or None."""
        folder = self._folder(catalogue, variant)
        return folder if (folder / "whole").exists() else None

    def build(
        self, catalogue: str, variant: str, write: Callable[[Path], None], *, anew: bool = False
    ) -> Path:
        """Have an index written unless it is there; wait while another process writes one.

        `anew` replaces a folder that turned out to be broken. Raises OSError when `var` cannot be written.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        with self._lock():
            folder = self._folder(catalogue, variant)
            if not anew and (folder / "whole").exists():
                return folder
            parts = Path(tempfile.mkdtemp(prefix=".building-", dir=self._root))
            try:
                write(parts)
                (parts / "whole").write_text("Everything in this folder was written to the end.\n")
                folder.parent.mkdir(parents=True, exist_ok=True)
                if folder.exists():
                    os.rename(folder, parts / ".replaced")  # noqa: PTH104 - says more than Path.rename
                parts.chmod(0o755)
                os.rename(parts, folder)  # noqa: PTH104
            finally:
                shutil.rmtree(parts, ignore_errors=True)
                shutil.rmtree(folder / ".replaced", ignore_errors=True)
            self._sweep(keep=folder.parent)
            return folder

    def others(self, catalogue: str, variant: str) -> Iterator[Path]:
        """Give finished indexes of other catalogues in the same variant, newest first."""
        found = [f for f in self._root.glob(f"*/{_safe(variant)}") if (f / "whole").exists()]
        found.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
        return (folder for folder in found if folder.parent.name != catalogue[:32])

    def _folder(self, catalogue: str, variant: str) -> Path:
        return self._root / catalogue[:32] / _safe(variant)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self._root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _sweep(self, keep: Path) -> None:
        """Remove what nobody reads any more: all but the newest catalogues, and what a killed process left."""
        for left in self._root.glob(".building-*"):
            shutil.rmtree(left, ignore_errors=True)
        folders = [f for f in self._root.iterdir() if f.is_dir() and f != keep]
        folders.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
        for old in folders[KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)


def _safe(variant: str) -> str:
    return "".join(c if c.isalnum() or c in "-." else "-" for c in f"{variant}-{FORMAT}")
