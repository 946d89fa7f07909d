import mailbox
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from deflector.commands.mail import preview
from deflector.mail.preview import previews
from deflector.mail.transports import MaildirTransport
from deflector.mail.viewer import Mailbox
from deflector.model import MessageKind
from tests.mail.conftest import MailRoom, part


@pytest.fixture
def folder(tmp_path: Path, room: MailRoom) -> Path:
    """Keep the two mails of a ticket, as the relay does."""
    transport = MaildirTransport(tmp_path / "mail")
    transport.deliver(room.to_queue(message="¿Dos pagos?\n<b>twice</b>"))
    transport.deliver(room.to_person(lang="es"))
    return tmp_path / "mail"


def test_both_mails_of_a_ticket_are_listed_newest_first(folder: Path) -> None:
    newest, oldest = Mailbox(folder).mails()
    assert (newest.kind, newest.to, newest.sender) == ("acknowledgement", "ada@example.org", "")
    assert (oldest.kind, oldest.to, oldest.sender) == (
        "ticket",
        "support@playdeck.example",
        "help@playdeck.example",
    )
    assert newest.subject == "[HC-7Q4K2M] Hemos recibido tu mensaje"
    assert newest.when == "2026-11-25 16:30 -0500"


def test_a_mail_is_shown_with_all_its_headers_and_both_parts(folder: Path, room: MailRoom) -> None:
    box = Mailbox(folder)
    mail = box.find(box.mails()[1].id)
    assert mail is not None
    assert mail.headers[0] == ("Return-Path", "<help@playdeck.example>")
    assert ("Reply-To", "Ada Lovelace <ada@example.org>") in mail.headers
    assert ("X-Answerfirst-Number", "HC-7Q4K2M") in mail.headers
    assert "    ¿Dos pagos?\n    <b>twice</b>" in mail.text
    assert "¿Dos pagos?<br>" in mail.html
    assert "&lt;b&gt;twice" in mail.html


def test_a_shown_mail_may_do_nothing_but_wear_its_style(folder: Path) -> None:
    box = Mailbox(folder)
    for listed in box.mails():
        mail = box.find(listed.id)
        assert mail is not None
        head = mail.html.split("<head>", 1)[1]
        assert head.startswith('<meta http-equiv="Content-Security-Policy" content="default-src \'none\';')


@pytest.mark.parametrize("mail_id", ["", "nothing", "../new", "/etc/passwd", ".", "*", "\0"])
def test_an_id_that_is_none_finds_nothing(folder: Path, mail_id: str) -> None:
    assert Mailbox(folder).find(mail_id) is None


def test_a_mail_that_another_program_has_read_is_still_found(folder: Path) -> None:
    before = [mail.id for mail in Mailbox(folder).mails()]
    other = mailbox.Maildir(folder, create=False)
    for key in other.keys():  # noqa: SIM118 (iterating a mailbox gives its messages)
        message = mailbox.MaildirMessage(other.get_message(key))
        message.set_subdir("cur")
        message.add_flag("S")
        other[key] = message
    assert sorted(mail.id for mail in Mailbox(folder).mails()) == sorted(before)
    assert Mailbox(folder).find(before[0]) is not None


def test_a_mailbox_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert list(Mailbox(tmp_path / "mail").mails()) == []
    assert Mailbox(tmp_path / "mail").find("x") is None


def test_an_address_of_another_script_is_shown_as_it_is(tmp_path: Path, room: MailRoom) -> None:
    MaildirTransport(tmp_path).deliver(room.to_person(email="δοκιμή@παράδειγμα.gr"))
    (mail,) = Mailbox(tmp_path).mails()
    assert mail.to == "δοκιμή@xn--hxajbheg2az3al.gr"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no header at all",
        b"Subject: =?x-unknown?q?a?=\r\nContent-Type: text/plain; charset=x-unknown\r\n\r\n\xff\xfe",
        b"Content-Type: multipart/mixed\r\n\r\n--x\r\n",
        b"Date: never\r\nFrom: @@@\r\n\r\nx",
    ],
    ids=ascii,
)
def test_a_mail_that_is_not_ours_breaks_nothing(tmp_path: Path, room: MailRoom, content: bytes) -> None:
    transport = MaildirTransport(tmp_path)
    transport.deliver(room.to_person())
    transport.deliver(replace(room.to_person(), content=content))
    box = Mailbox(tmp_path)
    assert len(box.mails()) == 2
    assert all(box.find(mail.id) is not None for mail in box.mails())


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_preview_holds_every_kind_of_mail_with_a_sample_in_it(room: MailRoom, lang: str) -> None:
    shown = previews(room.writer, room.desk, lang=lang, now=room.ticket().opened_at)
    assert set(shown) == set(MessageKind) - {MessageKind.WEBHOOK, MessageKind.DIGEST}
    assert "Ada" in part(shown[MessageKind.ACKNOWLEDGEMENT], "plain")
    assert "two payments" in part(shown[MessageKind.TICKET], "plain")


@pytest.fixture
def support(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "support.yml"
    path.write_text("name: Tiny Help\nlanguages: [en, es]\n", encoding="utf-8")
    return {"DEFLECTOR_SUPPORT": str(path), "DEFLECTOR_VAR": str(tmp_path / "var")}


def test_the_command_prints_the_mail_that_it_is_asked_for(support: dict[str, str]) -> None:
    done = CliRunner().invoke(preview, ["acknowledgement", "--lang", "es"], env=support)
    assert done.exit_code == 0
    assert "Subject: [HC-7Q4K2M] Hemos recibido tu mensaje" in done.output
    assert "Hola, Ada:" in done.output
    assert "MESSAGE" not in done.output


def test_the_command_writes_mails_for_a_browser_and_a_mail_program(
    support: dict[str, str], tmp_path: Path
) -> None:
    done = CliRunner().invoke(preview, ["--out", str(tmp_path / "out")], env=support)
    assert done.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"{kind}.{form}"
        for kind in ("acknowledgement", "confirmation", "note", "satisfaction", "ticket")
        for form in ("eml", "html")
    ]


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(
    support: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = CliRunner().invoke(preview, ["--out", str(tmp_path / "file" / "out")], env=support)
    assert done.exit_code == 1
    assert "cannot be written" in done.output
    assert "Traceback" not in done.output
