"""Headers that mean what we wrote: built from outside text, serialised, parsed again and compared.

Python's mail package turns some texts into more header fields than it was given (encoded words with line
ends, long quoted names with commas). So no message leaves here that does not read back as it was meant.
"""

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.header import Header
from email.headerregistry import Address, AddressHeader
from email.parser import BytesHeaderParser, HeaderParser
from textwrap import wrap

type_of = unicodedata.category

LONGEST_LINE = 998  # octets without the line end, RFC 5322, 2.1.1
READABLE_LINE = 78  # characters, RFC 5322, 2.1.1
_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]*: \S")
# What stands in a field as it is: printable ASCII in free text, plain words in a name (RFC 5322, 3.2.3).
_FREE_TEXT = re.compile(r"(?!.*=\?)[!-~]+( [!-~]+)*")
_WORDS = re.compile(r"(?!.*=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")

_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")


class UnsafeHeaders(Exception):
    """Says that a message would not be read as it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message before it is serialised: its fields in order, and its two bodies."""

    fields: Sequence[tuple[str, str | Address]]
    text: str
    html: str


def one_line(text: str, limit: int) -> str:
    """Reduce outside text to one line of at most `limit` characters that no header can be hidden in.

    Line ends of every kind and control characters become spaces, invisible and directional marks and lone
    surrogates go, and `=?`, which opens an encoded word (RFC 2047, 2), is broken up.
    """
    shown = "".join(_visible(character) for character in text)
    line = " ".join(shown.split()).replace("=?", "= ?")
    if len(line) <= limit:
        return line
    cut = line[: limit - 3]
    words, space, _ = cut.rpartition(" ")
    return (words if space and len(words) > limit // 2 else cut).rstrip() + "..."


def display_name(text: str, limit: int = 60) -> str:
    """Reduce a person's name to one that needs no quotes in an address (RFC 5322, 3.2.3)."""
    return one_line(re.sub(r'[()<>\[\]:;@\\,."]', " ", text), limit)


def body(text: str) -> str:
    """Keep outside text as it is, but for characters that no mail may carry; line ends become `\\n`."""
    lines = re.sub(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    kept = "".join(c for c in lines if c in "\n\t" or type_of(c) != "Cc")
    return kept.encode("utf-8", "replace").decode("utf-8")


def _visible(character: str) -> str:
    match type_of(character):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return " "
        case "Cf" | "Cs" | "Cn":
            return ""
        case _:
            return character


def serialise(letter: Letter) -> bytes:
    """Write the whole message with CRLF line ends and 7-bit bodies, then read it back.

    Only an address whose local part is not ASCII brings 8-bit characters, into its own field (RFC 6532).
    Raises UnsafeHeaders where any field differs from what was asked for.
    """
    try:
        content = _write(letter)
        _compare(letter, content)
    except UnsafeHeaders:
        raise
    except Exception as exc:
        # On odd input the mail package raises anything (IndexError, AttributeError, HeaderParseError …).
        raise UnsafeHeaders(f"the mail package gave up with {type(exc).__name__}") from exc
    return content


def _write(letter: Letter) -> bytes:
    parts = [_part("plain", letter.text), _part("html", letter.html)]
    seam = _seam(parts)
    fields = "".join(f"{name}: {_value(name, value)}\r\n" for name, value in letter.fields)
    head = f'{fields}MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{seam}"\r\n\r\n'
    between = f"--{seam}\r\n".encode()
    return b"".join((head.encode(), between, parts[0], between, parts[1], f"--{seam}--\r\n".encode()))


def _part(subtype: str, text: str) -> bytes:
    """Write one body (RFC 2045, 6) in the encoding that leaves it readable, or else the shortest."""
    lines = text.splitlines()
    content = "".join(f"{line}\r\n" for line in lines).encode("utf-8")
    if content.isascii() and b"\0" not in content and max(map(len, lines), default=0) <= READABLE_LINE:
        encoding = "7bit"
    else:
        quoted = binascii.b2a_qp(content, istext=True)
        packed = base64.encodebytes(content).replace(b"\n", b"\r\n")
        encoding, content = min(("quoted-printable", quoted), ("base64", packed), key=lambda one: len(one[1]))
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    # The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1).
    return head.encode("ascii") + content + b"\r\n"


def _seam(parts: Sequence[bytes]) -> str:
    """Make a boundary that stands in no part: "=_" can stand in neither encoding (RFC 2045, 6.7)."""
    content = b"".join(parts)
    number = 0
    while True:
        seam = f"=_{hashlib.sha256(content + bytes([number])).hexdigest()[:32]}"
        if seam.encode() not in content:
            return seam
        number += 1


def _value(name: str, value: str | Address) -> str:
    if any(type_of(character) == "Cc" for character in str(value)):
        raise UnsafeHeaders(f"{name} holds a control character")
    if isinstance(value, str):
        return _encoded(name, value, as_it_is=_FREE_TEXT)
    if not value.display_name:
        return value.addr_spec
    return f"{_encoded(name, value.display_name, as_it_is=_WORDS)} <{value.addr_spec}>"


def _encoded(name: str, text: str, *, as_it_is: re.Pattern[str]) -> str:
    """Write plain text as it stands, any other as encoded words (RFC 2047), folded either way."""
    if as_it_is.fullmatch(text):
        room = 76 - len(name)
        return "\r\n ".join(wrap(text, room, break_long_words=False, break_on_hyphens=False))
    return Header(text, "utf-8", maxlinelen=76, header_name=name).encode(linesep="\r\n")


def _compare(letter: Letter, content: bytes) -> None:
    smtputf8 = any(isinstance(value, Address) and not value.addr_spec.isascii() for _, value in letter.fields)
    head = content.partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        if len(line) > LONGEST_LINE or b"\r" in line or b"\n" in line or b"\0" in line:
            raise UnsafeHeaders("a header line is too long or holds a bare line end")
        if not _FIELD.match(line) and not line.startswith((b" ", b"\t")):
            raise UnsafeHeaders("a header line is neither a field nor a continuation")
        if not smtputf8 and not line.isascii():
            raise UnsafeHeaders("a header line is not ASCII")
    raw = BytesHeaderParser().parsebytes(head)
    if sorted(raw.keys()) != sorted([name for name, _ in letter.fields] + ["MIME-Version", "Content-Type"]):
        raise UnsafeHeaders("the message has other header fields than were written")
    doubtful = [(name, value) for name, value in letter.fields if not _stands_as_it_is(value, str(raw[name]))]
    if doubtful:
        # A second parser, as other programs have theirs, which looks into the fields.
        read = HeaderParser(policy=policy.default).parsestr(head.decode("utf-8"))
        if read.keys() != raw.keys():
            raise UnsafeHeaders("two parsers find different header fields")
        for name, value in doubtful:
            _compare_field(name, value, read[name])


def _stands_as_it_is(value: str | Address, raw: str) -> bool:
    """Say whether a field holds only plain text, of which every program reads the same."""
    unfolded = raw.replace("\r\n", "").replace("\n", "")
    if isinstance(value, str):
        return unfolded == value and _FREE_TEXT.fullmatch(value) is not None
    if not _PLAIN_ADDRESS.fullmatch(value.addr_spec):
        return False
    if not value.display_name:
        return unfolded == value.addr_spec
    plain = _WORDS.fullmatch(value.display_name) is not None
    return plain and unfolded == f"{value.display_name} <{value.addr_spec}>"


def _compare_field(name: str, value: str | Address, field: object) -> None:
    if isinstance(value, Address):
        found = field.addresses if isinstance(field, AddressHeader) else ()
        # This parser keeps the blank between two encoded words of a name (RFC 2047, 6.2 drops it).
        if [(_letters(one), one.addr_spec) for one in found] != [(_letters(value), value.addr_spec)]:
            raise UnsafeHeaders(f"{name} would name another address")
    elif str(field) != value:
        raise UnsafeHeaders(f"{name} would read differently")


def _letters(address: Address) -> str:
    return "".join(address.display_name.split())
