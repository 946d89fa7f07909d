"""Whoever writes gets their ticket; whoever is written to in vain gets hardly any mail."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from altcha.v1 import ChallengeOptions, create_challenge, solve_challenge
from flask.testing import FlaskClient
from sqlalchemy import update

from deflector.desk.acknowledging import Reply, Sparing
from deflector.desk.desk import Desk
from deflector.keys import secret_key
from deflector.model import (
    ContactMessage,
    Doubt,
    MessageKind,
    OutboxEntry,
    OutboxState,
    OutgoingMail,
    Requester,
    Ticket,
    ticket_number,
)
from deflector.settings import Settings
from deflector.store.store import Store, Transaction
from deflector.store.ticket_tables import counters
from deflector.support.support_desk import ProtectionRules, SupportDesk
from deflector.web.door import HARDEST, QUICKEST
from tests.deflector.conftest import ANSWERED, UNANSWERED, AppFactory, Clock, services_of
from tests.deflector.test_contact_form import FORM, hidden
from tests.deflector.test_ticket_page import link_in

Outbox = Callable[[], list[OutboxEntry]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, protection=True)


def solved(client: FlaskClient) -> str:
    """Do what our script does: fetch a challenge, find the number, pack the answer."""
    task = client.get("/api/challenge").get_json()
    found = solve_challenge(task["challenge"], task["salt"], task["algorithm"], task["maxnumber"])
    assert found is not None
    answer = {name: task[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps(answer | {"number": found.number}).encode()).decode()


def filled(client: FlaskClient, clock: Clock, **more: str) -> dict[str, str]:
    """Open the form, type for a while, and fill it in."""
    fields = hidden(client.get("/contact").text)
    clock.advance(seconds=QUICKEST.total_seconds())
    return {**fields, **FORM, **more}


def by_kind(outbox: Outbox) -> dict[MessageKind, OutboxState]:
    return {entry.mail.kind: entry.state for entry in outbox()}


SENT_ON = {MessageKind.TICKET: OutboxState.WAITING, MessageKind.ACKNOWLEDGEMENT: OutboxState.WAITING}
ASKED_FIRST = {
    MessageKind.TICKET: OutboxState.WAITING,
    MessageKind.ACKNOWLEDGEMENT: OutboxState.HELD,
    MessageKind.CONFIRMATION: OutboxState.WAITING,
}


def test_with_a_proof_of_work_the_acknowledgement_goes_at_once(
    client: FlaskClient, clock: Clock, outbox: Outbox
) -> None:
    sent = client.post("/contact", data=filled(client, clock, altcha=solved(client)))

    assert sent.status_code == 303
    assert by_kind(outbox) == SENT_ON
    assert "A mail with your number is on its way" in client.get(sent.location).text


def test_without_one_the_ticket_is_taken_and_the_address_is_asked_first(
    client: FlaskClient, clock: Clock, outbox: Outbox
) -> None:
    sent = client.post("/contact", data=filled(client, clock))

    assert sent.status_code == 303
    assert by_kind(outbox) == ASKED_FIRST
    assert "Press the button in it" in client.get(sent.location).text


def test_the_question_is_the_same_words_for_everybody(
    client: FlaskClient, clock: Clock, outbox: Outbox
) -> None:
    client.post("/contact", data=filled(client, clock, name="Zebra http://evil.test", subject="Win"))

    [question] = [entry for entry in outbox() if entry.mail.kind is MessageKind.CONFIRMATION]
    for chosen in (b"ebra", b"evil", b"Win"):
        assert chosen not in question.mail.content
    assert question.mail.sender == ""
    assert b"Auto-Submitted: auto-generated" in question.mail.content


def test_pressing_the_button_in_the_question_lets_the_acknowledgement_go(
    client: FlaskClient, clock: Clock, outbox: Outbox
) -> None:
    client.post("/contact", data=filled(client, clock))
    link = link_in(outbox()[1])

    page = client.get(link)
    assert "Yes, it was me" in page.text
    assert UNANSWERED not in page.text
    client.post(link)
    assert by_kind(outbox) == ASKED_FIRST

    assert "on its way" in client.post(link, data={"act": "confirm"}).text
    assert by_kind(outbox)[MessageKind.ACKNOWLEDGEMENT] is OutboxState.WAITING


def test_an_address_is_asked_only_once_and_then_known(
    client: FlaskClient, clock: Clock, outbox: Outbox
) -> None:
    for number in range(3):
        client.post("/contact", data=filled(client, clock, key=f"k{number}"))
    questions = [entry for entry in outbox() if entry.mail.kind is MessageKind.CONFIRMATION]
    assert len(questions) == 1
    client.post(link_in(questions[0]), data={"act": "confirm"})

    gone = [entry for entry in outbox() if entry.state is not OutboxState.HELD]
    to_them = [entry for entry in gone if entry.mail.kind is not MessageKind.TICKET]
    assert [entry.mail.kind for entry in to_them].count(MessageKind.ACKNOWLEDGEMENT) == 2
    assert len(to_them) == 3  # the question, and what is left of the day's three


def worn(client: FlaskClient, clock: Clock) -> str:
    proof = solved(client)
    client.post("/contact", data=filled(client, clock, altcha=proof, key="first", email="bob@example.com"))
    return proof


def expired(client: FlaskClient, clock: Clock) -> str:
    proof = solved(client)
    clock.advance(hours=2)
    return proof


def forged(client: FlaskClient, clock: Clock) -> str:
    made = create_challenge(
        ChallengeOptions(max_number=10, hmac_key="mine", number=3, expires=clock() + timedelta(days=1))
    )
    answer = {**made.to_dict(), "number": 3}
    return base64.b64encode(json.dumps(answer).encode()).decode()


def spliced(client: FlaskClient, clock: Clock) -> str:
    """CVE-2025-68113: a figure of the number moved into the salt's expiry gave a second solution."""
    answer = json.loads(base64.b64decode(solved(client)))
    salt = answer["salt"].removesuffix("&")
    figures = str(answer["number"])
    answer |= {"salt": salt + figures[0], "number": int(figures[1:] or "0")}
    return base64.b64encode(json.dumps(answer).encode()).decode()


