import mailbox
import smtplib
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deflector.mail.transports import (
    MaildirTransport,
    RecipientRefused,
    Refused,
    SmtpServer,
    SmtpTransport,
    Transport,
    TryAgain,
    Unknown,
    transport_for,
)
from deflector.model import MessageKind, OutgoingMail
from tests.mail.servers import LOCAL, Talk, accepts, mail_server, scripted
from tests.needs import program

MAIL = OutgoingMail(
    kind=MessageKind.TICKET,
    message_id="<hc-7q4k2m.ticket.1@playdeck.example>",
    sender="help@playdeck.example",
    recipient="support@playdeck.example",
    content=(
        b"From: help@playdeck.example\r\nTo: support@playdeck.example\r\n"
        b"Message-ID: <hc-7q4k2m.ticket.1@playdeck.example>\r\nSubject: x\r\n\r\n"
        b"one\r\n.two starts with a dot\r\n..\r\n.\r\nFrom three\r\n\r\nlast\r\n"
    ),
)
ABROAD = replace(
    MAIL,
    recipient="δοκιμή@xn--hxajbheg2az3al.gr",
    content=MAIL.content.replace(
        b"To: support@playdeck.example", "To: δοκιμή@xn--hxajbheg2az3al.gr".encode()
    ),
)
QUICK = 0.5  # seconds that a hostile server gets


def smtp(port: int, *, scheme: str = "smtp", user: str = "", **options: object) -> SmtpTransport:
    return SmtpTransport(
        f"{scheme}://{user}{LOCAL}:{port}",
        our_name="help.playdeck.example",
        **{"deadline": 20.0, **options},  # type: ignore[arg-type]
    )


# --- what every transport does ---


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """One mail as it came out at the other end."""

    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Way:
    """A transport, and a look at what has come out at its other end."""

    transport: Transport
    arrived: Callable[[], list[Delivered]]


