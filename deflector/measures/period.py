"""A period, counted: from the sums that are kept, or from every event again."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from deflector.outcomes.facts import FINAL_AFTER, PROVISIONAL_AFTER, facts_of
from deflector.outcomes.tallies import AskedQuestion, CellCounts, Tally, Tallying, day_of, is_midnight
from deflector.store.store import Transaction

# Grouping compares every question with every other; beyond this many the latest speak for all.
MOST_QUESTIONS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The enquiries counted: those that began in [since, until), of one language and category, or all."""

    since: datetime | None = None
    until: datetime | None = None
    lang: str | None = None
    category: str | None = None

    def is_whole_days(self, zone: ZoneInfo) -> bool:
        return all(moment is None or is_midnight(moment, zone) for moment in (self.since, self.until))

    def days(self, zone: ZoneInfo) -> dict[str, str | None]:
        return {
            "since": day_of(self.since, zone) if self.since else None,
            "until": day_of(self.until, zone) if self.until else None,
        }


def from_sums(
    tx: Transaction,
    period: Period,
    *,
    zone: ZoneInfo,
    as_of: datetime,
    most_questions: int = MOST_QUESTIONS,
) -> Tally:
    """Read a period of whole days from the sums; `as_of` is now or later."""
    days = period.days(zone)
    return Tally(
        cells=_only(tx.figures.cells(**days), period),
        young=_only(tx.figures.cells_since(as_of - PROVISIONAL_AFTER, **days), period),
        unsettled=_only(tx.figures.cells_since(as_of - FINAL_AFTER, **days), period),
        places=tx.figures.places(**days, lang=period.lang),
        reasons=tx.figures.reasons(**days, lang=period.lang),
        sides=tx.figures.sides(**days, lang=period.lang),
        unanswered=tx.figures.unanswered(
            since=period.since,
            until=period.until,
            lang=period.lang,
            category=period.category,
            limit=most_questions,
        ),
    )


def from_events(tx: Transaction, period: Period, *, zone: ZoneInfo, as_of: datetime) -> Tally:
    """Count a period from scratch, as it stood at a moment."""
    tallying = Tallying(zone=zone, as_of=as_of)
    for enquiry, events in tx.enquiries.histories(since=period.since, until=period.until, as_of=as_of):
        if period.lang in (None, enquiry.lang):
            tallying.add(facts_of(enquiry, events), events)
    for event in tx.enquiries.loose(since=period.since, until=period.until, as_of=as_of):
        lang = event.about.lang if event.about else event.data.get("lang")
        if period.lang in (None, lang):
            tallying.add_loose(event)
    tally = tallying.tally()
    return replace(
        tally,
        cells=_only(tally.cells, period),
        young=_only(tally.young, period),
        unsettled=_only(tally.unsettled, period),
        unanswered=_latest(
            [asked for asked in tally.unanswered if period.category in (None, asked.category)]
        ),
    )


def _latest(asked: list[AskedQuestion]) -> tuple[AskedQuestion, ...]:
    return tuple(sorted(asked, key=lambda one: (one.at, one.event), reverse=True)[:MOST_QUESTIONS])


def _only(cells: CellCounts, period: Period) -> CellCounts:
    return {
        cell: counts
        for cell, counts in cells.items()
        if period.lang in (None, cell.lang) and period.category in (None, cell.category)
    }
