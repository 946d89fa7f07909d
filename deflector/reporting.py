"""The report in its forms: text for a person, JSON for a program, CSV for a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from deflector.intervals import Rate
from deflector.measures import Figures
from deflector.model import Outcome

# Below this many cases a share says more about chance than about the help centre.
FEWEST_FOR_A_RATE = 30
TOP = 10

_MEANING = {
    Outcome.CONFIRMED: 'pressed "This solved it", and did not write',
    Outcome.LIKELY: "opened an answer, and did not write",
    Outcome.UNKNOWN: "left without a word",
    Outcome.TICKET: "wrote to us",
}


def as_json(figures: Figures) -> dict[str, object]:
    """Give the outside contract's object; shares are between 0 and 1, moments in ISO 8601."""
    return {
        "as_of": figures.as_of.isoformat(),
        "since": figures.since.isoformat() if figures.since else None,
        "until": figures.until.isoformat() if figures.until else None,
        "enquiries": figures.enquiries,
        "shown": figures.shown,
        "tickets": figures.tickets,
        "outcomes": {kind.value: count for kind, count in figures.outcomes.items()},
        "settledness": {age.value: count for age, count in figures.settledness.items()},
        "confirmed_rate": _interval(figures.confirmed_rate),
        "ceiling": _interval(figures.ceiling),
        "effect": None,  # needs a holdout, and this version has none
        "clawed_back": figures.clawed_back,
        "gaps": [asdict(gap) for gap in figures.gaps],
        "stale": [
            asdict(stale) | {"review_due": stale.review_due.isoformat() if stale.review_due else None}
            for stale in figures.stale
        ],
    }


def _interval(rate: Rate) -> dict[str, float | None]:
    return {"value": rate.value, "low": rate.low, "high": rate.high}


def as_csv(figures: Figures) -> str:
    """Give the figures as rows of section, item and values."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["section", "item", "value", "low", "high"])
    for row in _rows(figures):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _rows(figures: Figures) -> Iterator[list[object]]:
    yield ["total", "enquiries", figures.enquiries]
    yield ["total", "shown", figures.shown]
    yield ["total", "tickets", figures.tickets]
    for kind, count in figures.outcomes.items():
        yield ["outcome", kind.value, count]
    for name, rate in (("confirmed_rate", figures.confirmed_rate), ("ceiling", figures.ceiling)):
        yield ["rate", name, rate.value, rate.low, rate.high]
    for gap in figures.gaps:
        yield ["gap", gap.question, gap.enquiries]
    for stale in figures.stale:
        yield ["stale", f"{stale.article} ({stale.lang})", stale.review_due]


def _cell(value: object) -> object:
    """Keep a person's words from becoming a formula in a spreadsheet (OWASP, CSV injection)."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def as_text(figures: Figures) -> RenderableType:
    """Lay the report out for a terminal."""
    parts: list[RenderableType] = [
        Text(_headline(figures)),
        Text(""),
        _outcome_table(figures),
        Text(""),
        Text(f"Confirmed deflection: {_share(figures.confirmed_rate)}"),
        Text(f"Ceiling, with those who opened an answer: {_share(figures.ceiling)}"),
        Text(f"Confirmed first, then wrote after all: {figures.clawed_back}"),
        Text(""),
        _gap_table(figures),
        Text(""),
        _stale_table(figures),
    ]
    return Group(*parts)


def _headline(figures: Figures) -> str:
    age = figures.settledness
    return (
        f"{figures.enquiries} enquiries, {figures.shown} of them were shown suggestions; "
        f"{figures.tickets} tickets.\n"
        "Outcomes of the shown: "
        + ", ".join(f"{count} {name.value}" for name, count in age.items())
        + " (provisional after 24 hours, final after 7 days)."
    )


def _outcome_table(figures: Figures) -> Table:
    table = Table("Outcome", "Meaning", "Enquiries", title="Enquiries that were shown suggestions")
    table.columns[2].justify = "right"
    for kind, count in figures.outcomes.items():
        table.add_row(kind.value, _MEANING[kind], str(count))
    return table


def _share(rate: Rate) -> str:
    if rate.value is None or rate.low is None or rate.high is None:
        return "nobody was shown suggestions yet"
    counts = f"{rate.hits} of {rate.cases}"
    if rate.cases < FEWEST_FOR_A_RATE:
        return f"{counts} (too few for a rate; {FEWEST_FOR_A_RATE} are needed)"
    return f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}], {counts}"


def _gap_table(figures: Figures) -> Table:
    title = f"Questions without an answer (top {min(TOP, len(figures.gaps))} of {len(figures.gaps)})"
    table = Table("Question", "Enquiries", "Tickets", title=title)
    for gap in figures.gaps[:TOP]:
        table.add_row(Text(gap.question), str(gap.enquiries), str(gap.tickets))
    return table


def _stale_table(figures: Figures) -> Table:
    table = Table("Article", "Language", "Review was due", title=f"Stale articles ({len(figures.stale)})")
    for stale in figures.stale:
        table.add_row(Text(stale.title), stale.lang, str(stale.review_due or "unknown"))
    return table
