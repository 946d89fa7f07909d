"""What is logged has no address and no word of a person's: the whole story is told with words to look for."""

import logging
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient

from deflector.desk.acknowledging import Sparing
from deflector.desk.aftercare import Aftercare
from deflector.desk.privacy import Privacy
from deflector.keys import secret_key
from deflector.mail.relay import Relay
from deflector.mail.transports import transport_for
from deflector.model import MessageKind
from deflector.settings import Settings
from deflector.support.support_desk import SupportDesk
from tests.deflector.conftest import AppFactory, Clock, services_of
from tests.deflector.test_ticket_page import link_in

PERSON = "hostileperson@example.com"
CLIENT = "203.0.113.157"
WORDS = ("hostile", "203.0.113", "@example.com")


def tell(client: FlaskClient, make_link: object = None) -> str:
    """Do everything that a person can do, with a hostile word in every field; return the ticket's number."""
    client.environ_base["REMOTE_ADDR"] = CLIENT
    started = client.post("/api/enquiries", json={"page": "/hostilepage/", "lang": "hostilelang"}).get_json()
    token = {"X-Enquiry-Token": started["token"]}
    client.get(
        "/api/suggest", query_string={"q": "hostilequestion", "enquiry": started["enquiry"]}, headers=token
    )
    client.post(
        f"/api/enquiries/{started['enquiry']}/events",
        json={"type": "opened", "article": "hostilearticle", "version": 1},
        headers=token,
    )
    client.post("/api/feedback", json={"article": "lag", "version": 1, "helpful": True, "comment": "hostile"})
    client.post("/api/tickets", data=b"{hostile", content_type="application/json")
    client.post("/api/tickets", json={"name": "hostile", "email": "hostile@@", "message": ""})
    client.get("/contact?q=hostilequery&page=hostilepage")
    client.get("/t/hostiletoken")
    sent = client.post(
        "/contact",
        data={
            "name": "Hostile =?utf-8?q?hostile?= \r\nBcc: hostile@example.com",
            "email": PERSON,
            "message": "hostilemessage\r\nBcc: hostile@example.com",
            "subject": "hostilesubject",
            "category": "hostile-category",
            "page": "/hostilepage/",
            "declined": "1",
            "key": "hostilekey",
        },
    )
    assert sent.status_code == 303
    return str(sent.location.split("?")[0].rsplit("/", 1)[1])


def test_the_whole_story_leaves_no_word_of_it_in_the_log(
    make_app: AppFactory,
    settings: Settings,
    support: SupportDesk,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    guarded = replace(settings, protection=True)
    app = make_app(guarded)
    services = services_of(app)
    client = app.test_client()
    number = tell(client)
    [question] = [m for m in services.store.outbox.entries() if m.mail.kind is MessageKind.CONFIRMATION]
    client.post(link_in(question), data={"act": "confirm"})
    [mail] = [m for m in services.store.outbox.entries() if m.mail.kind is MessageKind.ACKNOWLEDGEMENT]
    client.post(link_in(mail), data={"act": "added", "message": "hostileaddition"})
    for path in ("smtp://127.0.0.1:1", guarded.smtp_url):  # a server that is away, then one that takes it
        Relay(services.store.outbox, transport_for(path)).run_once()
    for _ in range(60):
        client.post("/api/tickets", json={})  # up to the limit
    privacy = Privacy(
        store=services.store,
        cabinet=services.cabinet,
        maildir=guarded.maildir,
        sparing=Sparing.of(support.protection, secret=secret_key(guarded)),
        now=clock,
    )
    privacy.export(PERSON)
    privacy.erase(PERSON)

    assert f"ticket opened number={number}" in caplog.text  # it is the log that we look at
    found = [line for line in caplog.text.lower().splitlines() if any(word in line for word in WORDS)]
    assert found == []


class BrokenAftercare(Aftercare):
    """Fails with a person's words in its mouth, as a database does."""

    def story(self, number: str) -> object:  # type: ignore[override]
        raise RuntimeError(f"hostile row: {PERSON} {number}")


def test_an_unforeseen_error_is_logged_by_its_kind_and_place_without_its_words(
    make_app: AppFactory, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    services = services_of(app)
    broken = object.__new__(BrokenAftercare)
    app.extensions["answerfirst"] = replace(services, aftercare=broken)
    token = services.links.token("ticket", "HC-HOSTILE", until=clock().replace(year=2027))

    answer = app.test_client().get(f"/t/{token}")

    assert answer.status_code == 500
    assert "hostile" not in answer.text.lower()
    assert "RuntimeError" in caplog.text
    assert "test_logs.py" in caplog.text
    assert "hostile" not in caplog.text.lower()
    assert token not in caplog.text


def test_the_server_itself_logs_no_address_of_a_client(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = settings.var.parent / "log"
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DEFLECTOR_VAR": str(settings.var),
        "DEFLECTOR_CATALOGUE": str(settings.catalogue),
        "DEFLECTOR_MODEL": "off",
    }
    command = [
        str(Path(sys.executable).with_name("deflector")),
        "serve",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        for _ in range(200):
            try:
                urlopen(f"http://127.0.0.1:{port}/healthz").close()
                break
            except OSError:
                time.sleep(0.1)
        for junk in (
            b"\x16\x03\x01hostile\r\n\r\n",
            b"GET /hostile HTTP/9.9\r\nX: y\r\n\r\n",
            b"G@T hostile\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(junk)
                client.settimeout(10)
                client.recv(1000)
    finally:
        process.terminate()
        process.wait(20)
    written = log.read_text()
    assert "relay started" in written
    lines = [line for line in written.splitlines() if "Listening at" not in line]
    assert [line for line in lines if "127.0.0.1" in line or "hostile" in line.lower()] == []
