"""The use cases: start an enquiry, suggest, record what happened, take a message. No Flask, no SQL."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from deflector.desk.acknowledging import Acknowledging, Reply
from deflector.model import (
    Arm,
    ArticleVersion,
    Attachment,
    Channel,
    ContactMessage,
    Enquiry,
    EnquiryKey,
    Event,
    EventKind,
    MessageKind,
    OutboxState,
    OutgoingMail,
    Promise,
    SeenAnswer,
    Suggestion,
    Suggestions,
    Ticket,
    Verdict,
    ticket_number,
)
from deflector.outcomes import history
from deflector.outcomes.holdout import Holdout
from deflector.redaction import redact
from deflector.store.cabinet import Cabinet
from deflector.store.store import Store, Transaction
from deflector.store.tickets import KeyTaken
from deflector.suggesting import Suggester
from deflector.support.support_desk import SupportDesk
from deflector.support.triage import Decision, Facts, Spans
from deflector.tickets.guessing import category_of

log = logging.getLogger(__name__)

# A question is stored to be read by a person; what comes after this many characters tells them nothing new.
LONGEST_STORED_QUESTION = 500

MOST_EARLIER = 5  # tickets of the same address that support is told of


class UnknownEnquiry(Exception):
    """No enquiry has this id and token."""


class KeyReused(Exception):
    """The idempotency key was used for a different message."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Sections that answer a message, offered before it is sent."""

    suggestions: Suggestions
    enquiry: EnquiryKey | None
    category: str | None = None  # the person's own, else guessed from the message


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


