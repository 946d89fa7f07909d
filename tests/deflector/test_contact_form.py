"""The contact form without JavaScript: answers first, then one ticket."""

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deflector.model import EventKind, MessageKind, OutboxEntry
from deflector.settings import Settings
from deflector.support.support_desk import SupportDesk
from tests.deflector.conftest import ANSWERED, CATALOGUE, UNANSWERED, AppFactory, article, services_of

Outbox = Callable[[], list[OutboxEntry]]

FORM = {"name": "Ada Lovelace", "email": "ada@example.com", "message": UNANSWERED, "lang": "en", "key": "k1"}


def hidden(html: str) -> dict[str, str]:
    """Read the hidden inputs of the last form on a page, as a browser would send them."""
    form = html.rsplit("<form", 1)[1]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def kinds(app: Flask) -> list[str]:
    """List what happened in all enquiries, in order."""
    services = services_of(app)
    with services.store.reading() as tx:
        histories = list(tx.enquiries.histories(since=None, until=None, as_of=services.now()))
    return [event.kind.value for _, events in histories for event in events]


def test_a_message_that_an_article_answers_is_answered_before_it_is_sent(
    client: FlaskClient, outbox: Outbox
) -> None:
    page = client.post("/contact", data=FORM | {"message": ANSWERED})

    assert page.status_code == 200
    assert "Get a refund for a game" in page.text
    assert outbox() == []


def test_cells_of_a_table_are_parted_as_the_script_parts_them(
    make_app: AppFactory, settings: Settings, catalogue: Path
) -> None:
    table = article("prices", "What Plus costs", "Plan | Price\nMonthly | 7.99\nYearly | 79.99")
    catalogue.write_text(json.dumps(CATALOGUE | {"articles": [table]}), encoding="utf-8")

    page = make_app(settings).test_client().post("/contact", data=FORM | {"message": "What does Plus cost?"})

    snippet = re.search(r'class="af-answer__snippet">(.*?)</span>', page.text)
    assert snippet
    assert "Plan · Price" in snippet[1]


def test_declining_the_answers_opens_the_ticket(client: FlaskClient, outbox: Outbox, app: Flask) -> None:
    answers = client.post("/contact", data=FORM | {"message": ANSWERED})

    sent = client.post("/contact", data=FORM | hidden(answers.text) | {"declined": "1", "message": ANSWERED})

    assert sent.status_code == 303
    assert [entry.mail.kind for entry in outbox()] == [MessageKind.TICKET, MessageKind.ACKNOWLEDGEMENT]
    assert kinds(app) == ["question", "shown", "declined", "ticket"]
    ticket_mail = outbox()[0].mail.content.decode()
    assert "refund-for-a-game" in ticket_mail


def test_a_message_that_nothing_answers_goes_straight_to_a_person(
    client: FlaskClient, outbox: Outbox, app: Flask
) -> None:
    sent = client.post("/contact", data=FORM)

    assert sent.status_code == 303
    page = client.get(sent.location)
    number = urlsplit(sent.location).path.rsplit("/", 1)[1]
    assert re.fullmatch(r"HC-[2-9A-HJ-NP-TV-Z]{6}", number)
    assert number in page.text
    # Asked Wednesday 11:00 in Madrid; one business day later is Thursday 11:00.
    assert "Thursday, 19 November 2026, 11:00" in page.text
    assert "zebra" not in page.text.lower()
    assert len(outbox()) == 2
    assert kinds(app) == ["question", "ticket"]


def test_pressing_send_twice_opens_one_ticket_and_writes_one_acknowledgement(
    client: FlaskClient, outbox: Outbox
) -> None:
    first = client.post("/contact", data=FORM)
    second = client.post("/contact", data=FORM)

    assert first.location == second.location
    assert [entry.mail.kind for entry in outbox()] == [MessageKind.TICKET, MessageKind.ACKNOWLEDGEMENT]


