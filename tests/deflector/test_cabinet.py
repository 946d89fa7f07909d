"""Where attachments lie: on the disk before their row, kept while a person decides, swept when orphaned."""

import os
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deflector.model import Attachment
from deflector.store import migration
from deflector.store.cabinet import MOST_WAITING, WAITING_TIME, Cabinet
from deflector.store.store import Store

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
LOG = Attachment(name="crash.log", media_type="text/plain", content=b"crash at 417")
SHOT = Attachment(name="shot.png", media_type="image/png", content=b"\x89PNG")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'deflector.db'}")
    migration.upgrade(store.engine)
    yield store
    store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "attachments"


@pytest.fixture
def cabinet(folder: Path, store: Store) -> Cabinet:
    return Cabinet(folder, store)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def age(folder: Path, moment: datetime) -> None:
    for path in folder.iterdir():
        os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_what_is_kept_comes_back_in_order_under_keys_that_nobody_guesses(
    cabinet: Cabinet, folder: Path
) -> None:
    kept = cabinet.keep([LOG, SHOT], NOW)

    keys = [filed.id for filed in reversed(kept)]
    assert [attachment for _, attachment in cabinet.kept(keys)] == [SHOT, LOG]
    assert all(len(key) == 32 for key in keys)
    assert files(folder) == sorted(keys)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("key", ["", "0" * 32, "../../../etc/passwd", "crash.log"])
def test_a_key_that_was_never_given_finds_nothing(cabinet: Cabinet, key: str) -> None:
    cabinet.keep([LOG], NOW)

    assert cabinet.kept([key]) == []


def test_a_sweep_removes_what_waited_for_a_day_and_files_that_no_row_names(
    cabinet: Cabinet, folder: Path, store: Store
) -> None:
    old = cabinet.keep([LOG], NOW - WAITING_TIME - timedelta(minutes=1))
    cabinet.write([SHOT])  # its process died before the row
    age(folder, NOW - timedelta(hours=2))
    young = cabinet.keep([SHOT], NOW)
    writing = cabinet.write([LOG])  # its row is about to be written
    for filed in (*young, *writing):
        os.utime(folder / filed.id, (NOW.timestamp(), NOW.timestamp()))
    (folder / "README").write_text("not ours")

    swept = cabinet.sweep(NOW)

    assert (swept.waiting, swept.files) == (1, 2)
    assert files(folder) == sorted(["README", young[0].id, writing[0].id])
    assert cabinet.kept([old[0].id]) == []
    assert cabinet.sweep(NOW) == type(swept)(waiting=0, files=0)


def test_a_disk_that_takes_no_more_leaves_nothing_half_written(folder: Path, store: Store) -> None:
    folder.mkdir()
    large = Attachment(name="x", media_type="text/plain", content=b"x" * 200_000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))  # no file may grow beyond
    try:
        with pytest.raises(OSError, match="large"):
            Cabinet(folder, store).write([LOG, large])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert files(folder) == []


def test_when_too_much_waits_nothing_more_is_kept(cabinet: Cabinet, folder: Path, store: Store) -> None:
    filed = cabinet.keep([LOG], NOW)
    huge = [type(filed[0])(id="f" * 32, name="x", media_type="x", size=MOST_WAITING, digest="")]
    with store.writing() as tx:
        tx.attachments.add(huge, ticket=None, at=NOW)

    assert cabinet.keep([SHOT], NOW) == []
    assert len(files(folder)) == 1
