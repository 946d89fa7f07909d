"""What was learned from people: counted by wording and version of an article, without who they were."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from deflector.model import EventKind
from deflector.outcomes.learned import FEWEST_PEOPLE, Counted, LearnedWording
from deflector.outcomes.wordings import Told, key_of, mark_of
from deflector.store import tables
from deflector.store.dialect import insert_new
from deflector.store.learned_tables import learned_counts, learned_state, learned_wordings

# What makes an enquiry say something about a wording.
TELLING = (EventKind.SOLVED, EventKind.NOT_SOLVED, EventKind.UNHELPFUL, EventKind.TICKET)
_KEY = ("lang", "article", "mark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Up to which enquiry was listened; `edition` changes with everything that was learned."""

    until: datetime | None
    enquiry: str | None
    edition: int


class LearnedRows:
    """What was learned, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def heard(self) -> Heard:
        row = self._connection.execute(select(learned_state)).one()
        return Heard(until=row.until, enquiry=row.enquiry, edition=row.edition)

    def edition(self) -> int:
        edition: int = self._connection.execute(select(learned_state.c.edition)).scalar_one()
        return edition

    def unheard(
        self, heard: Heard, *, since: datetime, before: datetime, limit: int
    ) -> list[tuple[datetime, str]]:
        """List the next enquiries that may say something, of those that began in [since, before)."""
        enquiry, event = tables.enquiries, tables.events
        telling = exists().where(event.c.enquiry == enquiry.c.id, event.c.kind.in_(TELLING))
        begun = [enquiry.c.started_at >= since, enquiry.c.started_at < before]
        if heard.until is not None:
            same = and_(enquiry.c.started_at == heard.until, enquiry.c.id > (heard.enquiry or ""))
            begun.append(or_(enquiry.c.started_at > heard.until, same))
        rows = self._connection.execute(
            select(enquiry.c.started_at, enquiry.c.id)
            .where(*begun, telling)
            .order_by(enquiry.c.started_at, enquiry.c.id)
            .limit(limit)
        )
        return [(row.started_at, row.id) for row in rows]

    def hold(self, heard: Heard) -> bool:
        """Keep others from listening until the transaction ends; False where another was faster."""
        row = self._connection.execute(select(learned_state).with_for_update()).one()
        return (row.until, row.enquiry) == (heard.until, heard.enquiry)

    def listen(self, told: Iterable[tuple[datetime, Told]], *, until: datetime, enquiry: str) -> None:
        """Count what enquiries said, each once. Words are kept from the second person on."""
        anything = False
        for at, one in told:
            anything = True
            self._count(one, at)
        state = update(learned_state).values(until=until, enquiry=enquiry)
        self._connection.execute(
            state.values(edition=learned_state.c.edition + 1) if anything else state,
        )

    def wordings(self) -> list[LearnedWording]:
        """List every wording that two people have used, the latest confirmed first."""
        wording, count = learned_wordings, learned_counts
        same = and_(*(count.c[name] == wording.c[name] for name in _KEY))
        rows = self._connection.execute(
            select(wording, count.c.version, count.c.solved, count.c.declined, count.c.last_solved)
            .select_from(wording.outerjoin(count, same))
            .order_by(*(wording.c[name] for name in _KEY))
        )
        found = [_wording(list(group)) for _, group in groupby(rows, key=lambda row: tuple(row[:3]))]
        return sorted(found, key=lambda one: -(one.last_solved.timestamp() if one.last_solved else 0.0))

    def forget(self, wordings: Sequence[LearnedWording]) -> None:
        """Take wordings away for good: only the hash is kept, so that they are not learned again."""
        for one in wordings:
            key = {"lang": one.lang, "article": one.article, "mark": one.mark}
            insert_new(self._connection, learned_wordings, [key], unique=_KEY)
            gone = update(learned_wordings).where(*_same(learned_wordings, key))
            self._connection.execute(gone.values(text=None, forgotten=True))
            self._connection.execute(delete(learned_counts).where(*_same(learned_counts, key)))
        if wordings:
            self._changed()

    def forget_names(self, names: Iterable[str]) -> int:
        """Take away wordings in which one of these names stands; return how many."""
        wanted = {f" {key} " for name in names if (key := key_of(name))}
        naming = [
            one
            for one in self.wordings()
            if one.text and any(name in f" {key_of(one.text)} " for name in wanted)
        ]
        self.forget(naming)
        return len(naming)

    def sweep(self, *, alone_before: datetime, silent_before: datetime) -> None:
        """Drop the traces of wordings that too few used lately, and what nobody confirmed for long.

        `alone_before`: the hashes of what no two people confirmed. `silent_before`: the rest. What is
        forgotten stays so.
        """
        count, wording = learned_counts, learned_wordings
        kept = select(*(wording.c[name] for name in _KEY)).where(wording.c.text.is_not(None))
        key = tuple_(*(count.c[name] for name in _KEY))
        alone = delete(count).where(count.c.heard_at < alone_before, key.not_in(kept))
        silent = (
            select(*(count.c[name] for name in _KEY))
            .group_by(*(count.c[name] for name in _KEY))
            .having(func.max(count.c.last_solved) < silent_before)
        )
        self._connection.execute(alone)
        old = self._connection.execute(silent).all()
        for row in old:
            for table in (wording, count):
                self._connection.execute(delete(table).where(*_same(table, row._asdict())))
        if old:
            self._changed()

    def _count(self, one: Told, at: datetime) -> None:
        about, mark = one.about, mark_of(one.wording)
        key = {"lang": about.lang, "article": about.article, "mark": mark}
        known = self._connection.execute(
            select(learned_wordings).where(*_same(learned_wordings, key))
        ).one_or_none()
        if known is not None and known.forgotten:
            return
        count = learned_counts
        empty = {**key, "version": about.version, "solved": 0, "declined": 0, "heard_at": at}
        insert_new(self._connection, count, [empty], unique=(*_KEY, "version"))
        same = _same(count, key)
        change = update(count).where(*same, count.c.version == about.version)
        if not one.solved:
            self._connection.execute(change.values(declined=count.c.declined + 1, heard_at=at))
            return
        self._connection.execute(change.values(solved=count.c.solved + 1, last_solved=at, heard_at=at))
        people = self._connection.execute(select(func.sum(count.c.solved)).where(*same)).scalar_one()
        if known is None and people >= FEWEST_PEOPLE:
            self._connection.execute(insert(learned_wordings).values(**key, text=one.wording))

    def _changed(self) -> None:
        self._connection.execute(update(learned_state).values(edition=learned_state.c.edition + 1))


def _same(table: Table, key: Mapping[str, object]) -> list[ColumnElement[bool]]:
    return [table.c[name] == key[name] for name in _KEY]


def _wording(rows: Sequence[Row[Any]]) -> LearnedWording:
    first = rows[0]
    confirmed = [row.last_solved for row in rows if row.last_solved is not None]
    return LearnedWording(
        lang=first.lang,
        article=first.article,
        mark=first.mark,
        text=first.text,
        by_version={
            row.version: Counted(solved=row.solved, declined=row.declined)
            for row in rows
            if row.version is not None
        },
        last_solved=max(confirmed, default=None),
        forgotten=bool(first.forgotten),
    )
