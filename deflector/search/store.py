"""Where indexes lie on disk: built once by whoever comes first, shared by every process, replaced at once.

    var/index/<catalogue hash>/<engine>-<model>/<language>/…

A folder appears under its name only when it is whole (rename is atomic). One process builds at a time; it
holds a lock that the operating system drops when the process dies.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Stamp = tuple[int, int]

FORMAT = 9  # raise it when what is written changes, so that old folders are built anew
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
        self, catalogue: str, variant: str, write: Callable[[Path], None], *, broken: Stamp | None = None
    ) -> Path:
        """Have an index written unless it is there; wait while another process writes one.

        `broken` is the stamp of a folder that could not be opened: it is replaced, unless somebody else has
        done so by now. Raises OSError when `var` cannot be written.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        with self._lock():
            folder = self._folder(catalogue, variant)
            if (folder / "whole").exists() and (broken is None or self.stamp(folder) != broken):
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

    def stamp(self, folder: Path) -> Stamp:
        """Tell one writing of a folder from the next."""
        try:
            found = (folder / "whole").stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_ino)

    def all(self) -> list[Path]:
        """Give every finished index, newest first."""
        found = [whole for whole in self._root.glob("*/*/whole") if not whole.parent.name.startswith(".")]
        found.sort(key=lambda whole: whole.stat().st_mtime, reverse=True)
        return [whole.parent for whole in found]

    def _folder(self, catalogue: str, variant: str) -> Path:
        return self._root / catalogue[:32] / _safe(variant)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self._root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _sweep(self, keep: Path) -> None:
        """Remove what nobody reads any more: all but the newest, and what a killed process left."""
        for left in self._root.glob(".building-*"):
            shutil.rmtree(left, ignore_errors=True)
        folders = [f for f in self._root.iterdir() if f.is_dir() and f != keep]
        folders.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
        for old in folders[KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)


def _safe(variant: str) -> str:
    return "".join(c if c.isalnum() or c in "-." else "-" for c in f"{variant}-{FORMAT}")
