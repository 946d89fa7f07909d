"""The webhook: what it says, how it is signed, and what each answer of the other side means."""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from deflector.mail.posting import ByKind, WebhookTransport, WrongSecret, secret_bytes, signature
from deflector.mail.transports import Refused, TryAgain, Unknown
from deflector.model import MessageKind, OutgoingMail
from deflector.tickets.life import Actor, TicketAct
from tests.mail.conftest import MailRoom, OpenMailRoom
from tests.mail.servers import scripted
from tests.mail.support_desk import Support

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = bytes(range(32))
HOOK = {"url": "http://127.0.0.1:1/hook", "secret_env": "HOOK_SECRET"}


def verified(headers: dict[str, str], body: bytes) -> bool:
    """Check a delivery as a receiver does, from the specification alone."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{expected}")


@dataclass
class Receiver:
    """A program that takes webhooks, and what it took."""

    status: int = 204
    seconds: float = 0
    port: int = 0
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver(status: int = 204) -> Iterator[Receiver]:
    heard = Receiver(status=status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.taken.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(heard.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def transport(port: int, *, deadline: float = 5) -> WebhookTransport:
    url = f"http://127.0.0.1:{port}/hook?from=answerfirst"
    return WebhookTransport(url, KEY, now=lambda: NOW, deadline=deadline)


@pytest.fixture
def hook(open_mail_room: OpenMailRoom) -> OutgoingMail:
    room = open_mail_room(webhook=HOOK)
    mail = room.writer.webhook(room.ticket(message="Ünïcode & <b>"), questions=["charged twice"], seen=())
    assert mail is not None
    return mail


def test_it_tells_the_facts_of_the_ticket_mail_as_json(hook: OutgoingMail) -> None:
    said = json.loads(hook.content)
    assert said["type"] == "ticket.opened"
    assert said["timestamp"] == "2026-11-25T21:30:00+00:00"
    data = said["data"]
    assert data["number"] == "HC-7Q4K2M"
    assert data["requester"] == {"name": "Ada Lovelace", "email": "ada@example.org"}
    assert data["message"] == "Ünïcode & <b>"
    assert data["answer_by"] == "2026-11-27T16:30:00-05:00"
    assert (data["queue"], data["category"], data["priority"]) == ("money", "payments", "normal")
    assert data["questions"] == ["charged twice"]


def test_nobody_is_told_where_support_yml_names_nobody(room: MailRoom) -> None:
    assert room.writer.webhook(room.ticket(), questions=(), seen=()) is None


LIFE = [
    (TicketAct.ADDED, Actor.PERSON, "The order is 4711.", "ticket.added", "open"),
    (TicketAct.ANSWERED, Actor.SUPPORT, "", "ticket.answered", "answered"),
    (TicketAct.ADDED, Actor.PERSON, "It is back.", "ticket.added", "reopened"),
    (TicketAct.SOLVED, Actor.SUPPORT, "", "ticket.solved", "solved"),
    (TicketAct.REOPENED, Actor.PERSON, "", "ticket.reopened", "reopened"),
    (TicketAct.WITHDRAWN, Actor.PERSON, "", "ticket.withdrawn", "withdrawn"),
]


@pytest.mark.parametrize("support", [{"webhook": HOOK}], indirect=True)
def test_all_that_happens_to_a_ticket_is_told_once_and_in_order(support: Support) -> None:
    for act, by, text, *_ in LIFE:
        for _twice in range(2):
            support.aftercare.note(support.ticket.number, act, by=by, text=text)
    support.aftercare.note(support.ticket.number, TicketAct.CONFIRMED, by=Actor.PERSON)

    told = support.mails(MessageKind.WEBHOOK)
    said = [json.loads(one.content) for one in told]
    assert [(one["type"], one["data"]["state"]) for one in said] == [(row[3], row[4]) for row in LIFE]
    assert [one["data"]["by"] for one in said] == [row[1] for row in LIFE]
    assert [one["data"]["text"] for one in said] == [row[2] or None for row in LIFE]
    assert said[0]["timestamp"] == support.clock().isoformat()
    assert said[0]["data"]["number"] == support.ticket.number
    assert said[0]["data"]["requester"] == {"name": "Ada Lovelace", "email": "ada@example.org"}
    assert len({one.message_id for one in told}) == len(LIFE)


@pytest.mark.parametrize("support", [{"webhook": HOOK}], indirect=True)
def test_what_a_mailbox_tells_us_is_told_to_the_other_program_too(support: Support) -> None:
    support.inbox.take(
        support.mail(sender="support@playdeck.example", to="ada@example.org", **{"In-Reply-To": "{ticket}"})
    )
    (told,) = support.mails(MessageKind.WEBHOOK)
    assert json.loads(told.content)["type"] == "ticket.answered"


def test_nothing_is_told_of_a_ticket_where_support_yml_names_nobody(support: Support) -> None:
    support.aftercare.note(support.ticket.number, TicketAct.SOLVED, by=Actor.SUPPORT)
    assert support.mails(MessageKind.WEBHOOK) == []


def test_the_receiver_can_verify_who_sent_it_and_when(hook: OutgoingMail) -> None:
    with receiver() as heard:
        transport(heard.port).deliver(hook)
    ((path, headers, body),) = heard.taken
    assert path == "/hook?from=answerfirst"
    assert verified(headers, body)
    assert headers["webhook-id"] == hook.message_id
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["content-type"] == "application/json"
    assert not verified(headers, body + b" ")
    assert not verified({**headers, "webhook-timestamp": "1"}, body)
    assert not verified({**headers, "webhook-id": "msg_other"}, body)


def test_the_signature_is_the_one_of_the_specification() -> None:
    key = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    made = signature(key, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_*"])
def test_a_secret_that_is_none_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(WrongSecret) as caught:
        secret_bytes(secret)
    assert not secret or secret not in str(caught.value)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 503])
def test_an_answer_that_is_not_yes_means_later_and_no_redirect_is_followed(
    hook: OutgoingMail, status: int
) -> None:
    with receiver(status) as heard, pytest.raises(TryAgain, match=f"said {status}"):
        transport(heard.port).deliver(hook)
    assert [path for path, _, _ in heard.taken] == ["/hook?from=answerfirst"]


def test_a_program_that_wants_no_more_gets_no_more(hook: OutgoingMail) -> None:
    with receiver(410) as heard, pytest.raises(Refused):
        transport(heard.port).deliver(hook)


def test_a_program_that_is_not_there_means_later(hook: OutgoingMail) -> None:
    with receiver() as heard:
        pass
    with pytest.raises(TryAgain):
        transport(heard.port).deliver(hook)


async def drip(reader: Any, writer: Any) -> None:
    await reader.readline()
    while True:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Drip: 1\r\n"[:1])
        await writer.drain()
        await asyncio.sleep(0.02)


def test_a_program_that_drips_cannot_hold_the_relay_beyond_the_deadline(hook: OutgoingMail) -> None:
    with scripted(drip) as port, pytest.raises(Unknown):  # a socket's own patience would never end it
        transport(port, deadline=0.3).deliver(hook)


class Post:
    def __init__(self) -> None:
        self.kinds: list[MessageKind] = []

    def deliver(self, mail: OutgoingMail) -> None:
        self.kinds.append(mail.kind)


def test_mail_and_webhooks_leave_by_different_doors(hook: OutgoingMail, room: MailRoom) -> None:
    mail, web = Post(), Post()
    both = ByKind(mail=mail, webhook=web)
    both.deliver(hook)
    both.deliver(room.to_person())
    assert (mail.kinds, web.kinds) == ([MessageKind.ACKNOWLEDGEMENT], [MessageKind.WEBHOOK])
    with pytest.raises(Refused, match="no webhook any more"):
        ByKind(mail=mail, webhook=None).deliver(hook)
