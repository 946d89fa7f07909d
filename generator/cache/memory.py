"""What earlier builds worked out, kept in one SQLite file so that the next build need not.

Losing the file costs time and never truth. Every value is kept beside a key, a digest of all that it was
made of, and is given out for the same key only. Whatever cannot be read (half written, of another version,
damaged, no database at all) counts as forgotten. Several builds may use one file at once: each reads what is
whole, and where two write, the later one wins.

Values are pickles that may hold plain values and classes of our own and nothing else, so that a file from
elsewhere cannot run anything. Its pages would be published all the same: trust it as far as the repository.
"""

import io
import os
import pickle
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar, cast
from zlib import crc32

T = TypeVar("T")
BUCKETS: Final = 64
"""A drawer is kept in so many rows: one change writes a row anew, not the drawer."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS stamp (stamp BLOB);
CREATE TABLE IF NOT EXISTS drawers
    (name TEXT, bucket INTEGER, sum BLOB, content BLOB, PRIMARY KEY (name, bucket));
CREATE TABLE IF NOT EXISTS sheets (pile TEXT, key BLOB, sum BLOB, content BLOB, PRIMARY KEY (pile, key));
"""
_SECONDS_TO_WAIT: Final = 10


class Recall(Protocol):
    """Remembers the answer to a question; works it out where nobody has yet."""

    def __call__(self, name: str, key: bytes, work: Callable[[], T]) -> T: ...


def work_anew(name: str, key: bytes, work: Callable[[], T]) -> T:  # noqa: ARG001 - the signature of Recall
    """Answer without remembering anything."""
    return work()


def digest(*parts: bytes) -> bytes:
    """Make a key of several parts; two lists of parts have one key only if they are the same."""
    whole = b"".join([piece for part in parts for piece in (len(part).to_bytes(8, "little"), part)])
    return blake2b(whole, digest_size=16).digest()


@dataclass(slots=True)
class Drawer:
    """Values by name, e.g. by the path of a file, each with the key of what it was made of."""

    entries: dict[str, tuple[bytes, Any]]
    _seen: dict[str, tuple[bytes, Any]]

    @classmethod
    def of(cls, entries: dict[str, tuple[bytes, Any]]) -> Self:
        return cls(entries=entries, _seen={})

    def get(self, name: str, key: bytes) -> Any:
        """Give out what is kept under a name for this very key; None where there is nothing."""
        found = self.entries.get(name)
        if found is None or found[0] != key:
            return None
        self._seen[name] = found
        return found[1]

    def put(self, name: str, key: bytes, value: Any) -> None:
        self._seen[name] = (key, value)

    @property
    def kept(self) -> Mapping[str, tuple[bytes, Any]]:
        """What this build asked for or put in; the rest is out of date."""
        return self._seen

    def changed(self) -> set[str]:
        """Name the entries that differ from what was read."""
        new = {name for name, entry in self._seen.items() if self.entries.get(name) is not entry}
        return new | (self.entries.keys() - self._seen.keys())


Held = dict[str, Mapping[str, tuple[bytes, Any]]]
"""Drawers that a process which builds again and again keeps at hand; each build takes and returns them."""


