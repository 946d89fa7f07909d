"""After an answer: the buttons in support's mail, the state over the API, and the question how it was."""

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deflector.model import EventKind, MessageKind, OutboxEntry
from deflector.settings import Settings
from deflector.tickets.life import Actor, TicketAct, TicketState
from tests.deflector.conftest import AppFactory, Clock, services_of
from tests.deflector.test_contact_form import FORM

Outbox = Callable[[], list[OutboxEntry]]
TOKEN = "t" * 32
CHOSEN_BY_SUPPORT = {"answered": TicketState.ANSWERED, "solved": TicketState.SOLVED}


def text_of(entry: OutboxEntry) -> str:
    body = message_from_bytes(entry.mail.content, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def links_in(entry: OutboxEntry) -> list[str]:
    return re.findall(r"http://127\.0\.0\.1:8000(/t/[\w.-]+)", text_of(entry))


def of_kind(outbox: Outbox, kind: MessageKind) -> OutboxEntry:
    (found,) = [entry for entry in outbox() if entry.mail.kind is kind]
    return found


@pytest.fixture
def number(client: FlaskClient, outbox: Outbox) -> str:
    assert client.post("/contact", data=FORM).status_code == 303
    found = outbox()[0].ticket
    assert found is not None
    return found


def state(app: Flask, number: str) -> TicketState:
    return services_of(app).aftercare.story(number).state


@pytest.mark.parametrize("act", CHOSEN_BY_SUPPORT)
def test_support_says_by_a_button_how_a_ticket_stands_and_looking_changes_nothing(
    app: Flask, client: FlaskClient, outbox: Outbox, number: str, act: str
) -> None:
    answered, solved = links_in(of_kind(outbox, MessageKind.TICKET))[-2:]
    path = answered if act == "answered" else solved
    for looked in (client.get(path), client.post(path), client.post(path, data={"act": "withdrawn"})):
        assert looked.status_code == 200
        assert number in looked.text
    assert state(app, number) is TicketState.OPEN

    pressed = client.post(path, data={"act": act})

    assert pressed.status_code == 200
    assert f'value="{act}"' not in pressed.text + client.get(path).text, "nothing is left to press"
    assert state(app, number) is CHOSEN_BY_SUPPORT[act]
    assert [event.by for event in services_of(app).aftercare.story(number).events] == [Actor.SUPPORT]


def test_a_link_of_supports_does_one_thing_only(
    app: Flask, client: FlaskClient, outbox: Outbox, number: str
) -> None:
    answered = links_in(of_kind(outbox, MessageKind.TICKET))[-2]
    client.post(answered, data={"act": "solved"})
    assert state(app, number) is TicketState.OPEN


def test_the_persons_own_mail_holds_no_link_of_supports(
    client: FlaskClient, outbox: Outbox, number: str
) -> None:
    (page,) = links_in(of_kind(outbox, MessageKind.ACKNOWLEDGEMENT))
    shown = client.get(page).text
    assert "It is answered" not in shown


def test_the_times_to_an_answer_and_to_a_solution_are_counted_in_working_hours(
    app: Flask, clock: Clock, number: str
) -> None:
    aftercare = services_of(app).aftercare
    clock.advance(days=1, hours=1)  # Wednesday 11:00 to Thursday 12:00 in Madrid, 9 to 17
    aftercare.note(number, TicketAct.ANSWERED, by=Actor.SUPPORT)
    aftercare.note(number, TicketAct.REOPENED, by=Actor.PERSON)
    clock.advance(hours=1)
    aftercare.note(number, TicketAct.ANSWERED, by=Actor.SUPPORT)
    clock.advance(hours=1)
    aftercare.note(number, TicketAct.SOLVED, by=Actor.SUPPORT)

    services = services_of(app)
    with services.store.reading() as tx:
        histories = list(tx.enquiries.histories(since=None, until=None, as_of=services.now()))
    data = [
        (event.kind, event.data["open_minutes"], event.data["first"])
        for _, events in histories
        for event in events
        if event.kind.value.startswith("ticket_")
    ]
    assert data == [
        (EventKind.TICKET_ANSWERED, 9 * 60, True),
        (EventKind.TICKET_REOPENED, 9 * 60, True),
        (EventKind.TICKET_ANSWERED, 10 * 60, False),
        (EventKind.TICKET_SOLVED, 11 * 60, True),
    ]


# --- over the API ---


@pytest.fixture
def open_desk(make_app: AppFactory, settings: Settings) -> Flask:
    return make_app(settings=replace(settings, api_token=TOKEN))


def say(client: FlaskClient, number: str, word: str, token: str = TOKEN) -> int:
    said = client.post(
        f"/api/tickets/{number}/state", json={"state": word}, headers={"Authorization": f"Bearer {token}"}
    )
    return said.status_code


def test_a_program_with_the_token_says_how_a_ticket_stands(open_desk: Flask) -> None:
    client = open_desk.test_client()
    number = urlsplit(client.post("/contact", data=FORM).location).path.rpartition("/")[2]
    for word in ("answered", "answered", "solved", "reopened"):
        assert say(client, number, word) == 200
        assert state(open_desk, number).value == word
    assert say(client, number, "solved", "x" * 32) == 401
    assert say(client, number, "gone") == 422
    assert say(client, "HC-222222", "solved") == 404
    assert say(client, "nothing", "solved") == 404
    assert client.post(f"/api/tickets/{number}/state", json={"state": "solved"}).status_code == 401
    assert state(open_desk, number) is TicketState.REOPENED


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 20_000, b'{"state": 7}'])
def test_what_is_not_meant_gets_a_sentence(open_desk: Flask, body: bytes) -> None:
    said = open_desk.test_client().post(
        "/api/tickets/HC-222222/state",
        data=body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    assert said.status_code in (400, 422)
    assert said.get_json()["detail"].endswith(".")


def test_without_a_token_in_the_settings_nobody_may(client: FlaskClient, number: str) -> None:
    assert say(client, number, "solved", "") == 404


# --- how was it? ---


@pytest.fixture
def question(app: Flask, clock: Clock, outbox: Outbox, number: str) -> OutboxEntry:
    services = services_of(app)
    for entry in services.store.outbox.lease(9, 60):
        services.store.outbox.sent(entry.id)
    services.aftercare.note(number, TicketAct.SOLVED, by=Actor.SUPPORT)
    clock.advance(days=1, minutes=1)
    assert services.asking.ask() == 1
    return of_kind(outbox, MessageKind.SATISFACTION)


def marks(app: Flask) -> list[object]:
    services = services_of(app)
    with services.store.reading() as tx:
        histories = list(tx.enquiries.histories(since=None, until=None, as_of=services.now()))
    return [
        event.data["mark"]
        for _, events in histories
        for event in events
        if event.kind is EventKind.SATISFACTION
    ]


def test_a_person_gives_one_mark_and_then_words(
    app: Flask, client: FlaskClient, question: OutboxEntry
) -> None:
    page = links_in(question)[0]
    for _ in range(2):
        assert "Very good" in client.get(page).text
        client.post(page)
    assert marks(app) == []

    thanks = client.post(page, data={"act": "4"}, follow_redirects=True)
    assert "Thank you" in thanks.text
    client.post(page, data={"act": "1"})
    assert marks(app) == [4]

    words = client.post(
        page, data={"act": "comment", "message": "My card is 4111 1111 1111 1111."}, follow_redirects=True
    )
    assert "Your words have arrived" in words.text
    assert question.ticket is not None
    said = services_of(app).asking.said(question.ticket)
    assert said is not None
    assert said.comment is not None
    assert "4111" not in said.comment


def test_not_solved_reopens_the_ticket_and_tells_support(
    app: Flask, client: FlaskClient, outbox: Outbox, question: OutboxEntry, number: str
) -> None:
    shown = client.post(links_in(question)[0], data={"act": "reopened"}, follow_redirects=True)
    assert "Our team has it again" in unescape(shown.text)
    assert state(app, number) is TicketState.REOPENED
    assert outbox()[-1].mail.kind is MessageKind.NOTE


def test_a_mail_program_ends_the_questions_by_itself_and_a_scanner_does_not(
    app: Flask, client: FlaskClient, question: OutboxEntry
) -> None:
    stop = links_in(question)[1]
    client.get(stop)
    client.post(stop)
    services = services_of(app)

    def stopped() -> bool:
        with services.store.reading() as tx:
            return tx.connection.exec_driver_sql("SELECT count(*) FROM unreachable").scalar_one() == 1

    assert not stopped()
    assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert stopped()


def test_the_one_click_of_a_mail_program_presses_no_other_button(
    app: Flask, client: FlaskClient, question: OutboxEntry
) -> None:
    for path in links_in(question)[:1]:
        client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert marks(app) == []
