"""Enquiries and what happened in them. Events are only ever added."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, tuple_

from deflector.model import Arm, ArticleVersion, Channel, Enquiry, EnquiryKey, Event, EventKind
from deflector.store import due, tables
from deflector.store.dialect import insert_new

# What can happen outside an enquiry.
LOOSE = (EventKind.FEEDBACK, EventKind.SITE_SEARCH, EventKind.SATISFACTION)


_KINDS = {kind.value: kind for kind in EventKind}
# Labelled, so that an event's language is not taken for its enquiry's.
_EVENT = tuple(
    tables.events.c[name].label(f"event_{name}")
    for name in (
        *("enquiry", "kind", "at", "article", "lang", "version", "rank", "confidence"),
        *("data", "client_id", "schema", "seq"),
    )
)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Enquiries:
    """The enquiries of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, enquiry: Enquiry, token: str | None) -> None:
        """Store a new enquiry. Only a hash of its token is kept; without one, nobody can act on it."""
        self._connection.execute(
            insert(tables.enquiries).values(
                id=enquiry.id,
                token_hash=_hash(token) if token else "",
                started_at=enquiry.started_at,
                lang=enquiry.lang,
                channel=enquiry.channel,
                arm=enquiry.arm,
                page=enquiry.page,
                bot=enquiry.bot,
            )
        )
        due.mark(self._connection, [enquiry.id])

    def find(self, enquiry_id: str) -> Enquiry | None:
        row = self._connection.execute(
            select(tables.enquiries).where(tables.enquiries.c.id == enquiry_id)
        ).one_or_none()
        return _enquiry(row) if row else None

    def owned_by(self, key: EnquiryKey) -> Enquiry | None:
        """Find the enquiry of a key, if the token is the one that it was started with."""
        if key.token is None:
            return None
        row = self._connection.execute(
            select(tables.enquiries).where(tables.enquiries.c.id == key.id)
        ).one_or_none()
        if row is None or not hmac.compare_digest(row.token_hash, _hash(key.token)):
            return None
        return _enquiry(row)

    def record(self, events: Iterable[Event]) -> None:
        """Append events, but for those with a client id that their enquiry has already: they are repeats."""
        events = list(events)
        rows = [
            {
                "enquiry": event.enquiry,
                "kind": event.kind,
                "at": event.at,
                "article": event.about.article if event.about else None,
                "lang": event.about.lang if event.about else None,
                "version": event.about.version if event.about else None,
                "rank": event.data.get("rank"),
                "confidence": event.data.get("confidence"),
                "data": {k: v for k, v in event.data.items() if k not in ("rank", "confidence")},
                "schema": event.schema,
                "client_id": event.client_id,
            }
            for event in events
        ]
        whole = [row for row in rows if row["enquiry"] is not None]
        if whole:
            insert_new(self._connection, tables.events, whole, unique=("enquiry", "client_id"))
            due.mark(self._connection, {str(row["enquiry"]) for row in whole})
        for row in rows:
            if row["enquiry"] is None:
                seq = self._connection.execute(insert(tables.events).values(row)).inserted_primary_key
                due.mark_event(self._connection, seq[0] if seq else None)

    def events_of(self, enquiry_id: str) -> list[Event]:
        """List the events of one enquiry in the order in which they came in."""
        rows = self._connection.execute(
            select(*_EVENT).where(tables.events.c.enquiry == enquiry_id).order_by(tables.events.c.seq)
        )
        return [_event(row) for row in rows]

    def histories(
        self, *, since: datetime | None, until: datetime | None, as_of: datetime
    ) -> Iterator[tuple[Enquiry, list[Event]]]:
        """Walk the enquiries that started in [since, until) with their events up to `as_of`."""
        started = tables.enquiries.c.started_at
        conditions = [started <= as_of]
        if since:
            conditions.append(started >= since)
        if until:
            conditions.append(started < until)
        return self._walk(conditions, as_of)

    def histories_of(self, enquiries: Iterable[str]) -> Iterator[tuple[Enquiry, list[Event]]]:
        """Walk these enquiries with all their events."""
        wanted = list(enquiries)
        event = tables.events
        events: defaultdict[str, list[Event]] = defaultdict(list)
        for row in self._connection.execute(
            select(*_EVENT).where(event.c.enquiry.in_(wanted)).order_by(event.c.seq)
        ):
            events[row[0]].append(_event(row))
        enquiry = tables.enquiries
        for found in self._connection.execute(select(enquiry).where(enquiry.c.id.in_(wanted))).all():
            yield _enquiry(found), events[found.id]

    def about(
        self, articles: Iterable[tuple[str, str]], *, since: datetime, until: datetime
    ) -> Iterator[tuple[Enquiry, list[Event]]]:
        """Walk the enquiries of [since, until) in which one of these articles (id, language) was shown."""
        event = tables.events
        shown = select(event.c.enquiry).where(
            event.c.kind == EventKind.SHOWN,
            event.c.at >= since,
            tuple_(event.c.article, event.c.lang).in_(list(articles)),
        )
        started = tables.enquiries.c.started_at
        return self._walk([started >= since, started < until, tables.enquiries.c.id.in_(shown)], None)

    def articles_shown(self, *, since: datetime) -> list[tuple[str, str]]:
        """List the articles (id, language) that were shown since a moment."""
        event = tables.events
        rows = self._connection.execute(
            select(event.c.article, event.c.lang)
            .where(event.c.kind == EventKind.SHOWN, event.c.at >= since)
            .distinct()
            .order_by(event.c.article, event.c.lang)
        )
        return [(row.article, row.lang) for row in rows]

    def loose(self, *, since: datetime | None, until: datetime | None, as_of: datetime) -> Iterator[Event]:
        """Walk the events that belong to no enquiry: votes on pages, searches on the site."""
        event = tables.events
        conditions = [event.c.kind.in_(LOOSE), event.c.enquiry.is_(None), event.c.at <= as_of]
        if since:
            conditions.append(event.c.at >= since)
        if until:
            conditions.append(event.c.at < until)
        for row in self._connection.execute(select(*_EVENT).where(*conditions).order_by(event.c.seq)):
            yield _event(row)

    def events_numbered(self, seqs: Iterable[int]) -> list[Event]:
        rows = self._connection.execute(select(*_EVENT).where(tables.events.c.seq.in_(list(seqs))))
        return [_event(row) for row in rows]

    def _walk(
        self, conditions: Sequence[ColumnElement[bool]], as_of: datetime | None
    ) -> Iterator[tuple[Enquiry, list[Event]]]:
        event = tables.events
        belongs = event.c.enquiry == tables.enquiries.c.id
        joined = tables.enquiries.outerjoin(
            event, and_(belongs, event.c.at <= as_of) if as_of is not None else belongs
        )
        rows = self._connection.execution_options(yield_per=1000).execute(
            select(*tables.enquiries.c, *_EVENT)
            .select_from(joined)
            .where(*conditions)
            .order_by(tables.enquiries.c.started_at, tables.enquiries.c.id, event.c.seq)
        )
        for _, group in groupby(rows, key=itemgetter(0)):
            members = list(group)
            yield (
                _enquiry(members[0]),
                [_event(row[-len(_EVENT) :]) for row in members if row[-1] is not None],
            )


def _enquiry(row: Row[tuple[object, ...]]) -> Enquiry:
    return Enquiry(
        id=row.id,
        started_at=row.started_at,
        lang=row.lang,
        channel=Channel(row.channel),
        arm=Arm(row.arm),
        page=row.page,
        bot=row.bot,
    )


@lru_cache(maxsize=10_000)
def _about(article: str, lang: str, version: int) -> ArticleVersion:
    """Make each version once: a long history names few of them, again and again."""
    return ArticleVersion(article=article, lang=lang, version=version)


def _event(row: Sequence[Any]) -> Event:
    """Make an event of the columns of `_EVENT`, in their order: history is long, and names cost time."""
    enquiry, kind, at, article, lang, version, rank, confidence, data, client_id, schema, seq = row
    if rank is not None:
        data["rank"] = rank
    if confidence is not None:
        data["confidence"] = confidence
    return Event(
        kind=_KINDS[kind],
        at=at,
        enquiry=enquiry,
        about=_about(article, lang, version) if article else None,
        data=MappingProxyType(data),
        client_id=client_id,
        schema=schema,
        seq=seq,
    )
