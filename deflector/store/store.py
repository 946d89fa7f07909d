"""The store: one transaction for each use case, on SQLite or PostgreSQL."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from deflector.model import OutgoingMail
from deflector.store import dialect, migration, outbox, tables
from deflector.store.dialect import DatabaseTrouble
from deflector.store.enquiries import Enquiries
from deflector.store.outbox import Outbox
from deflector.store.tickets import Tickets


@dataclass(frozen=True, slots=True)
class Transaction:
    """What one use case may read and write; all of it is kept, or none."""

    connection: Connection

    @property
    def enquiries(self) -> Enquiries:
        return Enquiries(self.connection)

    @property
    def tickets(self) -> Tickets:
        return Tickets(self.connection)

    def post(self, ticket: str | None, mails: Iterable[OutgoingMail]) -> None:
        """Put mails into the outbox."""
        outbox.put(self.connection, ticket, mails)


class Store:
    """The database behind the desk."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(writes=True)
        self.outbox = Outbox(engine)

    @classmethod
    def open(cls, url: str) -> "Store":
        return cls(dialect.create(url))

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Open a transaction that is on disk when the block ends, or has left nothing when it raises."""
        with self._writing.begin() as connection:
            yield Transaction(connection)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that only looks."""
        with self.engine.begin() as connection:
            yield Transaction(connection)

    def trouble(self) -> str | None:
        """Say in a sentence why tickets cannot be taken; None when they can."""
        try:
            if not migration.is_current(self.engine):
                return "The database lacks migrations. Run: deflector db upgrade"
        except DatabaseTrouble as exc:
            return f"The database cannot be used ({type(exc).__name__}). Check DEFLECTOR_DATABASE_URL."
        return None

    def totals(self) -> dict[str, int]:
        """Count the rows of the large tables, for monitoring."""
        counted = {"enquiries": tables.enquiries, "tickets": tables.tickets, "events": tables.events}
        with self.engine.begin() as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in counted.items()
            }

    def close(self) -> None:
        self.engine.dispose()
