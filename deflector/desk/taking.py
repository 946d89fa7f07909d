"""The use case that matters most: take a message, offer answers once, and open the ticket."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from deflector.desk.acknowledging import Acknowledging, Reply
from deflector.desk.questions import Questions
from deflector.desk.repeats import already_sent, remember
from deflector.desk.writing import Correspondence
from deflector.model import (
    Channel,
    ContactMessage,
    Enquiry,
    EnquiryKey,
    Event,
    EventKind,
    OutgoingMail,
    Promise,
    SeenAnswer,
    Suggestion,
    Suggestions,
    Ticket,
    ticket_number,
)
from deflector.outcomes import history
from deflector.store.cabinet import Cabinet
from deflector.store.store import Store, Transaction
from deflector.store.tickets import KeyTaken
from deflector.support.support_desk import SupportDesk
from deflector.support.triage import Decision, Facts, Spans
from deflector.tickets.guessing import category_of

log = logging.getLogger(__name__)

MOST_EARLIER = 5  # tickets of the same address that support is told of


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Sections that answer a message, offered before it is sent."""

    suggestions: Suggestions
    enquiry: EnquiryKey | None
    category: str | None = None  # the person's own, else guessed from the message


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOut:
    """A ticket with everything that is kept beside it, before it is kept.

    `unannounced` is the enquiry of a client that asked nothing first; `rule` is the place of the rule that
    decided.
    """

    ticket: Ticket
    rule: int | None
    unannounced: Enquiry | None
    events: Sequence[Event]
    mails: Sequence[OutgoingMail]
    reply: Reply


