"""What taking an enquiry in changes: rows of facts, and sums to add to sums."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Table

from deflector.model import Arm, ArticleVersion, Event, EventKind, Outcome
from deflector.outcomes.facts import EnquiryFacts
from deflector.outcomes.tallies import (
    MEASURED,
    Cell,
    Place,
    cell_counts,
    cell_of,
    loose_place,
    loose_reason,
    places_of,
    reasons_of,
    side_of,
)
from deflector.store import figure_tables as sums

_SUMMED = ("enquiries", "tickets", "clawed_back")
Rows = list[dict[str, object]]


class Change:
    """What taking some enquiries in adds to the sums."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.facts: Rows = []
        self._cells: defaultdict[Cell, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._places: defaultdict[Place, list[float]] = defaultdict(lambda: [0.0] * len(MEASURED))
        self._reasons: Counter[tuple[str, ArticleVersion, str]] = Counter()
        self._sides: Counter[tuple[str, str, str]] = Counter()
        self.questions: Rows = []

    def add(self, facts: EnquiryFacts, events: Sequence[Event]) -> None:
        kind, numbers = cell_of(facts, self._zone), cell_counts(facts)
        places, reasons = places_of(facts, self._zone), reasons_of(facts, self._zone)
        found = [] if facts.bot else [side_of(event, facts.lang, self._zone) for event in events]
        sides = Counter(side for side in found if side is not None)
        self._count(kind, numbers, places, reasons, sides, 1)
        self.facts.append(
            {
                "enquiry": facts.enquiry,
                "started_at": facts.started_at,
                **{name: getattr(kind, name) for name in sums.CELL},
                "clawed_back": int(facts.clawed_back),
                "tickets": facts.tickets,
                "parts": {
                    "places": [[*_place_key(place), *counts] for place, counts in places.items()],
                    "reasons": [[day, *_about(about), reason] for day, about, reason in reasons],
                    "sides": [[*side, times] for side, times in sides.items()],
                },
            }
        )
        self.questions += [
            {
                "event": asked.event,
                "enquiry": facts.enquiry,
                "at": asked.at,
                "lang": asked.lang,
                "category": facts.category,
                "wrote": asked.wrote,
                "article": asked.declined.article if asked.declined else None,
                "article_lang": asked.declined.lang if asked.declined else None,
                "version": asked.declined.version if asked.declined else None,
            }
            for asked in facts.unanswered
        ]

    def add_loose(self, event: Event) -> None:
        lang = str(event.data.get("lang", ""))
        side = side_of(event, lang, self._zone)
        sides = Counter({side: 1} if side else {})
        self._count(None, (), loose_place(event, self._zone), loose_reason(event, self._zone), sides, 1)
        if event.kind is EventKind.SITE_SEARCH and not event.data.get("results") and event.data.get("text"):
            self.questions.append(
                {
                    "event": event.seq,
                    "enquiry": None,
                    "at": event.at,
                    "lang": lang,
                    "category": "",
                    "wrote": False,
                    "article": None,
                    "article_lang": None,
                    "version": None,
                }
            )

    def take_back(self, row: Row[Any]) -> None:
        parts = row.parts
        self._count(
            cell(row),
            (1, row.tickets, row.clawed_back),
            {_place(one[:5]): tuple(one[5:]) for one in parts["places"]},
            {(day, version_of(*about), reason): 1 for day, *about, reason in parts["reasons"]},
            Counter({(day, lang, kind): times for day, lang, kind, times in parts["sides"]}),
            -1,
        )

    def _count(
        self,
        kind: Cell | None,
        numbers: Sequence[int],
        places: Mapping[Place, Sequence[float]],
        reasons: Mapping[tuple[str, ArticleVersion, str], int],
        sides: Mapping[tuple[str, str, str], int],
        sign: int,
    ) -> None:
        if kind is not None:
            for at, number in enumerate(numbers):
                self._cells[kind][at] += sign * number
        for place, counts in places.items():
            for at, count in enumerate(counts):
                self._places[place][at] += sign * count
        for reason, votes in reasons.items():
            self._reasons[reason] += sign * votes
        for side, times in sides.items():
            self._sides[side] += sign * times

    def sums(self) -> Iterator[tuple[Table, tuple[str, ...], Rows]]:
        """List the tables to add to: their key, and what to add."""
        yield (
            sums.daily_outcomes,
            sums.CELL,
            [
                {name: getattr(kind, name) for name in sums.CELL} | dict(zip(_SUMMED, counts, strict=True))
                for kind, counts in self._cells.items()
                if any(counts)
            ],
        )
        yield (
            sums.daily_articles,
            sums.PART,
            [
                dict(zip(sums.PART, _place_key(place), strict=True))
                | dict(zip(MEASURED, counts, strict=True))
                for place, counts in self._places.items()
                if any(counts)
            ],
        )
        yield (
            sums.daily_reasons,
            sums.REASON,
            [
                dict(zip(sums.REASON, (day, *_about(about), reason), strict=True)) | {"votes": votes}
                for (day, about, reason), votes in self._reasons.items()
                if votes
            ],
        )
        yield (
            sums.daily_sides,
            sums.SIDE,
            [
                dict(zip(sums.SIDE, side, strict=True)) | {"times": times}
                for side, times in self._sides.items()
                if times
            ],
        )


def _about(about: ArticleVersion) -> tuple[str, str, int]:
    return about.article, about.lang, about.version


def version_of(article: str, lang: str, version: int) -> ArticleVersion:
    return ArticleVersion(article=article, lang=lang, version=version)


def _place_key(place: Place) -> tuple[str, str, str, int, int]:
    return place.day, *_about(place.about), place.rank


def _place(key: Sequence[object]) -> Place:
    day, article, lang, version, rank = key
    return Place(
        day=str(day), about=version_of(str(article), str(lang), int(str(version))), rank=int(str(rank))
    )


def cell(row: Any) -> Cell:
    return Cell(
        day=row.day,
        lang=row.lang,
        category=row.category,
        arm=Arm(row.arm),
        bot=bool(row.bot),
        urgent=bool(row.urgent),
        offered=bool(row.offered),
        outcome=Outcome(row.outcome),
    )
