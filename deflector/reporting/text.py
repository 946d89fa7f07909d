"""The report for a person at a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from deflector.measures.articles import ArticleFigures
from deflector.measures.effect import FEWEST_FOR_A_RATE, Effect
from deflector.measures.figures import Figures
from deflector.measures.gaps import Gap, ToDo
from deflector.measures.intervals import Difference, Rate
from deflector.model import Outcome
from deflector.reporting.data import READING

TOP = 10

MEANING = {
    Outcome.CONFIRMED: 'pressed "This solved it", and did not write',
    Outcome.LIKELY: "opened an answer, and did not write",
    Outcome.UNKNOWN: "left without a word",
    Outcome.TICKET: "wrote to us",
}

TO_DO = {
    ToDo.WRITE: "write an article",
    ToDo.FIX: "fix the article",
    ToDo.ADD_WORDING: "add a wording",
    ToDo.PRODUCT_BUG: "mend the product",
}


def as_text(figures: Figures, grouping: str) -> RenderableType:
    """Lay the report out; `grouping` says how questions were put together."""
    parts: list[RenderableType] = [
        Text(_headline(figures)),
        Text(""),
        _outcome_table(figures),
        Text(""),
        Text(f"Confirmed deflection: {share(figures.confirmed_rate)}"),
        Text(f"Ceiling, with those who opened an answer: {share(figures.ceiling)}"),
        Text(f"Confirmed first, then wrote after all: {figures.clawed_back}"),
        *(Text(line) for line in effect_lines(figures.effect)),
        Text(""),
        _article_table(figures),
        Text(""),
        gap_table(figures.gaps, grouping, with_advice=False),
        *([Text("What to do about each: deflector gaps")] if figures.gaps else []),
        Text(""),
        _stale_table(figures),
    ]
    return Group(*parts)


def _headline(figures: Figures) -> str:
    age = figures.settledness
    beside = [
        f"{count} {what}"
        for count, what in (
            (figures.held_out, "held out"),
            (figures.bots, "by machines, not counted below"),
            (figures.urgent, "urgent"),
        )
        if count
    ]
    return (
        f"{figures.enquiries} enquiries, {figures.shown} of them were shown suggestions"
        f"{''.join(', ' + one for one in beside)}; {figures.tickets} tickets.\n"
        "Outcomes of the shown: "
        + ", ".join(f"{count} {name.value}" for name, count in age.items())
        + " (provisional after 24 hours, final after 7 days)."
    )


def _outcome_table(figures: Figures) -> Table:
    table = Table("Outcome", "Meaning", "Enquiries", title="Enquiries that were shown suggestions")
    table.columns[2].justify = "right"
    for kind, count in figures.outcomes.items():
        table.add_row(kind.value, MEANING[kind], str(count))
    return table


def share(rate: Rate) -> str:
    """Say a rate in words; below 30 cases, only the counts."""
    if rate.value is None or rate.low is None or rate.high is None:
        return "nobody was shown suggestions yet"
    counts = f"{rate.hits} of {rate.cases}"
    if rate.cases < FEWEST_FOR_A_RATE:
        return f"{counts} (too few for a rate; {FEWEST_FOR_A_RATE} are needed)"
    return f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}], {counts}"


def points(found: Difference) -> str:
    return f"{found.value * 100:+.1f} points [{found.low * 100:+.1f}, {found.high * 100:+.1f}]"


def effect_lines(found: Effect) -> list[str]:
    """Say what the experiment says, or what it lacks."""
    lines = []
    if found.difference is not None and found.friction is not None:
        lines.append(f"Effect, tickets that suggestions took away: {points(found.difference)}")
        lines.append(f"Friction, more who left without a word: {points(found.friction)}")
    lines.append(
        f"Experiment: {found.holdout.tickets} of {found.holdout.enquiries} wrote without suggestions, "
        f"{found.shown.tickets} of {found.shown.enquiries} with them. {READING[found.reading]}"
    )
    if found.missing and found.planned:
        lines.append(f"{found.missing} more enquiries until 5 points can be told from chance.")
    return lines


def _article_table(figures: Figures) -> Table:
    listed: list[ArticleFigures] = [one for one in figures.articles if one.trouble >= 1][:TOP]
    table = Table(
        "Article",
        "Shown",
        "Opened",
        "Solved",
        "Opened, then wrote",
        "Not helpful",
        title=f"Articles to mend first ({len(listed)} of {len(figures.articles)} versions)",
    )
    for one in listed:
        counts = (one.shown, one.opened, one.solved, one.opened_then_wrote, one.unhelpful)
        table.add_row(Text(str(one.about)), *map(str, counts))
    return table


def gap_table(gaps: Sequence[Gap], grouping: str, *, with_advice: bool) -> Table:
    """List the questions of most people first; advice makes sense once the search was asked about them."""
    title = f"Questions without an answer (top {min(TOP, len(gaps))} of {len(gaps)}, grouped by {grouping})"
    advice = ("To do", "Nearest article") if with_advice else ()
    table = Table("Question", "Wordings", "Enquiries", "Tickets", *advice, title=title)
    for gap in gaps[:TOP]:
        nearest = f"{gap.nearest.article} ({gap.nearest.confidence:.0%})" if gap.nearest else ""
        sizes = (len(gap.wordings), gap.people, gap.tickets)
        cells = (TO_DO[gap.proposed], Text(nearest)) if with_advice else ()
        table.add_row(Text(gap.question), *map(str, sizes), *cells)
    return table


def _stale_table(figures: Figures) -> Table:
    table = Table("Article", "Language", "Review was due", title=f"Stale articles ({len(figures.stale)})")
    for stale in figures.stale:
        table.add_row(Text(stale.title), stale.lang, str(stale.review_due or "unknown"))
    return table