class Taking:
    """Takes messages."""

    def __init__(
        self,
        *,
        store: Store,
        cabinet: Cabinet,
        questions: Questions,
        support: SupportDesk,
        correspondence: Correspondence,
        acknowledging: Acknowledging,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._cabinet = cabinet
        self._questions = questions
        self._support = support
        self._correspondence = correspondence
        self._acknowledging = acknowledging
        self._now = now
        self._hours = support.hours.working_hours()

    def submit(self, message: ContactMessage) -> Answers | Ticket:
        """Offer answers first; open the ticket once they are declined or there are none.

        Sending the same message under the same idempotency key returns the same ticket. Raises
        `KeyReused` when the key came with another message before.
        """
        with self._store.reading() as tx:
            if sent := already_sent(tx, message):
                return sent
            enquiry = self._enquiry_of(tx, message)
            asked = enquiry is not None and any(
                event.kind is EventKind.QUESTION for event in tx.enquiries.events_of(enquiry.id)
            )
        found = None
        if not message.declined or not asked:
            found = self._questions.search(_question_of(message), message.requester.lang, settled=True)
        category = message.category or self._guess(message, found)
        decision = self._support.decide(_facts(message, category))
        if found is not None and found.answerable and not message.declined and not decision.skip_suggestions:
            if enquiry is not None:
                with self._store.writing() as tx:
                    self._questions.record(tx, enquiry, found)
            if enquiry is None or not self._questions.is_held(enquiry, found):
                return Answers(suggestions=found, enquiry=message.enquiry, category=category)
        try:
            return self._keep(message, self._write_out(message, enquiry, found, category, decision))
        except KeyTaken:  # the same message, sent twice at the same moment: the other one won
            with self._store.reading() as tx:
                sent = already_sent(tx, message)
            if sent is None:
                raise
            return sent

    def _write_out(
        self,
        message: ContactMessage,
        announced: Enquiry | None,
        found: Suggestions | None,
        category: str | None,
        decision: Decision,
    ) -> WrittenOut:
        """Lay out ticket and mails before any transaction opens: nobody else's ticket waits meanwhile."""
        now = self._now()
        enquiry = announced or _unannounced(message, now)
        with self._store.reading() as tx:
            events = tx.enquiries.events_of(enquiry.id)
            number = _free_number(tx)
            earlier = tx.tickets.earlier(message.requester.email, MOST_EARLIER)
        # Found but not put before the person: noted as asked, not as shown.
        asked = [] if found is None else self._questions.events(enquiry, events, found, shown=False)
        seen = history.seen_answers([*events, *asked], declined=message.declined)
        questions = history.questions([*events, *asked])
        ticket = self._ticket(number, message, enquiry, category, decision, now)
        mail = self._correspondence.ticket_mail(
            ticket,
            to=self._support.queues[ticket.queue].to,
            questions=questions,
            seen=seen,
            attachments=message.attachments,
            earlier=earlier,
        )
        hook = self._correspondence.webhook(ticket, questions=questions, seen=seen, earlier=earlier)
        return WrittenOut(
            ticket=ticket,
            rule=decision.match.place if decision.match else None,
            unannounced=None if announced else enquiry,
            events=(*asked, *history.ticket_events(ticket, seen)),
            mails=(mail, hook) if hook else (mail,),
            reply=self._reply(ticket, message, self._unseen(message, found, seen)),
        )

    def _keep(self, message: ContactMessage, written: WrittenOut) -> Ticket:
        """Store ticket, mails, events and key in one transaction; once it is committed, we have promised."""
        ticket = written.ticket
        # Files come before their rows. Those of a transaction that failed are left to the sweep, since a
        # database that falls silent at the commit may have kept the rows.
        filed = self._cabinet.write(message.attachments)
        with self._store.writing() as tx:
            if sent := already_sent(tx, message):
                self._cabinet.remove(filed)
                return sent
            if written.unannounced:
                tx.enquiries.add(written.unannounced, None)
            tx.tickets.add(ticket)
            tx.attachments.add(filed, ticket=ticket.number, at=ticket.opened_at)
            tx.enquiries.record(written.events)
            remember(tx, message, ticket)
            tx.post(ticket.number, written.mails)
            self._acknowledging.post(tx, written.reply)
        log.info(
            "ticket opened number=%s enquiry=%s queue=%s priority=%s rule=%s",
            *(ticket.number, ticket.enquiry, ticket.queue, ticket.priority, written.rule),
        )
        return ticket

    def _ticket(
        self,
        number: str,
        message: ContactMessage,
        enquiry: Enquiry,
        category: str | None,
        decision: Decision,
        now: datetime,
    ) -> Ticket:
        return Ticket(
            number=number,
            opened_at=now,
            requester=message.requester,
            message=message.message,
            subject=message.subject,
            category=category,
            queue=decision.queue,
            promise=self._promise(decision.spans, now),
            page=message.page,
            enquiry=enquiry.id,
            priority=decision.priority,
            tags=decision.tags,
            guessed=message.guessed or (category is not None and message.category is None),
            zone=message.zone,
            answers=message.answers,
        )

    def _unseen(
        self, message: ContactMessage, found: Suggestions | None, seen: Sequence[SeenAnswer]
    ) -> Sequence[Suggestion]:
        """List articles that may help the person meanwhile: none that they saw or declined, each once."""
        if found is None:
            found = self._questions.search(_question_of(message), message.requester.lang, settled=False)
        known = {answer.about.article for answer in seen}
        fresh = {item.article: item for item in reversed(found.items) if item.article not in known}
        return sorted(fresh.values(), key=lambda item: item.rank)

    def _reply(self, ticket: Ticket, message: ContactMessage, articles: Sequence[Suggestion]) -> Reply:
        return Reply(
            ticket=ticket,
            message=message,
            acknowledgement=self._correspondence.acknowledgement(ticket, articles),
            question=self._correspondence.question(ticket) if message.doubts or message.proof else None,
        )

    def _promise(self, spans: Spans, now: datetime) -> Promise:
        return Promise(
            answer_by=self._hours.add(now, spans.answer_within),
            solve_by=self._hours.add(now, spans.solve_within),
        )

    def _guess(self, message: ContactMessage, found: Suggestions | None) -> str | None:
        if found is None:
            found = self._questions.search(_question_of(message), message.requester.lang, settled=True)
        return category_of(found)

    def _enquiry_of(self, tx: Transaction, message: ContactMessage) -> Enquiry | None:
        """Find the enquiry that a message ends. A ticket is never refused for a key that does not fit."""
        key = message.enquiry
        if key is None:
            return None
        # An id alone is 128 random bits, and all it can do here is to count this message to its enquiry.
        return tx.enquiries.find(key.id) if key.token is None else tx.enquiries.owned_by(key)


def _unannounced(message: ContactMessage, now: datetime) -> Enquiry:
    """Make the enquiry of a client that asked nothing first, so that its ticket is counted."""
    return Enquiry(
        id=EnquiryKey.fresh().id,
        started_at=now,
        lang=message.requester.lang,
        channel=Channel.DIRECT,
        page=message.page,
    )


def _facts(message: ContactMessage, category: str | None) -> Facts:
    return Facts(
        text=_question_of(message), lang=message.requester.lang, category=category, page=message.page
    )


def _question_of(message: ContactMessage) -> str:
    return "\n".join(part for part in (message.subject, message.message) if part)


def _free_number(tx: Transaction) -> str:
    number = ticket_number()
    while tx.tickets.is_taken(number):
        number = ticket_number()
    return number
