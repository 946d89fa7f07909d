"""What the events of one enquiry add up to: its outcome, and what it says about each article.

One pure function, `facts_of`, from events to facts. It does not mind in which order events came, nor whether
some came twice, and it reads no clock: the same events give the same facts for ever. docs/measuring.md has
the definitions in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from deflector.model import Arm, ArticleVersion, Channel, Enquiry, Event, EventKind, Outcome, Verdict
from deflector.outcomes.reasons import as_reason

PROVISIONAL_AFTER = timedelta(hours=24)
FINAL_AFTER = timedelta(days=7)


class Settledness(StrEnum):
    """How much an outcome can still change."""

    OPEN = "open"  # younger than 24 hours
    PROVISIONAL = "provisional"  # younger than 7 days
    FINAL = "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePart:
    """What one enquiry did with one version of an article; everything but `seconds` is 0 or 1.

    `rank` is the best place at which it was shown, 0 where it was opened without having been shown.
    """

    about: ArticleVersion
    rank: int
    shown: int
    impressions: int
    opened: int
    solved: int
    opened_then_wrote: int
    declined: int
    helpful: int
    unhelpful: int
    seconds: float
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A question that no article answered; `declined` is the answer that was offered and refused, if any.

    `at` is when its enquiry began, so that a period holds the questions of the enquiries that it counts.
    """

    event: int
    at: datetime
    lang: str
    wrote: bool
    declined: ArticleVersion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryFacts:
    """One enquiry, summed up. `offered`: there was something to show, whether or not it was shown."""

    enquiry: str
    started_at: datetime
    lang: str
    category: str
    channel: Channel
    arm: Arm
    bot: bool
    urgent: bool
    offered: bool
    outcome: Outcome
    clawed_back: bool
    tickets: int
    articles: tuple[ArticlePart, ...]
    unanswered: tuple[Unanswered, ...]


def outcome(enquiry: Enquiry, events: Sequence[Event]) -> Outcome:
    """Tell how an enquiry ended.

    A ticket within 7 days beats everything: who presses "This solved it" and writes later was not helped.
    Without one, the last word on "solved" counts, then whether an answer was opened. What happens more than
    7 days after the start changes nothing any more.
    """
    # In UTC: two moments of one zone would be compared by the clock on the wall, which is set twice a year.
    final_at = enquiry.started_at.astimezone(UTC) + FINAL_AFTER
    counted = [event for event in events if event.at.astimezone(UTC) < final_at]
    kinds = {event.kind for event in counted}
    if EventKind.TICKET in kinds:
        return Outcome.TICKET
    if _last_solved(counted) is not None:
        return Outcome.CONFIRMED
    if kinds & {EventKind.OPENED, EventKind.HELPFUL, EventKind.SOLVED}:
        return Outcome.LIKELY
    return Outcome.UNKNOWN


def settledness(started_at: datetime, as_of: datetime) -> Settledness:
    """Tell how much the outcome of an enquiry can still change at a moment."""
    age = as_of.astimezone(UTC) - started_at.astimezone(UTC)
    if age < PROVISIONAL_AFTER:
        return Settledness.OPEN
    return Settledness.PROVISIONAL if age < FINAL_AFTER else Settledness.FINAL


def facts_of(enquiry: Enquiry, events: Sequence[Event]) -> EnquiryFacts:
    """Sum an enquiry up. `events` may be in any order and may hold repeats."""
    events = sorted(events, key=lambda event: (event.at, event.seq or 0))
    kinds = {event.kind for event in events}
    ended = outcome(enquiry, events)
    return EnquiryFacts(
        enquiry=enquiry.id,
        started_at=enquiry.started_at,
        lang=enquiry.lang,
        category=_category(events),
        channel=enquiry.channel,
        arm=enquiry.arm,
        bot=enquiry.bot,
        urgent=any(event.data.get("urgent") is True for event in events),
        offered=bool(kinds & {EventKind.SHOWN, EventKind.WITHHELD}),
        outcome=ended,
        clawed_back=ended is Outcome.TICKET and EventKind.SOLVED in kinds,
        tickets=len({str(event.data.get("number")) for event in events if event.kind is EventKind.TICKET}),
        # A machine reads everything and needs nothing: it says nothing about articles or gaps.
        articles=() if enquiry.bot else _articles(events, ended),
        unanswered=() if enquiry.bot else _unanswered(enquiry, events, ended),
    )


