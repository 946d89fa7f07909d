"""The JSON interface: what a client can rely on, and that nothing it sends breaks anything."""

import json
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from deflector.model import OutboxEntry
from tests.deflector.conftest import ANSWERED, UNANSWERED
from tests.deflector.test_contact_form import kinds
from tests.needs import shared

pytestmark = pytest.mark.long

Outbox = Callable[[], list[OutboxEntry]]

TICKET: dict[str, Any] = {
    "enquiry": None,
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "message": UNANSWERED,
    "declined": False,
}


def begin(client: FlaskClient) -> dict[str, str]:
    answer = client.post("/api/enquiries", json={"lang": "en"})
    assert answer.status_code == 201
    found: dict[str, str] = answer.get_json()
    return found


def test_an_answered_question_comes_with_a_deep_link_and_a_marked_snippet(client: FlaskClient) -> None:
    found = client.get("/api/suggest", query_string={"q": ANSWERED, "lang": "en"}).get_json()

    best = found["suggestions"][0]
    assert found["answerable"] is True
    assert best["article"] == "refund-for-a-game"
    assert best["version"] == 3
    assert best["rank"] == 1
    assert best["url"] == "/en/payments/refund-for-a-game/#how"
    assert 0 <= best["confidence"] <= 1
    assert set(best) >= {"article", "version", "title", "url", "heading", "snippet", "confidence", "rank"}


def test_a_question_nobody_answers_gets_nothing(client: FlaskClient) -> None:
    found = client.get("/api/suggest", query_string={"q": UNANSWERED}).get_json()

    assert found == {"question": UNANSWERED, "answerable": False, "suggestions": []}


def test_only_a_settled_question_of_an_enquiry_is_counted_and_only_once(
    client: FlaskClient, app: Flask
) -> None:
    key = begin(client)
    token = {"X-Enquiry-Token": key["token"]}
    ask = {"q": ANSWERED, "enquiry": key["enquiry"], "lang": "en"}

    client.get("/api/suggest", query_string={"q": ANSWERED})
    client.get("/api/suggest", query_string={**ask, "settled": "0"}, headers=token)
    assert kinds(app) == []
    for _ in range(2):
        assert client.get("/api/suggest", query_string=ask, headers=token).status_code == 200

    assert kinds(app) == ["question", "shown"]


def test_an_enquiry_needs_its_token(client: FlaskClient, app: Flask) -> None:
    key = begin(client)
    event = {"type": "opened", "article": "lag", "version": 3}
    path = f"/api/enquiries/{key['enquiry']}/events"

    assert client.post(path, json=event).status_code == 403
    assert client.post(path, json=event, headers={"X-Enquiry-Token": "wrong"}).status_code == 403
    assert (
        client.post("/api/enquiries/nobody/events", json={**event, "token": key["token"]}).status_code == 403
    )
    assert client.get(f"/api/suggest?q=refund&enquiry={key['enquiry']}").status_code == 403
    assert kinds(app) == []
    assert client.post(path, json={**event, "token": key["token"]}).status_code == 204
    assert kinds(app) == ["opened"]


def test_answers_first_then_a_ticket_with_the_story_in_it(
    client: FlaskClient, outbox: Outbox, app: Flask
) -> None:
    key = begin(client)
    body = TICKET | {"enquiry": key["enquiry"], "message": ANSWERED}

    first = client.post("/api/tickets", json=body, headers={"Idempotency-Key": "a1"})
    assert first.status_code == 409
    assert first.get_json()["suggestions"][0]["article"] == "refund-for-a-game"

    second = client.post("/api/tickets", json={**body, "declined": True}, headers={"Idempotency-Key": "a1"})
    assert second.status_code == 201
    assert set(second.get_json()) == {"ticket", "answer_by"}
    assert second.headers["Location"].endswith(second.get_json()["ticket"])
    assert kinds(app) == ["question", "shown", "declined", "ticket"]
    assert len(outbox()) == 2


def test_the_same_key_and_message_give_the_same_ticket(client: FlaskClient, outbox: Outbox) -> None:
    headers = {"Idempotency-Key": "same"}

    first = client.post("/api/tickets", json=TICKET, headers=headers).get_json()
    second = client.post("/api/tickets", json=TICKET, headers=headers).get_json()

    assert first == second
    assert len(outbox()) == 2


def test_a_key_that_came_with_another_message_is_refused(client: FlaskClient, outbox: Outbox) -> None:
    client.post("/api/tickets", json=TICKET, headers={"Idempotency-Key": "same"})
    other = client.post(
        "/api/tickets", json=TICKET | {"message": "Another zebra"}, headers={"Idempotency-Key": "same"}
    )

    assert other.status_code == 422
    assert other.get_json()["problems"][0]["field"] == "idempotency_key"
    assert len(outbox()) == 2


def test_a_ticket_is_never_refused_for_an_enquiry_that_does_not_fit(client: FlaskClient) -> None:
    for number, enquiry in enumerate(("unknown", 7, {"a": 1}, "x" * 500)):
        body = TICKET | {"enquiry": enquiry, "token": "wrong"}
        answer = client.post("/api/tickets", json=body, headers={"Idempotency-Key": f"k{number}"})
        assert answer.status_code == 201, enquiry


