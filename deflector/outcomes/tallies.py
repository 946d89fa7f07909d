"""Counts by day, language, category and side: all that the figures are made of.

A tally comes from the store's sums, or from walking every event again; the figures cannot tell which, and a
test holds one against the other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from deflector.model import Arm, ArticleVersion, Event, EventKind, Outcome
from deflector.outcomes.facts import EnquiryFacts, Settledness, settledness
from deflector.outcomes.reasons import as_reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Enquiries of one kind that began on one day of the desk's calendar (`day` is ISO 8601)."""

    day: str
    lang: str
    category: str
    arm: Arm
    bot: bool
    urgent: bool
    offered: bool
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A version of an article at one rank, on one day; rank 0 is "not from a list"."""

    day: str
    about: ArticleVersion
    rank: int


K = TypeVar("K")
N = TypeVar("N", bound=tuple[float, ...])

# The order of the numbers of a place, and the names that the store's columns have.
MEASURED = (
    "shown",
    "impressions",
    "opened",
    "solved",
    "opened_then_wrote",
    "declined",
    "helpful",
    "unhelpful",
    "seconds",
)

CellCounts = Mapping[Cell, tuple[int, int, int]]
PlaceCounts = Mapping[Place, tuple[float, ...]]
ReasonCounts = Mapping[tuple[str, ArticleVersion, str], int]
SideCounts = Mapping[tuple[str, str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question without an answer, as it is stored: redacted."""

    event: int
    enquiry: str | None
    text: str
    at: datetime
    lang: str
    category: str
    wrote: bool
    declined: ArticleVersion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Everything counted in a period. `young` holds what is younger than a day, `unsettled` than a week."""

    cells: CellCounts = field(default_factory=dict)
    young: CellCounts = field(default_factory=dict)
    unsettled: CellCounts = field(default_factory=dict)
    places: PlaceCounts = field(default_factory=dict)
    reasons: ReasonCounts = field(default_factory=dict)
    sides: SideCounts = field(default_factory=dict)
    unanswered: tuple[AskedQuestion, ...] = ()


def day_of(moment: datetime, zone: ZoneInfo) -> str:
    """Name the day of the desk's calendar; one with a change of the clock has 23 or 25 hours."""
    return moment.astimezone(zone).date().isoformat()