def test_going_back_and_writing_something_else_is_a_second_ticket(
    client: FlaskClient, outbox: Outbox
) -> None:
    first = client.post("/contact", data=FORM)
    second = client.post("/contact", data=FORM | {"message": "Quartz zebra: also the kettle sings"})

    assert first.location != second.location
    assert len(outbox()) == 4


def test_pressing_solved_counts_the_answer_and_sends_nothing(
    client: FlaskClient, outbox: Outbox, app: Flask
) -> None:
    answers = client.post("/contact", data=FORM | {"message": ANSWERED})
    key = hidden(answers.text)

    page = client.post(
        "/contact/solved",
        data={**key, "article": "refund-for-a-game", "version": "3", "article_lang": "en"},
    )

    assert page.status_code == 200
    assert outbox() == []
    assert kinds(app)[-1] == EventKind.SOLVED


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "", "email address"),
        ("email", "ada@", "address"),
        ("email", "ada@exa mple.com", "address"),
        ("message", " \n ", "help"),
        ("message", "x" * 20_001, "20,000"),
        ("name", "", "name"),
        ("name", "x" * 101, "100"),
    ],
)
def test_a_field_that_must_be_mended_is_named_and_nothing_typed_is_lost(
    client: FlaskClient, outbox: Outbox, field: str, value: str, sentence: str
) -> None:
    page = client.post("/contact", data=FORM | {field: value})

    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    problem = re.search(rf'<a[^>]*href="#{field}"[^>]*>(.*?)</a>', page.text)
    assert problem is not None
    assert sentence.lower() in unescape(problem[1]).lower()
    for other, kept in FORM.items():
        if other in ("name", "email", "message") and other != field:
            assert kept in unescape(page.text)
    assert outbox() == []


def test_every_problem_is_named_at_once(client: FlaskClient) -> None:
    page = client.post("/contact", data={"lang": "en"})

    assert page.status_code == 422
    assert re.findall(r'<li><a[^>]* href="#(\w+)"', page.text) == ["message", "name", "email"]


def test_the_form_carries_the_article_and_the_question_it_was_opened_with(client: FlaskClient) -> None:
    page = client.get("/contact?article=refund-for-a-game&q=Where+is+my+%3Cb%3Emoney%3C%2Fb%3E")

    assert 'name="page" value="refund-for-a-game"' in page.text
    assert "Where is my &lt;b&gt;money&lt;/b&gt;" in page.text
    assert "<b>money" not in page.text


def test_the_form_speaks_the_language_asked_for_else_the_browsers(client: FlaskClient) -> None:
    assert '<html lang="es"' in client.get("/contact?lang=es").text
    assert '<html lang="es"' in client.get("/contact", headers={"Accept-Language": "es-MX,es;q=0.9"}).text
    assert '<html lang="en"' in client.get("/contact", headers={"Accept-Language": "tlh"}).text
    answers = client.post("/contact", data=FORM | {"message": "¿Cómo recupero mi dinero?", "lang": "es"})
    assert "Pide el reembolso de un juego" in answers.text


def test_the_desk_has_its_name_in_the_language_of_the_page(
    make_app: AppFactory, support: SupportDesk
) -> None:
    named = support.model_copy(update={"name": {"en": "Tiny Help", "es": "Pequeña ayuda"}})
    client = make_app(support=named).test_client()

    assert "· Tiny Help</title>" in client.get("/contact").text
    assert "· Pequeña ayuda</title>" in client.get("/contact?lang=es").text


def test_a_number_that_was_never_given_is_not_found(client: FlaskClient) -> None:
    page = client.get("/contact/received/HC-222222")

    assert page.status_code == 404


@pytest.mark.parametrize("path", ["/contact", "/contact?lang=es", "/contact/received/HC-222222"])
def test_our_pages_load_nothing_from_elsewhere_and_set_no_cookie(client: FlaskClient, path: str) -> None:
    page = client.get(path)

    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)


def test_hostile_text_is_shown_as_text(client: FlaskClient) -> None:
    attack = '"><script>alert(1)</script>'

    page = client.post("/contact", data=FORM | {"name": attack, "email": attack, "message": attack})

    assert page.status_code == 422
    assert "<script>alert" not in page.text
