"""The report as JSON for a program and CSV for a spreadsheet; `reporting.text` has it for a person."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from deflector.measures.articles import ArticleFigures
from deflector.measures.effect import Effect, Reading
from deflector.measures.figures import Figures
from deflector.measures.gaps import Gap
from deflector.measures.intervals import Difference, Rate

Rows = Iterator[list[object]]

READING = {
    Reading.NO_HOLDOUT: "Nobody is held out, so there is nothing to compare with. "
    "Set measuring: {holdout: 1 time in 10} in support.yml.",
    Reading.TOO_EARLY: "Too early to say. Ask for the wider bound with --early.",
    Reading.SEQUENTIAL: "Before the planned size, with the wider bound that holds however often you look.",
    Reading.PLANNED: "At the planned size.",
}


def as_json(figures: Figures) -> dict[str, object]:
    """Give the outside contract's object; shares are between 0 and 1, moments in ISO 8601."""
    found = figures.effect
    return {
        "as_of": figures.as_of.isoformat(),
        "since": _moment(figures.period.since),
        "until": _moment(figures.period.until),
        "enquiries": figures.enquiries,
        "shown": figures.shown,
        "held_out": figures.held_out,
        "bots": figures.bots,
        "urgent": figures.urgent,
        "tickets": figures.tickets,
        "outcomes": {kind.value: count for kind, count in figures.outcomes.items()},
        "settledness": {age.value: count for age, count in figures.settledness.items()},
        "confirmed_rate": interval(figures.confirmed_rate),
        "ceiling": interval(figures.ceiling),
        "effect": difference(found.difference),
        "friction": difference(found.friction),
        "experiment": {
            "reading": found.reading.value,
            "holdout": {"enquiries": found.holdout.enquiries, "tickets": found.holdout.tickets},
            "shown": {"enquiries": found.shown.enquiries, "tickets": found.shown.tickets},
            "planned": found.planned,
            "missing": found.missing,
        },
        "clawed_back": figures.clawed_back,
        "site_searches": {"total": figures.site_searches, "without_result": figures.site_searches_empty},
        "satisfaction": {str(mark): times for mark, times in figures.satisfaction.items()},
        "articles": [article_json(one) for one in figures.articles],
        "gaps": [gap_json(gap) for gap in figures.gaps],
        "stale": [
            {
                "article": stale.article,
                "lang": stale.lang,
                "title": stale.title,
                "url": stale.url,
                "review_due": stale.review_due.isoformat() if stale.review_due else None,
            }
            for stale in figures.stale
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def interval(rate: Rate) -> dict[str, float | None]:
    return {"value": rate.value, "low": rate.low, "high": rate.high}


def difference(found: Difference | None) -> dict[str, float] | None:
    return {"value": found.value, "low": found.low, "high": found.high} if found else None


def article_json(one: ArticleFigures) -> dict[str, object]:
    return {
        "article": one.about.article,
        "lang": one.about.lang,
        "version": one.about.version,
        "title": one.title,
        "shown": one.shown,
        "impressions": one.impressions,
        "opened": one.opened,
        "solved": one.solved,
        "opened_then_wrote": one.opened_then_wrote,
        "declined": one.declined,
        "helpful": one.helpful,
        "unhelpful": one.unhelpful,
        "reasons": dict(one.reasons),
        "seconds": one.seconds,
        "expected_clicks": round(one.expected, 2),
        "pull": round(one.pull, 3),
        "failing": round(one.failing, 3),
    }


def gap_json(gap: Gap) -> dict[str, object]:
    return {
        "question": gap.question,
        "lang": gap.lang,
        "category": gap.category,
        "enquiries": gap.people,
        "tickets": gap.tickets,
        "wordings": list(gap.wordings),
        "proposed": gap.proposed.value,
        "last_asked": gap.last_asked.isoformat(),
        "nearest": {
            "article": gap.nearest.article,
            "lang": gap.nearest.lang,
            "version": gap.nearest.version,
            "title": gap.nearest.title,
            "confidence": round(gap.nearest.confidence, 4),
        }
        if gap.nearest
        else None,
    }


def as_csv(figures: Figures) -> str:
    """Give the figures as rows of section, item and values."""
    return csv_text(["section", "item", "value", "low", "high"], _rows(figures))


def gaps_csv(gaps: Iterable[Gap]) -> str:
    """Give the gaps as a table, a wording to a line in its cell."""
    header = ["question", "lang", "category", "people", "tickets", "proposed", "nearest", "wordings"]
    return csv_text(
        header,
        (
            [
                gap.question,
                gap.lang,
                gap.category,
                gap.people,
                gap.tickets,
                gap.proposed.value,
                gap.nearest.article if gap.nearest else "",
                "\n".join(gap.wordings),
            ]
            for gap in gaps
        ),
    )


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a table as CSV (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(list(header))
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _rows(figures: Figures) -> Rows:
    for name in ("enquiries", "shown", "held_out", "bots", "urgent", "tickets", "clawed_back"):
        yield ["total", name, getattr(figures, name)]
    for kind, count in figures.outcomes.items():
        yield ["outcome", kind.value, count]
    for age, count in figures.settledness.items():
        yield ["settledness", age.value, count]
    for name, rate in (("confirmed_rate", figures.confirmed_rate), ("ceiling", figures.ceiling)):
        yield ["rate", name, rate.value, rate.low, rate.high]
    yield from _effect_rows(figures.effect)
    for one in figures.articles:
        for name in ("shown", "opened", "solved", "opened_then_wrote", "unhelpful"):
            yield [f"article {name}", str(one.about), getattr(one, name)]
    for gap in figures.gaps:
        yield ["gap", gap.question, gap.people]
    for stale in figures.stale:
        yield ["stale", f"{stale.article} ({stale.lang})", stale.review_due]


def _effect_rows(found: Effect) -> Rows:
    yield ["effect", "reading", found.reading.value]
    yield ["effect", "planned", found.planned]
    yield ["effect", "missing", found.missing]
    for name, value in (("tickets_taken_away", found.difference), ("friction", found.friction)):
        if value is not None:
            yield ["effect", name, value.value, value.low, value.high]


def _cell(value: object) -> object:
    """Keep a person's words from becoming a formula in a spreadsheet (OWASP, CSV injection)."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
