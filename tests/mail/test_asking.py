"""The question how it was: asked once, a day later, where mail arrives."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deflector.desk.shunning import Heeding
from deflector.mail.relay import Relay
from deflector.mail.transports import SmtpTransport
from deflector.model import MessageKind, OutboxState
from deflector.tickets.life import Actor, TicketAct
from tests.mail.conftest import parsed, part
from tests.mail.servers import LOCAL, Talk, scripted
from tests.mail.support_desk import Support


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


# --- what the mail server says of an address ---


def relay(support: Support, replies: dict[str, str]) -> None:
    """Send what waits to a server that answers as told."""
    with scripted(Talk(replies=replies)) as port:
        way = SmtpTransport(f"smtp://{LOCAL}:{port}", our_name="localhost")
        heeding = Heeding(way=way, store=support.store, shunned=support.shunned, now=support.clock)
        Relay(support.store.outbox, heeding).run_once()


def acknowledge_another(support: Support) -> int:
    """Put the acknowledgement of another ticket of the same person into the outbox."""
    first = support.sent[MessageKind.ACKNOWLEDGEMENT]
    other = replace(first, message_id="<another@playdeck.example>")
    with support.store.writing() as tx:
        tx.post(None, [other])
    return support.store.outbox.entries()[-1].id


def test_an_address_that_the_mail_server_refuses_is_never_asked(support: Support) -> None:
    acknowledge_another(support)
    relay(support, {"RCPT": "550 5.1.1 Nobody here"})
    assert [entry.state for entry in support.store.outbox.entries()][-1] is OutboxState.FAILED
    solve(support)
    assert later(support, days=2) == 0


@pytest.mark.parametrize(
    "replies",
    [
        {"RCPT": "450 4.2.0 Come back later"},  # greylisting says nothing of the address
        {"RCPT": "554 5.7.1 You may not relay"},  # this speaks of us
        {".": "554 5.6.0 Not such a mail"},  # and this of the mail
        {},
    ],
)
def test_an_address_that_was_not_refused_is_asked(support: Support, replies: dict[str, str]) -> None:
    acknowledge_another(support)
    relay(support, replies)
    solve(support)
    assert later(support, days=2) == 1


def test_an_address_that_the_server_takes_again_can_be_asked_again(support: Support) -> None:
    refused = acknowledge_another(support)
    relay(support, {"RCPT": "550 5.1.1 Nobody here"})
    support.store.outbox.revive([refused])
    relay(support, {})
    solve(support)
    assert later(support, days=2) == 1


def test_that_a_relay_takes_mail_again_does_not_undo_a_mail_that_came_back(support: Support) -> None:
    support.inbox.take(support.returned(support.sent[MessageKind.ACKNOWLEDGEMENT]))
    acknowledge_another(support)
    relay(support, {})
    with support.store.writing() as tx:  # so that nothing else keeps the question from being asked
        tx.connection.exec_driver_sql("UPDATE outbox SET state='sent'")
    solve(support)
    assert later(support, days=2) == 0


def test_what_a_server_says_of_the_queue_is_no_word_about_a_person(support: Support) -> None:
    with support.store.writing() as tx:
        tx.post(None, [replace(support.sent[MessageKind.TICKET], message_id="<again@playdeck.example>")])
    relay(support, {"RCPT": "550 5.1.1 Nobody here"})
    with support.store.reading() as tx:
        assert not support.shunned.is_refused(tx, "support@playdeck.example")
