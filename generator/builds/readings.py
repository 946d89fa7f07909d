"""Articles read from memory where their files are as they were."""

import os
from typing import Final, cast

from generator.articles.article import Article
from generator.articles.frontmatter import Fault
from generator.articles.knowledge_base import Source, read
from generator.builds.faces import face_of
from generator.cache.memory import Memory, digest

_TICK: Final = 100_000_000
"""Nanoseconds in which a file may change twice and keep its times; Linux counts in steps of 1 to 10 ms."""
_COARSE: Final = 10_000_000
"""Times in whole multiples of this are those of a file system that counts in up to two seconds (FAT)."""
_COARSE_TICK: Final = 2_100_000_000


class Readings:
    """Reads files as articles; what was read before is not read again.

    `stamps` has a digest of each file by its path: an article is made of nothing else. `faces` has a digest
    of what others see of each article.

    A file is known by its marks: its size, when it and its entry last changed, and its inode. No program can
    set the second of these times, so that an edit which keeps size and time is seen. As in Git's index, marks
    that were taken within a tick of the file's last change prove nothing: such a file is read.
    """

    def __init__(self, memory: Memory, *, now: int | None) -> None:
        """Begin to read at a moment in nanoseconds by the file system's clock; None trusts no marks."""
        self._articles, self._marks = memory.drawer("articles"), memory.drawer("marks")
        self._now = now if os.name == "posix" else None
        self.stamps: dict[str, bytes] = {}
        self.faces: dict[str, bytes] = {}

    def __call__(self, source: Source) -> tuple[Article | None, tuple[Fault, ...]]:
        path, mark = source.path, self._mark(source.about)
        stamp: bytes | None = self._marks.get(path, mark) if mark else None
        known = self._articles.get(path, stamp) if stamp else None
        if stamp is None or known is None:
            data = source.data()
            stamp = digest(path.encode("utf-8", "surrogatepass"), data)
            if mark:
                self._marks.put(path, mark, stamp)
            known = self._articles.get(path, stamp)
            if known is None:
                article, faults = read(path, data)
                known = article, faults, face_of(article) if article else b""
                self._articles.put(path, stamp, known)
        article, faults, self.faces[path] = cast("tuple[Article | None, tuple[Fault, ...], bytes]", known)
        self.stamps[path] = stamp
        return article, faults

    def _mark(self, about: os.stat_result) -> bytes:
        """Write down what tells that a file is as it was; nothing where nothing tells it."""
        latest = max(about.st_mtime_ns, about.st_ctime_ns)
        is_coarse = about.st_ctime_ns % _COARSE == 0
        if self._now is None or latest > self._now - (_COARSE_TICK if is_coarse else _TICK):
            return b""
        return f"{about.st_size} {about.st_mtime_ns} {about.st_ctime_ns} {about.st_ino}".encode()
