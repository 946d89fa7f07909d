"""Counts how often something happens in a stretch of time, the same for every worker."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from deflector.store.dialect import database_now
from deflector.store.ticket_tables import counters


class Counters:
    """The counters of one transaction, on the database's clock.

    A counter starts with its first count and begins anew when its time is over. Counting locks its row until
    the transaction ends, so that two of them never get the same number.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, key: str, lasts: timedelta, amount: int = 1) -> int:
        """Add to a counter, and return what it stands at."""
        now = database_now(self._connection)
        make = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        statement = make(counters).values(key=key, times=amount, expires_at=now + lasts)
        over = counters.c.expires_at <= now
        fresh = statement.excluded
        counted = statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "times": case((over, fresh.times), else_=counters.c.times + fresh.times),
                "expires_at": case((over, fresh.expires_at), else_=counters.c.expires_at),
            },
        ).returning(counters.c.times)
        times: int = self._connection.execute(counted).scalar_one()
        return times

    def take(self, key: str, lasts: timedelta, places: int) -> bool:
        """Take one of so many places, each of which is free again after `lasts`: a window that slides."""
        return any(self.count(f"{key}/{place}", lasts) == 1 for place in range(places))

    def read(self, key: str) -> tuple[int, datetime | None]:
        """Return what a counter stands at and when it begins anew; (0, None) for one that has not begun."""
        row = self._connection.execute(
            select(counters.c.times, counters.c.expires_at).where(
                counters.c.key == key, counters.c.expires_at > database_now(self._connection)
            )
        ).one_or_none()
        return (row.times, row.expires_at) if row else (0, None)

    def forget(self, key: str) -> None:
        self._connection.execute(delete(counters).where(counters.c.key == key))

    def forget_all(self, prefix: str) -> int:
        """Drop the counters whose key begins so."""
        begins = func.substr(counters.c.key, 1, len(prefix)) == prefix
        return self._connection.execute(delete(counters).where(begins)).rowcount

    def sweep(self) -> int:
        """Drop counters whose time is over."""
        now = database_now(self._connection)
        return self._connection.execute(delete(counters).where(counters.c.expires_at <= now)).rowcount
