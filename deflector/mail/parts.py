"""Adds files to a finished message: multipart/mixed around what was there (RFC 2046, 5.1.3)."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from deflector.model import Attachment

_CONTENT_TYPE = re.compile(rb"^Content-Type:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 ._()+-]+")


def with_attachments(content: bytes, attachments: Sequence[Attachment]) -> bytes:
    """Wrap a message whose head ends with an empty line; without attachments it stays as it is.

    Files are never shown in place (RFC 2183, 2.2), whatever their type.
    """
    if not attachments:
        return content
    head, _, inner = content.partition(b"\r\n\r\n")
    head += b"\r\n"
    found = _CONTENT_TYPE.search(head)
    if found is None:
        raise ValueError("a message without Content-Type cannot take attachments")
    seam = _seam(content)
    outer = head[: found.start()] + head[found.end() :]
    pieces = [
        outer + f'Content-Type: multipart/mixed; boundary="{seam}"\r\n\r\n'.encode(),
        f"--{seam}\r\n".encode() + found[0] + b"\r\n" + inner,
        *(f"\r\n--{seam}\r\n".encode() + part for part in map(_part, attachments)),
        f"\r\n--{seam}--\r\n".encode(),
    ]
    return b"".join(pieces)


def _seam(content: bytes) -> str:
    # "=_" cannot stand in base64, and a hash of the message is not in the message.
    return f"=_files_{hashlib.sha256(content).hexdigest()[:32]}"


def _part(attachment: Attachment) -> bytes:
    media_type = (
        attachment.media_type if _TYPE.fullmatch(attachment.media_type) else "application/octet-stream"
    )
    charset = "; charset=utf-8" if media_type == "text/plain" else ""
    fields = (
        f"Content-Type: {media_type}{charset}\r\n"
        f"Content-Disposition: attachment;\r\n {_file_name(attachment.name)}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return fields.encode("ascii") + b"\r\n".join(_lines(attachment.content))


def _file_name(name: str) -> str:
    """Write a file name as a parameter, in percent code where it is not plain (RFC 2231, 4)."""
    if _PLAIN_NAME.fullmatch(name):
        return f'filename="{name}"'
    return f"filename*=utf-8''{quote(name, safe='')}"


def _lines(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), 57):  # 76 characters of base64 (RFC 2045, 6.8)
        yield base64.b64encode(content[at : at + 57])