def wrong_number(client: FlaskClient, clock: Clock) -> str:
    answer = json.loads(base64.b64decode(solved(client)))
    return base64.b64encode(json.dumps(answer | {"number": answer["number"] + 1}).encode()).decode()


def junk(client: FlaskClient, clock: Clock) -> str:
    return base64.b64encode(b'{"algorithm": "SHA-256", "salt": "\\ud800", "number": 1}').decode()


@pytest.mark.parametrize(
    "proof", [worn, expired, forged, spliced, wrong_number, junk], ids=lambda f: f.__name__
)
def test_a_proof_that_is_none_only_makes_the_acknowledgement_wait(
    client: FlaskClient, clock: Clock, outbox: Outbox, proof: Callable[[FlaskClient, Clock], str]
) -> None:
    made = proof(client, clock)
    before = len(outbox())

    assert client.post("/contact", data=filled(client, clock, altcha=made)).status_code == 303
    assert {entry.mail.kind: entry.state for entry in outbox()[before:]} == ASKED_FIRST


def test_a_filled_bait_or_a_hurried_hand_makes_it_wait_too(
    client: FlaskClient, clock: Clock, outbox: Outbox
) -> None:
    bait = filled(client, clock, altcha=solved(client), website="http://x.test", key="a")
    assert client.post("/contact", data=bait).status_code == 303
    hasty = {**hidden(client.get("/contact").text), **FORM, "altcha": solved(client), "key": "b"}
    clock.advance(seconds=QUICKEST.total_seconds() - 1)
    assert client.post("/contact", data=hasty).status_code == 303
    unstamped = filled(client, clock, altcha=solved(client), stamp="1.0", key="c")
    assert client.post("/contact", data=unstamped).status_code == 303

    states = [entry.state for entry in outbox() if entry.mail.kind is MessageKind.ACKNOWLEDGEMENT]
    assert states == [OutboxState.HELD] * 3


