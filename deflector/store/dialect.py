"""The one place that knows which database it is: engine set-up, and the database's own clock."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, DateTime, Dialect, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeDecorator

# Whatever can go wrong between us and a database; callers need not know who drives it.
DatabaseTrouble = SQLAlchemyError
BUSY_TIMEOUT_SECONDS = 10


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC: PostgreSQL has a type for it, SQLite keeps ISO text without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def create(url: str | URL, *, durable: bool = True) -> Engine:
    """Open a database; the folder of an SQLite file is made when it is missing.

    What is written is on disk before a commit returns, unless it need not be `durable`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        options = {} if durable else {"options": "-c synchronous_commit=off"}
        # Errors quote the statement; a person's words, which are its parameters, stay out of them.
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True, connect_args=options)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite if durable else _prepare_hasty_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not open transactions of its own: `_begin_sqlite` does, so that a write never
    # starts as a read and fails half-way with SQLITE_BUSY.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # one fdatasync before the answer: a promise is on disk
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten


def _prepare_hasty_sqlite(connection: sqlite3.Connection, record: object) -> None:
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def database_now(connection: Connection) -> datetime:
    """Ask the database what time it is, so that one clock decides about leases, whoever asks."""
    if connection.dialect.name == "sqlite":
        stamp: Any = connection.execute(text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")).scalar_one()
        return datetime.fromisoformat(stamp).replace(tzinfo=UTC)
    moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)


def insert_new(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]], *, unique: Sequence[str]
) -> None:
    """Insert rows, passing over those whose `unique` columns another row has already."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(make(table).on_conflict_do_nothing(index_elements=list(unique)), list(rows))


def add_up(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]], *, key: Sequence[str]
) -> None:
    """Insert rows of counts; where a row with the same key exists, add the counts to it."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(table)
    sums = {
        column.name: column + statement.excluded[column.name] for column in table.c if column.name not in key
    }
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=sums), list(rows))
