"""What became of the enquiries: outcomes, rates with intervals, questions without an answer, stale articles.

The unit is an enquiry that was shown suggestions. Each has exactly one outcome, worked out from its events
alone, so that every figure can be recomputed from scratch for any moment.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from deflector.intervals import Rate, wilson
from deflector.knowledge import Knowledge
from deflector.model import Enquiry, Event, EventKind, Outcome, Verdict

PROVISIONAL_AFTER = timedelta(hours=24)
FINAL_AFTER = timedelta(days=7)


class Settledness(StrEnum):
    """How much an outcome can still change."""

    OPEN = "open"  # younger than 24 hours
    PROVISIONAL = "provisional"  # younger than 7 days
    FINAL = "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A question that no article answered, as people asked it."""

    question: str
    enquiries: int
    tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleArticle:
    """An article whose review is overdue."""

    article: str
    lang: str
    title: str
    url: str
    review_due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The report: what happened in a period, as far as it is known at a moment."""

    as_of: datetime
    since: datetime | None
    until: datetime | None
    enquiries: int
    shown: int
    tickets: int
    outcomes: Mapping[Outcome, int]  # of the shown enquiries; they sum to `shown`
    settledness: Mapping[Settledness, int]
    confirmed_rate: Rate
    ceiling: Rate
    clawed_back: int
    gaps: Sequence[Gap]
    stale: Sequence[StaleArticle]


def outcome(enquiry: Enquiry, events: Sequence[Event]) -> Outcome:
    """Tell how an enquiry ended.

    A ticket within 7 days beats everything: who presses "This solved it" and writes later was not helped.
    After that, the last word on "solved" counts, then whether an answer was opened.
    """
    final_at = enquiry.started_at + FINAL_AFTER
    kinds = {event.kind for event in events if event.at < final_at}
    if EventKind.TICKET in kinds:
        return Outcome.TICKET
    if _is_solved(events, final_at):
        return Outcome.CONFIRMED
    if kinds & {EventKind.OPENED, EventKind.HELPFUL, EventKind.SOLVED}:
        return Outcome.LIKELY
    return Outcome.UNKNOWN


def _is_solved(events: Sequence[Event], final_at: datetime) -> bool:
    words = [
        event
        for event in events
        if event.kind in (EventKind.SOLVED, EventKind.NOT_SOLVED) and event.at < final_at
    ]
    return bool(words) and max(words, key=lambda event: event.at).kind is EventKind.SOLVED


def settledness(enquiry: Enquiry, as_of: datetime) -> Settledness:
    """Tell how much the outcome of an enquiry can still change at a moment."""
    age = as_of - enquiry.started_at
    if age < PROVISIONAL_AFTER:
        return Settledness.OPEN
    return Settledness.PROVISIONAL if age < FINAL_AFTER else Settledness.FINAL


def figures(
    histories: Iterable[tuple[Enquiry, Sequence[Event]]],
    *,
    knowledge: Knowledge | None,
    as_of: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Figures:
    """Count a period. `histories` began in it; each has its events up to `as_of`."""
    enquiries = shown = tickets = clawed_back = 0
    outcomes: Counter[Outcome] = Counter()
    ages: Counter[Settledness] = Counter()
    unanswered = _Unanswered()
    for enquiry, events in histories:
        enquiries += 1
        kinds = {event.kind for event in events}
        tickets += sum(event.kind is EventKind.TICKET for event in events)
        unanswered.add(events)
        if EventKind.SHOWN not in kinds:
            continue
        shown += 1
        ended = outcome(enquiry, events)
        outcomes[ended] += 1
        ages[settledness(enquiry, as_of)] += 1
        clawed_back += ended is Outcome.TICKET and EventKind.SOLVED in kinds
    confirmed = outcomes[Outcome.CONFIRMED]
    return Figures(
        as_of=as_of,
        since=since,
        until=until,
        enquiries=enquiries,
        shown=shown,
        tickets=tickets,
        outcomes={kind: outcomes[kind] for kind in Outcome},
        settledness={age: ages[age] for age in Settledness},
        confirmed_rate=wilson(confirmed, shown),
        ceiling=wilson(confirmed + outcomes[Outcome.LIKELY], shown),
        clawed_back=clawed_back,
        gaps=unanswered.ranked(),
        stale=_stale(knowledge, as_of.date()) if knowledge else (),
    )


class _Unanswered:
    """Gathers the questions that no article answered: nothing was found, or what was found was declined."""

    def __init__(self) -> None:
        self._wordings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._enquiries: Counter[str] = Counter()
        self._tickets: Counter[str] = Counter()

    def add(self, events: Sequence[Event]) -> None:
        kinds = {event.kind for event in events}
        if EventKind.SOLVED in kinds and EventKind.TICKET not in kinds:
            return
        wrote = EventKind.TICKET in kinds
        seen = set()
        for event in events:
            if event.kind is not EventKind.QUESTION:
                continue
            answered = event.data.get("verdict") == Verdict.ANSWERS
            if answered and EventKind.DECLINED not in kinds:
                continue
            wording = str(event.data["text"])
            key = " ".join(wording.casefold().split())
            self._wordings[key][wording] += 1
            if key not in seen:
                seen.add(key)
                self._enquiries[key] += 1
                self._tickets[key] += wrote

    def ranked(self) -> list[Gap]:
        order = sorted(self._enquiries, key=lambda key: (-self._enquiries[key], -self._tickets[key], key))
        return [
            Gap(
                question=self._wordings[key].most_common(1)[0][0],
                enquiries=self._enquiries[key],
                tickets=self._tickets[key],
            )
            for key in order
        ]


def _stale(knowledge: Knowledge, today: date) -> list[StaleArticle]:
    """List the articles whose review is overdue, longest overdue first."""
    found = [
        StaleArticle(
            article=article.id,
            lang=article.lang,
            title=article.title,
            url=article.url,
            review_due=article.review_due,
        )
        for article in knowledge.articles
        if article.stale or (article.review_due is not None and article.review_due < today)
    ]
    return sorted(found, key=lambda stale: (stale.review_due or date.min, stale.article, stale.lang))
