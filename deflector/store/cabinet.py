"""Where attachments lie: their content in a folder beside the database, a row for each in the database.

A file is on the disk before its row is written. So a row always has its file; a file without a row is what a
stopped process or a refused message left behind, and `sweep` removes it.
"""

import logging
import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deflector.model import Attachment
from deflector.store.attachments import Filed
from deflector.store.store import Store

log = logging.getLogger(__name__)

# Files of a message that is not sent yet: its writer looks at answers, or has something to mend.
WAITING_TIME = timedelta(days=1)
MOST_WAITING = 512 * 1024 * 1024  # bytes in all; beyond that, people choose their files once more
# A file comes before its row: a younger one may belong to a ticket that is being written.
WRITING_TIME = timedelta(hours=1)
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed."""

    waiting: int
    files: int


class Cabinet:
    """Keeps attachments. Several processes may use one folder."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store

    def write(self, attachments: Sequence[Attachment]) -> list[Filed]:
        """Put contents on the disk, safe from a power cut; their rows are the caller's to write.

        Raises OSError, and then leaves nothing behind.
        """
        if not attachments:
            return []
        self._folder.mkdir(parents=True, exist_ok=True)
        written: list[Filed] = []
        try:
            for attachment in attachments:
                filed = Filed.under(secrets.token_hex(16), attachment)
                written.append(filed)
                self._write(self._path(filed.id), attachment.content)
            _sync(self._folder)
        except BaseException:
            self.remove(written)
            raise
        return written

    def remove(self, filed: Sequence[Filed]) -> None:
        """Take contents from the disk whose rows were not written, or are gone."""
        for one in filed:
            with suppress(OSError):
                self._path(one.id).unlink(missing_ok=True)

    def read(self, filed: Sequence[Filed]) -> list[Attachment]:
        """Read contents back; what is no longer there is left out."""
        found = []
        for one in filed:
            try:
                content = self._path(one.id).read_bytes()
            except FileNotFoundError:
                log.error("attachment missing id=%s", one.id)
                continue
            found.append(Attachment(name=one.name, media_type=one.media_type, content=content))
        return found

    def keep(self, attachments: Sequence[Attachment], now: datetime) -> list[Filed]:
        """Keep the files of a message that is not sent yet, for a day; none where too many wait already."""
        if not attachments:
            return []
        with self._store.reading() as tx:
            full = tx.attachments.waiting_bytes() + sum(one.size for one in attachments) > MOST_WAITING
        if full:
            log.warning("attachments not kept count=%d because=full", len(attachments))
            return []
        filed = self.write(attachments)
        try:
            with self._store.writing() as tx:
                tx.attachments.add(filed, ticket=None, at=now)
        except BaseException:
            self.remove(filed)
            raise
        return filed

    def kept(self, keys: Sequence[str]) -> list[tuple[Filed, Attachment]]:
        """Find files that were kept, by keys that only their sender knows (128 bits each)."""
        fit = [key for key in keys if _KEY.fullmatch(key)]
        if not fit:
            return []
        with self._store.reading() as tx:
            waiting = tx.attachments.waiting(fit)
        return [(one, found[0]) for one in waiting if (found := self.read([one]))]

    def sweep(self, now: datetime) -> Swept:
        """Remove files whose message was never sent, and files that no row names."""
        with self._store.writing() as tx:
            waiting = tx.attachments.drop_waiting(before=now - WAITING_TIME)
        # Listed before the rows are asked for: what is written meanwhile is in neither, or has its row.
        present = list(self._folder.iterdir()) if self._folder.is_dir() else []
        with self._store.reading() as tx:
            known = tx.attachments.ids()
        files = 0
        for path in present:
            if path.name in known or not _KEY.match(path.name):
                continue
            with suppress(FileNotFoundError):
                since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if since < now - WRITING_TIME:
                    path.unlink()
                    files += 1
        log.info("attachments swept waiting=%d files=%d", waiting, files)
        return Swept(waiting=waiting, files=files)

    def _path(self, key: str) -> Path:
        return self._folder / key

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        # Readable by us alone: these are people's own files.
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
