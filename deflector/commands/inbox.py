"""`deflector inbox`: learns from a mailbox what became of tickets."""

import logging
import signal
import threading
from datetime import UTC, datetime
from types import FrameType

import click

from deflector.commands.environment import (
    Failure,
    log_to_stderr,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.desk.backstage import backstage
from deflector.desk.inbox import Heard, Inbox
from deflector.knowledge import KnowledgeFile
from deflector.mail.imap import ImapMailbox, NoMailbox, opened

log = logging.getLogger(__name__)


@click.command()
@click.option("--once", is_flag=True, help="Read what is new, then stop.")
@click.option(
    "--pause",
    default=30,
    show_default=True,
    type=click.IntRange(1, 3600),
    help="Seconds from one look to the next.",
)
@said_in_a_sentence
def inbox(once: bool, pause: int) -> None:
    """Read support's mailbox (DEFLECTOR_IMAP_URL) and note answers, replies and mail that came back.

    \b
    DEFLECTOR_IMAP_URL=imaps://support%40example.com:password@imap.example.com/INBOX,Sent
    deflector inbox

    Name the folder that holds what support sent, too: an answer is recognised there. Nothing in the mailbox
    is changed, no mail is marked as read, and nothing is ever sent because of a mail that a program wrote.
    """
    log_to_stderr()
    settings = read_settings()
    support = read_support(settings)
    if settings.imap_url is None:
        raise Failure(
            "DEFLECTOR_IMAP_URL is not set. Write the mailbox that answers pass through, "
            "e.g. imaps://user:password@imap.example.com/INBOX,Sent"
        )
    store = open_store(settings)
    mailbox = ImapMailbox.parse(settings.imap_url)
    watcher = backstage(
        settings,
        support,
        store=store,
        knowledge=KnowledgeFile(settings.catalogue),
        now=lambda: datetime.now(UTC),
    ).inbox
    if once:
        try:
            counts = look(watcher, mailbox)
        except NoMailbox as exc:
            raise Failure(f"The mailbox cannot be read: {exc}. Check DEFLECTOR_IMAP_URL.") from None
        found = ", ".join(f"{count} {heard}" for heard, count in counts.items())
        click.echo(f"New mail: {found or 'none'}.")
        return
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not stop.is_set():
        try:
            look(watcher, mailbox)
        except NoMailbox as exc:
            log.error("mailbox not read because=%s", exc)
        except Exception as exc:
            # The database is away, or a fault of ours: the next look begins where this one ended.
            log.error("look into the mailbox failed fault=%s", type(exc).__name__)
        stop.wait(pause)


def look(watcher: Inbox, mailbox: ImapMailbox) -> dict[Heard, int]:
    """Take in what is new in every folder; returns how many mails were what. Raises NoMailbox."""
    counts: dict[Heard, int] = {}
    with opened(mailbox) as folders:
        for folder in folders:
            for heard, count in watcher.read(folder).items():
                counts[heard] = counts.get(heard, 0) + count
    return counts