def _last_solved(events: Sequence[Event]) -> Event | None:
    """Find the word "solved" that was not taken back."""
    words = [event for event in events if event.kind in (EventKind.SOLVED, EventKind.NOT_SOLVED)]
    last = max(words, key=lambda event: (event.at, event.seq or 0), default=None)
    return last if last is not None and last.kind is EventKind.SOLVED else None


def _category(events: Sequence[Event]) -> str:
    """Name what an enquiry was about: the category of its latest first answer, else that of its ticket."""
    offers = [e for e in events if e.kind in (EventKind.SHOWN, EventKind.WITHHELD) and e.data.get("category")]
    if offers:
        latest = offers[-1].at
        first = min((e for e in offers if e.at == latest), key=lambda e: _whole(e.data.get("rank")))
        return str(first.data["category"])
    named = [e for e in events if e.kind is EventKind.TICKET and e.data.get("category")]
    return str(named[-1].data["category"]) if named else ""


def _articles(events: Sequence[Event], ended: Outcome) -> tuple[ArticlePart, ...]:
    solved = _last_solved(events) if ended is Outcome.CONFIRMED else None
    about: dict[ArticleVersion, list[Event]] = {}
    for event in events:
        # What was withheld was not seen.
        if event.about is not None and event.kind is not EventKind.WITHHELD:
            about.setdefault(event.about, []).append(event)
    return tuple(
        _part(article, happened, ended, solved=solved is not None and solved.about == article)
        for article, happened in about.items()
    )


def _part(about: ArticleVersion, happened: Sequence[Event], ended: Outcome, *, solved: bool) -> ArticlePart:
    kinds = {event.kind for event in happened}
    ranks = [_whole(event.data.get("rank")) for event in happened if event.kind is EventKind.SHOWN]
    votes = [event for event in happened if event.kind in (EventKind.HELPFUL, EventKind.UNHELPFUL)]
    vote = votes[-1] if votes else None
    opened = EventKind.OPENED in kinds
    # Each pass over the open answer tells its seconds; a repeat of one pass does not count twice.
    passes = {(event.at, _seconds(event)) for event in happened if event.kind is EventKind.CLOSED}
    return ArticlePart(
        about=about,
        rank=min(ranks, default=0),
        shown=int(bool(ranks)),
        impressions=int(EventKind.IMPRESSION in kinds),
        opened=int(opened),
        solved=int(solved),
        opened_then_wrote=int(opened and ended is Outcome.TICKET),
        declined=int(EventKind.DECLINED in kinds),
        helpful=int(vote is not None and vote.kind is EventKind.HELPFUL),
        unhelpful=int(vote is not None and vote.kind is EventKind.UNHELPFUL),
        seconds=sum(seconds for _, seconds in passes),
        reason=as_reason(vote.data.get("reason")) if vote and vote.kind is EventKind.UNHELPFUL else None,
    )


def _unanswered(enquiry: Enquiry, events: Sequence[Event], ended: Outcome) -> tuple[Unanswered, ...]:
    """List the questions to which nothing was found, or whose answers were declined.

    A question that a later one only completes ("refund", "refund for a game") is the same question.
    """
    if ended is Outcome.CONFIRMED:
        return ()
    questions = [event for event in events if event.kind is EventKind.QUESTION]
    texts = [" ".join(str(event.data.get("text", "")).casefold().split()) for event in questions]
    declined = any(event.kind is EventKind.DECLINED for event in events)
    offers = [event for event in events if event.kind is EventKind.SHOWN and event.about]
    found = []
    for number, (event, text) in enumerate(zip(questions, texts, strict=True)):
        if event.seq is None or any(later.startswith(text) for later in texts[number + 1 :]):
            continue
        verdict = event.data.get("verdict")
        if verdict == Verdict.ANSWERS and not declined:
            continue
        if verdict == Verdict.MAYBE and ended is Outcome.LIKELY:
            continue
        refused = next((o.about for o in offers if o.at >= event.at), None)
        found.append(
            Unanswered(
                event=event.seq,
                at=enquiry.started_at,
                lang=enquiry.lang,
                wrote=ended is Outcome.TICKET,
                declined=refused if verdict == Verdict.ANSWERS else None,
            )
        )
    return tuple(found)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _seconds(event: Event) -> float:
    value = event.data.get("seconds")
    return float(value) if isinstance(value, int | float) else 0.0
