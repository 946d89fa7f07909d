"""The sums behind the figures: taken in enquiry by enquiry, read by period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from deflector.model import Arm, ArticleVersion, Event, EventKind, Outcome
from deflector.outcomes.facts import EnquiryFacts
from deflector.outcomes.tallies import MEASURED, AskedQuestion, Cell, Place
from deflector.store import due, tables
from deflector.store import figure_tables as sums
from deflector.store.dialect import add_up
from deflector.store.figure_changes import Change, cell, version_of

# Raise it when `facts_of` comes to say something else: every sum is then made again.
DEFINITIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEnquiry:
    """One enquiry behind a number: when, about what, how it ended. Questions are as stored: redacted."""

    started_at: datetime
    lang: str
    category: str
    outcome: Outcome
    questions: tuple[str, ...]


class FigureSums:
    """The sums of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, zone: ZoneInfo) -> None:
        """Keep other roll-ups out until the transaction ends; forget sums of other days or definitions."""
        made = self._connection.execute(select(sums.figures_made).with_for_update()).one()
        if (made.zone, made.definitions) == (zone.key, DEFINITIONS):
            return
        for table in (
            sums.enquiry_facts,
            sums.daily_outcomes,
            sums.daily_articles,
            sums.daily_reasons,
            sums.daily_sides,
            sums.unanswered,
            sums.figures_due,
        ):
            self._connection.execute(delete(table))
        self._connection.execute(update(sums.figures_made).values(zone=zone.key, definitions=DEFINITIONS))
        everything = insert(sums.figures_due)
        # In their order, so that what is taken in at once shares its days, and so its sums.
        by_day = select(tables.enquiries.c.id).order_by(tables.enquiries.c.started_at)
        self._connection.execute(everything.from_select(["enquiry"], by_day))
        loose = select(tables.events.c.seq).where(tables.events.c.enquiry.is_(None))
        self._connection.execute(everything.from_select(["event"], loose))

    def is_behind(self, zone: ZoneInfo) -> bool:
        """Say whether something waits to be taken in."""
        made = self._connection.execute(select(sums.figures_made)).one()
        if (made.zone, made.definitions) != (zone.key, DEFINITIONS):
            return True
        return self._connection.execute(select(sums.figures_due.c.id).limit(1)).first() is not None

    def due(self, limit: int) -> tuple[list[int], set[str], list[int]]:
        """Look at what has not been taken in yet: notes, enquiries, loose events."""
        return due.some(self._connection, limit)

    def done(self, notes: Iterable[int]) -> None:
        due.done(self._connection, notes)

    def take_in(
        self,
        facts: Sequence[tuple[EnquiryFacts, Sequence[Event]]],
        loose: Sequence[Event],
        zone: ZoneInfo,
    ) -> None:
        """Replace what enquiries said before by what they say now, and add events that stand alone."""
        change = Change(zone)
        ids = [one.enquiry for one, _ in facts]
        before = self._connection.execute(
            select(sums.enquiry_facts).where(sums.enquiry_facts.c.enquiry.in_(ids))
        )
        for row in before:
            change.take_back(row)
        for one, events in facts:
            change.add(one, events)
        for event in loose:
            change.add_loose(event)
        self._connection.execute(delete(sums.enquiry_facts).where(sums.enquiry_facts.c.enquiry.in_(ids)))
        self._connection.execute(delete(sums.unanswered).where(sums.unanswered.c.enquiry.in_(ids)))
        for table, rows in ((sums.enquiry_facts, change.facts), (sums.unanswered, change.questions)):
            if rows:
                self._connection.execute(insert(table), rows)
        for table, key, counted in change.sums():
            if counted:
                add_up(self._connection, table, counted, key=key)

    def cells(self, *, since: str | None, until: str | None) -> dict[Cell, tuple[int, int, int]]:
        """Read the cells of the days in [since, until)."""
        table = sums.daily_outcomes
        rows = self._connection.execute(
            select(table).where(*_days(table.c.day, since, until), table.c.enquiries > 0)
        )
        return {cell(row): (row.enquiries, row.tickets, row.clawed_back) for row in rows}

    def cells_since(
        self, moment: datetime, *, since: str | None, until: str | None
    ) -> dict[Cell, tuple[int, int, int]]:
        """Count the enquiries of those days that began after a moment: the few that are not settled."""
        table = sums.enquiry_facts
        named = [table.c[name] for name in sums.CELL]
        rows = self._connection.execute(
            select(*named, func.count(), func.sum(table.c.tickets), func.sum(table.c.clawed_back))
            .where(table.c.started_at > moment, *_days(table.c.day, since, until))
            .group_by(*named)
        )
        return {cell(row): (int(row[-3]), int(row[-2]), int(row[-1])) for row in rows}

    def places(
        self, *, since: str | None, until: str | None, lang: str | None = None
    ) -> dict[Place, tuple[float, ...]]:
        """Read what happened to articles, the days of the period added up (`day` is then empty)."""
        table = sums.daily_articles
        key = [table.c[name] for name in sums.PART if name != "day"]
        rows = self._connection.execute(
            select(*key, *(func.sum(table.c[name]) for name in MEASURED))
            .where(*_days(table.c.day, since, until), *_lang(table.c.lang, lang))
            .group_by(*key)
        )
        return {
            Place(
                day="",
                about=ArticleVersion(article=row.article, lang=row.lang, version=row.version),
                rank=row.rank,
            ): tuple(row[len(key) :])
            for row in rows
        }

    def reasons(
        self, *, since: str | None, until: str | None, lang: str | None = None
    ) -> dict[tuple[str, ArticleVersion, str], int]:
        table = sums.daily_reasons
        key = [table.c[name] for name in sums.REASON if name != "day"]
        rows = self._connection.execute(
            select(*key, func.sum(table.c.votes))
            .where(*_days(table.c.day, since, until), *_lang(table.c.lang, lang))
            .group_by(*key)
        )
        return {
            (
                "",
                ArticleVersion(article=row.article, lang=row.lang, version=row.version),
                row.reason,
            ): int(row[-1])
            for row in rows
        }

    def sides(
        self, *, since: str | None, until: str | None, lang: str | None = None
    ) -> dict[tuple[str, str, str], int]:
        table = sums.daily_sides
        rows = self._connection.execute(
            select(table).where(
                *_days(table.c.day, since, until), *_lang(table.c.lang, lang), table.c.times > 0
            )
        )
        return {(row.day, row.lang, row.kind): row.times for row in rows}

    def daily(self, name: str) -> tuple[list[str], list[tuple[object, ...]]]:
        """Read a whole daily table, "outcomes" or "articles": the names of its columns, and its rows."""
        table = {"outcomes": sums.daily_outcomes, "articles": sums.daily_articles}[name]
        key = list(table.primary_key.columns)
        counts = [column for column in table.c if column not in key]
        rows = self._connection.execute(
            select(table).where(or_(*(column != 0 for column in counts))).order_by(*key)
        )
        return [column.name for column in table.c], [tuple(row) for row in rows]

    def enquiries(
        self,
        *,
        since: str | None,
        until: str | None,
        lang: str | None,
        category: str | None,
        outcome: Outcome | None,
        article: str | None,
        limit: int,
    ) -> list[ListedEnquiry]:
        """List the latest enquiries of people in those days, with what they asked."""
        table, event = sums.enquiry_facts, tables.events
        conditions = [
            *_days(table.c.day, since, until),
            *_lang(table.c.lang, lang),
            table.c.bot.is_(False),
        ]
        if category:
            conditions.append(table.c.category == category)
        if outcome:
            # A number of outcomes counts those that were shown something.
            conditions += [table.c.outcome == outcome, table.c.offered.is_(True), table.c.arm == Arm.SHOWN]
        if article:
            shown = select(event.c.enquiry).where(event.c.article == article, event.c.kind == EventKind.SHOWN)
            conditions.append(table.c.enquiry.in_(shown))
        rows = self._connection.execute(
            select(table).where(*conditions).order_by(table.c.started_at.desc()).limit(limit)
        ).all()
        ids = [row.enquiry for row in rows]
        asked: dict[str, list[str]] = {}
        for row in self._connection.execute(
            select(event.c.enquiry, event.c.data)
            .where(event.c.enquiry.in_(ids), event.c.kind == EventKind.QUESTION)
            .order_by(event.c.seq)
        ):
            asked.setdefault(row.enquiry, []).append(str(row.data.get("text", "")))
        return [
            ListedEnquiry(
                started_at=row.started_at,
                lang=row.lang,
                category=row.category,
                outcome=Outcome(row.outcome),
                questions=tuple(asked.get(row.enquiry, ())),
            )
            for row in rows
        ]

    def unanswered(
        self,
        *,
        since: datetime | None,
        until: datetime | None,
        lang: str | None = None,
        category: str | None = None,
        limit: int,
    ) -> tuple[AskedQuestion, ...]:
        """Read the questions that no article answered, the latest `limit`, latest first."""
        table, event = sums.unanswered, tables.events
        conditions: list[ColumnElement[bool]] = []
        if since:
            conditions.append(table.c.at >= since)
        if until:
            conditions.append(table.c.at < until)
        if lang:
            conditions.append(table.c.lang == lang)
        if category:
            conditions.append(table.c.category == category)
        rows = self._connection.execute(
            select(table, event.c.data)
            .join(event, event.c.seq == table.c.event)
            .where(*conditions)
            .order_by(table.c.at.desc(), table.c.event.desc())
            .limit(limit)
        )
        return tuple(_asked(row) for row in rows)


def _asked(row: Row[Any]) -> AskedQuestion:
    return AskedQuestion(
        event=row.event,
        enquiry=row.enquiry,
        text=str(row.data.get("text", "")),
        at=row.at,
        lang=row.lang,
        category=row.category,
        wrote=bool(row.wrote),
        declined=version_of(row.article, row.article_lang, row.version) if row.article else None,
    )


def _days(column: ColumnElement[str], since: str | None, until: str | None) -> list[ColumnElement[bool]]:
    conditions = []
    if since:
        conditions.append(column >= since)
    if until:
        conditions.append(column < until)
    return conditions


def _lang(column: ColumnElement[str], lang: str | None) -> list[ColumnElement[bool]]:
    return [column == lang] if lang else []