class Desk:
    """The support desk: everything that a person can do with the contact form."""

    def __init__(
        self,
        *,
        store: Store,
        cabinet: Cabinet,
        suggester: Suggester,
        support: SupportDesk,
        correspondence: Correspondence,
        acknowledging: Acknowledging,
        now: Callable[[], datetime],
        holdout: Holdout | None = None,
        urgent: Callable[[str, str], bool] = lambda _question, _lang: False,
    ) -> None:
        self._store = store
        self._cabinet = cabinet
        self._suggester = suggester
        self._support = support
        self._correspondence = correspondence
        self._acknowledging = acknowledging
        self._now = now
        self._holdout = holdout or Holdout()
        self._is_urgent = urgent  # by question and language; what is urgent is never held out
        self._hours = support.hours.working_hours()

    def start(self, *, lang: str, channel: Channel, page: str | None = None, bot: bool = False) -> EnquiryKey:
        """Begin an enquiry and hand out its key, the only time that the token is seen."""
        key = EnquiryKey.fresh()
        arm = self._holdout.arm(key.id)
        enquiry = Enquiry(
            id=key.id, started_at=self._now(), lang=lang, channel=channel, arm=arm, page=page, bot=bot
        )
        with self._store.writing() as tx:
            tx.enquiries.add(enquiry, key.token)
        log.info("enquiry started enquiry=%s lang=%s channel=%s arm=%s", key.id, lang, channel, arm)
        return key

    def suggest(
        self, question: str, *, lang: str, enquiry: EnquiryKey | None = None, settled: bool = True
    ) -> Suggestions:
        """Find sections that answer; count the question when it is settled and belongs to an enquiry.

        Raises `UnknownEnquiry` when a key is given that does not fit.
        """
        found = self._search(question, lang, settled=settled)
        if enquiry is None:
            return found
        if settled:
            with self._store.writing() as tx:
                known = self._owned(tx, enquiry)
                self._record_question(tx, known, found)
        elif self._holdout.share > 0:
            with self._store.reading() as tx:
                known = self._owned(tx, enquiry)
        else:
            return found
        return Suggestions(question=found.question) if self._is_held(known, found) else found

    def record(
        self,
        enquiry: EnquiryKey,
        kind: EventKind,
        *,
        article: str | None = None,
        version: int | None = None,
        data: Mapping[str, object] | None = None,
        client_id: str | None = None,
        ago: timedelta = timedelta(0),
    ) -> None:
        """Note what a person did with an answer, `ago` before now. Raises `UnknownEnquiry`."""
        with self._store.writing() as tx:
            known = self._owned(tx, enquiry)
            about = None
            if article is not None:
                about = history.as_shown(tx.enquiries.events_of(known.id), article, version, known.lang)
            # A client's clock is not trusted, but for how long it waited; nothing happens before the start.
            at = max(self._now() - ago, known.started_at)
            event = Event(
                kind=kind, at=at, enquiry=known.id, about=about, data=data or {}, client_id=client_id
            )
            tx.enquiries.record([event])
        log.info("event recorded enquiry=%s kind=%s", known.id, kind)  # the article is the client's word

    def note_site_search(self, question: str, *, lang: str, results: int) -> None:
        """Count a search on the site; its words are kept only where nothing was found."""
        data: dict[str, object] = {"results": results, "lang": lang}
        if not results:
            data["text"] = redact(question)[:LONGEST_STORED_QUESTION]
        with self._store.writing() as tx:
            tx.enquiries.record([Event(kind=EventKind.SITE_SEARCH, at=self._now(), enquiry=None, data=data)])

    def give_feedback(
        self, about: ArticleVersion, *, helpful: bool, reason: str | None, comment: str | None
    ) -> None:
        """Keep a reader's word on an article."""
        data = {"helpful": helpful, "reason": reason, "comment": redact(comment) if comment else None}
        event = Event(kind=EventKind.FEEDBACK, at=self._now(), enquiry=None, about=about, data=data)
        with self._store.writing() as tx:
            tx.enquiries.record([event])
        log.info("feedback given helpful=%s", helpful)

    def submit(self, message: ContactMessage) -> Answers | Ticket:
        """Offer answers first; open the ticket once they are declined or there are none.

        Sending the same message under the same idempotency key returns the same ticket. Raises
        `KeyReused` when the key came with another message before.
        """
        with self._store.reading() as tx:
            if sent := self._already_sent(tx, message):
                return sent
            enquiry = self._enquiry_of(tx, message)
            asked = enquiry is not None and any(
                event.kind is EventKind.QUESTION for event in tx.enquiries.events_of(enquiry.id)
            )
        found = None
        if not message.declined or not asked:
            found = self._search(_question_of(message), message.requester.lang, settled=True)
        category = message.category or self._guess(message, found)
        decision = self._support.decide(_facts(message, category))
        if found is not None and found.answerable and not message.declined and not decision.skip_suggestions:
            if enquiry is not None:
                with self._store.writing() as tx:
                    self._record_question(tx, enquiry, found)
            if enquiry is None or not self._is_held(enquiry, found):
                return Answers(suggestions=found, enquiry=message.enquiry, category=category)
        try:
            return self._open(message, enquiry, found, category, decision)
        except KeyTaken:  # the same message, sent twice at the same moment: the other one won
            with self._store.reading() as tx:
                sent = self._already_sent(tx, message)
            if sent is None:
                raise
            return sent

    def ticket(self, number: str) -> Ticket | None:
        with self._store.reading() as tx:
            return tx.tickets.find(number)

    def mails_of(self, number: str) -> dict[MessageKind, OutboxState]:
        """Tell where the mails of a ticket stand."""
        with self._store.reading() as tx:
            return tx.held.states(number)

    def _open(
        self,
        message: ContactMessage,
        enquiry: Enquiry | None,
        found: Suggestions | None,
        category: str | None,
        decision: Decision,
    ) -> Ticket:
        now = self._now()
        unannounced = enquiry is None
        enquiry = enquiry or _unannounced(message, now)
        with self._store.reading() as tx:
            events = tx.enquiries.events_of(enquiry.id)
            number = _free_number(tx)
            earlier = tx.tickets.earlier(message.requester.email, MOST_EARLIER)
        if found is not None:
            # Found but not put before the person: noted as asked, not as shown.
            asked = self._question_events(enquiry, events, found, shown=False)
            events = [*events, *asked]
        else:
            asked = []
        ticket = Ticket(
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
        seen = history.seen_answers(events, declined=message.declined)
        # Written before the transaction opens: nobody else's ticket waits while we lay out a mail.
        questions = history.questions(events)
        mail = self._correspondence.ticket_mail(
            ticket,
            to=self._support.queues[ticket.queue].to,
            questions=questions,
            seen=seen,
            attachments=message.attachments,
            earlier=earlier,
        )
        hook = self._correspondence.webhook(ticket, questions=questions, seen=seen, earlier=earlier)
        reply = self._reply(ticket, message, self._unseen(message, found, seen))
        # Files come before their rows. Those of a transaction that failed are left to the sweep, since a
        # database that falls silent at the commit may have kept the rows.
        filed = self._cabinet.write(message.attachments)
        with self._store.writing() as tx:
            if sent := self._already_sent(tx, message):
                self._cabinet.remove(filed)
                return sent
            if unannounced:
                tx.enquiries.add(enquiry, None)
            tx.tickets.add(ticket)
            tx.attachments.add(filed, ticket=ticket.number, at=now)
            tx.enquiries.record([*asked, *history.ticket_events(ticket, seen)])
            if message.idempotency_key is not None:
                tx.tickets.remember(_key_hash(message.idempotency_key), fingerprint(message), ticket)
            tx.post(ticket.number, [mail, *([hook] if hook else [])])
            self._acknowledging.post(tx, reply)
        log.info(
            "ticket opened number=%s enquiry=%s queue=%s priority=%s rule=%s",
            *(ticket.number, enquiry.id, ticket.queue, ticket.priority),
            decision.match.place if decision.match else None,
        )
        return ticket

    def _unseen(
        self, message: ContactMessage, found: Suggestions | None, seen: Sequence[SeenAnswer]
    ) -> Sequence[Suggestion]:
        """List articles that may help the person meanwhile: none that they saw or declined, each once."""
        if found is None:
            found = self._search(_question_of(message), message.requester.lang, settled=False)
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
            found = self._search(_question_of(message), message.requester.lang, settled=True)
        return category_of(found)

    def _search(self, question: str, lang: str, *, settled: bool) -> Suggestions:
        found = self._suggester.suggest(
            question, lang=lang, settled=settled, limit=self._support.suggestions.show
        )
        # High confidence or nothing: what the search does not stand behind is not put before a person.
        return replace(found, items=()) if found.verdict is Verdict.NOTHING else found

    def _is_held(self, enquiry: Enquiry, found: Suggestions) -> bool:
        return enquiry.arm is Arm.HOLDOUT and not self._is_urgent(found.question, enquiry.lang)

    def _record_question(self, tx: Transaction, enquiry: Enquiry, found: Suggestions) -> None:
        events = tx.enquiries.events_of(enquiry.id)
        tx.enquiries.record(self._question_events(enquiry, events, found, shown=True))

    def _question_events(
        self, enquiry: Enquiry, before: Sequence[Event], found: Suggestions, *, shown: bool
    ) -> list[Event]:
        text = redact(found.question)[:LONGEST_STORED_QUESTION]
        earlier = history.questions(before)
        if not text.strip() or (earlier and earlier[-1] == text):
            return []  # nothing asked, or sent twice
        now = self._now()
        asked = Event(
            kind=EventKind.QUESTION,
            at=now,
            enquiry=enquiry.id,
            data={"text": text, "verdict": found.verdict, "confidence": round(found.confidence, 4)}
            | ({"urgent": True} if self._is_urgent(found.question, enquiry.lang) else {}),
        )
        offered = found.items if shown else ()
        held = self._is_held(enquiry, found)
        return [
            asked,
            *(history.offer(enquiry, item, now, found.engine, withheld=held) for item in offered),
        ]

    def _owned(self, tx: Transaction, key: EnquiryKey) -> Enquiry:
        enquiry = tx.enquiries.owned_by(key)
        if enquiry is None:
            raise UnknownEnquiry(key.id)
        return enquiry

    def _enquiry_of(self, tx: Transaction, message: ContactMessage) -> Enquiry | None:
        """Find the enquiry that a message ends. A ticket is never refused for a key that does not fit."""
        key = message.enquiry
        if key is None:
            return None
        # An id alone is 128 random bits, and all it can do here is to count this message to its enquiry.
        return tx.enquiries.find(key.id) if key.token is None else tx.enquiries.owned_by(key)

    def _already_sent(self, tx: Transaction, message: ContactMessage) -> Ticket | None:
        if message.idempotency_key is None:
            return None
        known = tx.tickets.remembered(_key_hash(message.idempotency_key))
        if known is None:
            return None
        earlier, ticket = known
        if earlier != fingerprint(message):
            raise KeyReused
        return ticket


def _unannounced(message: ContactMessage, now: datetime) -> Enquiry:
    """Make the enquiry of a client that asked nothing first, so that its ticket is counted."""
    return Enquiry(
        id=EnquiryKey.fresh().id,
        started_at=now,
        lang=message.requester.lang,
        channel=Channel.DIRECT,
        page=message.page,
    )


def _key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


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
