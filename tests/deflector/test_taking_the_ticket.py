"""Taking a ticket: files, extra questions, urgent matters and promises, through form and API."""

import json
import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from deflector.model import OutboxEntry, Ticket
from deflector.settings import Settings
from deflector.support.support_desk import SupportDesk
from tests.deflector.conftest import ANSWERED, SUPPORT, UNANSWERED, AppFactory, services_of
from tests.deflector.test_contact_form import FORM, hidden

Outbox = Callable[[], list[OutboxEntry]]

MORE = """
rules:
  - {name: Charged twice, when: {says: charged twice}, then: {queue: money, priority: urgent, tags: [twice]}}
promise: {urgent: {answer_within: 2 hours}}
questions:
  - {id: order, categories: payments, ask: {en: Order number, es: Número de pedido}, required: true}
  - {id: device, categories: [connection], ask: Device, type: select, choices: {pc: A PC, mac: A Mac}}
  - {id: tried, categories: [connection], ask: I tried another cable, type: checkbox, help: Any cable}
"""
QUESTION = "How do I get my money back?"


@pytest.fixture
def support(tmp_path: Path) -> SupportDesk:
    path = tmp_path / "support.yml"
    path.write_text(SUPPORT + MORE, encoding="utf-8")
    return SupportDesk.load(path)


def number_of(sent: TestResponse) -> str:
    assert sent.status_code == 303, sent.text
    found = re.search(r"HC-\w{6}", sent.location)
    assert found is not None
    return found[0]


def ticket_of(app: Flask, sent: TestResponse) -> Ticket:
    ticket = services_of(app).desk.ticket(number_of(sent))
    assert ticket is not None
    return ticket


def mail_of(outbox: Outbox) -> EmailMessage:
    return message_from_bytes(outbox()[0].mail.content, policy=policy.default)


