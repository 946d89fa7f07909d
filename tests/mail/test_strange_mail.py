"""Mail that is broken in every way is read for what it is, and the mails behind it come in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from deflector.desk.aftercare import Aftercare
from deflector.desk.inbox import Heard, Inbox
from deflector.mail.reading import read
from deflector.store.dialect import DatabaseTrouble
from deflector.tickets.life import Actor, TicketAct, TicketState, TicketStory
from tests.mail.strange_mail import HEAD, MAILS, PLAIN, WORDS
from tests.mail.support_desk import Support

ANSWER = (
    b"From: support@playdeck.example\r\nTo: ada@example.org\r\nMessage-ID: <the-last@playdeck.example>\r\n"
    b"Subject: Re: [HC-7Q4K2M]\r\n\r\nWe paid it back.\r\n"
)


@dataclass(frozen=True, kw_only=True)
class Pile:
    """A folder of mails that numbers them from 1."""

    mails: list[bytes]
    name: str = "INBOX"
    validity: int = 1

    def after(self, uid: int, *, since: str | None = None) -> Iterator[tuple[int, bytes]]:
        yield from ((number, mail) for number, mail in enumerate(self.mails, 1) if number > uid)


@pytest.mark.parametrize(("content", "words"), [pytest.param(*row, id=name) for name, row in MAILS.items()])
def test_what_is_odd_about_a_reply_does_not_keep_it_from_being_one(
    support: Support, content: bytes, words: str
) -> None:
    support.aftercare.note(support.ticket.number, TicketAct.ANSWERED, by=Actor.SUPPORT)
    assert support.inbox.take(content) is Heard.REPLY
    assert support.state is TicketState.REOPENED
    assert support.aftercare.story(support.ticket.number).events[-1].text == words


def test_a_pile_of_strange_mail_is_read_to_its_end_and_not_twice(support: Support) -> None:
    pile = Pile(mails=[*(content for content, _ in MAILS.values()), b"", b"\x00", b"\xff" * 99, ANSWER])
    counts = support.inbox.read(pile)
    assert sum(counts.values()) == len(pile.mails)
    assert (counts[Heard.ANSWER], counts[Heard.OTHER]) == (1, 3)
    assert support.state is TicketState.ANSWERED
    assert support.inbox.read(pile) == {}


@dataclass(frozen=True, kw_only=True)
class Faulty:
    """Aftercare with a fault that one text finds."""

    behind: Aftercare

    def note(self, number: str, act: TicketAct, *, text: str = "", **more: Any) -> TicketStory:
        if text == "fault":
            raise ZeroDivisionError
        return self.behind.note(number, act, text=text, **more)


def test_a_fault_of_ours_costs_one_mail_and_says_so_without_its_words(
    support: Support, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox(
        store=support.store,
        aftercare=Faulty(behind=support.aftercare),
        support=support.desk,
        shunned=support.shunned,
        now=support.clock,
    )
    assert inbox.read(Pile(mails=[HEAD + b"\r\nfault", ANSWER])) == {Heard.ANSWER: 1}
    (said,) = (record.getMessage() for record in caplog.records if record.levelname == "ERROR")
    assert said == "mail not understood folder=INBOX uid=1 fault=ZeroDivisionError"


def test_a_database_that_is_away_costs_no_mail(support: Support) -> None:
    with support.store.writing() as tx:
        tx.connection.execute(text("ALTER TABLE ticket_events RENAME TO elsewhere"))
    with pytest.raises(DatabaseTrouble):
        support.inbox.read(Pile(mails=[ANSWER]))
    with support.store.writing() as tx:
        tx.connection.execute(text("ALTER TABLE elsewhere RENAME TO ticket_events"))
    assert support.inbox.read(Pile(mails=[ANSWER])) == {Heard.ANSWER: 1}


def test_a_mail_that_is_cut_off_anywhere_says_what_it_can() -> None:
    whole = HEAD + PLAIN
    for length in range(len(HEAD), len(whole)):
        assert read(whole[:length]).numbers == ("HC-7Q4K2M",)
    assert read(whole).text == WORDS
