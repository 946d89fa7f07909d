"""Whatever people type: both mails are written, with the header fields that we wrote and no other."""

import json
import random
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deflector.mail.headers import Letter, UnsafeHeaders, body, display_name, one_line, serialise
from deflector.model import OutgoingMail
from tests.mail.conftest import MailRoom, parsed, part
from tests.needs import shared

QUEUE_FIELDS = frozenset(
    {
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "X-Answerfirst-Number",
        "X-Answerfirst-Kind",
        "X-Answerfirst-Queue",
        "X-Answerfirst-Answer-By",
        "X-Answerfirst-Solve-By",
        "X-Answerfirst-Category",
        "X-Answerfirst-Lang",
        "X-Answerfirst-Priority",
    }
)
PERSON_FIELDS = QUEUE_FIELDS - {"X-Answerfirst-Category", "X-Answerfirst-Priority"} | {
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
}

ATTACKS = [
    "=?utf-8?B?YQpCY2M6IHZAeA==?= " + "and a long tail " * 20,
    "=?utf-8?q?a=0ABcc:_v@x.example?=",
    "==??utf-8?q?a=0ABcc:_v@x.example?==",
    "=\u200b?utf-8?q?a=0ABcc:_v@x.example?=",
    "a\r\nBcc: v@x.example",
    "a\nBcc: v@x.example",
    "a\rBcc: v@x.example",
    "a\r\n\r\nBody of mine",
    "a\u2028Bcc: v@x.example",
    "a\u2029Bcc: v@x.example",
    "a\x85Bcc: v@x.example",
    "a\x0bBcc: v@x.example",
    "a\x0cBcc: v@x.example",
    "a\x1cBcc: v@x.example",
    "a\x00Bcc: v@x.example",
    "Lovelace, Ada",
    '"Lovelace, Ada" <eve@x.example>',
    "Ada <eve@x.example>, eve@x.example",
    "Ada (a comment",
    "Ada; Eve: all,",
    "\\" * 60,
    '"' * 60,
    "A" * 1500,
    "Ada, " * 60,
    "\u202eecalevoL adA",
    "\u200f\u202bAda\u202c",
    "Ñandú " * 60,
    "日本語の名前" * 40,
    "👩‍👩‍👧‍👦" * 30,
    "a\ud800b",
    "\udcff",
    "\ufeffAda",
    "é" + "\u0301" * 200,
    "=?",
    "?=",
    "=",
    "",
    " ",
    ".",
    "-- ",
    "From nobody",
    ".\r\n.\r\nQUIT\r\n",
]


def check(room: MailRoom, text: str) -> None:
    queue = room.to_queue(name=text, subject=text, message=text, page=text, questions=(text,))
    message = check_fields(queue, QUEUE_FIELDS)
    assert [a.addr_spec for a in message["Reply-To"].addresses] == ["ada@example.org"]
    assert [a.addr_spec for a in message["To"].addresses] == ["support@playdeck.example"]
    assert str(message["Subject"]).startswith("[HC-7Q4K2M]")
    plain = message.get_body(("plain",))
    assert plain is not None
    read = plain.get_content()
    for line in body(text).split("\n"):
        assert line.strip() in read
    person = room.to_person(name=text, subject=text, message=text, page=text)
    message = check_fields(person, PERSON_FIELDS)
    assert message["Subject"] == "[HC-7Q4K2M] We have your message"


def check_fields(mail: OutgoingMail, expected: frozenset[str]) -> EmailMessage:
    message = parsed(mail)
    old_parser: Message = BytesHeaderParser(policy=policy.compat32).parsebytes(mail.content)
    for fields in (message.keys(), old_parser.keys()):
        assert len(fields) == len(set(fields))
        assert set(fields) == expected
    assert mail.content.isascii()
    return message


@pytest.mark.parametrize("text", ATTACKS, ids=ascii)
def test_no_text_becomes_a_header_field_or_loses_a_ticket(room: MailRoom, text: str) -> None:
    check(room, text)


