"""A folder of published files, changed only where it must be."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from generator.counting import counted

Mark = tuple[int, int, int]
"""What tells that a file is still the one that was written: its size, its time of change, its inode."""
Record = tuple[bytes, Mark]
"""The key under which a file was written, and its mark since then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What publishing did to the folder, counted in files."""

    written: int
    removed: int
    kept: int

    def as_sentence(self) -> str:
        written = counted(self.written, "file")
        return f"{written} written, {self.removed:,} removed, {self.kept:,} left as they were;"


class Tree:
    """The folder as it is, and beside it what is to be changed; nothing is changed before `publish`.

    `records` has what is known of the files that earlier builds wrote, by path from the folder. A file that
    somebody touched since then is written anew; one that nobody placed is removed.
    """

    def __init__(self, folder: Path, staging: Path, records: Mapping[str, Record]) -> None:
        self._folder, self._staging = folder, staging
        self._there = dict(_files(folder)) if folder.is_dir() else {}
        self._records = records
        self._is_ours = any(
            path in records and records[path][1] == mark for path, mark in self._there.items()
        )
        self._wanted: dict[str, bytes] = {}
        self._staged: set[str] = set()

    def is_current(self, path: str, key: bytes) -> bool:
        """Whether the folder has this very file already; if so it is kept."""
        record = self._records.get(path)
        if record is None or record[0] != key or self._there.get(path) != record[1]:
            return False
        self._wanted[path] = key
        return True

    def stage(self, path: str, key: bytes, content: bytes) -> None:
        """Make ready a file."""
        self._make_room(path, key).write_bytes(content)

    def stage_copy(self, path: str, key: bytes, source: Path) -> None:
        """Make ready a copy of a file."""
        shutil.copyfile(source, self._make_room(path, key))

    def publish(self) -> tuple[Changes, dict[str, Record]]:
        """Change the folder and say what is known of its files now.

        Each file is replaced in one step. A folder that no build of ours wrote is replaced as a whole.
        """
        if not self._is_ours:
            return self._publish_whole()
        for path in sorted(self._there.keys() - self._wanted.keys()):
            self._remove(path)
        for path in sorted(self._staged):
            self._place(path)
        removed = len(self._there.keys() - self._wanted.keys())
        records = {path: self._records[path] for path in self._wanted.keys() - self._staged}
        records |= {path: self._record(path) for path in self._staged}
        kept = len(self._wanted) - len(self._staged)
        return Changes(written=len(self._staged), removed=removed, kept=kept), records

    def _publish_whole(self) -> tuple[Changes, dict[str, Record]]:
        self._staging.mkdir(parents=True, exist_ok=True)
        old = self._staging.with_name(f"{self._staging.name}.old")
        if os.path.lexists(self._folder):
            self._folder.rename(old)
        try:
            self._staging.rename(self._folder)
        except OSError:
            if os.path.lexists(old):
                old.rename(self._folder)
            raise
        changes = Changes(written=len(self._staged), removed=len(self._there), kept=0)
        return changes, {path: self._record(path) for path in self._staged}

    def _make_room(self, path: str, key: bytes) -> Path:
        self._wanted[path] = key
        self._staged.add(path)
        place = self._staging / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def _place(self, path: str) -> None:
        staged, place = self._staging / path, self._folder / path
        try:
            staged.replace(place)
        except OSError:
            _clear_way(self._folder, place)
            staged.replace(place)

    def _remove(self, path: str) -> None:
        place = self._folder / path
        place.unlink(missing_ok=True)
        with suppress(OSError):  # a folder that still holds something stays
            for folder in place.parents:
                if folder == self._folder:
                    break
                folder.rmdir()

    def _record(self, path: str) -> Record:
        about = os.lstat(self._folder / path)
        return self._wanted[path], _mark(about)


def _clear_way(folder: Path, place: Path) -> None:
    """Make the folders for a file, where files stood in their place, and take away a folder in its own."""
    for parent in reversed(place.parents):
        if parent.is_relative_to(folder) and os.path.lexists(parent) and not parent.is_dir():
            parent.unlink()
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)


def _files(folder: Path) -> Iterator[tuple[str, Mark]]:
    """List what lies below a folder, links as links."""
    open_folders = [("", os.fspath(folder))]
    while open_folders:
        prefix, path = open_folders.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                name = f"{prefix}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    open_folders.append((f"{name}/", entry.path))
                else:
                    yield name, _mark(entry.stat(follow_symlinks=False))


def _mark(about: os.stat_result) -> Mark:
    return about.st_size, about.st_mtime_ns, about.st_ino
