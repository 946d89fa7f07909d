"""The week's figures as one mail to whoever leads the desk."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from deflector.mail.addresses import MailAddress
from deflector.mail.headers import Letter, one_line, serialise
from deflector.model import MessageKind, OutgoingMail
from deflector.support.support_desk import SupportDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its lines. Outside text in a line is shown as it is, never as a link or a header."""

    title: str
    lines: tuple[str, ...]


def digest(
    sections: tuple[Section, ...],
    *,
    to: str,
    week: str,
    support: SupportDesk,
    base_url: str,
    now: datetime,
) -> OutgoingMail:
    """Lay the mail out. One week and reader have one Message-ID, so that the outbox takes it once."""
    sender, reader = MailAddress.written(support.mail.sender), MailAddress.typed(to)
    tag = sha256(f"{week} {reader.mailbox}".encode()).hexdigest()[:24]
    message_id = f"<digest.{tag}@{sender.domain}>"
    text = "\n\n".join(
        "\n".join([section.title, *(f"- {one_line(line, 300)}" for line in section.lines)])
        for section in sections
    )
    html = "".join(
        f"<h2>{escape(section.title)}</h2><ul>"
        + "".join(f"<li>{escape(one_line(line, 300))}</li>" for line in section.lines)
        + "</ul>"
        for section in sections
    )
    address = f"{base_url}/admin"
    content = serialise(
        Letter(
            fields=[
                ("From", sender.header(sender.name)),
                ("To", reader.header()),
                ("Date", format_datetime(now.astimezone(support.hours.time_zone))),
                ("Message-ID", message_id),
                ("Auto-Submitted", "auto-generated"),
                ("Subject", one_line(f"{support.name_in(support.languages[0])}: the week {week}", 200)),
            ],
            text=f"{text}\n\nMore: {address}\n",
            html=(
                f'<!doctype html><html lang="en"><body>{html}'
                f'<p><a href="{escape(address)}">More</a></p></body></html>'
            ),
        )
    )
    return OutgoingMail(
        kind=MessageKind.DIGEST,
        message_id=message_id,
        sender=sender.spec,
        recipient=reader.spec,
        content=content,
    )