@pytest.fixture(params=["smtp", "maildir"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    if request.param == "maildir":
        folder = tmp_path / "var" / "mail"
        yield Way(transport=MaildirTransport(folder), arrived=lambda: in_maildir(folder))
        return
    with mail_server() as (port, post):
        yield Way(
            transport=smtp(port),
            arrived=lambda: [
                Delivered(sender=m.sender, recipient=m.recipients[0], content=m.content) for m in post.mails
            ],
        )


def in_maildir(folder: Path) -> list[Delivered]:
    found = []
    for key in sorted(mailbox.Maildir(folder, create=False).keys()):
        content = mailbox.Maildir(folder, create=False).get_bytes(key)
        sender, recipient, rest = content.split(b"\n", 2)
        found.append(
            Delivered(
                sender=sender.decode().removeprefix("Return-Path: <").removesuffix(">"),
                recipient=recipient.decode().removeprefix("Delivered-To: "),
                content=rest.replace(b"\n", b"\r\n"),
            )
        )
    return found


def test_a_mail_arrives_byte_for_byte_with_its_envelope(way: Way) -> None:
    way.transport.deliver(MAIL)
    assert way.arrived() == [Delivered(sender=MAIL.sender, recipient=MAIL.recipient, content=MAIL.content)]


def test_an_automatic_mail_leaves_with_an_empty_sender(way: Way) -> None:
    way.transport.deliver(replace(MAIL, sender=""))
    assert [mail.sender for mail in way.arrived()] == [""]


def test_an_address_of_another_script_arrives_as_it_is(way: Way) -> None:
    way.transport.deliver(ABROAD)
    assert [mail.recipient for mail in way.arrived()] == [ABROAD.recipient]
    assert way.arrived()[0].content == ABROAD.content


def test_a_large_mail_arrives_whole(way: Way) -> None:
    large = replace(MAIL, content=MAIL.content + b"0123456789abcdef\r\n" * 100_000)
    way.transport.deliver(large)
    assert [mail.content for mail in way.arrived()] == [large.content]


def test_many_threads_may_deliver_at_once(way: Way) -> None:
    threads = [threading.Thread(target=way.transport.deliver, args=(MAIL,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [mail.content for mail in way.arrived()] == [MAIL.content] * 8


# --- the Maildir ---


def test_a_maildir_is_made_where_only_its_folder_stands(tmp_path: Path) -> None:
    MaildirTransport(tmp_path).deliver(MAIL)
    assert len(in_maildir(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file, not a folder", encoding="utf-8")
    with pytest.raises(TryAgain, match="mail folder cannot be written"):
        MaildirTransport(tmp_path / "mail").deliver(MAIL)


# --- SMTP ---


@dataclass(frozen=True, kw_only=True)
class Tls:
    """A certificate for 127.0.0.1, as its server and as a client that trusts it see it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    folder = tmp_path_factory.mktemp("tls")
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail.test"
    names = ["-addext", f"subjectAltName=IP:{LOCAL}", "-keyout", "key.pem", "-out", "cert.pem"]
    openssl = program("openssl", package="openssl")
    subprocess.run([openssl, *command.split(), *names], cwd=folder, check=True, capture_output=True)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return Tls(server=server, client=ssl.create_default_context(cafile=str(folder / "cert.pem")))


def test_a_mail_leaves_over_tls_from_the_first_byte(tls: Tls) -> None:
    with mail_server(implicit_tls=tls.server) as (port, post):
        smtp(port, scheme="smtps", tls=tls.client).deliver(MAIL)
    assert [mail.content for mail in post.mails] == [MAIL.content]


def test_a_mail_leaves_after_starttls_and_login_with_a_password_full_of_signs(tls: Tls) -> None:
    users = accepts({"help@playdeck.example": "p@ss:w/rd?%#"})
    with mail_server(tls_context=tls.server, authenticator=users, auth_required=True) as (port, post):
        smtp(
            port,
            scheme="smtp+starttls",
            user="help%40playdeck.example:p%40ss%3Aw%2Frd%3F%25%23@",
            tls=tls.client,
        ).deliver(MAIL)
    (mail,) = post.mails
    assert (mail.tls, mail.user) == (True, "help@playdeck.example")


def test_a_wrong_password_is_our_fault_and_keeps_the_mail(tls: Tls) -> None:
    with mail_server(tls_context=tls.server, authenticator=accepts({})) as (port, post):
        transport = smtp(port, scheme="smtp+starttls", user="help:wrong@", tls=tls.client)
        assert refusal(transport) == "the server refused our login with 535 5.7.8"
    assert post.mails == []


def test_a_server_that_asks_for_a_login_keeps_the_mail_for_later(tls: Tls) -> None:
    users = accepts({"help": "right"})
    with mail_server(tls_context=tls.server, authenticator=users, auth_required=True) as (port, _):
        transport = smtp(port, scheme="smtp+starttls", tls=tls.client)
        assert refusal(transport) == "the server said 530 5.7.0 to the sender"


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tls: Tls) -> None:
    with mail_server(implicit_tls=tls.server) as (port, post):
        assert refusal(smtp(port, scheme="smtps")).startswith("the server's certificate is not valid")
    assert post.mails == []


def test_no_mail_leaves_in_clear_text_where_starttls_was_asked_for() -> None:
    with mail_server() as (port, post):
        transport = smtp(port, scheme="smtp+starttls")
        assert refusal(transport) == "the server offers no STARTTLS or no login"
    assert post.mails == []


def test_a_server_without_smtputf8_refuses_an_address_of_another_script_for_good() -> None:
    with mail_server(enable_SMTPUTF8=False) as (port, _), pytest.raises(Refused, match="no SMTPUTF8"):
        smtp(port).deliver(ABROAD)


def refusal(transport: Transport) -> str:
    """Deliver in vain, and say why the mail waits."""
    with pytest.raises(TryAgain) as caught:
        transport.deliver(MAIL)
    return str(caught.value)


SAID = "<ada@example.org>: says the server"


@pytest.mark.parametrize(
    ("replies", "outcome", "reason"),
    [
        ({"RCPT": f"450 4.2.0 {SAID}, greylisted"}, TryAgain, "the server said 450 4.2.0 to the recipient"),
        ({"RCPT": f"452 4.2.2 {SAID}, full"}, TryAgain, "the server said 452 4.2.2 to the recipient"),
        (
            {"RCPT": f"550 5.1.1 {SAID}, unknown"},
            RecipientRefused,
            "the server said 550 5.1.1 to the recipient",
        ),
        ({"RCPT": f"554 5.7.1 {SAID}, no relay"}, Refused, "the server said 554 5.7.1 to the recipient"),
        (
            {"RCPT": f"552-5.2.2 {SAID}\r\n552 5.2.2 full"},
            RecipientRefused,
            "the server said 552 5.2.2 to the recipient",
        ),
        ({"MAIL": f"553 5.1.8 {SAID}"}, Refused, "the server said 553 5.1.8 to the sender"),
        ({"MAIL": f"451 4.3.0 {SAID}"}, TryAgain, "the server said 451 4.3.0 to the sender"),
        ({"DATA": f"554 {SAID}"}, Refused, "the server said 554 to the message"),
        ({".": f"451 4.7.1 {SAID}"}, TryAgain, "the server said 451 4.7.1 to the message"),
        ({".": f"550 5.7.1 {SAID}"}, Refused, "the server said 550 5.7.1 to the message"),
        ({"CONNECT": f"421 {SAID}"}, TryAgain, "the server said 421"),
        ({"CONNECT": f"554 {SAID}"}, TryAgain, "the server said 554"),
        ({"MAIL": f"421 4.3.2 {SAID}"}, TryAgain, "the server said 421 4.3.2 to the sender"),
        ({"EHLO": f"502 {SAID}", "HELO": f"550 {SAID}"}, TryAgain, "the server said 550"),
        ({"CONNECT": "reset"}, TryAgain, "the server closed the connection"),
        ({"RCPT": "reset"}, TryAgain, "the server closed the connection"),
        ({"DATA": "reset"}, TryAgain, "the server closed the connection"),
        ({".": "reset"}, Unknown, "the server closed the connection"),
        ({".": "nonsense"}, Unknown, "the server said -1"),
        ({".": "250" + "x" * 9000}, Unknown, "the server said 500"),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_what_a_server_says_decides_what_becomes_of_the_mail(
    replies: dict[str, str], outcome: type[Exception], reason: str
) -> None:
    with scripted(Talk(replies=replies)) as port, pytest.raises((TryAgain, Refused)) as caught:
        smtp(port).deliver(MAIL)
    assert type(caught.value) is outcome
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("when", "how"),
    [
        ("CONNECT", "hang"),
        ("CONNECT", "drip"),
        ("EHLO", "drip lines"),
        ("MAIL", "hang"),
        ("RCPT", "drip"),
        ("DATA", "drip lines"),
    ],
)
def test_no_server_holds_a_mail_longer_than_the_deadline(when: str, how: str) -> None:
    with scripted(Talk(replies={when: how})) as port, pytest.raises(TryAgain) as caught:
        smtp(port, deadline=QUICK).deliver(MAIL)
    assert type(caught.value) is TryAgain
    assert nobody_talks()


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_silence_after_the_final_dot_means_that_nobody_knows(how: str) -> None:
    for deadline in (1, 4, 16):  # a busy machine may need longer to get to the dot
        talk = Talk(replies={".": how})
        with scripted(talk) as port, pytest.raises(TryAgain, match="did not answer in time") as caught:
            smtp(port, deadline=deadline).deliver(MAIL)
        assert nobody_talks()
        if talk.mails:
            break
    assert talk.mails == 1
    assert type(caught.value) is Unknown


@pytest.mark.parametrize("how", ["hang", "drip", "drip lines", "reset", "500 what?"])
def test_a_mail_that_was_accepted_stays_accepted_however_the_server_parts(how: str) -> None:
    talk = Talk(replies={"QUIT": how})
    with scripted(talk) as port:
        smtp(port, goodbye=QUICK).deliver(MAIL)
    assert talk.mails == 1
    assert nobody_talks()


def test_the_timeout_of_smtplib_alone_would_not_end_a_drip() -> None:
    """The control: where this fails, smtplib has learnt it, and the thread can go."""
    outcome: list[object] = []

    def talk(port: int) -> None:
        try:
            smtplib.SMTP(LOCAL, port, timeout=QUICK)
        except OSError as exc:
            outcome.append(exc)

    with scripted(Talk(replies={"CONNECT": "drip"})) as port:
        thread = threading.Thread(target=talk, args=(port,), daemon=True)
        thread.start()
        thread.join(QUICK * 3)
        assert outcome == []
    thread.join(10)


def test_a_server_that_takes_tls_and_then_says_nothing_is_given_up(tls: Tls) -> None:
    with scripted(Talk(replies={"CONNECT": "hang"})) as port, pytest.raises(TryAgain):
        smtp(port, scheme="smtps", tls=tls.client, deadline=QUICK).deliver(MAIL)


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with scripted(Talk(replies={})) as port:
        pass  # now nobody listens at this port
    with pytest.raises(TryAgain, match="Connection refused"):
        smtp(port).deliver(MAIL)


def nobody_talks() -> bool:
    """Wait for the threads of transports to end: each ends by itself once its socket is shut down."""
    for _ in range(200):
        if not any(thread.name == "smtp" for thread in threading.enumerate()):
            return True
        time.sleep(0.05)
    return False


# --- the address of a server ---


@pytest.mark.parametrize(
    ("url", "host", "port", "implicit_tls", "starttls"),
    [
        ("smtp://mail.example", "mail.example", 25, False, False),
        ("smtp://mail.example:2525", "mail.example", 2525, False, False),
        ("smtps://mail.example", "mail.example", 465, True, False),
        ("smtp+starttls://mail.example", "mail.example", 587, False, True),
        ("smtp://[::1]:2525", "::1", 2525, False, False),
    ],
)
def test_the_address_of_a_server_says_how_to_reach_it(
    url: str, host: str, port: int, implicit_tls: bool, starttls: bool
) -> None:
    server = SmtpServer.parse(url)
    assert (server.host, server.port, server.implicit_tls, server.starttls) == (
        host,
        port,
        implicit_tls,
        starttls,
    )
    assert server.user is None


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example", ""])
def test_an_address_that_is_no_servers_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        SmtpServer.parse(url)


def test_a_setting_opens_the_transport_that_it_names(tmp_path: Path) -> None:
    assert isinstance(transport_for("smtp://mail.example"), SmtpTransport)
    transport_for(f"maildir:{tmp_path / 'mail'}").deliver(MAIL)
    assert len(in_maildir(tmp_path / "mail")) == 1
