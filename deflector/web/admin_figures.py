"""What the dashboard shows, worked out from the sums: the same figures as `deflector report`."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from werkzeug.datastructures import MultiDict

from deflector.keys import secret_key
from deflector.knowledge import Knowledge
from deflector.measures.deciding import marks_of
from deflector.measures.effect import FEWEST_FOR_A_RATE
from deflector.measures.figures import Figures, figures, was_shown
from deflector.measures.gaps import Gap, gaps_of, still_open
from deflector.measures.grouping import best_grouping
from deflector.measures.period import Period, from_sums
from deflector.measures.rollup import FOR_A_PAGE, catch_up
from deflector.model import OutboxState, Outcome
from deflector.outcomes.tallies import Tally, midnight
from deflector.store.ticket_figures import answer_times, marks
from deflector.web.charts import Stack, stacked
from deflector.web.services import Services

SPANS = ("7", "28", "90", "365")  # days
USUAL_SPAN = "28"
# Grouping takes longer with the square of these; the page shows what was asked last.
MOST_QUESTIONS = 600
MOST_GAPS = 25
STACK = (Outcome.CONFIRMED, Outcome.LIKELY, Outcome.UNKNOWN, Outcome.TICKET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the reader asked for: the last so many days, a language, a category."""

    span: str
    lang: str
    category: str
    since: date
    until: date

    def query(self, **other: str) -> dict[str, str]:
        """Give the parameters of a link to the same view."""
        wanted = {"days": self.span, "lang": self.lang, "category": self.category, **other}
        return {key: value for key, value in wanted.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How long people wait for a person, in open hours."""

    opened: int
    answered: int
    late: int
    median: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How the outbox is doing."""

    waiting: int
    failed: int
    oldest: timedelta | None

    @property
    def is_well(self) -> bool:
        return not self.failed and (self.oldest is None or self.oldest < timedelta(minutes=15))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The first page."""

    filters: Filters
    figures: Figures
    stack: Stack
    waiting: Waiting
    marks: Mapping[int, int]
    mail: Mail
    is_behind: bool

    @property
    def is_few(self) -> bool:
        return self.figures.shown < FEWEST_FOR_A_RATE


def read_filters(args: "MultiDict[str, str]", held: Services) -> Filters:
    """Read the filters of an address; what it cannot mean falls back to the usual."""
    span = args.get("days", USUAL_SPAN)
    span = span if span in SPANS else USUAL_SPAN
    today = held.now().astimezone(held.support.hours.time_zone).date()
    return Filters(
        span=span,
        lang=args.get("lang", "") if args.get("lang") in held.support.languages else "",
        category=args.get("category", "")[:100],
        since=today - timedelta(days=int(span) - 1),
        until=today,
    )


def period_of(filters: Filters, held: Services) -> Period:
    zone = held.support.hours.time_zone
    return Period(
        since=midnight(filters.since, zone),
        until=midnight(filters.until + timedelta(days=1), zone),
        lang=filters.lang or None,
        category=filters.category or None,
    )


def overview(filters: Filters, held: Services, *, label: Callable[[date], str] = date.isoformat) -> Overview:
    """Work the first page out; `label` writes the days of its chart."""
    zone, now, period = held.support.hours.time_zone, held.now(), period_of(filters, held)
    catch_up(held.store, zone, most=FOR_A_PAGE)
    with held.store.reading() as tx:
        tally = from_sums(tx, period, zone=zone, as_of=now, most_questions=0)
        times = answer_times(
            tx.connection,
            since=period.since,
            until=period.until,
            lang=period.lang,
            category=period.category,
            now=now,
        )
        behind = tx.figures.is_behind(zone)
        given = marks(tx.connection, since=period.since, until=period.until)
    hours = held.support.hours.working_hours()
    waits = [hours.between(opened, answered) for opened, answered in times.waits]
    counts, oldest = held.store.outbox.counts(), held.store.outbox.oldest_waiting()
    return Overview(
        filters=filters,
        figures=figures(
            tally,
            knowledge=held.knowledge.current(),
            as_of=now,
            period=period,
            holdout_share=held.support.measuring.holdout,
            grouping=best_grouping(),
        ),
        stack=outcome_stack(tally, filters, label),
        waiting=Waiting(opened=times.opened, answered=len(waits), late=times.late, median=_median(waits)),
        marks=given,
        is_behind=behind,
        mail=Mail(waiting=counts[OutboxState.WAITING], failed=counts[OutboxState.FAILED], oldest=oldest),
    )


def _median(spans: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(span.total_seconds() for span in spans)) if spans else None


def outcome_stack(tally: Tally, filters: Filters, label: Callable[[date], str]) -> Stack:
    days: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for cell, counts in tally.cells.items():
        if was_shown(cell):
            day = days[cell.day]
            day[cell.outcome] = day.get(cell.outcome, 0) + counts[0]
    names = [kind.value for kind in STACK]
    return stacked(names, days, since=filters.since, until=filters.until, label=label)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedGap:
    """A gap, what was decided about it, and the marks that a decision is kept under."""

    gap: Gap
    marks: tuple[str, ...]
    decided: str | None
    by: str | None


class GapList:
    """Groups the latest questions and asks the search about them; remembers the last answers for a while."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[datetime, list[Gap], int]] = {}

    def gaps(self, filters: Filters, held: Services) -> tuple[list[ListedGap], int]:
        """List the open gaps, and count those that an article has closed."""
        period = period_of(filters, held)
        catch_up(held.store, held.support.hours.time_zone, most=FOR_A_PAGE)
        with held.store.reading() as tx:
            asked = tx.figures.unanswered(
                since=period.since,
                until=period.until,
                lang=period.lang,
                category=period.category,
                limit=MOST_QUESTIONS,
            )
            decisions = tx.staff.decisions()
        knowledge = held.knowledge.current()
        key = (
            filters,
            len(asked),
            asked[0].event if asked else None,
            knowledge.content_hash if knowledge else "",
        )
        if key not in self._known:
            found = gaps_of(asked, grouping=best_grouping())
            left, closed = self._with_search(found, held, knowledge)
            self._known = {key: (held.now(), left, len(closed))}  # one reader, one set of filters at a time
        _, left, closed_count = self._known[key]
        secret = secret_key(held.settings)
        return [_listed(gap, decisions, secret) for gap in left], closed_count

    def _with_search(
        self, found: Sequence[Gap], held: Services, knowledge: Knowledge | None
    ) -> tuple[list[Gap], list[Gap]]:
        if knowledge is None:
            return list(found[:MOST_GAPS]), []

        def version(article: str, lang: str) -> int | None:
            known = knowledge.article(article, lang)
            return known.version if known else None

        return still_open(
            found,
            ask=lambda text, lang: held.suggester.suggest(text, lang=lang, limit=1),
            versions=version,
            limit=MOST_GAPS,
        )


def _listed(
    gap: Gap, decisions: Mapping[tuple[str, str], tuple[str, str, datetime]], secret: str
) -> ListedGap:
    marks = marks_of(gap.wordings, secret=secret)
    made = [decisions[mark, gap.lang] for mark in marks if (mark, gap.lang) in decisions]
    latest = max(made, key=lambda one: one[2], default=None)
    return ListedGap(
        gap=gap, marks=marks, decided=latest[0] if latest else None, by=latest[1] if latest else None
    )


def stale_by_owner(held: Services) -> dict[str, list[dict[str, Any]]]:
    """List stale articles by owner, from the audit that `kb build` wrote beside the catalogue.

    The catalogue says what is stale; only the audit knows owners and reasons. Without it the owner is "".
    """
    path = held.settings.catalogue.with_name("audit.json")
    try:
        rows = [row for row in json.loads(path.read_text(encoding="utf-8"))["articles"] if row.get("stale")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        rows = []
    knowledge = held.knowledge.current()
    known = {(one.id, one.lang): one for one in knowledge.articles} if knowledge else {}
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows or [{"id": one.id, "lang": one.lang} for one in known.values() if one.stale]:
        article = known.get((row.get("id"), row.get("lang")))
        if article is not None:
            found[str(row.get("owner", ""))].append(
                {
                    "title": article.title,
                    "url": article.url,
                    "lang": article.lang,
                    "due": article.review_due,
                    "reasons": [str(reason) for reason in row.get("reasons", [])],
                    "parts": [part for part in row.get("parts", []) if isinstance(part, dict)],
                }
            )
    return dict(sorted(found.items()))
