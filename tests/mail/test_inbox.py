"""What comes in by mail, and the state that it leaves a ticket in."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from deflector.desk.acknowledging import AtOnce
from deflector.desk.aftercare import Aftercare
from deflector.desk.asking import Asking
from deflector.desk.inbox import Heard, Inbox
from deflector.desk.shunning import Shunned
from deflector.mail.reading import read
from deflector.model import MessageKind, OutboxState, OutgoingMail, Ticket
from deflector.store.store import Store
from deflector.tickets.life import Actor, TicketAct, TicketState
from tests.mail.conftest import MailRoom, parsed, part
from tests.needs import shared

ROWS = yaml.safe_load((Path(__file__).parent / "incoming.yml").read_text(encoding="utf-8"))


class Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@dataclass(kw_only=True)
class Support:
    """A support desk with one ticket whose mails have left."""

    store: Store
    inbox: Inbox
    aftercare: Aftercare
    asking: Asking
    clock: Clock
    ticket: Ticket
    sent: dict[MessageKind, OutgoingMail]

    @property
    def state(self) -> TicketState:
        return self.aftercare.story(self.ticket.number).state

    def mails(self, kind: MessageKind) -> list[OutgoingMail]:
        return [entry.mail for entry in self.store.outbox.entries() if entry.mail.kind is kind]

    def mail(self, *, sender: str, to: str, text: str = "Hello.", **headers: str) -> bytes:
        ids = {
            "ticket": self.sent[MessageKind.TICKET].message_id,
            "acknowledgement": self.sent[MessageKind.ACKNOWLEDGEMENT].message_id,
        }
        fields = {
            "From": sender,
            "To": to,
            "Date": "Thu, 26 Nov 2026 15:00:00 +0000",
            "Message-ID": "<one@elsewhere.example>",
            **{name: value.format(**ids) for name, value in headers.items()},
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"{head}\r\n{text}\r\n".encode()

    def returned(self, about: OutgoingMail, *, action: str = "failed") -> bytes:
        """Write a delivery report as Postfix does (RFC 3464)."""
        first = self.sent[MessageKind.TICKET].message_id
        return (
            "From: MAILER-DAEMON@mx.example\r\nTo: help@playdeck.example\r\nMessage-ID: <dsn@mx.example>\r\n"
            "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
            'report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
            f"Final-Recipient: rfc822; {about.recipient}\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
            "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {about.message_id}\r\nReferences: {first}\r\nSubject: x\r\n\r\n--b--\r\n"
        ).encode()


@pytest.fixture
def support(room: MailRoom, database: str) -> Iterator[Support]:
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
        asking=Asking(store=store, aftercare=aftercare, writer=room.writer, shunned=shunned, now=clock),
        clock=clock,
        ticket=ticket,
        sent=sent,
    )
    store.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_mail_is_taken_for_what_it_is(support: Support, row: dict[str, Any]) -> None:
    content = support.mail(
        sender=row["from"], to=row["to"], text=row.get("text", "Hello."), **row.get("headers", {})
    )
    before = len(support.store.outbox.entries())
    assert support.inbox.take(content) == row["is"]
    wanted = {"reopened-if-answered": TicketState.OPEN}.get(row["state"]) or TicketState(row["state"])
    assert support.state is wanted
    assert len(support.store.outbox.entries()) == before  # nothing is ever sent because of a mail


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_taking_a_mail_in_again_changes_nothing(support: Support, row: dict[str, Any]) -> None:
    content = support.mail(
        sender=row["from"], to=row["to"], text=row.get("text", "Hello."), **row.get("headers", {})
    )
    support.inbox.take(content)
    events = support.aftercare.story(support.ticket.number).events
    again = support.inbox.take(content)
    assert again == (Heard.KNOWN if row["is"] in ("answer", "reply") else row["is"])
    assert support.aftercare.story(support.ticket.number).events == events


def test_a_reply_to_an_answer_reopens_the_ticket_and_keeps_the_new_words_only(support: Support) -> None:
    support.aftercare.note(support.ticket.number, TicketAct.ANSWERED, by=Actor.SUPPORT)
    text = (
        "It is still charged.\r\n\r\nOn Thu, 26 Nov 2026, Jo wrote:\r\n> We paid it back.\r\n\r\n-- \r\nAda"
    )
    reply = support.mail(
        sender="ada@example.org", to="support@playdeck.example", text=text, Subject="Re: [HC-7Q4K2M]"
    )
    assert support.inbox.take(reply) is Heard.REPLY
    assert support.state is TicketState.REOPENED
    last = support.aftercare.story(support.ticket.number).events[-1]
    assert (last.act, last.by, last.text) == (TicketAct.ADDED, Actor.PERSON, "It is still charged.")


def test_an_answer_counts_from_when_it_was_sent_but_never_from_the_future_or_before_the_ticket(
    support: Support,
) -> None:
    for number, (date, at) in enumerate(
        {
            "Thu, 26 Nov 2026 15:00:00 +0000": datetime(2026, 11, 26, 15, tzinfo=UTC),
            "Thu, 26 Nov 2030 15:00:00 +0000": support.clock(),
            "Thu, 26 Nov 2009 15:00:00 +0000": support.ticket.opened_at,
            "yesterday": support.clock(),
        }.items()
    ):
        support.inbox.take(
            support.mail(
                **{"Message-ID": f"<{number}@x.example>", "Date": date, "In-Reply-To": "{ticket}"},
                sender="support@playdeck.example",
                to="ada@example.org",
            )
        )
        assert support.aftercare.story(support.ticket.number).events[-1].at == at
        support.aftercare.note(support.ticket.number, TicketAct.REOPENED, by=Actor.PERSON)


def test_a_mail_that_came_back_is_among_those_that_failed(support: Support) -> None:
    assert support.inbox.take(support.returned(support.sent[MessageKind.TICKET])) is Heard.BOUNCE
    (failed,) = support.store.outbox.entries(OutboxState.FAILED)
    assert failed.mail.kind is MessageKind.TICKET
    assert failed.last_error == "the mail came back with 5.1.1"


def test_only_the_mail_that_came_back_failed_and_none_that_it_refers_to(support: Support) -> None:
    support.inbox.take(support.returned(support.sent[MessageKind.ACKNOWLEDGEMENT]))
    assert [entry.mail.kind for entry in support.store.outbox.entries(OutboxState.FAILED)] == [
        MessageKind.ACKNOWLEDGEMENT
    ]


def test_a_delay_is_no_failure(support: Support) -> None:
    report = support.returned(support.sent[MessageKind.TICKET], action="delayed")
    assert support.inbox.take(report) is Heard.BOUNCE
    assert support.store.outbox.entries(OutboxState.FAILED) == []


def test_a_report_about_somebody_else_is_not_believed(support: Support) -> None:
    forged = support.returned(support.sent[MessageKind.ACKNOWLEDGEMENT]).replace(
        b"ada@example.org", b"eve@x.example"
    )
    assert support.inbox.take(forged) is Heard.OTHER
    assert support.store.outbox.entries(OutboxState.FAILED) == []


# --- the question how it was ---


def solve(support: Support) -> None:
    support.aftercare.note(support.ticket.number, TicketAct.SOLVED, by=Actor.SUPPORT)


def later(support: Support, **by: float) -> int:
    support.clock.moment += timedelta(**by)
    return support.asking.ask()


def test_a_day_after_a_ticket_was_solved_the_person_is_asked_once(support: Support) -> None:
    solve(support)
    assert later(support, hours=23) == 0
    assert later(support, hours=2) == 1
    assert later(support, days=30) == 0
    (mail,) = support.mails(MessageKind.SATISFACTION)
    assert mail.recipient == "ada@example.org"
    assert mail.sender == "help@playdeck.example"  # so that it comes back to us where the address is gone
    message = parsed(mail)
    assert message["Subject"] == "[HC-7Q4K2M] How was it?"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(message["List-Unsubscribe"]).strip("<>").startswith("https://help.playdeck.example/t/")


@pytest.mark.parametrize("act", [TicketAct.REOPENED, TicketAct.ADDED])
def test_a_ticket_that_is_open_again_is_not_asked_about(support: Support, act: TicketAct) -> None:
    solve(support)
    support.aftercare.note(support.ticket.number, act, by=Actor.PERSON, text="It is back.")
    assert later(support, days=2) == 0
    solve(support)
    assert later(support, hours=25) == 1
    support.aftercare.note(support.ticket.number, TicketAct.REOPENED, by=Actor.PERSON)
    solve(support)
    assert later(support, days=2) == 0  # never twice


def test_an_address_that_mail_came_back_from_is_never_asked(support: Support) -> None:
    support.inbox.take(support.returned(support.sent[MessageKind.ACKNOWLEDGEMENT]))
    solve(support)
    assert later(support, days=2) == 0


def test_an_address_that_writes_again_can_be_asked_again(support: Support) -> None:
    support.inbox.take(support.returned(support.sent[MessageKind.ACKNOWLEDGEMENT]))
    with support.store.writing() as tx:  # the mail that came back was another one's
        for entry in tx.connection.exec_driver_sql("SELECT id FROM outbox").all():
            tx.connection.exec_driver_sql(f"UPDATE outbox SET state='sent' WHERE id={entry[0]}")
    support.inbox.take(
        support.mail(sender="ada@example.org", to="support@playdeck.example", Subject="[HC-7Q4K2M] I am back")
    )
    solve(support)
    assert later(support, days=2) == 1


def test_who_said_stop_is_never_asked_again_whatever_comes_from_there(support: Support) -> None:
    support.asking.stop(support.ticket.number)
    support.inbox.take(
        support.mail(sender="ada@example.org", to="support@playdeck.example", Subject="[HC-7Q4K2M] hello")
    )
    solve(support)
    assert later(support, days=2) == 0


def test_an_address_that_nobody_confirmed_is_never_asked(support: Support) -> None:
    with support.store.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE outbox SET state='held' WHERE kind='acknowledgement'")
    solve(support)
    assert later(support, days=2) == 0


def test_the_question_says_nothing_that_the_person_chose_but_a_first_name(support: Support) -> None:
    solve(support)
    later(support, days=2)
    (mail,) = support.mails(MessageKind.SATISFACTION)
    text = part(mail, "plain")
    assert text.startswith("Hello Ada,\n")
    assert "charged twice" not in text
    assert "Lovelace" not in text


# --- whatever comes in ---


def test_reading_never_raises_on_the_naughty_strings_in_any_place() -> None:
    strings = json.loads((shared("naughty") / "blns.json").read_text(encoding="utf-8"))
    for text in strings:
        raw = text.encode("utf-8", "surrogatepass")
        for field in (b"From", b"Subject", b"References", b"Date", b"Content-Type", b"Auto-Submitted"):
            read(field + b": " + raw + b"\r\n\r\n" + raw)


def test_a_mail_that_is_cut_off_anywhere_is_still_read(support: Support) -> None:
    whole = support.returned(support.sent[MessageKind.TICKET])
    for length in range(0, len(whole), 7):
        read(whole[:length])


def test_noise_never_raises() -> None:
    chance = random.Random(5322)
    pieces = [
        b"Content-Type: multipart/report; boundary=b\r\n",
        b"--b",
        b"\r\n",
        b"\r\n\r\n",
        b"=?x?q?=ff?=",
        b"\x00",
    ]
    pieces += [
        b"Content-Type: message/rfc822\r\n",
        b"From: ",
        b"a@b.example",
        b"\xff\xfe",
        b"<",
        b"Subject:",
        b"--b--",
    ]
    pieces += [
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Type: text/plain; charset=\xff\r\n",
        b"Date: 1\r\n",
    ]
    for _ in range(400):
        read(b"".join(chance.choices(pieces, k=chance.randint(1, 30))))