def test_no_string_of_the_big_list_becomes_a_header_field_or_loses_a_ticket(room: MailRoom) -> None:
    strings = json.loads((shared("naughty") / "blns.json").read_text(encoding="utf-8"))
    assert len(strings) > 500
    for number, text in enumerate(strings):
        # Every string stands in every field; the whole path writes them alike, and is taken by some.
        serialise(
            letter(subject=one_line(f"[HC-7Q4K2M] {text}", 200), name=display_name(text), text=body(text))
        )
        if number % 5 == 0:
            check(room, text)


def test_no_address_of_the_isemail_list_loses_a_ticket(room: MailRoom) -> None:
    rows = json.loads((shared("naughty") / "isemail.json").read_text(encoding="utf-8"))
    assert len(rows) > 150
    for number, row in enumerate(rows):
        if number % 3 == 0:  # the mail to the person reads every address; this one takes the same way
            queue = room.to_queue(email=row["address"])
            assert set(parsed(queue).keys()) | {"Reply-To"} == QUEUE_FIELDS
            assert "My card was charged twice." in part(queue, "plain")
        person = room.writer.acknowledgement(room.ticket(email=row["address"]))
        if row["category"] == "ISEMAIL_ERR":
            assert person is None, row
        elif person is not None:
            (to,) = parsed(person)["To"].addresses
            assert to.addr_spec == person.recipient


def test_pieces_of_attacks_in_any_order_stay_text() -> None:
    chance = random.Random(2047)
    pieces = ["=?utf-8?q?", "?=", "=0A", "\r\n", "\u2028", " ", ",", '"', "<", ">", "@x.example", "\\", "\0"]
    pieces += ["Bcc: v", ":", ";", "(", ")", "a", "é", "日", "👧", "\ud800", "word" * 20]
    for _ in range(400):
        text = "".join(chance.choices(pieces, k=chance.randint(1, 60)))
        serialise(letter(subject=one_line(f"[HC-7Q4K2M] {text}", 200), name=display_name(text)))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_any_text_at_all_passes_through_both_mails(room: MailRoom, text: str) -> None:
    check(room, text)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300), limit=st.integers(20, 80))
def test_a_line_is_one_line_and_never_longer_than_asked(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit + 20  # `=?` grows by a blank for each
    assert len(line.splitlines()) <= 1
    assert "=?" not in line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Hello \t\n there ", "Hello there"),
        ("a=?b", "a= ?b"),
        ("A\u202eB", "AB"),
        ("one two three four five", "one two three..."),
        ("x" * 30, "x" * 17 + "..."),
    ],
)
def test_a_line_reads_as_the_text_did(text: str, line: str) -> None:
    assert one_line(text, 20) == line


def letter(*, subject: str = "x", name: str = "", text: str = "x") -> Letter:
    return Letter(
        fields=[
            ("From", Address("Help", "help", "playdeck.example")),
            ("Reply-To", Address(name, "ada", "example.org")),
            ("Subject", subject),
        ],
        text=text,
        html="<p>x</p>",
    )


@pytest.mark.parametrize("subject", ["a\r\nBcc: v@x.example", "a\nb", "a\0b", "", "a\ud800"])
def test_a_header_that_would_not_read_back_as_written_is_never_sent(subject: str) -> None:
    with pytest.raises(UnsafeHeaders):
        serialise(letter(subject=subject))


@pytest.mark.parametrize("name", ["Ada\r\nBcc: v@x.example", "Ada\n", "Ada\0"])
def test_a_name_that_would_not_read_back_as_written_is_never_sent(name: str) -> None:
    with pytest.raises((UnsafeHeaders, ValueError)):
        serialise(letter(name=name))


def test_a_letter_with_a_field_twice_is_never_sent() -> None:
    twice = letter()
    with pytest.raises(UnsafeHeaders):
        serialise(Letter(fields=[*twice.fields, ("Subject", "y")], text="x", html="x"))
