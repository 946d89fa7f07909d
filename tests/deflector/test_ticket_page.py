"""After sending: the person's page, its buttons, and what the people who answer hear of it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from deflector.model import EventKind, MessageKind, OutboxEntry
from deflector.tickets.life import Actor, TicketAct, TicketEvent, TicketState, state_of
from tests.deflector.conftest import UNANSWERED, Clock, services_of
from tests.deflector.test_contact_form import FORM, kinds

Outbox = Callable[[], list[OutboxEntry]]
STORIES = yaml.safe_load((Path(__file__).parent / "ticket_life.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: "-".join(story["acts"]) or "nothing")
def test_a_tickets_state_follows_from_what_happened(story: dict[str, Any]) -> None:
    at = datetime(2026, 11, 18, tzinfo=UTC)
    events = [TicketEvent(act=TicketAct(act), by=Actor.PERSON, at=at) for act in story["acts"]]

    assert state_of(events) is TicketState(story["state"])


def mail(entry: OutboxEntry) -> EmailMessage:
    return message_from_bytes(entry.mail.content, policy=policy.default)


def text_of(entry: OutboxEntry) -> str:
    body = mail(entry).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(entry: OutboxEntry) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/t/[\w.-]+)", text_of(entry))
    assert found is not None
    return found[1]


@pytest.fixture
def page(client: FlaskClient, outbox: Outbox) -> str:
    """Send a message; return the path of the person's own page, as their mail has it."""
    assert client.post("/contact", data=FORM).status_code == 303
    [acknowledgement] = [entry for entry in outbox() if entry.mail.kind is MessageKind.ACKNOWLEDGEMENT]
    return link_in(acknowledgement)


def state(app: Flask, outbox: Outbox) -> TicketState:
    number = outbox()[0].ticket
    assert number is not None
    return services_of(app).aftercare.story(number).state


def test_the_page_shows_what_they_sent_and_when_we_answer(client: FlaskClient, page: str) -> None:
    shown = client.get(page)

    assert shown.status_code == 200
    assert UNANSWERED in shown.text
    assert "Thursday, 19 November 2026, 11:00" in shown.text
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["Cache-Control"] == "no-store"


def test_opening_the_link_changes_nothing_however_often(
    client: FlaskClient, page: str, app: Flask, outbox: Outbox
) -> None:
    for _ in range(3):
        client.get(page)
        client.head(page)
        client.post(page)  # scanners do this too; without a button's name it only looks
        client.post(page, data={"act": "everything"})

    assert state(app, outbox) is TicketState.OPEN
    assert len(outbox()) == 2


def test_what_they_add_stands_on_the_page_and_reaches_the_queue_in_the_same_conversation(
    client: FlaskClient, page: str, outbox: Outbox
) -> None:
    for _ in range(2):  # a double click
        sent = client.post(page, data={"act": "added", "message": "It is <b>order</b> PD-2107"})
        assert sent.status_code == 303
        assert urlsplit(sent.location).path == page
        place = urlsplit(sent.location).fragment  # the person is led to what they have just added

    assert f'id="{place}"' in client.get(page).text.rsplit("You wrote more", 1)[0].rsplit("<li", 1)[1]
    assert "It is &lt;b&gt;order&lt;/b&gt; PD-2107" in client.get(page).text
    ticket, _, note = outbox()
    assert note.mail.kind is MessageKind.NOTE
    assert note.mail.recipient == ticket.mail.recipient
    assert mail(note)["References"] == ticket.mail.message_id
    assert "ada@example.com" in str(mail(note)["Reply-To"])
    assert "It is <b>order</b> PD-2107" in text_of(note)


def test_an_empty_addition_is_asked_for_and_sent_to_nobody(
    client: FlaskClient, page: str, outbox: Outbox
) -> None:
    answer = client.post(page, data={"act": "added", "message": " \n"})

    assert answer.status_code == 422
    assert 'id="message-problem"' in answer.text
    assert len(outbox()) == 2


def test_a_ticket_is_solved_reopened_and_withdrawn_by_its_buttons_and_the_queue_hears_each_once(
    client: FlaskClient, page: str, app: Flask, outbox: Outbox
) -> None:
    for act, then in (("solved", "solved"), ("reopened", "reopened"), ("withdrawn", "withdrawn")):
        assert f'value="{act}"' in client.get(page).text
        for _ in range(2):
            assert client.post(page, data={"act": act}).status_code == 303
        assert state(app, outbox) is TicketState(then)
        assert ("It is not solved?" in client.get(page).text) is (then != "reopened")

    notes = [mail(entry)["X-Answerfirst-Act"] for entry in outbox() if entry.mail.kind is MessageKind.NOTE]
    assert notes == ["solved", "reopened", "withdrawn"]
    assert kinds(app)[-2:] == [EventKind.TICKET_SOLVED, EventKind.TICKET_REOPENED]


def test_an_answer_from_support_is_seen_on_the_page_and_not_mailed_back_to_support(
    client: FlaskClient, page: str, app: Flask, outbox: Outbox
) -> None:
    number = outbox()[0].ticket
    assert number is not None

    services_of(app).aftercare.note(number, TicketAct.ANSWERED, by=Actor.SUPPORT)

    assert "Our team answered" in client.get(page).text
    assert len(outbox()) == 2


def test_a_link_that_ended_says_so(client: FlaskClient, page: str, clock: Clock) -> None:
    clock.advance(days=180)

    answer = client.get(page)
    assert answer.status_code == 410
    assert "no longer good" in answer.text
    assert UNANSWERED not in answer.text
    assert client.post(page, data={"act": "withdrawn"}).status_code == 410


@pytest.mark.parametrize("token", ["x", "a.b", "%F0%9F%92%A3", "..%2F..%2Fetc"])
def test_a_link_that_is_none_leads_nowhere_politely(client: FlaskClient, token: str) -> None:
    assert client.get(f"/t/{token}").status_code == 404
    assert client.post(f"/t/{token}", data={"act": "solved"}).status_code == 404


def test_a_link_opens_no_other_ticket_and_serves_no_other_purpose(
    client: FlaskClient, app: Flask, outbox: Outbox, clock: Clock, page: str
) -> None:
    links = services_of(app).links
    until = clock().replace(year=2027)

    assert client.get(f"/t/{links.token('ticket', 'HC-222222', until=until)}").status_code == 404
    assert (
        client.get(f"/t/{links.token('payroll', outbox()[0].ticket or '', until=until)}").status_code == 404
    )


def test_hostile_text_on_the_page_is_text(client: FlaskClient, outbox: Outbox) -> None:
    client.post("/contact", data=FORM | {"message": "<script>alert(1)</script> zebra", "subject": "<b>x"})
    entry = outbox()[-1]

    shown = client.get(link_in(entry)).text
    assert "<script>alert" not in shown
    assert "<b>x" not in shown
