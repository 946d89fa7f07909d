"""A desk that writes mail: real settings, a real catalogue file, and tickets to fill in."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from deflector.desk.acknowledging import AtOnce
from deflector.desk.aftercare import Aftercare
from deflector.desk.asking import Asking
from deflector.desk.inbox import Inbox
from deflector.desk.shunning import Shunned
from deflector.knowledge import KnowledgeFile
from deflector.mail.after import Correspondence
from deflector.model import MessageKind, OutgoingMail, Promise, Requester, SeenAnswer, Ticket
from deflector.store import migration
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk
from deflector.tickets.links import Links
from tests.mail.support_desk import Clock, Support

HOME = "https://help.playdeck.example"

CATALOGUE = {
    "schema_version": 1,
    "site_url": "https://help.playdeck.example/",
    "revision": "abc",
    "generated_at": "2026-11-20T10:00:00Z",
    "categories": {"payments": {"title": {"en": "Payments & cards", "es": "Pagos y tarjetas"}}},
    "articles": [],
}

SUPPORT: dict[str, Any] = {
    "name": "Playdeck Help",
    "languages": ["en", "es"],
    "mail": {"from": "Playdeck Help <help@playdeck.example>"},
    "hours": {
        "time_zone": "America/New_York",
        "open": {
            "mon": "09:00-17:00",
            "tue": "09:00-17:00",
            "wed": "09:00-17:00",
            "thu": "09:00-17:00",
            "fri": "09:00-17:00",
            "sat": "10:00-12:00, 13:00-15:00",
        },
        "holidays": {"country": "US"},
    },
    "queues": {
        "general": {"to": "Support team <support@playdeck.example>"},
        "money": {"to": "money@playdeck.example", "categories": ["payments"]},
    },
}


@dataclass(kw_only=True)
class MailRoom:
    """Writes both mails of one ticket, most of which a test leaves as it is."""

    writer: Correspondence
    desk: SupportDesk

    def ticket(
        self,
        *,
        name: str = "Ada Lovelace",
        email: str = "ada@example.org",
        lang: str = "en",
        message: str = "My card was charged twice.\nPlease help.",
        subject: str | None = None,
        category: str | None = "payments",
        page: str | None = None,
    ) -> Ticket:
        opened = datetime(2026, 11, 25, 21, 30, tzinfo=UTC)  # a Wednesday, 16:30 in New York
        hours = self.desk.hours.working_hours()
        name_of_queue, queue = self.desk.queue_for(category)
        promised = self.desk.promised_by(queue)
        return Ticket(
            number="HC-7Q4K2M",
            opened_at=opened,
            requester=Requester(name=name, email=email, lang=lang),
            message=message,
            subject=subject,
            category=category,
            queue=name_of_queue,
            promise=Promise(
                answer_by=hours.add(opened, promised.answer_within),
                solve_by=hours.add(opened, promised.solve_within),
            ),
            page=page,
            enquiry="e1",
        )

    def to_queue(
        self, *, questions: tuple[str, ...] = (), seen: tuple[SeenAnswer, ...] = (), **ticket: Any
    ) -> OutgoingMail:
        return self.writer.ticket_mail(
            self.ticket(**ticket), to="support@playdeck.example", questions=questions, seen=seen
        )

    def to_person(self, **ticket: Any) -> OutgoingMail:
        mail = self.writer.acknowledgement(self.ticket(**ticket))
        assert mail is not None
        return mail


OpenMailRoom = Callable[..., MailRoom]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate a database once; tests get copies of the file."""
    path = tmp_path_factory.mktemp("migrated") / "deflector.db"
    store = Store.open(f"sqlite:///{path}")
    migration.upgrade(store.engine)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> str:
    """Give a test its own empty database, by its URL."""
    copy = tmp_path / "deflector.db"
    shutil.copyfile(migrated, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def open_mail_room(tmp_path: Path) -> OpenMailRoom:
    def open_room(**changes: Any) -> MailRoom:
        catalogue = tmp_path / "catalogue.json"
        catalogue.write_text(json.dumps(CATALOGUE), encoding="utf-8")
        desk = SupportDesk.model_validate({**SUPPORT, **changes})
        return MailRoom(
            writer=Correspondence(
                support=desk,
                base_url=HOME,
                knowledge=KnowledgeFile(catalogue),
                links=Links(secret="s" * 32, base_url=HOME),
            ),
            desk=desk,
        )

    return open_room


@pytest.fixture
def room(open_mail_room: OpenMailRoom) -> MailRoom:
    return open_mail_room()


@pytest.fixture
def support(request: pytest.FixtureRequest, open_mail_room: OpenMailRoom, database: str) -> Iterator[Support]:
    """Open a desk; a parameter (indirect) is what its support.yml says otherwise."""
    room = open_mail_room(**getattr(request, "param", {}))
    store = Store.open(database)
    ticket = room.ticket()
    clock = Clock(datetime(2026, 11, 27, 12, tzinfo=UTC))
    ticket = Ticket(**{name: getattr(ticket, name) for name in ticket.__slots__} | {"enquiry": None})
    sent = {MessageKind.TICKET: room.to_queue(), MessageKind.ACKNOWLEDGEMENT: room.to_person()}
    with store.writing() as tx:
        tx.tickets.add(ticket)
        tx.post(ticket.number, sent.values())
    for entry in store.outbox.lease(5, 60):
        store.outbox.sent(entry.id)
    hours = room.desk.hours.working_hours()
    aftercare = Aftercare(store=store, notes=room.writer, acknowledging=AtOnce(), hours=hours, now=clock)
    shunned = Shunned(secret="s" * 32)
    yield Support(
        store=store,
        inbox=Inbox(store=store, aftercare=aftercare, support=room.desk, shunned=shunned, now=clock),
        aftercare=aftercare,
        shunned=shunned,
        asking=Asking(store=store, aftercare=aftercare, writer=room.writer, shunned=shunned, now=clock),
        clock=clock,
        desk=room.desk,
        ticket=ticket,
        sent=sent,
    )
    store.close()


def parsed(mail: OutgoingMail) -> EmailMessage:
    return message_from_bytes(mail.content, policy=policy.default)


def part(mail: OutgoingMail, kind: str) -> str:
    body = parsed(mail).get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
