"""The folder that a build works in, alone, and how what it made takes the place of what stood there."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # Windows: two builds into one folder at once are the writer's own business there
    fcntl = None  # type: ignore[assignment]

DATA: Final = ("audit.json", "reviews.html", "catalogue.json")
OUTPUTS: Final = ("site", *DATA)
_WORK: Final = ".building-"
_CANNOT_WRITE: Final = "{out}: cannot be written ({reason}). Name another folder with --out."


class BuildFailed(Exception):
    """Nothing was built; `problems` says why, one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@contextmanager
def alone_in(out: Path, on_wait: Callable[[], None]) -> Iterator[Path]:
    """Make a folder to build in, once no other build writes to `out`; clear away what interrupted ones left.

    It lies inside of `out`, since only there a rename is certain not to cross file systems.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = os.open(out, os.O_RDONLY) if fcntl else None
    except OSError as exc:
        raise BuildFailed(_CANNOT_WRITE.format(out=out, reason=exc.strerror)) from None
    try:
        if handle is not None:
            _wait_for(handle, on_wait)
        for left in out.glob(f"{_WORK}*"):
            shutil.rmtree(left, ignore_errors=True)
        try:
            work = Path(tempfile.mkdtemp(prefix=_WORK, dir=out.absolute()))
        except OSError as exc:
            raise BuildFailed(_CANNOT_WRITE.format(out=out, reason=exc.strerror)) from None
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
    finally:
        if handle is not None:
            os.close(handle)


def _wait_for(handle: int, on_wait: Callable[[], None]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(handle, fcntl.LOCK_EX)


def put_in_place(work: Path, out: Path) -> None:
    """Swap what was built for what stood there, by renaming; the catalogue last, since readers follow it."""
    missing = [name for name in OUTPUTS if not (work / name).exists()]
    if missing:
        raise BuildFailed(f"The build did not write {', '.join(missing)}. Nothing was changed in {out}.")
    old = work / "old"
    old.mkdir()
    for name in OUTPUTS:
        if os.path.lexists(out / name):
            (out / name).rename(old / name)
        try:
            (work / name).rename(out / name)
        except OSError:
            if os.path.lexists(old / name):
                (old / name).rename(out / name)
            raise
