"""The two mails of a ticket: one to the people who answer, one to the person who asked."""

import logging
import re
from collections.abc import Iterator, Sequence

from deflector.mail import wording
from deflector.mail.addresses import MailAddress
from deflector.mail.background import background
from deflector.mail.greeting import first_name
from deflector.mail.headers import Letter, UnsafeHeaders, body, display_name, one_line, serialise
from deflector.mail.letterhead import FIELD, Fields, Letterhead, person_of
from deflector.mail.particulars import for_support, on_their_clock
from deflector.mail.parts import with_attachments
from deflector.mail.wording import Wording
from deflector.model import Attachment, MessageKind, OutgoingMail, SeenAnswer, Suggestion, Ticket

log = logging.getLogger(__name__)

GIST = 60  # characters of a message that stand in the subject
QUESTION = 500
MOST_ARTICLES = 3  # in an acknowledgement
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


class Writer(Letterhead):
    """Writes the mails of one support desk.

    A ticket mail can always be written: what cannot stand in a header is left out there and stands in the
    body. An acknowledgement holds nothing that a stranger chose but a plain first name, or it would carry
    spam to whomever the stranger names.
    """

    def ticket_mail(
        self,
        ticket: Ticket,
        *,
        to: str,
        questions: Sequence[str],
        seen: Sequence[SeenAnswer],
        attachments: Sequence[Attachment] = (),
        earlier: Sequence[Ticket] = (),
    ) -> OutgoingMail:
        """Write to the queue what the person wants, what we promised, and what they had seen before.

        `earlier` are other tickets of this address, which only support hears of.
        """
        queue = MailAddress.written(to)
        person = person_of(ticket)
        # A Reply-To with letters that only SMTPUTF8 carries would keep the ticket from passing an ordinary
        # server. It is left out; the body names the address and says so.
        replies = None if person is None or person.needs_smtputf8 else person
        words = self._ticket_words(ticket, questions, seen, attachments, earlier, replies=replies is not None)
        fields = self._fields(ticket, MessageKind.TICKET, queue.header(queue.name))
        if ticket.category and _KEY.fullmatch(ticket.category):
            fields.append(("X-Answerfirst-Category", ticket.category))
        if _LANGUAGE.fullmatch(ticket.requester.lang):
            fields.append(("X-Answerfirst-Lang", ticket.requester.lang))
        fields.append(("X-Answerfirst-Priority", ticket.priority.value))
        if ticket.tags:
            fields.append(("X-Answerfirst-Tags", one_line(", ".join(ticket.tags), FIELD)))
        for outside in _plainer_and_plainer(ticket, one_line(words.subject, FIELD), replies):
            try:
                content = serialise(Letter(fields=[*fields, *outside], text=words.text, html=words.html))
            except UnsafeHeaders as exc:
                log.warning("header made plainer number=%s because=%s", ticket.number, exc)
            else:
                whole = with_attachments(content, attachments)
                return self._mail(ticket, MessageKind.TICKET, self._sender, queue, whole)
        raise AssertionError(f"{ticket.number}: not even a mail without outside text can be written")

    def acknowledgement(self, ticket: Ticket, articles: Sequence[Suggestion] = ()) -> OutgoingMail | None:
        """Tell the person their number and our promise; None where no automatic mail may go (RFC 3834, 2).

        `articles` may help meanwhile: they are named by our own titles, never by the person's words.

        The envelope sender is empty and the fields say that a program wrote it, so that no out-of-office
        answer comes back and no loop begins (RFC 3834, 3 and 5; MS-OXCMAIL for X-Auto-Response-Suppress).
        """
        person = self._reachable(ticket)
        if person is None:
            log.info("acknowledgement not due number=%s", ticket.number)
            return None
        lang = self._templates.best_language(ticket.requester.lang, self._support.languages)
        words = self._acknowledgement_words(ticket, lang, articles)
        answers_to = self._queues.get(ticket.queue, self._sender)
        fields: Fields = [
            *self._fields(ticket, MessageKind.ACKNOWLEDGEMENT, person.header()),
            ("Subject", one_line(words.subject, FIELD)),
            ("X-Answerfirst-Lang", lang),
            ("Reply-To", answers_to.header(self._sender_name)),
            # The queue holds the mail with this id: an answer lands in the same conversation.
            ("References", self._message_id(ticket, MessageKind.TICKET)),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
        ]
        try:
            content = serialise(Letter(fields=fields, text=words.text, html=words.html))
        except UnsafeHeaders as exc:
            # Only the address is from outside. The ticket is taken and answered without this mail.
            log.warning("acknowledgement not written number=%s because=%s", ticket.number, exc)
            return None
        return self._mail(ticket, MessageKind.ACKNOWLEDGEMENT, None, person, content)

    def _acknowledgement_words(self, ticket: Ticket, lang: str, articles: Sequence[Suggestion]) -> Wording:
        closed = self._support.hours.holidays
        return self._templates.render(
            "acknowledgement",
            lang,
            {
                "number": ticket.number,
                "name": first_name(ticket.requester.name),
                "topic": self._topic(ticket, lang),
                "answer_by": ticket.promise.answer_by.astimezone(self._hours.zone),
                "hours": wording.opening_days(self._hours, lang),
                "holidays": bool(closed.country or closed.also),
                "own_page": self._own_page(ticket),
                "articles": [
                    {"title": one_line(item.title, FIELD), "url": url}
                    for item in articles[:MOST_ARTICLES]
                    if (url := self._address(item.url))
                ],
                **on_their_clock(ticket, self._hours.zone, lang),
                **self._surroundings(lang),
            },
        )

    def _ticket_words(
        self,
        ticket: Ticket,
        questions: Sequence[str],
        seen: Sequence[SeenAnswer],
        attachments: Sequence[Attachment],
        earlier: Sequence[Ticket],
        *,
        replies: bool,
    ) -> Wording:
        lang = self._templates.best_language(self._support.languages[0], self._support.languages)
        zone = self._hours.zone
        return self._templates.render(
            "ticket",
            lang,
            {
                "number": ticket.number,
                "gist": one_line(ticket.subject or ticket.message, GIST),
                "person": one_line(ticket.requester.name, FIELD),
                "address": one_line(ticket.requester.email, 320),
                "replies": replies,
                "language": wording.language_name(one_line(ticket.requester.lang, 35), lang),
                "topic": self._topic(ticket, lang),
                "category": one_line(ticket.category or "", FIELD),
                "queue": ticket.queue,
                "page": one_line(ticket.page or "", QUESTION),
                "subject": one_line(ticket.subject or "", FIELD),
                "message": body(ticket.message),
                "opened_at": ticket.opened_at.astimezone(zone),
                "answer_by": ticket.promise.answer_by.astimezone(zone),
                "solve_by": ticket.promise.solve_by.astimezone(zone),
                "questions": [one_line(question, QUESTION) for question in questions],
                "answers": [self._answer(answer) for answer in seen],
                **for_support(ticket, self._support.questions, attachments, lang),
                **background(ticket, earlier, links=self._links, replies=self._replies, zone=zone),
                **self._surroundings(lang),
            },
        )

    def _answer(self, answer: SeenAnswer) -> dict[str, object]:
        return {
            "title": one_line(answer.title, FIELD),
            "about": one_line(str(answer.about), FIELD),
            "url": self._address(answer.url),
            "opened": answer.opened,
            "declined": answer.declined,
        }


def _plainer_and_plainer(ticket: Ticket, subject: str, replies: MailAddress | None) -> Iterator[Fields]:
    """Give the fields that hold outside text, then with ever less of it, and at last with none."""
    number: Fields = [("Subject", f"[{ticket.number}]")]
    full: Fields = [("Subject", subject)]
    if replies is not None:
        named: Fields = [("Reply-To", replies.header(display_name(ticket.requester.name)))]
        bare: Fields = [("Reply-To", replies.header())]
        yield [*full, *named]
        yield [*full, *bare]
        yield [*number, *bare]
    else:
        yield full
    yield number
