"""Through a real Postfix and Dovecot: a ticket, its answers, a bounce and a holiday end in the right states.

Runs as root where both are installed: Debian's postfix, dovecot-imapd, dovecot-lmtpd, dovecot-sieve.
"""

import imaplib
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

import pytest

from deflector.desk.acknowledging import AtOnce
from deflector.desk.aftercare import Aftercare
from deflector.desk.asking import Asking
from deflector.desk.inbox import Heard, Inbox
from deflector.desk.shunning import Shunned
from deflector.mail.imap import ImapMailbox, opened
from deflector.mail.relay import Relay
from deflector.mail.transports import SmtpTransport
from deflector.model import MessageKind, OutboxState, Promise, Requester, Ticket
from deflector.store import migration
from deflector.store.store import Store
from deflector.tickets.life import Actor, TicketAct, TicketState
from tests.mail.conftest import MailRoom, OpenMailRoom
from tests.mail.mailstack import MailStack, mail_stack
from tests.mail.postfix import until
from tests.mail.strange_mail import MAILS

DESK = {
    "mail": {"from": "Help <help@help.test>"},
    "queues": {"general": {"to": "support@help.test"}},
}


@pytest.fixture(scope="module")
def stack() -> Iterator[MailStack]:
    with mail_stack() as running:
        yield running


@dataclass(kw_only=True)
class Office:
    """The desk, and hands for everybody who sends or reads mail."""

    stack: MailStack
    store: Store
    room: MailRoom
    aftercare: Aftercare
    inbox: Inbox
    asking: Asking
    opened: int = 0

    def open(self, email: str) -> Ticket:
        """Take a ticket and let the relay send its mails."""
        Office.opened += 1
        number, now = f"HC-22222{'23456789'[Office.opened]}", datetime.now(UTC)
        ticket = Ticket(
            number=number,
            opened_at=now - timedelta(minutes=5),
            requester=Requester(name="Ada Lovelace", email=email, lang="en"),
            message="My card was charged twice.",
            subject=None,
            category=None,
            queue="general",
            promise=Promise(answer_by=now, solve_by=now),
            page=None,
            enquiry=None,
        )
        writer = self.room.writer
        mails = [
            writer.ticket_mail(ticket, to="support@help.test", questions=(), seen=()),
            writer.acknowledgement(ticket),
        ]
        with self.store.writing() as tx:
            tx.tickets.add(ticket)
            tx.post(number, [mail for mail in mails if mail])
        assert self.relay() == 2
        return ticket

    def relay(self) -> int:
        return Relay(self.store.outbox, SmtpTransport(f"smtp://127.0.0.1:{self.stack.smtp}")).run_once().sent

    def state(self, ticket: Ticket) -> TicketState:
        return self.aftercare.story(ticket.number).state

    def look(self) -> dict[Heard, int]:
        url = f"imap://support%40help.test:test@127.0.0.1:{self.stack.imap}/INBOX,Sent"
        counts: dict[Heard, int] = {}
        with opened(ImapMailbox.parse(url)) as folders:
            for folder in folders:
                for heard, count in self.inbox.read(folder).items():
                    counts[heard] = counts.get(heard, 0) + count
        return counts

    def until_heard(self, heard: Heard) -> None:
        until(lambda: heard in self.look(), f"{heard} to come in")

    def session(self, user: str) -> imaplib.IMAP4:
        session = imaplib.IMAP4("127.0.0.1", self.stack.imap, timeout=10)
        session.login(user, "test")
        return session

    def mails_of(self, user: str) -> list[EmailMessage]:
        with self.session(user) as session:
            session.select("INBOX", readonly=True)
            _, found = session.search(None, "ALL")
            answers = [session.fetch(one.decode(), "(BODY.PEEK[])")[1][0] for one in found[0].split()]
            return [
                message_from_bytes(one[1], policy=policy.default) for one in answers if isinstance(one, tuple)
            ]

    def about(self, user: str, ticket: Ticket, kind: str) -> EmailMessage:
        """Wait until a mail of ours has arrived, and read it."""

        def arrived() -> list[EmailMessage]:
            ours = (mail for mail in self.mails_of(user) if mail["X-Answerfirst-Number"] == ticket.number)
            return [mail for mail in ours if mail["X-Answerfirst-Kind"] == kind]

        until(lambda: bool(arrived()), f"the {kind} to arrive")
        (mail,) = arrived()
        return mail

    def answer(self, to: EmailMessage, *, sender: str, text: str, keep: bool = False) -> None:
        """Answer a mail as a mail program does; `keep` a copy in the folder Sent."""
        mail = EmailMessage()
        mail["From"], mail["To"] = sender, to["Reply-To"] or to["From"]
        mail["Subject"] = f"Re: {to['Subject']}"
        mail["Message-ID"] = make_msgid(domain="help.test")
        mail["In-Reply-To"] = mail["References"] = to["Message-ID"]
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.stack.smtp, timeout=10) as session:
            session.send_message(mail)
        if keep:
            with self.session(sender) as box:
                box.append("Sent", "(\\Seen)", "", mail.as_bytes())


