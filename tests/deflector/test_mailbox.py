"""The mailbox of a laptop: both mails can be looked at, on this machine and nowhere else."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deflector.mail.relay import Relay
from deflector.mail.transports import transport_for
from deflector.settings import Settings
from tests.deflector.conftest import AppFactory, services_of
from tests.deflector.test_contact_form import FORM


def deliver(app: Flask) -> None:
    services = services_of(app)
    Relay(services.store.outbox, transport_for(services.settings.smtp_url)).run_once()


def test_both_mails_of_a_ticket_can_be_read(app: Flask, client: FlaskClient) -> None:
    client.post("/contact", data=FORM | {"message": "Zebra <script>alert(1)</script> quartz"})
    deliver(app)

    listing = client.get("/dev/mail")
    pages = [
        client.get(href)
        for href in {
            part.split('"')[0] for part in listing.text.split('href="') if part.startswith("/dev/mail/")
        }
    ]

    assert len(pages) == 2
    assert {page.status_code for page in pages} == {200}
    assert any("ada@example.com" in page.text and "support@tiny.example" in page.text for page in pages)
    assert not any("<script>alert" in page.text for page in pages)
    assert not any('href="/contact?' in page.text for page in (listing, *pages)), "no way out of the mailbox"
    # The mail's own inline style may show; a script may not run, in the page or in the frame.
    assert "script-src 'self';" in pages[0].headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in pages[0].headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/dev/mail", "/dev/mail/x"])
def test_nobody_else_sees_the_mailbox(client: FlaskClient, path: str) -> None:
    assert client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404


def test_there_is_no_mailbox_in_production_or_beside_a_mail_server(
    make_app: AppFactory, settings: Settings
) -> None:
    public = replace(settings, base_url="https://help.example.com", secret_key="k" * 40)
    sending = replace(settings, smtp_url="smtp://127.0.0.1:2525")

    for other in (public, sending):
        assert make_app(other).test_client().get("/dev/mail").status_code == 404
