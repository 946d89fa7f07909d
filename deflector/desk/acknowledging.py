"""Decides whether the mails to a person go out now, wait, or ask the address first.

A form that writes to every address it is given is a cannon for whoever wants to annoy somebody. So the mails
that a message causes are few for each address, and of a message that may not be from a person only one goes:
the question whether it was theirs. The ticket is never touched by any of this.
"""

import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from deflector.keys import derived
from deflector.mail.addresses import MailAddress, NotAnAddress
from deflector.model import ContactMessage, Doubt, Hold, OutgoingMail, Ticket
from deflector.store.store import Store, Transaction
from deflector.support.support_desk import ProtectionRules

log = logging.getLogger(__name__)

A_DAY = timedelta(days=1)
AN_HOUR = timedelta(hours=1)
PROOF_LASTS = timedelta(hours=2)
# An acknowledgement that comes later than this tells nobody anything.
STALE_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A new ticket, and what could be sent to the address that came with it.

    `question` asks whether it was them. Both are None where no automatic mail may go (RFC 3834).
    """

    ticket: Ticket
    message: ContactMessage
    acknowledgement: OutgoingMail | None
    question: OutgoingMail | None


class Acknowledging(Protocol):
    """Whoever decides about the mails to the person who wrote."""

    def post(self, tx: Transaction, reply: Reply) -> None:
        """Put the acknowledgement, or the question, into the outbox; or hold the acknowledgement there."""
        ...

    def confirmed(self, tx: Transaction, email: str) -> None:
        """Let go what waited for this address to be confirmed."""
        ...


class AtOnce:
    """Sends every acknowledgement at once: for a laptop without protection."""

    def post(self, tx: Transaction, reply: Reply) -> None:
        if reply.acknowledgement is not None:
            tx.post(reply.ticket.number, [reply.acknowledgement])

    def confirmed(self, tx: Transaction, email: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparing:
    """Sends few mails to an address a day, and so many to all together in an hour; more is a flood."""

    secret: str
    mails_a_day: int
    mails_an_hour: int

    @classmethod
    def of(cls, rules: ProtectionRules, *, secret: str) -> "Sparing":
        return cls(secret=secret, mails_a_day=rules.mails_a_day, mails_an_hour=rules.mails_an_hour)

    def post(self, tx: Transaction, reply: Reply) -> None:
        ticket, message, acknowledgement = reply.ticket, reply.message, reply.acknowledgement
        if acknowledgement is None:
            return
        doubts = {*message.doubts, *self._used_up(tx, message.proof)}
        flooded = tx.counters.count("mails", AN_HOUR) > self.mails_an_hour
        who = self._key(acknowledgement.recipient)
        hold: Hold | None = None
        if doubts and not tx.ticket_events.is_confirmed(ticket.requester.email):
            hold = Hold.UNCONFIRMED
            asked = not flooded and tx.counters.take(f"asked:{who}", A_DAY, 1)
            if reply.question is not None and asked and self._may(tx, who):
                tx.post(ticket.number, [reply.question])
        elif flooded:
            hold = Hold.FLOOD
        elif not self._may(tx, who):
            hold = Hold.ENOUGH
        tx.post(ticket.number, [acknowledgement], hold=hold)
        if hold:
            reasons = ",".join(sorted(doubts)) or "none"
            log.info("acknowledgement held number=%s because=%s doubts=%s", ticket.number, hold, reasons)

    def confirmed(self, tx: Transaction, email: str) -> None:
        recipient = MailAddress.typed(email).spec
        for entry in tx.held.to(recipient, Hold.UNCONFIRMED):
            if not self._may(tx, self._key(recipient)):
                break
            tx.held.release(entry)

    def forget(self, tx: Transaction, email: str) -> None:
        """Drop what is counted about an address."""
        for kind in ("mail", "asked"):
            tx.counters.forget_all(f"{kind}:{self._key(email)}/")

    def after_the_flood(self, store: Store) -> int:
        """Send what a flood held back, as far as this hour has room; return the number of mails."""
        released = 0
        with store.writing() as tx:
            spent, _ = tx.counters.read("mails")
            room = self.mails_an_hour - spent
            if room <= 0:
                return 0
            for entry, recipient in tx.held.because_of(Hold.FLOOD, younger=STALE_AFTER, limit=room):
                if self._may(tx, self._key(recipient)):
                    tx.counters.count("mails", AN_HOUR)
                    tx.held.release(entry)
                    released += 1
                else:
                    tx.held.keep(entry, Hold.ENOUGH)
        if released:
            log.info("acknowledgements released after a flood mails=%d", released)
        return released

    def _may(self, tx: Transaction, who: str) -> bool:
        return tx.counters.take(f"mail:{who}", A_DAY, self.mails_a_day)

    def _used_up(self, tx: Transaction, proof: str | None) -> set[Doubt]:
        if proof is None or tx.counters.count(f"proof:{proof}", PROOF_LASTS) == 1:
            return set()
        return {Doubt.UNPROVEN}

    def _key(self, email: str) -> str:
        """Stand for a mailbox, whatever its tag or case, without naming it."""
        try:
            mailbox = MailAddress.typed(email).mailbox
        except NotAnAddress:
            mailbox = email.casefold()
        return hmac.new(derived(self.secret, "mailboxes"), mailbox.encode(), hashlib.sha256).hexdigest()
