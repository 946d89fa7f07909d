"""Mail that no mail program should write and some do: each still a reply of Ada's about her ticket.

`MAILS` maps what is odd about a mail to its bytes and the words that are kept of it.
"""

HEAD = (
    b"From: Ada <ada@example.org>\r\nTo: support@playdeck.example\r\nSubject: Re: [HC-7Q4K2M] more\r\n"
    b"Date: Thu, 26 Nov 2026 15:00:00 +0000\r\n"
)
PLAIN = b"\r\nThe order is 4711.\r\n"
WORDS = "The order is 4711."


def typed(value: bytes, *more: bytes) -> bytes:
    return HEAD + b"MIME-Version: 1.0\r\nContent-Type: " + value + b"\r\n" + b"".join(more)


def nested(depth: int) -> bytes:
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth)
    )
    return HEAD + parts + b"Content-Type: text/plain\r\n" + PLAIN


ALTERNATIVE = b"multipart/mixed; boundary=b"
TEXT = b"--b\r\nContent-Type: text/plain\r\n" + PLAIN
TNEF = (
    b"--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="winmail.dat"\r\n\r\neJ8+Ig\xff\r\n--b--\r\n'
)

MAILS: dict[str, tuple[bytes, str]] = {
    "no Message-ID": (HEAD + PLAIN, WORDS),
    "line feeds alone": ((HEAD + PLAIN).replace(b"\r\n", b"\n"), WORDS),
    "carriage returns alone": (HEAD + PLAIN.replace(b"\r\n", b"\r"), WORDS),
    "a line that is no field": (HEAD + b"this is no field\r\n" + PLAIN, f"this is no field\n\n{WORDS}"),
    "a mailbox separator on top": (
        b"From ada@example.org Thu Nov 26 15:00:00 2026\r\n" + HEAD + PLAIN,
        WORDS,
    ),
    "Message-ID twice": (HEAD + b"Message-ID: <a@x>\r\nMessage-ID: <b@x>\r\n" + PLAIN, WORDS),
    "Subject and From twice": (HEAD + b"Subject: no\r\nFrom: eve@x.example\r\n" + PLAIN, WORDS),
    "8-bit field": (HEAD.replace(b"Ada <", b"Ad\xe1 <") + b"X-Note: \xff\xfe\r\n" + PLAIN, WORDS),
    "8-bit subject": (HEAD.replace(b"more", b"m\xe1s \xff"), ""),
    "an encoded word that is broken": (HEAD.replace(b"more", b"=?utf-8?Q?=F?= =?x?B?=="), ""),
    "a subject of 400 kB": (HEAD.replace(b"more", b"=?utf-8?Q?=41?= " * 25_000) + PLAIN, WORDS),
    "a field of 900 kB": (HEAD + b"X-Long: " + b"a" * 900_000 + b"\r\n" + PLAIN, WORDS),
    "20,000 fields": (HEAD + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + PLAIN, WORDS),
    "comments in comments": (HEAD.replace(b"To: ", b"To: " + b"(" * 5_000) + PLAIN, WORDS),
    "References of 300 kB": (HEAD + b"References: " + b"<a@b.example> " * 20_000 + b"\r\n" + PLAIN, WORDS),
    "a date that is none": (HEAD.replace(b"26 Nov", b"99 Foo") + PLAIN, WORDS),
    "a date of 100 kB": (HEAD.replace(b"26 Nov", b"1" * 100_000) + PLAIN, WORDS),
    "NULs": (HEAD + PLAIN.replace(b"order", b"or\x00der"), WORDS),
    "8-bit text without a charset": (HEAD + b"\r\nThe order is 4711. \xff\r\n", f"{WORDS} �"),
    "Windows text said to be UTF-8": (
        typed(b"text/plain; charset=utf-8", b"\r\nCaf\xe9\r\n"),
        "Caf�",
    ),
    "charset that nobody knows": (typed(b"text/plain; charset=klingon-1", PLAIN), WORDS),
    "charset with a NUL": (typed(b"text/plain; charset=\x00", PLAIN), WORDS),
    "charset that decodes no text": (typed(b"text/plain; charset=hex", PLAIN), WORDS),
    "charset of names of hosts": (typed(b"text/plain; charset=idna", PLAIN), WORDS),
    "charset that is undefined": (typed(b"text/plain; charset=undefined", PLAIN), WORDS),
    "charset in 8 bits": (typed(b"text/plain; charset*=x'y'%ff%fe", PLAIN), WORDS),
    "charset that makes surrogates": (
        typed(b"text/plain; charset=unicode_escape", b"\r\nThe order \\ud800 is 4711.\r\n"),
        "The order ? is 4711.",
    ),
    "base64 with noise in it": (
        typed(b"text/plain", b"Content-Transfer-Encoding: base64\r\n\r\nVGhl!IG9yZGVyIGlzIDQ3MTEu===\r\n"),
        WORDS,
    ),
    "base64 that is none": (
        typed(b"text/plain", b"Content-Transfer-Encoding: base64\r\n\r\nOrder: 4711=4712\r\n"),
        "Order: 4711=4712",
    ),
    "quoted-printable that is cut off": (
        typed(b"text/plain", b"Content-Transfer-Encoding: quoted-printable\r\n\r\nThe order is 4711.=2\r\n"),
        f"{WORDS}=2",
    ),
    "uuencode that ends at once": (
        typed(b"text/plain", b"Content-Transfer-Encoding: x-uuencode\r\n", PLAIN),
        WORDS,
    ),
    "an encoding in 8 bits": (typed(b"text/plain", b"Content-Transfer-Encoding: \xff\r\n", PLAIN), WORDS),
    "a type that is none": (typed(b"text", PLAIN), WORDS),
    "an empty type": (typed(b"", PLAIN), WORDS),
    "20,000 parameters": (typed(b"text/plain; " + b"a*0=b; " * 20_000, PLAIN), WORDS),
    "parts without a boundary": (typed(b"multipart/mixed", b"\r\n" + TEXT), ""),
    "parts with another boundary": (typed(b"multipart/mixed; boundary=c", b"\r\n" + TEXT), ""),
    "parts that never end": (typed(ALTERNATIVE, b"\r\n" + TEXT), WORDS),
    "parts without any part": (typed(ALTERNATIVE, b"\r\n"), ""),
    "a boundary in 8 bits": (typed(b'multipart/mixed; boundary="\xff"', b"\r\n--\xff\r\n" + PLAIN), ""),
    "a report without a report": (typed(b"multipart/mixed; boundary=b", b"\r\n" + TEXT + b"--b--"), WORDS),
    "winmail.dat": (typed(ALTERNATIVE, b"\r\n" + TEXT + TNEF), WORDS),
    "winmail.dat alone": (typed(ALTERNATIVE, b"\r\n" + TNEF), ""),
    "a mail in a mail that is none": (typed(b"message/rfc822", b"\r\n\xff\x00"), "�"),
    "10,000 parts": (typed(ALTERNATIVE, b"\r\n" + TEXT * 10_000), WORDS),
    "parts in parts, 200 deep": (nested(200), WORDS),
    "parts in parts, 5,000 deep": (nested(5_000), ""),
    "mails in mails, 20,000 deep": (HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 20_000, ""),
    "HTML with a comment": (typed(b"text/html", b"\r\n<!-- secret --><p>The order is 4711.<!-- x"), WORDS),
    "HTML alone": (
        typed(
            b"text/html",
            b"\r\n<html><head><style>p{}</style></head><p>The order<br>is&nbsp;4711.</p>"
            b"<blockquote>We paid it back.</blockquote></html>",
        ),
        "The order\nis 4711.",
    ),
    "an empty text beside the HTML": (
        typed(ALTERNATIVE, b"\r\n--b\r\n\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>The order is 4711."),
        WORDS,
    ),
    "HTML in HTML, 50,000 deep": (typed(b"text/html", b"\r\n" + b"<div>" * 50_000 + b"4711"), ""),
    "HTML that is none": (typed(b"text/html", b"\r\n<?xml encoding='\xff'?><![CDATA[<\x00"), ""),
}
