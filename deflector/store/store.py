"""The store: one transaction for each use case, on SQLite or PostgreSQL."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from deflector.model import OutgoingMail
from deflector.store import dialect, outbox
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

    def close(self) -> None:
        self.engine.dispose()