class Memory:
    """The file. `stamp` names the programs that write it: what others wrote is forgotten.

    What is in `held` is not read again, unless other programs have written the file meanwhile. It is handed
    back, as it is then, when the memory is saved; a build that stops before that leaves nothing in it.
    """

    def __init__(self, path: Path | None, *, stamp: bytes, held: Held | None = None) -> None:
        self._path, self._stamp = path, stamp
        self._drawers: dict[str, Drawer] = {}
        self._is_as_left = True
        self._db = self._connect()
        self._held: Held = {} if held is None else held
        self._at_hand = dict(self._held) if self._is_as_left else {}
        self._held.clear()

    @classmethod
    @contextmanager
    def opened(cls, path: Path | None, *, stamp: bytes, held: Held | None = None) -> Iterator[Self]:
        """Open a file, or one that is forgotten at the end where there is none or it cannot be used."""
        memory = cls(path, stamp=stamp, held=held)
        try:
            yield memory
        finally:
            memory.close()

    def moment(self) -> int | None:
        """Say what time it is by the file system's clock, in nanoseconds; None where there is no file."""
        if self._path is None:
            return None
        try:
            os.utime(self._path)
            return self._path.stat().st_ctime_ns
        except OSError:
            return None

    def drawer(self, name: str) -> Drawer:
        """Take out a drawer; the same one when asked again."""
        if name not in self._drawers:
            self._drawers[name] = Drawer.of(dict(self._at_hand.get(name) or self._read(name)))
        return self._drawers[name]

    def _read(self, name: str) -> Mapping[str, tuple[bytes, Any]]:
        entries: dict[str, tuple[bytes, Any]] = {}
        for row in self._ask("SELECT sum, content FROM drawers WHERE name = ?", name):
            entries.update(_entries(*row))
        return entries

    def recall(self, name: str, key: bytes, work: Callable[[], T]) -> T:
        """Remember the answer to one question; see Recall.

        Questions whose names begin with the same word share a drawer: where nobody asks any of them in this
        build, they are not even read, and stay as they are.
        """
        drawer = self.drawer(f"answers to {name.partition(' ')[0]}")
        found = drawer.get(name, key)
        if found is None:
            found = (work(),)
            drawer.put(name, key, found)
        return cast("T", found[0])

    def sheet(self, pile: str, key: bytes) -> bytes | None:
        """Read one sheet of a pile; None where it is not there whole."""
        question = "SELECT sum, content FROM sheets WHERE pile = ? AND key = ?"
        for total, content in self._ask(question, pile, key):
            if isinstance(content, bytes) and digest(key, content) == total:
                return content
        return None

    def add_sheets(self, pile: str, sheets: Iterable[tuple[bytes, bytes]]) -> None:
        rows = [(pile, key, digest(key, content), content) for key, content in sheets]
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO sheets VALUES (?, ?, ?, ?)", rows)

    def keep_sheets(self, pile: str, keys: Collection[bytes]) -> None:
        """Throw away every sheet of a pile that is not named."""
        there = {key for (key,) in self._ask("SELECT key FROM sheets WHERE pile = ?", pile)}
        with self._transaction() as db:
            db.executemany(
                "DELETE FROM sheets WHERE pile = ? AND key = ?", [(pile, key) for key in there - set(keys)]
            )

    def save(self) -> None:
        """Write down what changed in the drawers, row by row: never do all of them lie in memory twice."""
        with self._transaction() as db:
            for name, drawer in self._drawers.items():
                for number, entries in _changed_buckets(drawer):
                    if not entries:
                        db.execute("DELETE FROM drawers WHERE name = ? AND bucket = ?", (name, number))
                        continue
                    content = packed(entries)
                    row = (name, number, digest(content), content)
                    db.execute("INSERT OR REPLACE INTO drawers VALUES (?, ?, ?, ?)", row)
        self._held.update(self._at_hand)
        self._held.update({name: drawer.kept for name, drawer in self._drawers.items()})

    def close(self) -> None:
        self._db.close()

    def _connect(self) -> sqlite3.Connection:
        path = self._path
        for _ in range(2):
            try:
                return self._opened(path)
            except (sqlite3.OperationalError, OSError):
                break  # in use, read-only or full: not ours to remove
            except sqlite3.DatabaseError:
                if path is not None:
                    _remove(path)
        return self._opened(None)

    def _opened(self, path: Path | None) -> sqlite3.Connection:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        # "" is a database of its own on disk, which SQLite removes when it is closed.
        db = sqlite3.connect(path or "", timeout=_SECONDS_TO_WAIT, isolation_level=None)
        try:
            # A crash of the machine may tear the file: the sums tell, so that nothing waits for the disk.
            db.execute("PRAGMA synchronous = OFF")
            db.executescript(_TABLES)
            if db.execute("SELECT stamp FROM stamp").fetchall() != [(self._stamp,)]:
                self._is_as_left = False
                db.execute("BEGIN IMMEDIATE")
                for table in ("stamp", "drawers", "sheets"):
                    db.execute(f"DELETE FROM {table}")  # noqa: S608 - three names of our own
                db.execute("INSERT INTO stamp VALUES (?)", (self._stamp,))
                db.execute("COMMIT")
        except BaseException:
            db.close()
            raise
        return db

    def _ask(self, question: str, *values: Any) -> list[Any]:
        try:
            return self._db.execute(question, values).fetchall()
        except (sqlite3.Error, OverflowError):
            return []

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing; where writing fails (a full disk, a damaged file) nothing is remembered."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.OperationalError:
            self._roll_back()
        except sqlite3.DatabaseError:
            self._roll_back()
            self._db.close()
            if self._path is not None:
                _remove(self._path)
            self._path = None
            self._db = self._opened(None)

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


def _remove(path: Path) -> None:
    """Take a file out of the way that is no database of ours; a folder stays."""
    for name in (path, path.with_name(f"{path.name}-journal")):
        try:
            name.unlink(missing_ok=True)
        except OSError:
            continue


@cache
def _bucket(name: str) -> int:
    return crc32(name.encode("utf-8", "surrogatepass")) % BUCKETS


def _changed_buckets(drawer: Drawer) -> Iterator[tuple[int, dict[str, tuple[bytes, Any]]]]:
    """Go through the buckets in which something changed, each with all that is kept in it."""
    buckets: dict[int, dict[str, tuple[bytes, Any]]] = {_bucket(one): {} for one in drawer.changed()}
    for one, entry in drawer.kept.items() if buckets else ():
        if (number := _bucket(one)) in buckets:
            buckets[number][one] = entry
    yield from buckets.items()


class _Reader(pickle.Unpickler):
    """Reads pickles of plain values and of our own classes; refuses to find anything else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("generator.") or (module, name) == ("datetime", "date"):
            found = super().find_class(module, name)
            if isinstance(found, type) and (found.__module__, found.__qualname__) == (module, name):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not ours")


def packed(value: Any) -> bytes:
    """Write a value down as bytes."""
    return pickle.dumps(value, protocol=5)


def unpacked(content: bytes) -> Any:
    """Read a value that was written down; None for anything that is not wholly plain or ours."""
    try:
        return _Reader(io.BytesIO(content)).load()
    except Exception:  # whatever a damaged pickle raises, it is forgotten
        return None


def _entries(total: Any, content: Any) -> dict[str, tuple[bytes, Any]]:
    if not isinstance(content, bytes) or digest(content) != total:
        return {}
    entries = unpacked(content)
    return entries if isinstance(entries, dict) else {}