@pytest.fixture
def office(stack: MailStack, open_mail_room: OpenMailRoom, tmp_path: Path) -> Iterator[Office]:
    store = Store.open(f"sqlite:///{tmp_path / 'deflector.db'}")
    migration.upgrade(store.engine)
    room = open_mail_room(**DESK)

    def now() -> datetime:
        return datetime.now(UTC)

    aftercare = Aftercare(
        store=store,
        notes=room.writer,
        acknowledging=AtOnce(),
        hours=room.desk.hours.working_hours(),
        now=now,
    )
    shunned = Shunned(secret="s" * 32)
    ready = Office(
        stack=stack,
        store=store,
        room=room,
        aftercare=aftercare,
        inbox=Inbox(store=store, aftercare=aftercare, support=room.desk, shunned=shunned, now=now),
        asking=Asking(
            store=store,
            aftercare=aftercare,
            writer=room.writer,
            shunned=shunned,
            now=lambda: now() + timedelta(days=2),
        ),
    )
    with ready.session("support@help.test") as box:
        box.create("Sent")
    yield ready
    store.close()


def test_an_answer_and_a_reply_by_mail_end_in_the_right_states(office: Office) -> None:
    ticket = office.open("ada@cust.test")
    acknowledged = office.about("ada@cust.test", ticket, "acknowledgement")
    received = office.about("support@help.test", ticket, "ticket")
    assert office.state(ticket) is TicketState.OPEN

    office.answer(received, sender="support@help.test", text="We paid it back.", keep=True)
    office.until_heard(Heard.ANSWER)
    assert office.state(ticket) is TicketState.ANSWERED

    office.answer(acknowledged, sender="ada@cust.test", text="Not yet, I think.")
    office.until_heard(Heard.REPLY)
    assert office.state(ticket) is TicketState.REOPENED
    assert office.aftercare.story(ticket.number).events[-1].text == "Not yet, I think."
    before = office.aftercare.story(ticket.number).events
    office.look()
    assert office.aftercare.story(ticket.number).events == before

    with office.session("support@help.test") as box:
        box.select("INBOX", readonly=True)
        _, unread = box.search(None, "UNSEEN")
        _, all_of_them = box.search(None, "ALL")
        assert unread == all_of_them  # looking left no trace


def test_an_answer_that_comes_back_ends_mail_to_that_address(office: Office) -> None:
    ticket = office.open("gone@cust.test")
    received = office.about("support@help.test", ticket, "ticket")
    office.answer(received, sender="support@help.test", text="We paid it back.")
    office.until_heard(Heard.BOUNCE)
    office.aftercare.note(ticket.number, TicketAct.SOLVED, by=Actor.SUPPORT)
    assert office.asking.ask() == 0


def test_our_own_question_that_comes_back_is_among_the_mails_that_failed(office: Office) -> None:
    ticket = office.open("gone@cust.test")
    office.aftercare.note(ticket.number, TicketAct.SOLVED, by=Actor.SUPPORT)
    assert office.asking.ask() == 1
    assert office.relay() == 1
    question = office.store.outbox.entries()[-1].mail
    until(lambda: "<help@help.test>" in office.stack.postfix.log(), "Postfix to write about it")
    until(
        lambda: any(
            mail.get_content_type() == "multipart/report" for mail in office.mails_of("help@help.test")
        ),
        "the report to come back",
    )
    for mail in office.mails_of("help@help.test"):
        office.inbox.take(mail.as_bytes())
    (failed,) = office.store.outbox.entries(OutboxState.FAILED)
    assert failed.mail.message_id == question.message_id


