"""What we keep about a person: given out on request, erased on request, and erased when it is old enough."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from deflector.desk.acknowledging import Sparing
from deflector.mail.addresses import MailAddress, NotAnAddress
from deflector.mail.shredding import shred
from deflector.store.attachments import Filed
from deflector.store.cabinet import Cabinet
from deflector.store.personal import Personal
from deflector.store.scrubbing import scrub
from deflector.store.store import Store, Transaction
from deflector.support.support_desk import PrivacyRules

log = logging.getLogger(__name__)

# How long a learned wording stays that nobody confirms any more.
KEPT_UNCONFIRMED = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased. `mentions` are tickets of other people that name the address, and stay."""

    tickets: int
    mails: int
    attachments: int
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What was too old to be kept: texts of questions and comments, tickets, counters."""

    texts: int
    tickets: int
    attachments: int


class Privacy:
    """Gives out and erases personal data, in the database and beside it."""

    def __init__(
        self,
        *,
        store: Store,
        cabinet: Cabinet,
        maildir: Path | None,
        sparing: Sparing,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._cabinet = cabinet
        self._maildir = maildir
        self._sparing = sparing
        self._now = now

    def export(self, email: str) -> dict[str, object]:
        """Collect what is kept about an address, for the person whose address it is (GDPR, article 15)."""
        with self._store.reading() as tx:
            personal = Personal(tx.connection)
            tickets = [personal.ticket(number) for number in personal.tickets_of(email)]
        return {"email": email, "tickets": tickets}

    def erase(self, email: str) -> Erased:
        """Erase what is kept about an address (GDPR, article 17). The anonymous figures stay.

        Raises `StillBusy` where the files could not be cleaned of it yet; erasing again goes on from there.
        """
        with self._store.writing() as tx:
            personal = Personal(tx.connection)
            numbers = personal.tickets_of(email)
            tx.learned.forget_names(personal.names_on(numbers))
            filed = self._erase(tx, personal, numbers)
            mails = personal.erase_mails_to({email, _spec(email)})
            mentions = tuple(personal.mentions(email))
            self._sparing.forget(tx, email)
        self._cabinet.remove(filed)
        if self._maildir is not None:
            mails += shred(self._maildir, numbers=numbers, address=email)
        scrub(self._store.engine)
        log.info("person erased tickets=%d attachments=%d", len(numbers), len(filed))
        return Erased(tickets=len(numbers), mails=mails, attachments=len(filed), mentions=mentions)

    def purge(self, rules: PrivacyRules, *, thorough: bool) -> Purged:
        """Erase what is older than the desk promises to keep it.

        A thorough purge also writes the database's files anew; on a large PostgreSQL that wants a quiet hour.
        """
        now = self._now()
        with self._store.writing() as tx:
            personal = Personal(tx.connection)
            texts = personal.forget_words(now - rules.keep_questions)
            personal.forget_pages(now - rules.keep_questions)
            tx.learned.sweep(alone_before=now - rules.keep_questions, silent_before=now - KEPT_UNCONFIRMED)
            numbers = personal.tickets_before(now - rules.keep_tickets)
            filed = self._erase(tx, personal, numbers)
            tx.counters.sweep()
        self._cabinet.remove(filed)
        self._cabinet.sweep(now)
        if self._maildir is not None and numbers:
            shred(self._maildir, numbers=numbers, address="\0")
        if thorough:
            scrub(self._store.engine)
        log.info("purged texts=%d tickets=%d attachments=%d", texts, len(numbers), len(filed))
        return Purged(texts=texts, tickets=len(numbers), attachments=len(filed))

    def _erase(self, tx: Transaction, personal: Personal, numbers: list[str]) -> list[Filed]:
        filed = [one for number in numbers for one in tx.attachments.of(number)]
        personal.erase_tickets(numbers)
        return filed


def _spec(email: str) -> str:
    """Write an address as the envelope does: an international domain in ASCII."""
    try:
        return MailAddress.typed(email).spec
    except NotAnAddress:
        return email
