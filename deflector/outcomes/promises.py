"""What was promised of an answer, and what became of it: what `deflector calibrate` learns from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deflector.model import Arm, Enquiry, Event, EventKind, Outcome
from deflector.outcomes.facts import facts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOrBroken:
    """One answer that was shown: how sure which search was (0 to 1), when, and whether it was right."""

    confidence: float
    engine: str
    at: datetime
    right: bool


def promise_of(enquiry: Enquiry, events: Sequence[Event]) -> KeptOrBroken | None:
    """Find the answer that an enquiry confirmed or refused; None where nobody told.

    Confirmed: the article that solved it. Refused: the first answer to the last question that had one, where
    a ticket followed; else the one to which the last word was "not solved". Who left without a word told
    nothing, and who was in danger, in the holdout or a machine was not asked.
    """
    facts = facts_of(enquiry, events)
    if enquiry.bot or enquiry.arm is not Arm.SHOWN or facts.urgent:
        return None
    events = sorted(events, key=lambda event: (event.at, event.seq or 0))
    offers = [event for event in events if event.kind is EventKind.SHOWN]
    match facts.outcome:
        case Outcome.CONFIRMED:
            solved = [part.about for part in facts.articles if part.solved]
            return _last([offer for offer in offers if offer.about in solved], right=True)
        case Outcome.TICKET:
            latest = offers[-1].at if offers else None
            first = [offer for offer in offers if offer.at == latest and offer.data.get("rank") == 1]
            return _last(first, right=False)
    words = [event for event in events if event.kind in (EventKind.SOLVED, EventKind.NOT_SOLVED)]
    if words and words[-1].kind is EventKind.NOT_SOLVED:
        return _last([offer for offer in offers if offer.about == words[-1].about], right=False)
    return None


def _last(offers: Sequence[Event], *, right: bool) -> KeptOrBroken | None:
    if not offers:
        return None
    confidence = offers[-1].data.get("confidence")
    if not isinstance(confidence, int | float):
        return None
    return KeptOrBroken(
        confidence=float(confidence),
        engine=str(offers[-1].data.get("engine", "")),
        at=offers[-1].at,
        right=right,
    )