def test_no_mail_of_ours_makes_a_vacation_responder_answer_and_an_ordinary_mail_does(office: Office) -> None:
    ticket = office.open("away@cust.test")
    acknowledged = office.about("away@cust.test", ticket, "acknowledgement")
    office.aftercare.note(ticket.number, TicketAct.SOLVED, by=Actor.SUPPORT)
    assert office.asking.ask() == 1
    office.relay()
    office.about("away@cust.test", ticket, "satisfaction")

    control = EmailMessage()
    control["From"], control["To"], control["Subject"] = "jo@help.test", "away@cust.test", "Lunch?"
    control["Message-ID"] = make_msgid(domain="help.test")
    control.set_content("Today at noon?")
    with smtplib.SMTP("127.0.0.1", office.stack.smtp, timeout=10) as session:
        session.send_message(control)
    until(lambda: len(office.mails_of("jo@help.test")) == 1, "the holiday answer to a person")

    holiday = [mail for mail in office.mails_of("jo@help.test") if "holiday" in mail.get_content()]
    assert len(holiday) == 1  # it works, and so its silence towards us means something
    for box in ("help@help.test", "support@help.test"):
        answers = [mail for mail in office.mails_of(box) if mail["From"] and "away@cust.test" in mail["From"]]
        assert answers == []
    assert office.state(ticket) is TicketState.SOLVED
    assert acknowledged["Auto-Submitted"] == "auto-generated"

    # Were it to answer all the same, its answer would be known for what it is.
    out_of_office = holiday[0].as_bytes().replace(b"Subject:", f"Subject: [{ticket.number}]".encode(), 1)
    assert office.inbox.take(out_of_office) is Heard.AUTOMATIC


def test_strange_mail_in_a_real_mailbox_is_read_to_its_end(office: Office) -> None:
    ticket = office.open("ada@cust.test")
    with office.session("support@help.test") as box:
        for content, _ in MAILS.values():
            ours = content.replace(b"ada@example.org", b"ada@cust.test")
            ours = ours.replace(b"HC-7Q4K2M", ticket.number.encode())
            # IMAP carries no NUL (RFC 9051, 4.3).
            status, _ = box.append("Sent", "", "", ours.replace(b"\x00", b"\xff"))
            assert status == "OK"
    office.answer(
        office.about("support@help.test", ticket, "ticket"),
        sender="support@help.test",
        text="Done.",
        keep=True,
    )
    counts = office.look()
    # Two without Message-ID, of one moment and with the same words, are one.
    assert counts[Heard.REPLY] + counts[Heard.KNOWN] == len(MAILS)
    assert counts[Heard.ANSWER] >= 1
    assert office.state(ticket) is TicketState.ANSWERED


def test_mails_outlive_a_postfix_that_is_killed(office: Office) -> None:
    office.stack.postfix.kill()
    with pytest.raises(AssertionError):
        office.open("bob@cust.test")  # nobody listens: both mails wait
    assert [entry.state for entry in office.store.outbox.entries()] == [OutboxState.WAITING] * 2
    office.stack.postfix.start()
    until(lambda: office.stack.postfix.log().count("daemon started") >= 2, "Postfix to come back")
    office.store.outbox.revive([entry.id for entry in office.store.outbox.entries()])
    assert office.relay() == 2
    number = office.store.outbox.entries()[0].ticket
    until(
        lambda: any(mail["X-Answerfirst-Number"] == number for mail in office.mails_of("bob@cust.test")),
        "the acknowledgement to arrive",
    )
    assert {entry.mail.kind for entry in office.store.outbox.entries(OutboxState.SENT)} == {
        MessageKind.TICKET,
        MessageKind.ACKNOWLEDGEMENT,
    }
