"""What the events of one enquiry say: what was asked, what was offered, what the person did with it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from deflector.model import (
    ArticleVersion,
    Enquiry,
    Event,
    EventKind,
    SeenAnswer,
    Suggestion,
    Ticket,
)


def offer(enquiry: Enquiry, item: Suggestion, at: datetime, engine: str, *, withheld: bool = False) -> Event:
    """Note that a section was put before the person, or would have been but for the holdout."""
    return Event(
        kind=EventKind.WITHHELD if withheld else EventKind.SHOWN,
        at=at,
        enquiry=enquiry.id,
        about=item.shown,
        data={
            "rank": item.rank,
            "confidence": round(item.confidence, 4),
            "engine": engine,
            "title": item.title,
            "heading": item.heading,
            "url": item.url,
            "category": item.category,
        },
    )


def as_shown(events: Sequence[Event], article: str, version: int | None, lang: str) -> ArticleVersion:
    """Tell which version of an article a person means: the one that they were shown."""
    for event in reversed(events):
        about = event.about
        if about and about.article == article and version in (None, about.version):
            return about
    return ArticleVersion(article=article, lang=lang, version=version or 0)


def questions(events: Sequence[Event]) -> list[str]:
    """List what was asked, oldest first, as it is stored: redacted."""
    return [str(event.data["text"]) for event in events if event.kind is EventKind.QUESTION]


def seen_answers(events: Sequence[Event], *, declined: bool) -> list[SeenAnswer]:
    """List the answers that a person was offered, each once, in the order in which they came."""
    opened = {event.about for event in events if event.kind in (EventKind.OPENED, EventKind.SOLVED)}
    refused = {event.about for event in events if event.kind is EventKind.NOT_SOLVED}
    seen: dict[ArticleVersion, SeenAnswer] = {}
    for event in events:
        if event.kind is EventKind.SHOWN and event.about and event.about not in seen:
            seen[event.about] = SeenAnswer(
                about=event.about,
                title=str(event.data.get("title", event.about.article)),
                url=str(event.data.get("url", "")),
                rank=int(str(event.data.get("rank", 0))),
                opened=event.about in opened,
                declined=declined or event.about in refused,
            )
    return list(seen.values())


def ticket_events(ticket: Ticket, seen: Sequence[SeenAnswer]) -> Iterable[Event]:
    """Note that the person wrote in the end, and which answers they had declined."""
    for answer in seen:
        if answer.declined:
            yield Event(
                kind=EventKind.DECLINED, at=ticket.opened_at, enquiry=ticket.enquiry, about=answer.about
            )
    yield Event(
        kind=EventKind.TICKET,
        at=ticket.opened_at,
        enquiry=ticket.enquiry,
        data={"number": ticket.number, "queue": ticket.queue, "category": ticket.category},
    )
