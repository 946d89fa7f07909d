"""What Git knows about a folder, asked for in as few commands as there are questions."""

import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

_RECORD: Final = "\x01"
_FORMAT: Final = f"--format={_RECORD}%H%x00%aI%x00%an%x00%s"


class GitUnavailable(Exception):
    """Git cannot answer; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What a commit did to one file.

    `blob` is "" where the file was deleted; `old_path` differs from `path` where it was renamed.
    """

    path: str
    old_path: str
    blob: str
    is_added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit and the files below the folder that it changed; paths are relative to the folder."""

    id: str
    at: datetime
    author: str
    subject: str
    changes: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The repository around a folder."""

    folder: Path

    @classmethod
    def around(cls, folder: Path) -> Self:
        """Find the repository that a folder lies in; raise GitUnavailable where there is none, or no Git."""
        if shutil.which("git") is None:
            raise GitUnavailable("Git is not installed here.")
        if not folder.is_dir():
            raise GitUnavailable(f"{folder} is not a folder.")
        repository = cls(folder=folder)
        try:
            is_inside = repository._ask("rev-parse", "--is-inside-work-tree").strip() == b"true"
        except GitUnavailable:
            is_inside = False
        if not is_inside:
            raise GitUnavailable(f"{folder} does not lie in a Git repository.")
        return repository

    @property
    def is_shallow(self) -> bool:
        """Whether older commits were left out when the repository was cloned."""
        return self._ask("rev-parse", "--is-shallow-repository").strip() == b"true"

    def log(self, *paths: str) -> Iterator[Commit]:
        """Go through the commits that touched the folder, newest first; none where nothing is committed."""
        if self.resolve("HEAD") is None:
            return
        command = ("log", "--raw", "-z", "--no-abbrev", "-M", "--relative", _FORMAT, "--", *(paths or (".",)))
        for record in self._ask(*command).decode("utf-8", "replace").split(_RECORD)[1:]:
            commit, at, author, subject, *rest = record.split("\0")
            yield Commit(
                id=commit,
                at=datetime.fromisoformat(at),
                author=author,
                subject=subject,
                changes=tuple(_file_changes(rest)),
            )

    def resolve(self, revision: str) -> str | None:
        """Find the commit that a revision names; None where there is no such thing."""
        try:
            return (
                self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
                .decode()
                .strip()
            )
        except GitUnavailable:
            return None

    def fork_point(self, revision: str) -> str:
        """Find where the checked-out work and a revision parted; the revision itself where they never met."""
        try:
            return self._ask("merge-base", revision, "HEAD").decode().strip()
        except GitUnavailable:
            return revision

    def tree(self, revision: str) -> Mapping[str, str]:
        """List the files below the folder at a revision: path relative to the folder → blob."""
        prefix = self._ask("rev-parse", "--show-prefix").decode().strip("\n")
        listed = self._ask(
            "ls-tree", "-r", "-z", "--full-tree", revision, "--", *([prefix] if prefix else [])
        )
        files = {}
        for row in listed.decode("utf-8", "replace").split("\0"):
            about, _, path = row.partition("\t")
            if path:
                files[path.removeprefix(prefix)] = about.split(" ")[2]
        return files

    def contents(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Read many blobs through one process; what is missing, as in a partial clone, is left out."""
        wanted = list(dict.fromkeys(blobs))
        if not wanted:
            return
        answer = self._ask("cat-file", "--batch", given="".join(f"{blob}\n" for blob in wanted).encode())
        at = 0
        while at < len(answer):
            end = answer.index(b"\n", at)
            header = answer[at:end].split(b" ")
            if len(header) != 3 or not header[2].isdigit():
                at = end + 1
                continue
            size = int(header[2])
            yield header[0].decode(), answer[end + 1 : end + 1 + size]
            at = end + 1 + size + 1

    def user(self) -> str:
        """Say who commits here, as Git is configured; "" where it is not."""
        try:
            return self._ask("config", "user.name").decode("utf-8", "replace").strip()
        except GitUnavailable:
            return ""

    def _ask(self, *words: str, given: bytes = b"") -> bytes:
        command = [
            "git",
            "-C",
            str(self.folder),
            "-c",
            "core.quotepath=off",
            "-c",
            "log.showSignature=false",
            *words,
        ]
        try:
            answer = subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603
        except OSError as exc:
            raise GitUnavailable(f"Git cannot be started: {exc.strerror}.") from None
        if answer.returncode != 0:
            said = answer.stderr.decode("utf-8", "replace").strip().splitlines()
            raise GitUnavailable(f"Git answered: {said[-1] if said else f'exit {answer.returncode}'}")
        return answer.stdout


def commit_of(folder: str | Path) -> str:
    """Name the commit that is checked out around a folder; "" where Git or a repository is missing."""
    try:
        return Repository.around(Path(folder)).resolve("HEAD") or ""
    except GitUnavailable:
        return ""


def _file_changes(fields: list[str]) -> Iterator[FileChange]:
    """Read the rows of `git log --raw -z`: ":mode mode blob blob status", a path, for a rename two."""
    rest = iter(fields)
    for row in rest:
        row = row.strip("\n")
        if not row.startswith(":"):
            continue
        _, _, _, blob, status = row[1:].split(" ")
        old_path = next(rest)
        path = next(rest) if status[0] in "RC" else old_path
        yield FileChange(
            path=path,
            old_path=old_path if status[0] == "R" else path,
            blob="" if status[0] == "D" else blob,
            is_added=status[0] in "AC",
        )
