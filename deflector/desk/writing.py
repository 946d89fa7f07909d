"""What a new ticket needs written, as the desk sees it."""

from collections.abc import Sequence
from typing import Protocol

from deflector.model import Attachment, OutgoingMail, SeenAnswer, Suggestion, Ticket


class Correspondence(Protocol):
    """Whoever writes the mails of a ticket."""

    def ticket_mail(
        self,
        ticket: Ticket,
        *,
        to: str,
        questions: Sequence[str],
        seen: Sequence[SeenAnswer],
        attachments: Sequence[Attachment] = (),
        earlier: Sequence[Ticket] = (),
    ) -> OutgoingMail: ...

    def acknowledgement(self, ticket: Ticket, articles: Sequence[Suggestion] = ()) -> OutgoingMail | None:
        """Write to the person, or return None where automatic mail must not be answered (RFC 3834)."""
        ...

    def webhook(
        self,
        ticket: Ticket,
        *,
        questions: Sequence[str],
        seen: Sequence[SeenAnswer],
        earlier: Sequence[Ticket] = (),
    ) -> OutgoingMail | None:
        """Write the same facts for another program, or return None where none listens."""
        ...

    def question(self, ticket: Ticket) -> OutgoingMail | None:
        """Ask the address whether the message was theirs, or return None as above."""
        ...
