"""Makes sure that what was deleted is no longer in the files of the database."""

import time
from contextlib import closing

from sqlalchemy import Engine, text

from deflector.store.tables import metadata

TRIES = 20
PAUSE_SECONDS = 0.25


class StillBusy(Exception):
    """Somebody reads the database all the time, so its log cannot be emptied."""


def scrub(engine: Engine) -> None:
    """Write the database anew without what was deleted, and empty its write-ahead log. Raises `StillBusy`.

    SQLite overwrites what it deletes already (secure_delete); this also drops the copies in old pages and in
    the log. PostgreSQL writes the tables into new files and removes the old ones. Its write-ahead log and its
    backups lie outside of our reach: they end as its administrator set them to.
    """
    if engine.dialect.name == "sqlite":
        _scrub_sqlite(engine)
        return
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for table in metadata.sorted_tables:
            connection.execute(text(f"VACUUM (FULL) {table.name}"))


def _scrub_sqlite(engine: Engine) -> None:
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        for _ in range(TRIES):
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                return
            time.sleep(PAUSE_SECONDS)
    raise StillBusy
