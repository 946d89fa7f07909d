"""What comes in by mail: answers of support, replies of people, mail that came back.

A mail is recognised by the Message-IDs that it refers to and by the number in its subject, and counts once.
Nothing is ever sent because of a mail that a program wrote (RFC 3834), so no loop can begin here.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from deflector.desk.aftercare import Aftercare
from deflector.desk.shunning import Shunned
from deflector.mail.addresses import MailAddress, NotAnAddress
from deflector.mail.imap import Folder
from deflector.mail.reading import Incoming, Returned, read
from deflector.model import Ticket
from deflector.store.dialect import DatabaseTrouble
from deflector.store.store import Store, Transaction
from deflector.support.support_desk import SupportDesk
from deflector.tickets.life import Actor, TicketAct

log = logging.getLogger(__name__)

LONGEST_REPLY = 10_000  # characters of a reply that are kept; the whole mail is with support
FIRST_LOOK = timedelta(days=30)  # how far back a folder is read that was never read before
REMEMBERED = timedelta(days=90)


class Heard(StrEnum):
    """What a mail was."""

    ANSWER = "answer"  # support wrote to the person
    REPLY = "reply"  # the person wrote
    BOUNCE = "bounce"  # a mail could not be delivered
    AUTOMATIC = "automatic"  # a program wrote it
    OURS = "ours"  # we wrote it
    KNOWN = "known"  # it was taken in before
    OTHER = "other"  # about no ticket, or from somebody who has no part in it


class Inbox:
    """Takes in mail, one at a time."""

    def __init__(
        self,
        *,
        store: Store,
        aftercare: Aftercare,
        support: SupportDesk,
        shunned: Shunned,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._aftercare = aftercare
        self._shunned = shunned
        self._now = now
        ours = [MailAddress.written(one) for one in (support.mail.sender, *_queues(support))]
        self._mailboxes = {address.mailbox for address in ours}
        self._domains = {address.domain for address in ours}

    def read(self, folder: Folder) -> dict[Heard, int]:
        """Take in what is new in a folder; a mail that breaks us is passed over and said in the log."""
        counts: dict[Heard, int] = {}
        with self._store.writing() as tx:
            known = tx.after.progress(folder.name)
            tx.after.forget_heard(self._now() - REMEMBERED)
        first = known is None or known[0] != folder.validity
        last = 0 if first or known is None else known[1]
        since = f"{self._now() - FIRST_LOOK:%d-%b-%Y}" if first else None
        for uid, content in folder.after(last, since=since):
            try:
                heard = self.take(content)
                counts[heard] = counts.get(heard, 0) + 1
            except DatabaseTrouble:
                raise  # it is not the mail's fault: it is read again
            except Exception as exc:  # one mail, however odd, must not keep those behind it from being read
                log.error(
                    "mail not understood folder=%s uid=%d fault=%s", folder.name, uid, type(exc).__name__
                )
            with self._store.writing() as tx:
                tx.after.note_progress(folder.name, folder.validity, uid)
        return counts

    def take(self, content: bytes) -> Heard:
        """Take in one mail, given by its bytes; taking it in again changes nothing."""
        mail = read(content)
        if mail.own:
            return Heard.OURS
        with self._store.reading() as tx:
            ticket = self._ticket(tx, mail)
        if ticket is None:
            return Heard.OTHER
        heard = self._kind(mail, ticket)
        if heard in (Heard.OTHER, Heard.AUTOMATIC):
            log.info("mail passed over number=%s as=%s", ticket.number, heard)
            return heard
        if not self._once(mail, ticket, heard):
            return Heard.KNOWN
        log.info("mail taken in number=%s as=%s", ticket.number, heard)
        return heard

    def _once(self, mail: Incoming, ticket: Ticket, heard: Heard) -> bool:
        """Act on a mail and note it. Each act is also idempotent by itself: the note may come too late."""
        about = mail.message_id or f"{ticket.number} {mail.sender} {mail.sent_at} {mail.text}"
        with self._store.reading() as tx:
            if tx.after.has_heard(about):
                return False
        at = min(max(mail.sent_at or self._now(), ticket.opened_at), self._now())
        match heard:
            case Heard.BOUNCE:
                self._returned(mail, ticket)
            case Heard.ANSWER:
                self._aftercare.note(ticket.number, TicketAct.ANSWERED, by=Actor.SUPPORT, at=at)
            case _:
                text = mail.text[:LONGEST_REPLY]
                # Their reply is with support already: no note tells them again.
                self._aftercare.note(
                    ticket.number, TicketAct.ADDED, by=Actor.PERSON, text=text, at=at, tell=False
                )
                with self._store.writing() as tx:
                    self._shunned.reached(tx, ticket.requester.email)
        with self._store.writing() as tx:
            tx.after.hear(about, self._now())
        return True

    def _ticket(self, tx: Transaction, mail: Incoming) -> Ticket | None:
        numbers = [tx.after.ticket_of(mail.ids), *mail.numbers] if mail.ids else [*mail.numbers]
        found = (tx.tickets.find(number) for number in numbers if number)
        return next((ticket for ticket in found if ticket is not None), None)

    def _kind(self, mail: Incoming, ticket: Ticket) -> Heard:
        person = _mailbox(ticket)
        if mail.returned:
            about = person, *self._mailboxes
            return Heard.BOUNCE if any(one.mailbox in about for one in mail.returned) else Heard.OTHER
        if mail.automatic:
            return Heard.AUTOMATIC
        if mail.sender == person:
            return Heard.REPLY
        writes_for_us = mail.sender in self._mailboxes or mail.sender.rpartition("@")[2] in self._domains
        return Heard.ANSWER if writes_for_us and person in mail.recipients else Heard.OTHER

    def _returned(self, mail: Incoming, ticket: Ticket) -> None:
        person = _mailbox(ticket)
        with self._store.writing() as tx:
            for one in (one for one in mail.returned if one.failed):
                if tx.after.came_back(mail.returned_id, _reason(one)):
                    log.error("mail came back number=%s status=%s", ticket.number, one.status or "unknown")
                if one.mailbox == person:
                    self._shunned.bounced(tx, person, self._now())


def _reason(returned: Returned) -> str:
    return f"the mail came back with {returned.status or 'no reason'}"


def _queues(support: SupportDesk) -> list[str]:
    return [queue.to for queue in support.queues.values()]


def _mailbox(ticket: Ticket) -> str:
    try:
        return MailAddress.typed(ticket.requester.email).mailbox
    except NotAnAddress:
        return ""
