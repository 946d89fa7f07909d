"""Forms whose multipart body is broken or hostile: a sentence or a ticket, and never an error of ours."""

from email import message_from_bytes, policy

import pytest
from flask import Flask

from tests.deflector.conftest import services_of

FIELDS = {"name": "Ada", "email": "ada@example.com", "message": "My card was charged twice.", "declined": "1"}
FILE = b'Content-Disposition: form-data; name="attachments"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n'


def field(name: str, value: str) -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def file(name: bytes = b"note.txt", media: bytes = b"text/plain", content: bytes = b"Hello") -> bytes:
    return b"--b\r\n" + FILE % (name, media, content)


WHOLE = b"".join(field(name, value) for name, value in FIELDS.items())
SUBJECT = b'--b\r\nContent-Disposition: form-data; name="subject"\r\n'
END = b"--b--\r\n"
TAKEN, TOLD = (201, 303), (400, 413, 415, 422)  # a ticket was opened; or a sentence says what is wrong

# What is odd → the body, and what becomes of it.
BODIES: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "whole": (WHOLE + END, TAKEN),
    "no end": (WHOLE, (*TAKEN, *TOLD)),
    "cut off in a field": ((WHOLE + END)[: len(WHOLE) // 2], TOLD),
    "cut off in a file": (WHOLE + file()[:-10], (*TAKEN, *TOLD)),
    "empty": (b"", TOLD),
    "an end alone": (END, TOLD),
    "another boundary": ((WHOLE + END).replace(b"--b", b"--c"), TOLD),
    "line feeds alone": ((WHOLE + END).replace(b"\r\n", b"\n"), (*TAKEN, *TOLD)),
    "something before the first part": (b"preamble\r\n" + WHOLE + END, TAKEN),
    "something behind the end": (WHOLE + END + b"Bcc: v@x.example\r\n\r\nmore", TAKEN),
    "a part without fields": (WHOLE + b"--b\r\n\r\nx\r\n" + END, (*TAKEN, *TOLD)),
    "a part without a name": (
        WHOLE + b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END,
        (*TAKEN, *TOLD),
    ),
    "a part that is no form-data": (
        WHOLE + b'--b\r\nContent-Disposition: attachment; name="message"\r\n\r\nx\r\n' + END,
        (*TAKEN, *TOLD),
    ),
    "a field line of 100 kB": (
        WHOLE + b"--b\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\nx\r\n" + END,
        (*TAKEN, *TOLD),
    ),
    "1,000 parts": (WHOLE + field("x", "y") * 1_000 + END, TOLD),
    "300 field lines in a part": (
        WHOLE + b"--b\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(300)) + b"\r\nx\r\n" + END,
        (*TAKEN, *TOLD),
    ),
    "every field twice": (WHOLE + WHOLE + END, TAKEN),
    "parts in a part": (
        WHOLE + b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n" + END,
        (*TAKEN, *TOLD),
    ),
    "a field said to be base64": (
        WHOLE + SUBJECT + b"Content-Transfer-Encoding: base64\r\n\r\n!!\r\n" + END,
        TAKEN,
    ),
    "a field in a charset that nobody knows": (
        WHOLE + SUBJECT + b"Content-Type: text/plain; charset=klingon\r\n\r\n\xff\r\n" + END,
        TAKEN,
    ),
    "a field in 8 bits": (WHOLE + field("subject", "x").replace(b"x", b"\xff\xfe\x00") + END, TAKEN),
    "a message that is a file": (
        field("name", "Ada")
        + field("email", "ada@example.com")
        + file().replace(b"attachments", b"message")
        + END,
        TOLD,
    ),
    "a file that is a field": (WHOLE + field("attachments", "text") + END, TAKEN),
    "a file name with a field in it": (WHOLE + file(b"a.txt\\r\\nBcc: v@x.example") + END, TAKEN),
    "a file name that breaks its line": (
        WHOLE + file(b"a\r\nBcc: v@x.example\r\nX: .txt") + END,
        (*TAKEN, *TOLD),
    ),
    "a file name in an encoded word": (WHOLE + file(b"=?utf-8?q?a=0ABcc:_v@x.example?=.txt") + END, TAKEN),
    "a file name in 8 bits": (WHOLE + file(b"\xff\xfe\x00.txt") + END, (*TAKEN, *TOLD)),
    "a file name that goes up": (WHOLE + file(b"../../../etc/passwd") + END, TAKEN),
    "a file name of 50 kB": (WHOLE + file(b"a" * 50_000 + b".txt") + END, (*TAKEN, *TOLD)),
    "a file name in RFC 2231 that is none": (
        WHOLE + file().replace(b'filename="note.txt"', b"filename*=x'y'%ff%0aBcc:%20v") + END,
        (*TAKEN, *TOLD),
    ),
    "a file's type with a field in it": (
        WHOLE + file(media=b"text/plain\r\nBcc: v@x.example") + END,
        TAKEN,
    ),
    "a file's type that is none": (WHOLE + file(media=b"\xff/\x00; charset=\xff") + END, (*TAKEN, *TOLD)),
    "a mail as a file": (
        WHOLE + file(b"a.eml", b"message/rfc822", b"Bcc: v@x.example\r\n\r\n--b is no boundary here") + END,
        TAKEN,
    ),
}


def headers(content: bytes) -> set[str]:
    return set(message_from_bytes(content, policy=policy.default).keys())


@pytest.mark.parametrize("path", ["/contact", "/api/tickets"])
@pytest.mark.parametrize(("body", "become"), [pytest.param(*row, id=name) for name, row in BODIES.items()])
def test_a_broken_form_is_a_ticket_or_a_sentence(
    standing: Flask, path: str, body: bytes, become: tuple[int, ...]
) -> None:
    outbox = services_of(standing).store.outbox
    before = len(outbox.entries())
    answer = standing.test_client().post(path, data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code in become
    mails = [entry.mail for entry in outbox.entries()[before:] if entry.mail.kind == "ticket"]
    assert len(mails) == (answer.status_code in TAKEN)
    for mail in mails:
        assert b"My card was charged twice." in mail.content
        assert "Bcc" not in headers(mail.content)
        assert b"\nbcc:" not in mail.content.replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()


@pytest.mark.parametrize("path", ["/contact", "/api/tickets"])
@pytest.mark.parametrize(
    "boundary", ["", '""', "x" * 5_000, "\xff", "b; boundary=c", '"b\\"', "=?utf-8?q?b?=", "../b"]
)
def test_a_boundary_may_be_anything(standing: Flask, path: str, boundary: str) -> None:
    answer = standing.test_client().post(
        path, data=WHOLE + END, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert answer.status_code in (*TAKEN, *TOLD)
