"""Mailboxes that get nothing from us but what they asked for: mail came back, or they said stop.

Only a keyed hash is kept, so that nobody reads the list as a list of people.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from deflector.keys import derived
from deflector.mail.addresses import MailAddress, NotAnAddress
from deflector.store.store import Transaction


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

    def may_ask(self, tx: Transaction, email: str) -> bool:
        return not any(tx.after.is_shunned(self._key(email, kind)) for kind in ("bounced", "no-questions"))

    def _key(self, email: str, kind: str = "bounced") -> str:
        try:
            mailbox = MailAddress.typed(email).mailbox
        except NotAnAddress:
            mailbox = email.casefold()
        return hmac.new(
            derived(self.secret, "unreachable"), f"{kind} {mailbox}".encode(), hashlib.sha256
        ).hexdigest()
