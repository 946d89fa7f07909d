"""What an article's facts rest on: which of its `sources` are files of the repository."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_PATH: Final = re.compile(r"(?!.*\.\.)[^\s:<>\"|?*/][^:<>\"|?*]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The folders that a source may be written from: the repository's, and the knowledge base's own."""

    roots: tuple[Path, ...]

    @staticmethod
    def beside(folder: Path) -> "Sources":
        """Find the roots for a knowledge base: the nearest folder with .git, else the one that it lies in."""
        return _beside(folder.absolute())

    def file(self, source: str) -> Path | None:
        """Find the file or folder that a source names; None where it names a thing elsewhere, or nothing."""
        if not _PATH.fullmatch(source):
            return None
        return next((root / source for root in self.roots if (root / source).exists()), None)

    def is_missing(self, source: str) -> bool:
        """Whether a source begins in a folder that is here and ends at nothing.

        "policies/refunds.pdf" is the name of a document elsewhere until there is a folder policies/.
        """
        first, slash, _ = source.partition("/")
        if not slash or not _PATH.fullmatch(source):
            return False
        return any((root / first).is_dir() for root in self.roots) and self.file(source) is None


@cache
def _beside(folder: Path) -> Sources:
    return Sources(roots=_roots(folder))


def _roots(folder: Path) -> tuple[Path, ...]:
    repository = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder.parent)
    return (repository, folder) if repository != folder else (folder,)
