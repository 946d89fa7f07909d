from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deflector.mail.addresses import MailAddress, NotAnAddress
from deflector.mail.greeting import first_name
from tests.mail.conftest import MailRoom, parsed, part

HERE = Path(__file__)
GREETINGS: list[dict[str, Any]] = yaml.safe_load(HERE.with_name("greeting.yml").read_text(encoding="utf-8"))
RECIPIENTS: list[dict[str, Any]] = yaml.safe_load(
    HERE.with_name("recipients.yml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("row", GREETINGS, ids=lambda row: ascii(row["name"]))
def test_a_greeting_takes_a_first_name_that_is_only_a_name(row: Mapping[str, str]) -> None:
    assert first_name(row["name"]) == row["greets"]


@pytest.mark.parametrize("row", RECIPIENTS, ids=lambda row: ascii(row["address"]))
def test_an_acknowledgement_goes_only_where_a_person_reads_it(room: MailRoom, row: Mapping[str, Any]) -> None:
    mail = room.writer.acknowledgement(room.ticket(email=row["address"]))
    assert (mail is not None) == row["answered"]


@pytest.mark.parametrize("row", RECIPIENTS, ids=lambda row: ascii(row["address"]))
def test_the_queue_gets_every_ticket_whatever_the_address(room: MailRoom, row: Mapping[str, Any]) -> None:
    mail = room.to_queue(email=row["address"])
    assert mail.recipient == "support@playdeck.example"
    assert "My card was charged twice." in part(mail, "plain")


def test_a_domain_of_another_script_is_written_in_punycode(room: MailRoom) -> None:
    mail = room.to_person(email="ada@bücher.example")
    assert mail.recipient == "ada@xn--bcher-kva.example"
    assert parsed(mail)["To"] == "ada@xn--bcher-kva.example"
    assert (
        parsed(room.to_queue(email="ada@bücher.example"))["Reply-To"].addresses[0].addr_spec == mail.recipient
    )


def test_a_local_part_of_another_script_is_kept_for_servers_with_smtputf8(room: MailRoom) -> None:
    mail = room.to_person(email="δοκιμή@παράδειγμα.gr")
    assert mail.recipient == "δοκιμή@xn--hxajbheg2az3al.gr"
    assert b"To: \xce\xb4" in mail.content


def test_a_ticket_passes_ordinary_servers_even_if_its_person_has_a_local_part_of_another_script(
    room: MailRoom,
) -> None:
    mail = room.to_queue(email="δοκιμή@παράδειγμα.gr")
    assert mail.content.isascii()
    assert "Reply-To" not in parsed(mail)
    assert "δοκιμή@παράδειγμα.gr" in part(mail, "plain")
    assert "write to the address above" in part(mail, "plain")


def test_an_address_of_ours_may_carry_a_name() -> None:
    address = MailAddress.written('"Playdeck, Help" <help@playdeck.example>')
    assert (address.name, address.spec) == ("Playdeck, Help", "help@playdeck.example")


@pytest.mark.parametrize("text", ["", "nobody", "a@b c", "a\x00@example.org", "\ud800@example.org"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(NotAnAddress):
        MailAddress.typed(text)