def test_the_bait_is_hidden_from_people_and_from_screen_readers(client: FlaskClient) -> None:
    page = client.get("/contact").text

    before = page[: page.index('name="website"')]
    assert 'aria-hidden="true"' in before[before.rindex("<div") :]
    assert 'tabindex="-1"' in page[page.index('name="website"') :].split(">")[0]


def test_proof_and_stamp_survive_the_step_between_answers_and_sending(
    client: FlaskClient, clock: Clock, outbox: Outbox
) -> None:
    first = client.post("/contact", data=filled(client, clock, altcha=solved(client), message=ANSWERED))
    assert first.status_code == 200
    form = first.text[first.text.index('id="message-form"') - 10 :]
    step = client.post("/contact", data={**FORM, **hidden(form), "message": ANSWERED, "declined": "1"})

    assert step.status_code == 303
    assert by_kind(outbox) == SENT_ON


def test_a_program_gets_its_ticket_and_with_a_proof_its_acknowledgement(
    client: FlaskClient, outbox: Outbox
) -> None:
    body: dict[str, Any] = {"name": "Ada", "email": "ada@example.com", "message": UNANSWERED}

    assert client.post("/api/tickets", json=body, headers={"Idempotency-Key": "1"}).status_code == 201
    assert by_kind(outbox) == ASKED_FIRST
    body |= {"email": "bob@example.com", "altcha": solved(client)}
    assert client.post("/api/tickets", json=body, headers={"Idempotency-Key": "2"}).status_code == 201
    assert {entry.mail.kind: entry.state for entry in outbox()[3:]} == SENT_ON


def test_the_work_is_as_hard_as_we_say(client: FlaskClient) -> None:
    task = client.get("/api/challenge").get_json()

    assert task["maxnumber"] == HARDEST
    assert task["algorithm"] == "SHA-256"


# --- many messages -----------------------------------------------------------------------------------------


class Crowd:
    """Sends messages straight to a desk that spares people, past the limits for one client."""

    message = ContactMessage(
        requester=Requester(name="Ada", email="ada@example.com", lang="en"),
        message=UNANSWERED,
        subject=None,
        category=None,
        page=None,
        declined=True,
        enquiry=None,
        idempotency_key=None,
    )

    def __init__(self, desk: Desk, sparing: Sparing, store: Store) -> None:
        self.desk = desk
        self.sparing = sparing
        self.store = store

    def write(self, email: str, *, doubts: tuple[Doubt, ...] = ()) -> Ticket:
        who = Requester(name="Ada", email=email, lang="en")
        sent = self.desk.submit(replace(self.message, requester=who, doubts=doubts))
        assert isinstance(sent, Ticket)
        return sent

    def drop_in(
        self, tx: Transaction, email: str, *, like: Ticket, mail: OutgoingMail, doubts: tuple[Doubt, ...]
    ) -> None:
        """Post a ticket like one that is there, with the mail that was laid out for it."""
        ticket = replace(
            like,
            number=ticket_number(),
            enquiry=None,
            requester=replace(like.requester, email=email),
        )
        mails = [
            replace(mail, kind=kind, recipient=email, message_id=f"<{ticket.number}.{kind}@tiny.example>")
            for kind in (MessageKind.ACKNOWLEDGEMENT, MessageKind.CONFIRMATION)
        ]
        message = replace(self.message, doubts=doubts)
        tx.tickets.add(ticket)
        self.sparing.post(
            tx, Reply(ticket=ticket, message=message, acknowledgement=mails[0], question=mails[1])
        )

    def mails(self, *states: OutboxState) -> list[OutboxEntry]:
        """List the mails to people, not those to the team."""
        return [
            entry for entry in self.store.outbox.entries(*states) if entry.mail.kind is not MessageKind.TICKET
        ]

    def pass_time(self, by: timedelta) -> None:
        """Move every counter's end, which lies on the database's clock, nearer."""
        with self.store.writing() as tx:
            for row in tx.connection.execute(counters.select()).all():
                tx.connection.execute(
                    update(counters).where(counters.c.key == row.key).values(expires_at=row.expires_at - by)
                )


