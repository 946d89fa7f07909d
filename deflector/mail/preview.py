"""Every mail that we write, with a sample ticket in it: to be looked at before people get them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from deflector.mail.after import Correspondence
from deflector.model import (
    ArticleVersion,
    MessageKind,
    OutgoingMail,
    Promise,
    Requester,
    SeenAnswer,
    Suggestion,
    Ticket,
)
from deflector.support.support_desk import SupportDesk
from deflector.tickets.life import Actor, TicketAct, TicketEvent

MESSAGE = """\
Hello,

I bought one game last night and see two payments of 24.99 on my card:

  - 21:14  PLAYDECK
  - 21:15  PLAYDECK

The store shows a single order. Could you send one of them back?

Thank you!
Ada"""


def previews(
    writer: Correspondence, desk: SupportDesk, *, lang: str, now: datetime
) -> Mapping[MessageKind, OutgoingMail]:
    """Write each kind of mail for a person who writes in `lang` at the moment `now`."""
    category = next((key for queue in desk.queues.values() for key in queue.categories), None)
    name, queue = desk.queue_for(category)
    hours, promised = desk.hours.working_hours(), desk.promised_by(queue)
    ticket = Ticket(
        number="HC-7Q4K2M",
        opened_at=now,
        requester=Requester(name="Ada Lovelace", email="ada@example.com", lang=lang),
        message=MESSAGE,
        subject=None,
        category=category,
        queue=name,
        promise=Promise(
            answer_by=hours.add(now, promised.answer_within), solve_by=hours.add(now, promised.solve_within)
        ),
        page="/charged-twice/",
        enquiry=None,
    )
    seen = [_seen(1, "You were charged twice", opened=True), _seen(2, "Find a receipt", opened=False)]
    mails = [
        writer.ticket_mail(
            ticket,
            to=queue.to,
            questions=["charged twice for one game"],
            seen=seen,
            earlier=[_earlier(ticket)],
        ),
        writer.acknowledgement(
            ticket, [_article(1, "Why a payment shows twice"), _article(2, "Find a receipt")]
        ),
        writer.question(ticket),
        writer.how_was_it(ticket, now),
        writer.note(
            ticket, TicketEvent(act=TicketAct.ADDED, by=Actor.PERSON, at=now, text="The order is 4711.")
        ),
    ]
    return {mail.kind: mail for mail in mails if mail is not None}


def _seen(rank: int, title: str, *, opened: bool) -> SeenAnswer:
    article = title.lower().replace(" ", "-")
    return SeenAnswer(
        about=ArticleVersion(article=article, lang="en", version=rank),
        title=title,
        url=f"/{article}/",
        rank=rank,
        opened=opened,
        declined=True,
    )


def _article(rank: int, title: str) -> Suggestion:
    article = title.lower().replace(" ", "-")
    return Suggestion(
        article=article,
        version=1,
        lang="en",
        category="",
        title=title,
        heading=title,
        url=f"/{article}/",
        snippet="",
        text="",
        confidence=1,
        rank=rank,
    )


def _earlier(ticket: Ticket) -> Ticket:
    before = ticket.opened_at - timedelta(days=40)
    return replace(ticket, number="HC-P3N8TX", opened_at=before, message="How do I change my card?")