def post(client: FlaskClient, files: list[tuple[str, bytes]], **fields: str) -> TestResponse:
    parts = [FileStorage(BytesIO(content), name) for name, content in files]
    boundary, body = encode_multipart(
        MultiDict([*(FORM | fields).items(), *(("files", one) for one in parts)])
    )
    return client.post("/contact", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def stored(settings: Settings) -> list[Path]:
    folder = settings.var / "attachments"
    return sorted(folder.iterdir()) if folder.exists() else []


def kept(html: str) -> dict[str, str]:
    """Read the boxes of kept files, as a browser would send them."""
    return dict(re.findall(r'type="checkbox" name="(kept\.\d)" value="(\w+)" checked', html))


def picture() -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "zebra-quartz-417"
    Image.new("RGB", (8, 8), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


# --- files -------------------------------------------------------------------------------------------------


def test_files_go_to_the_queue_and_never_to_the_person(
    client: FlaskClient, app: Flask, outbox: Outbox, settings: Settings
) -> None:
    sent = post(client, [("../../holiday.exe", picture()), ("crash ñ.log", b"at 0x417\r\n")])

    parts = list(mail_of(outbox).iter_attachments())
    assert [(part.get_filename(), part.get_content_type()) for part in parts] == [
        ("holiday.jpg", "image/jpeg"),
        ("crash ñ.log", "text/plain"),
    ]
    assert all(part.get_content_disposition() == "attachment" for part in parts)
    assert parts[1].get_payload(decode=True) == b"at 0x417\r\n"
    assert b"zebra-quartz-417" not in outbox()[0].mail.content
    body = mail_of(outbox).get_body(("plain",))
    assert body is not None
    assert "crash ñ.log, 10 bytes" in body.get_content()
    assert b"holiday" not in outbox()[1].mail.content
    with services_of(app).store.reading() as tx:
        filed = tx.attachments.of(number_of(sent))
    assert [one.name for one in filed] == ["holiday.jpg", "crash ñ.log"]
    assert {path.name for path in stored(settings)} == {one.id for one in filed}


def test_a_file_sent_before_the_answers_goes_along_when_they_are_declined(
    client: FlaskClient, outbox: Outbox
) -> None:
    answers = post(client, [("crash.log", b"x"), ("other.log", b"y")], message=ANSWERED)
    boxes = kept(answers.text)
    assert answers.status_code == 200
    assert len(boxes) == 2
    assert "crash.log" in answers.text

    boxes.pop("kept.1")  # its box was emptied
    step = FORM | hidden(answers.text) | boxes | {"declined": "1", "message": ANSWERED}
    first = client.post("/contact", data=step)
    second = client.post("/contact", data=step)

    assert [part.get_filename() for part in mail_of(outbox).iter_attachments()] == ["crash.log"]
    assert first.location == second.location
    assert len(outbox()) == 2


def test_a_file_survives_a_field_that_must_be_mended(client: FlaskClient, outbox: Outbox) -> None:
    page = post(client, [("crash.log", b"x")], email="ada@")
    boxes = kept(page.text)

    sent = client.post("/contact", data=FORM | boxes)

    assert page.status_code == 422
    assert number_of(sent)
    assert [part.get_filename() for part in mail_of(outbox).iter_attachments()] == ["crash.log"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([(f"{at}.log", b"x") for at in range(6)], "up to 5 files"),
        ([("big.bin", b"\0" * 11_000_000)], "more than 10 MB"),
        ([("photo.jpg", picture()[:-100])], "photo.jpg"),
        ([("empty.txt", b"")], "empty.txt"),
    ],
    ids=["six files", "eleven megabytes", "broken picture", "empty"],
)
def test_files_that_cannot_be_taken_are_answered_beside_their_field_and_nothing_is_lost(
    client: FlaskClient,
    outbox: Outbox,
    settings: Settings,
    files: list[tuple[str, bytes]],
    sentence: str,
) -> None:
    page = post(client, files)

    assert page.status_code == 422
    problem = re.search(r'<a[^>]*href="#files"[^>]*>(.*?)</a>', page.text)
    assert problem is not None
    assert sentence in unescape(problem[1])
    assert UNANSWERED in page.text
    assert outbox() == []
    assert stored(settings) == []


def test_kept_files_and_new_ones_count_together(client: FlaskClient) -> None:
    boxes = kept(post(client, [(f"{at}.log", b"x") for at in range(4)], email="").text)
    assert len(boxes) == 4

    page = post(client, [("5.log", b"x"), ("6.log", b"x")], **boxes)

    assert page.status_code == 422
    assert "up to 5 files" in page.text
    assert len(kept(page.text)) == 4  # what was there before stays chosen


def test_only_forms_with_files_may_be_large(client: FlaskClient, outbox: Outbox) -> None:
    long = "x" * 300_000

    assert client.post("/contact", data=FORM | {"message": long}).status_code == 413
    assert client.post("/api/tickets", json={"message": long}).status_code == 413
    assert client.post("/api/feedback", data={"x": (BytesIO(b"x" * 300_000), "x")}).status_code in (413, 415)
    assert post(client, [], message=long).status_code == 413  # text is text, in whatever form
    assert post(client, [("x", b"\0" * 32_000_000)]).status_code == 413
    assert post(client, [], **{f"f{at}": "x" for at in range(300)}).status_code == 413
    assert outbox() == []


BOUNDARY = "multipart/form-data; boundary=x"


BROKEN = [
    ("multipart/form-data", b"--x\r\n"),
    (BOUNDARY, b""),
    (BOUNDARY, b"--x"),
    (BOUNDARY, b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nhello'),
    (BOUNDARY, b"--x\r\nContent-Disposition: form-data\r\n\r\nhello\r\n--x--\r\n"),
    (BOUNDARY, b'--x\r\nContent-Disposition: form-data; name="\xff\xfe"\r\n\r\n\xff\r\n--x--\r\n'),
    (BOUNDARY, b"--x\r\n" + b"a" * 100_000),
    (BOUNDARY, b"--x\r\nContent-Disposition: " + b"form-data;" * 5_000 + b"\r\n\r\n\r\n--x--\r\n"),
    (
        BOUNDARY,
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a\\"\r\nX: b"\r\n'
        b"Content-Type: image/png\r\nContent-Length: -1\r\n\r\nGIF89a\r\n--x--\r\n",
    ),
    ("multipart/form-data; boundary=" + "y" * 5_000, b"--x--"),
    ("multipart/form-data; boundary=\xff", b"--\xff\r\n\r\n--\xff--"),
]


@pytest.mark.parametrize("path", ["/contact", "/api/tickets"])
def test_a_broken_form_gets_a_sentence_and_leaves_nothing(
    client: FlaskClient, outbox: Outbox, settings: Settings, path: str
) -> None:
    for content_type, body in BROKEN:
        answer = client.post(path, data=body, content_type=content_type)

        assert 400 <= answer.status_code < 500, body[:80]
        assert len(answer.text) > 20
    assert outbox() == []
    assert stored(settings) == []


def test_the_api_takes_files_as_a_form_and_never_forgets_its_contract(
    client: FlaskClient, outbox: Outbox
) -> None:
    fields = {
        "name": "Ada",
        "email": "ada@example.com",
        "message": ANSWERED,
        "enquiry": "",
        "declined": "false",
    }

    def send(**more: Any) -> TestResponse:
        data = fields | more | {"files": [(BytesIO(b"x"), "crash.log")]}
        return client.post("/api/tickets", data=data, headers={"Idempotency-Key": "a1"})

    assert send().status_code == 409
    first, second = send(declined="true"), send(declined="true")

    assert first.status_code == 201
    assert set(first.get_json()) == {"ticket", "answer_by"}
    assert first.get_json() == second.get_json()
    assert [part.get_filename() for part in mail_of(outbox).iter_attachments()] == ["crash.log"]
    assert send(declined="maybe").status_code == 422


# --- questions ---------------------------------------------------------------------------------------------


def test_extra_questions_stand_in_the_form_in_the_persons_language(client: FlaskClient) -> None:
    page = client.get("/contact?lang=es").text

    assert "Número de pedido" in page
    assert 'name="answers.device"' in page
    assert '<option value="mac">A Mac</option>' in page
    style = client.get("/contact/questions.css")
    assert style.mimetype == "text/css"
    assert '[data-question="device"]' in style.text


def test_a_required_question_of_the_chosen_category_is_asked_for(client: FlaskClient, app: Flask) -> None:
    page = client.post("/contact", data=FORM | {"category": "payments"})
    assert page.status_code == 422
    assert 'href="#answers.order"' in page.text

    sent = client.post("/contact", data=FORM | {"category": "payments", "answers.order": " 417\n"})

    assert ticket_of(app, sent).answers == {"order": "417"}


def test_answers_to_questions_of_other_categories_are_left_out(
    client: FlaskClient, app: Flask, outbox: Outbox
) -> None:
    answers = {"answers.device": "mac", "answers.tried": "yes", "answers.order": "417"}

    sent = client.post("/contact", data=FORM | answers | {"category": "connection"})

    assert ticket_of(app, sent).answers == {"device": "mac", "tried": "yes"}
    text = mail_of(outbox).get_body(("plain",))
    assert text is not None
    assert "Device: A Mac" in text.get_content()
    assert b"A Mac" not in outbox()[1].mail.content


@pytest.mark.parametrize(
    ("answers", "field"),
    [({"answers.device": "toaster"}, "answers.device"), ({"answers.order": "x" * 501}, "answers.order")],
)
def test_an_answer_that_does_not_fit_is_named(
    client: FlaskClient, answers: dict[str, str], field: str
) -> None:
    category = "payments" if "order" in field else "connection"

    page = client.post("/contact", data=FORM | answers | {"category": category})

    assert page.status_code == 422
    assert f'href="#{field}"' in page.text


def test_the_api_asks_only_clients_that_know_the_questions(client: FlaskClient, app: Flask) -> None:
    body = {"name": "Ada", "email": "ada@example.com", "message": UNANSWERED, "category": "payments"}

    assert client.post("/api/tickets", json=body).status_code == 201
    assert client.post("/api/tickets", json=body | {"answers": {}}).status_code == 422
    for odd in (None, [], "x", {"order": 1}, {"order": {"a": []}}, {"order": None}):
        assert client.post("/api/tickets", json=body | {"answers": odd}).status_code in (201, 422)
    sent = client.post("/api/tickets", json=body | {"answers": {"order": "417", "unknown": "x"}})
    ticket = services_of(app).desk.ticket(sent.get_json()["ticket"])
    assert ticket is not None
    assert ticket.answers == {"order": "417"}


# --- category and language ---------------------------------------------------------------------------------


def test_the_category_is_guessed_and_shown_for_correction(client: FlaskClient, app: Flask) -> None:
    answers = client.post("/contact", data=FORM | {"message": QUESTION})
    assert '<option value="payments" selected>' in answers.text
    step = FORM | hidden(answers.text) | {"declined": "1", "message": QUESTION}

    let_stand = ticket_of(app, client.post("/contact", data=step | {"category": "payments"}))
    corrected = ticket_of(app, client.post("/contact", data=step | {"category": "connection"}))

    # The guess brought a required question along, but a guess of ours stops nobody.
    assert (let_stand.category, let_stand.guessed, let_stand.queue) == ("payments", True, "money")
    assert (corrected.category, corrected.guessed, corrected.queue) == ("connection", False, "general")


def test_a_client_that_names_no_category_gets_the_guessed_one(client: FlaskClient, app: Flask) -> None:
    body = {"name": "Ada", "email": "ada@example.com", "message": QUESTION, "declined": True}

    sent = client.post("/api/tickets", json=body).get_json()

    ticket = services_of(app).desk.ticket(sent["ticket"])
    assert ticket is not None
    assert (ticket.category, ticket.guessed, ticket.queue) == ("payments", True, "money")
    assert client.get("/api/suggest", query_string={"q": QUESTION}).get_json()["category"] == "payments"


def test_a_person_may_choose_the_language_of_the_answer(client: FlaskClient, app: Flask) -> None:
    assert ticket_of(app, client.post("/contact", data=FORM | {"language": "es"})).requester.lang == "es"
    other = FORM | {"language": "tlh", "message": f"{UNANSWERED}!"}
    assert ticket_of(app, client.post("/contact", data=other)).requester.lang == "en"


# --- urgent matters and promises ---------------------------------------------------------------------------


def test_an_urgent_matter_goes_straight_to_a_person_and_the_page_says_so(
    client: FlaskClient, app: Flask, outbox: Outbox
) -> None:
    message = f"I was chargd twice! {QUESTION}"

    sent = client.post("/contact", data=FORM | {"message": message})

    ticket = ticket_of(app, sent)
    assert (ticket.priority, ticket.queue, ticket.tags) == ("urgent", "money", ("twice",))
    assert "ahead of other messages" in client.get(sent.location).text
    assert "We treat it as urgent" not in client.get(client.post("/contact", data=FORM).location).text
    mail = mail_of(outbox)
    assert mail["X-Answerfirst-Priority"] == "urgent"
    assert mail["X-Answerfirst-Tags"] == "twice"
    assert mail["To"] == "money@tiny.example"
    found = client.get("/api/suggest", query_string={"q": message}).get_json()
    assert found["urgent"] is True
    api = {"name": "Ada", "email": "ada@example.com", "message": message, "declined": False}
    assert client.post("/api/tickets", json=api).status_code == 201


def promises() -> list[dict[str, Any]]:
    path = Path(__file__).with_name("promises.yml")
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    "case", promises(), ids=lambda case: f"{case.get('says', '')} {case['lang']} {case.get('zone')}"
)
def test_the_promise_is_said_in_the_persons_language_and_on_their_clock(
    client: FlaskClient, case: dict[str, Any]
) -> None:
    data = FORM | {
        "message": case.get("says", UNANSWERED),
        "lang": case["lang"],
        "zone": case.get("zone") or "",
    }

    page = unescape(client.get(client.post("/contact", data=data).location).text)

    assert case["by"] in page
    for sentence in case.get("theirs", []):
        assert sentence in page
    if not case.get("theirs"):
        assert "contact-theirs" not in page


@pytest.mark.parametrize("zone", ["../../../etc/passwd", "Mars/Phobos", "x" * 9000, "/etc/localtime"])
def test_a_zone_that_is_none_is_as_good_as_none(client: FlaskClient, app: Flask, zone: str) -> None:
    sent = client.post("/contact", data=FORM | {"zone": zone})

    assert ticket_of(app, sent).zone is None
    assert client.get(f"/contact/received/{number_of(sent)}", query_string={"zone": zone}).status_code == 200


def test_the_form_says_how_long_a_message_is_kept(client: FlaskClient) -> None:
    assert "2 years" in client.get("/contact").text
    assert "2 años" in client.get("/contact?lang=es").text


def test_the_stored_ticket_holds_what_it_was_opened_with(make_app: AppFactory) -> None:
    app = make_app()
    with app.test_client() as client:
        sent = client.post(
            "/contact",
            data=FORM | {"zone": "America/New_York", "category": "connection", "answers.tried": "yes"},
        )
        ticket = ticket_of(app, sent)

    assert ticket.zone == "America/New_York"
    assert json.loads(json.dumps(dict(ticket.answers))) == {"tried": "yes"}
