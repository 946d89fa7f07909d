"""What sending the same message twice means: one ticket, by its idempotency key."""

import hashlib
import json

from deflector.model import ContactMessage, Ticket
from deflector.store.store import Transaction


class KeyReused(Exception):
    """The idempotency key was used for a different message."""


def fingerprint(message: ContactMessage) -> str:
    """Reduce what a person sends to a SHA-256 in hexadecimal, to tell a repeat from a new message."""
    who = message.requester
    parts: list[object] = [
        *(who.name, who.email, who.lang),
        *(message.message, message.subject, message.category),
    ]
    if message.answers or message.attachments:
        files = [(attachment.name, attachment.digest) for attachment in message.attachments]
        parts += [sorted(message.answers.items()), files]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def already_sent(tx: Transaction, message: ContactMessage) -> Ticket | None:
    """Find the ticket that this message became before. Raises `KeyReused`."""
    if message.idempotency_key is None:
        return None
    known = tx.tickets.remembered(_hash(message.idempotency_key))
    if known is None:
        return None
    earlier, ticket = known
    if earlier != fingerprint(message):
        raise KeyReused
    return ticket


def remember(tx: Transaction, message: ContactMessage, ticket: Ticket) -> None:
    """Bind the message's key to its ticket. Raises `KeyTaken` when a twin was faster."""
    if message.idempotency_key is not None:
        tx.tickets.remember(_hash(message.idempotency_key), fingerprint(message), ticket)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