def test_problems_name_the_field_in_the_persons_language(client: FlaskClient) -> None:
    answer = client.post("/api/tickets", json={"lang": "es", "name": 7, "email": "nadie"})

    assert answer.status_code == 422
    problems = {problem["field"]: problem["message"] for problem in answer.get_json()["problems"]}
    assert set(problems) == {"name", "email", "message"}
    spanish = client.post("/api/tickets", json={"lang": "es"}).get_json()["problems"]
    english = client.post("/api/tickets", json={"lang": "en"}).get_json()["problems"]
    assert spanish[0]["message"] != english[0]["message"]


def test_a_readers_word_on_an_article_is_kept(client: FlaskClient) -> None:
    word = {"article": "lag", "version": 3, "helpful": False, "comment": "my mail is a@b.example"}

    assert client.post("/api/feedback", json=word).status_code == 204
    assert client.post("/api/feedback", json={**word, "helpful": "yes"}).status_code == 422


ENDPOINTS = ["/api/tickets", "/api/enquiries", "/api/feedback", "/api/enquiries/abc/events"]

JUNK = [
    b"[]",
    b"null",
    b"7",
    b'"text"',
    b"",
    b"{",
    b"NaN",
    b'{"a": NaN}',
    b'{"a": 1, "a": 2}',
    b'{"email": "\\ud800"}',
    b'{"message": "\\u0000", "email": "a\\u0000@b.example", "name": "\\udfff"}',
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b"\xff\xfe{}",
    b"\xef\xbb\xbf{}",
    '{"a": 1}'.encode("utf-16"),
    b"x" * 1_000_000,
    b'{"version": 1e400, "article": "a", "helpful": true}',
    b'{"version": ' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk[:24]))
def test_junk_is_answered_with_a_problem(standing: Flask, path: str, junk: bytes) -> None:
    answer = standing.test_client().post(path, data=junk, content_type="application/json")

    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert "json" in answer.content_type
        body = answer.get_json()
        assert body.get("detail") or body.get("problems")


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_body_that_is_not_declared_as_json_is_refused(client: FlaskClient, media: str) -> None:
    answer = client.post("/api/tickets", data=b"{}", content_type=media)

    assert answer.status_code == 415
    assert answer.get_json()["status"] == 415


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = "enquiry token name email message subject category lang declined page type article version helpful"
BODIES = st.dictionaries(st.sampled_from([*FIELDS.split(), "reason", "comment"]), JSON)


@settings(max_examples=150, deadline=None)
@given(body=BODIES, path=st.sampled_from(ENDPOINTS))
def test_no_json_object_breaks_an_endpoint(standing: Flask, body: dict[str, Any], path: str) -> None:
    data = json.dumps(body).encode()

    assert standing.test_client().post(path, data=data, content_type="application/json").status_code < 500


class Doors:
    """Both ways to send a message, and how many messages were taken."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self.sent = self.taken = 0

    def send(self, *, name: str, subject: str, message: str) -> bool:
        """Send it through the form and the API; say whether both took it. They agree, and neither breaks."""
        self.sent += 1
        words = {"name": name, "subject": subject[:200], "message": message, "email": "ada@example.com"}
        form = self._client.post("/contact", data=words | {"declined": "1", "key": f"f{self.sent}"})
        key = {"Idempotency-Key": f"a{self.sent}"}
        api = self._client.post("/api/tickets", json=TICKET | words | {"declined": True}, headers=key)
        assert (form.status_code, api.status_code) in ((303, 201), (422, 422)), words
        self.taken += 2 * (api.status_code == 201)
        return api.status_code == 201


def test_naughty_strings_pass_through_suggest_form_and_api_and_none_is_lost(
    client: FlaskClient, outbox: Outbox
) -> None:
    strings = json.loads(shared("naughty/blns.json").read_text(encoding="utf-8"))
    doors = Doors(client)
    for one, other in zip_longest(strings[::2], strings[1::2], fillvalue="one more"):
        for text in (one, other):
            assert client.get("/api/suggest", query_string={"q": text}).status_code == 200
        if not doors.send(name=one, subject=other, message=f"{one}\n{other}"):
            for text in (one, other):  # one of them is no name, or too long for one
                doors.send(name="Ada", subject=text, message=text)
    tickets = [entry for entry in outbox() if entry.mail.kind == "ticket"]
    assert len(tickets) == doors.taken
    assert doors.taken > 0.95 * len(strings)


def test_no_invalid_address_is_accepted_at_either_door(standing: Flask) -> None:
    client = standing.test_client()
    cases = json.loads(shared("naughty/isemail.json").read_text(encoding="utf-8"))
    cases = cases["tests"] if isinstance(cases, dict) else cases
    invalid = [case["address"] for case in cases if case["category"] == "ISEMAIL_ERR"]
    form = {"name": "Ada", "message": UNANSWERED, "declined": "1"}
    answers = [
        (
            client.post("/api/tickets", json=TICKET | {"email": address}).status_code,
            client.post("/contact", data=form | {"email": address}).status_code,
        )
        for address in invalid
    ]

    assert len(invalid) == 66
    assert [address for address, answer in zip(invalid, answers, strict=True) if answer != (422, 422)] == []
