"""The store: one transaction for each use case, on SQLite or PostgreSQL."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, Engine, func, select

from deflector.model import Hold, OutgoingMail
from deflector.store import dialect, migration, outbox, tables
from deflector.store.after import AfterTickets
from deflector.store.attachments import Attachments
from deflector.store.counters import Counters
from deflector.store.dialect import DatabaseTrouble
from deflector.store.enquiries import Enquiries
from deflector.store.figures import FigureSums
from deflector.store.holding import Held
from deflector.store.learned import LearnedRows
from deflector.store.outbox import Outbox
from deflector.store.staff import StaffRows
from deflector.store.ticket_events import TicketEvents
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

    @property
    def attachments(self) -> Attachments:
        return Attachments(self.connection)

    @property
    def staff(self) -> StaffRows:
        return StaffRows(self.connection)

    @property
    def figures(self) -> FigureSums:
        return FigureSums(self.connection)

    @property
    def ticket_events(self) -> TicketEvents:
        return TicketEvents(self.connection)

    @property
    def counters(self) -> Counters:
        return Counters(self.connection)

    @property
    def after(self) -> AfterTickets:
        return AfterTickets(self.connection)

    @property
    def held(self) -> Held:
        return Held(self.connection)

    @property
    def learned(self) -> LearnedRows:
        return LearnedRows(self.connection)

    def is_posted(self, message_id: str) -> bool:
        """Say whether a mail of this Message-ID is in the outbox, sent or not."""
        return outbox.has(self.connection, message_id)

    def post(self, ticket: str | None, mails: Iterable[OutgoingMail], *, hold: Hold | None = None) -> None:
        """Put mails into the outbox; with a reason to hold them, they wait there to be released."""
        outbox.put(self.connection, ticket, mails, hold=hold)


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
    def counting(self) -> Iterator[Transaction]:
        """Open a transaction whose loss would harm nobody: it does not wait for the disk."""
        with self._hasty.begin() as connection:
            yield Transaction(connection)

    @cached_property
    def _hasty(self) -> Engine:
        return dialect.create(self.engine.url, durable=False).execution_options(writes=True)

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
        if "_hasty" in self.__dict__:
            self._hasty.dispose()
