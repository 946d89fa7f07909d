"""What a ticket says beside its message: priority, answers to extra questions, files, the person's clock."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from babel.units import format_unit

from deflector.mail.headers import body, one_line
from deflector.model import Attachment, Ticket
from deflector.support.questions import Question
from deflector.support.written import in_language
from deflector.zones import differs, known_zone, place_of

FIELD = 200
ANSWER = 500


def for_support(
    ticket: Ticket, questions: Sequence[Question], attachments: Sequence[Attachment], lang: str
) -> dict[str, object]:
    """Return the template variables of the mail to the queue."""
    return {
        "priority": str(ticket.priority),
        "tags": list(ticket.tags),
        "guessed": ticket.guessed,
        "details": [
            {
                "ask": one_line(in_language(question.ask, lang), FIELD),
                "said": one_line(body(question.said(ticket.answers[question.id], lang)), ANSWER),
            }
            for question in questions
            if ticket.answers.get(question.id)
        ],
        "files": [
            {"name": one_line(attachment.name, FIELD), "size": size_of(attachment.size, lang)}
            for attachment in attachments
        ],
    }


def on_their_clock(ticket: Ticket, ours: ZoneInfo, lang: str) -> dict[str, object]:
    """Return the promise by the person's own clock, where that shows another time than ours.

    A zone comes from a fixed list, and its city is in our own words: no stranger can write with it.
    """
    zone, answer_by = known_zone(ticket.zone), ticket.promise.answer_by
    if zone is None or not differs(zone, ours, answer_by):
        return {"their_answer_by": None, "their_city": ""}
    return {"their_answer_by": answer_by.astimezone(zone), "their_city": place_of(zone, answer_by, lang)}


def size_of(size: int, lang: str) -> str:
    """Write a size for people: "417 bytes", "12 kB", "3.4 MB"."""
    for unit, bytes_in_it in (("megabyte", 1_000_000), ("kilobyte", 1_000)):
        if size >= bytes_in_it:
            amount = format_decimal(size / bytes_in_it, format="#,##0.#", locale=lang)
            return format_unit(amount, f"digital-{unit}", "short", locale=lang)
    return format_unit(size, "digital-byte", "long", locale=lang)
