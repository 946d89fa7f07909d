"""Takes mails out of the Maildir that stands in for a mail server on a laptop."""

from collections.abc import Collection
from contextlib import suppress
from email.parser import BytesHeaderParser
from pathlib import Path


def shred(folder: Path, *, numbers: Collection[str], address: str) -> int:
    """Delete the mails about these tickets, and those to this address; return how many."""
    gone = 0
    parser = BytesHeaderParser()
    for part in ("new", "cur", "tmp"):
        for path in (folder / part).glob("*"):
            with suppress(OSError):
                head = parser.parsebytes(path.read_bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
                to = str(head.get("To", "")).lower()
                if head.get("X-Answerfirst-Number", "") in numbers or address.lower() in to:
                    path.unlink()
                    gone += 1
    return gone
