"""Where foreign articles come from and where they go: files, categories, days."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Final

from generator.history.git import GitUnavailable, Repository
from generator.importing.foreign import spoken

GENERAL: Final = "general"
_SHORTEST_INTERVAL: Final = 180
_SPREAD: Final = 186


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    category: str
    tags: tuple[str, ...]


def shelves_of(paths: list[PurePosixPath]) -> Mapping[PurePosixPath, Shelf]:
    """Make the uppermost folders that tell the files apart their categories, and folders below these tags."""
    parents = [path.parent.parts for path in paths]
    levels = zip(*parents, strict=False)  # as deep as the shallowest file lies
    common = sum(1 for _ in takewhile(lambda names: len(set(names)) == 1, levels))
    if common and any(len(parts) == common for parts in parents):
        common -= 1  # some files lie right in the common folder: it is their category
    shelves = {}
    for path in paths:
        parts = path.parent.parts[common:]
        shelves[path] = Shelf(
            category=parts[0] if parts else GENERAL, tags=tuple(spoken(p) for p in parts[1:])
        )
    return shelves


def files_below(folder: Path) -> Iterator[PurePosixPath]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        inside = PurePosixPath(Path(root).relative_to(folder).as_posix())
        yield from (inside / name for name in names if not name.startswith("."))


def committed_days(folder: Path) -> Mapping[str, date]:
    """Ask Git once when each file was changed last; nothing where it cannot tell."""
    found: dict[str, date] = {}
    try:
        for commit in Repository.around(folder).log():
            for change in commit.changes:
                found.setdefault(change.path, commit.at.date())
    except GitUnavailable:
        return {}
    return found


def first_interval(id_: str) -> str:
    """Spread first reviews over half a year by the id: those of one import do not fall due at once."""
    return f"{_SHORTEST_INTERVAL + int(sha256(id_.encode()).hexdigest()[:8], 16) % _SPREAD} days"
