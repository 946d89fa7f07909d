"""What comes in by mail, and the state that it leaves a ticket in."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from deflector.desk.inbox import Heard
from deflector.mail.reading import read
from deflector.model import MessageKind, OutboxState
from deflector.tickets.life import Actor, TicketAct, TicketState
from tests.mail.support_desk import Support
from tests.needs import shared

ROWS = yaml.safe_load((Path(__file__).parent / "incoming.yml").read_text(encoding="utf-8"))


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


# --- whatever comes in ---


def test_reading_never_raises_on_the_naughty_strings_in_any_place() -> None:
    strings = json.loads((shared("naughty") / "blns.json").read_text(encoding="utf-8"))
    for text in strings:
        raw = text.encode("utf-8", "surrogatepass")
        for field in (b"From", b"Subject", b"References", b"Date", b"Content-Type", b"Auto-Submitted"):
            read(field + b": " + raw + b"\r\n\r\n" + raw)


def test_reading_never_raises_on_the_isemail_addresses() -> None:
    cases = json.loads((shared("naughty") / "isemail.json").read_text(encoding="utf-8"))
    for case in cases["tests"] if isinstance(cases, dict) else cases:
        raw = case["address"].encode("utf-8", "surrogatepass")
        mail = read(b"From: " + raw + b"\r\nTo: Ada <" + raw + b">\r\nSubject: [HC-7Q4K2M]\r\n\r\nHello.")
        assert "\n" not in mail.sender
        assert mail.text.endswith("Hello.")


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