def is_midnight(moment: datetime, zone: ZoneInfo) -> bool:
    local = moment.astimezone(zone)
    return (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def cell_of(facts: EnquiryFacts, zone: ZoneInfo) -> Cell:
    return Cell(
        day=day_of(facts.started_at, zone),
        lang=facts.lang,
        category=facts.category,
        arm=facts.arm,
        bot=facts.bot,
        urgent=facts.urgent,
        offered=facts.offered,
        outcome=facts.outcome,
    )


def cell_counts(facts: EnquiryFacts) -> tuple[int, int, int]:
    return 1, facts.tickets, int(facts.clawed_back)


def places_of(facts: EnquiryFacts, zone: ZoneInfo) -> dict[Place, tuple[float, ...]]:
    """Lay out what an enquiry did with each article."""
    day = day_of(facts.started_at, zone)
    return {
        Place(day=day, about=part.about, rank=part.rank): tuple(getattr(part, name) for name in MEASURED)
        for part in facts.articles
    }


def reasons_of(facts: EnquiryFacts, zone: ZoneInfo) -> dict[tuple[str, ArticleVersion, str], int]:
    day = day_of(facts.started_at, zone)
    return {(day, part.about, part.reason): 1 for part in facts.articles if part.reason}


def loose_place(event: Event, zone: ZoneInfo) -> dict[Place, tuple[float, ...]]:
    """Count a reader's vote on an article page, which belongs to no enquiry."""
    if event.kind is not EventKind.FEEDBACK or event.about is None:
        return {}
    helpful = event.data.get("helpful") is True
    numbers = dict.fromkeys(MEASURED, 0) | {"helpful": int(helpful), "unhelpful": int(not helpful)}
    return {Place(day=day_of(event.at, zone), about=event.about, rank=0): tuple(numbers.values())}


def loose_reason(event: Event, zone: ZoneInfo) -> dict[tuple[str, ArticleVersion, str], int]:
    reason = as_reason(event.data.get("reason"))
    if event.kind is not EventKind.FEEDBACK or event.about is None or reason is None:
        return {}
    return {(day_of(event.at, zone), event.about, reason): 1}


def side_of(event: Event, lang: str, zone: ZoneInfo) -> tuple[str, str, str] | None:
    """Name what an event adds to the counts beside the enquiries: a search, a mark, a ticket's state."""
    match event.kind:
        case EventKind.SITE_SEARCH:
            kind = "site_search" if event.data.get("results") else "site_search_empty"
        case EventKind.SATISFACTION:
            kind = f"satisfaction_{event.data.get('mark')}"
        case EventKind.TICKET_ANSWERED | EventKind.TICKET_SOLVED | EventKind.TICKET_REOPENED:
            kind = event.kind.value
        case _:
            return None
    return day_of(event.at, zone), lang, kind


class Tallying:
    """Makes a tally by walking facts and loose events, one at a time."""

    def __init__(self, *, zone: ZoneInfo, as_of: datetime) -> None:
        self._zone = zone
        self._as_of = as_of
        self._cells: dict[Settledness, dict[Cell, tuple[int, int, int]]] = {age: {} for age in Settledness}
        self._places: dict[Place, tuple[float, ...]] = {}
        self._reasons: Counter[tuple[str, ArticleVersion, str]] = Counter()
        self._sides: Counter[tuple[str, str, str]] = Counter()
        self._unanswered: list[AskedQuestion] = []

    def add(self, facts: EnquiryFacts, events: Iterable[Event]) -> None:
        age = settledness(facts.started_at, self._as_of)
        accumulate(self._cells[age], {cell_of(facts, self._zone): cell_counts(facts)})
        accumulate(self._places, places_of(facts, self._zone))
        self._reasons.update(reasons_of(facts, self._zone))
        texts = {}
        for event in events:
            if event.kind is EventKind.QUESTION and event.seq is not None:
                texts[event.seq] = str(event.data.get("text", ""))
            if not facts.bot and (side := side_of(event, facts.lang, self._zone)):
                self._sides[side] += 1
        self._unanswered += [
            AskedQuestion(
                event=asked.event,
                enquiry=facts.enquiry,
                text=texts.get(asked.event, ""),
                at=asked.at,
                lang=asked.lang,
                category=facts.category,
                wrote=asked.wrote,
                declined=asked.declined,
            )
            for asked in facts.unanswered
        ]

    def add_loose(self, event: Event) -> None:
        accumulate(self._places, loose_place(event, self._zone))
        self._reasons.update(loose_reason(event, self._zone))
        if side := side_of(event, str(event.data.get("lang", "")), self._zone):
            self._sides[side] += 1
        text = event.data.get("text")
        if event.kind is EventKind.SITE_SEARCH and text and not event.data.get("results"):
            self._unanswered.append(
                AskedQuestion(
                    event=event.seq or 0,
                    enquiry=None,
                    text=str(text),
                    at=event.at,
                    lang=str(event.data.get("lang", "")),
                    category="",
                    wrote=False,
                    declined=None,
                )
            )

    def tally(self) -> Tally:
        young = self._cells[Settledness.OPEN]
        unsettled = dict(young)
        accumulate(unsettled, self._cells[Settledness.PROVISIONAL])
        cells = dict(unsettled)
        accumulate(cells, self._cells[Settledness.FINAL])
        return Tally(
            cells=cells,
            young=young,
            unsettled=unsettled,
            places=self._places,
            reasons=self._reasons,
            sides=self._sides,
            unanswered=tuple(self._unanswered),
        )


def accumulate(into: dict[K, N], counts: Mapping[K, N]) -> None:
    """Add counts to counts, number by number."""
    for key, numbers in counts.items():
        known = into.get(key)
        into[key] = numbers if known is None else _sum(known, numbers)


def _sum(one: N, other: N) -> N:
    return type(one)(map(sum, zip(one, other, strict=True)))
