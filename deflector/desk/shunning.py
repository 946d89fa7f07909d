"""Mailboxes that get nothing from us but what they asked for: no mail arrives there, or they said stop.

Only a keyed hash is kept, so that nobody reads the list as a list of people.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from deflector.keys import derived
from deflector.mail.addresses import MailAddress, NotAnAddress
from deflector.mail.transports import RecipientRefused, Transport
from deflector.model import MessageKind, OutgoingMail
from deflector.store.dialect import DatabaseTrouble
from deflector.store.store import Store, Transaction

log = logging.getLogger(__name__)

TO_PEOPLE = frozenset({MessageKind.ACKNOWLEDGEMENT, MessageKind.CONFIRMATION, MessageKind.SATISFACTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shunned:
    """Knows whom not to write to. `secret` is the service's key."""

    secret: str

    def bounced(self, tx: Transaction, email: str, at: datetime) -> None:
        tx.after.shun(self._key(email), "bounced", at)

    def unsubscribed(self, tx: Transaction, email: str, at: datetime) -> None:
        """Write no more to this address, whatever reaches us from there."""
        tx.after.shun(self._key(email, "no-questions"), "unsubscribed", at)

    def reached(self, tx: Transaction, email: str) -> None:
        """Forget a bounce: the person wrote, so the address lives. Who said stop is left alone."""
        tx.after.readmit(self._key(email))
        tx.after.readmit(self._key(email, "refused"))

    def refused(self, tx: Transaction, email: str, at: datetime) -> None:
        """Note that the mail server takes nothing for this address."""
        tx.after.shun(self._key(email, "refused"), "refused", at)

    def accepted(self, tx: Transaction, email: str) -> None:
        """Forget that the mail server took nothing. Mail that came back counts on: a relay takes all mail."""
        tx.after.readmit(self._key(email, "refused"))

    def is_refused(self, tx: Transaction, email: str) -> bool:
        return tx.after.is_shunned(self._key(email, "refused"))

    def may_ask(self, tx: Transaction, email: str) -> bool:
        kinds = ("bounced", "refused", "no-questions")
        return not any(tx.after.is_shunned(self._key(email, kind)) for kind in kinds)

    def _key(self, email: str, kind: str = "bounced") -> str:
        try:
            mailbox = MailAddress.typed(email).mailbox
        except NotAnAddress:
            mailbox = email.casefold()
        return hmac.new(
            derived(self.secret, "unreachable"), f"{kind} {mailbox}".encode(), hashlib.sha256
        ).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heeding:
    """A way for mail to leave that notes what the server says of people's addresses.

    Acknowledgements have no sender to come back to (RFC 3834, 3.3), so a refusal at hand-over is the one
    word that we get about an address that is not there.
    """

    way: Transport
    store: Store
    shunned: Shunned
    now: Callable[[], datetime]

    def deliver(self, mail: OutgoingMail) -> None:
        try:
            self.way.deliver(mail)
        except RecipientRefused:
            self._note(mail, refused=True)
            raise
        self._note(mail, refused=False)

    def _note(self, mail: OutgoingMail, *, refused: bool) -> None:
        if mail.kind not in TO_PEOPLE:
            return
        # The mail is taken or refused, whatever becomes of the note: it must not be sent again for that.
        with suppress(DatabaseTrouble):
            with self.store.reading() as tx:
                if self.shunned.is_refused(tx, mail.recipient) is refused:
                    return
            with self.store.writing() as tx:
                if refused:
                    self.shunned.refused(tx, mail.recipient, self.now())
                else:
                    self.shunned.accepted(tx, mail.recipient)
            log.info("mailbox noted kind=%s refused=%s", mail.kind, refused)
