"""`deflector preview`: the mails, before people get them."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import click

from deflector.commands.environment import Failure, read_settings, read_support, said_in_a_sentence
from deflector.knowledge import KnowledgeFile
from deflector.mail.after import Correspondence
from deflector.mail.preview import previews
from deflector.mail.wording import Templates
from deflector.model import MessageKind, OutgoingMail
from deflector.tickets.links import Links
from deflector.tickets.replies import Replies

# A program gets the one, and `deflector digest --print` shows the other.
UNSEEN = (MessageKind.WEBHOOK, MessageKind.DIGEST)
SHOWN_FIELDS = ("From", "To", "Reply-To", "Subject")


@click.command()
@click.argument(
    "kind", type=click.Choice([kind.value for kind in MessageKind if kind not in UNSEEN]), required=False
)
@click.option("--lang", help="The language of the person who wrote. Default: the first of support.yml.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the mails into this folder instead: .eml for a mail program, .html for a browser.",
)
@said_in_a_sentence
def preview(kind: str | None, lang: str | None, out: Path | None) -> None:
    """Show the mails that a message would cause, with a sample in them. Nothing is sent.

    \b
    deflector preview acknowledgement --lang es
    deflector preview --out var/preview
    """
    settings = read_settings()
    desk = read_support(settings)
    knowledge = KnowledgeFile(settings.catalogue)
    writer = Correspondence(
        support=desk,
        base_url=settings.base_url,
        knowledge=knowledge,
        links=Links(secret="shown, not sent", base_url=settings.base_url),  # noqa: S106 (signs a sample)
        templates=Templates(settings.mail_templates),
        replies=Replies(settings.reply_templates, knowledge=knowledge, home=settings.base_url),
    )
    mails = previews(writer, desk, lang=lang or desk.languages[0], now=datetime.now(UTC))
    wanted = [mail for mail in mails.values() if kind in (None, mail.kind.value)]
    for mail in wanted:
        if out is None:
            click.echo(_as_text(mail))
        else:
            _keep(mail, out)
    if out is not None:
        click.echo(
            f"{len(wanted)} mails are in {out}: open the .html in a browser, the .eml in a mail program."
        )


def _as_text(mail: OutgoingMail) -> str:
    message = _parsed(mail)
    head = [f"{name}: {message[name]}" for name in SHOWN_FIELDS if message[name]]
    return "\n".join([f"--- {mail.kind} ---", *head, "", _part(message, "plain")])


def _keep(mail: OutgoingMail, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{mail.kind}.eml").write_bytes(mail.content)
        (folder / f"{mail.kind}.html").write_text(_part(_parsed(mail), "html"), encoding="utf-8")
    except OSError as exc:
        raise Failure(f"{folder}: cannot be written ({exc.strerror}). Name another folder.") from None


def _parsed(mail: OutgoingMail) -> EmailMessage:
    return message_from_bytes(mail.content, policy=policy.default)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