OpenDesk = Callable[..., Crowd]


@pytest.fixture
def crowd_at(make_app: AppFactory, settings: Settings, support: SupportDesk) -> OpenDesk:
    def desk(**rules: int) -> Crowd:
        changed = support.model_copy(update={"protection": ProtectionRules(**rules)})
        app = make_app(settings, support=changed)
        sparing = Sparing.of(changed.protection, secret=secret_key(settings))
        return Crowd(services_of(app).desk, sparing, services_of(app).store)

    return desk


SPELLINGS = ("victim@example.com", "Victim@EXAMPLE.com", "victim+one@example.com", "victim+2@example.com")


def test_a_thousand_posts_that_name_one_victim_send_them_three_mails_and_open_a_thousand_tickets(
    crowd_at: OpenDesk,
) -> None:
    crowd = crowd_at(mails_an_hour=100_000)
    through_the_form = 40
    for n in range(through_the_form):
        like = crowd.write(SPELLINGS[n % 4], doubts=(Doubt.UNPROVEN,) if n % 3 else ())
    mail = crowd.mails()[0].mail
    for start in range(through_the_form, 1000, 40):  # the rest past search, layout and waiting for the disk
        with crowd.store.writing() as tx:
            for n in range(start, start + 40):
                doubts = (Doubt.UNPROVEN,) if n % 3 else ()
                crowd.drop_in(tx, SPELLINGS[n % 4], like=like, mail=mail, doubts=doubts)

    assert crowd.store.totals()["tickets"] == 1000
    assert len(crowd.mails(OutboxState.WAITING)) == 3
    assert len(crowd.mails(OutboxState.WAITING, OutboxState.HELD)) >= 1000


def test_the_next_day_brings_at_most_three_more_and_no_burst_at_midnight(crowd_at: OpenDesk) -> None:
    crowd = crowd_at()
    crowd.write("victim@example.com")
    crowd.pass_time(timedelta(hours=23))
    for _ in range(5):
        crowd.write("victim@example.com")
    assert len(crowd.mails(OutboxState.WAITING)) == 3
    crowd.pass_time(timedelta(hours=2))  # the first is a day old now, the others are not

    for _ in range(5):
        crowd.write("victim@example.com")
    assert len(crowd.mails(OutboxState.WAITING)) == 4


def test_a_flood_pauses_acknowledgements_and_never_tickets(crowd_at: OpenDesk) -> None:
    crowd = crowd_at(mails_an_hour=5)
    for number in range(12):
        crowd.write(f"person{number}@example.com")
    crowd.write("doubtful@example.com", doubts=(Doubt.UNPROVEN,))

    assert len(crowd.mails(OutboxState.WAITING)) == 5
    assert len(crowd.mails(OutboxState.HELD)) == 8
    assert len(crowd.store.outbox.entries(OutboxState.WAITING)) == 13 + 5

    assert crowd.sparing.after_the_flood(crowd.store) == 0  # this hour is full
    crowd.pass_time(timedelta(hours=1))
    assert crowd.sparing.after_the_flood(crowd.store) == 5
    assert crowd.sparing.after_the_flood(crowd.store) == 0
    crowd.pass_time(timedelta(hours=1))
    assert crowd.sparing.after_the_flood(crowd.store) == 2
    assert [entry.mail.recipient for entry in crowd.mails(OutboxState.HELD)] == ["doubtful@example.com"]


def test_what_a_flood_held_back_still_keeps_to_three_a_day(crowd_at: OpenDesk) -> None:
    crowd = crowd_at(mails_an_hour=1)
    for _ in range(8):
        crowd.write("victim@example.com")
    for _ in range(8):
        crowd.pass_time(timedelta(hours=1))
        crowd.sparing.after_the_flood(crowd.store)

    assert len(crowd.mails(OutboxState.WAITING)) == 3
