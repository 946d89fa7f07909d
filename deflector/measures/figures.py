"""The report: what happened in a period, as far as it is known at a moment.

The unit is an enquiry that was shown suggestions. Each has exactly one outcome (`deflector.outcomes.facts`),
and every figure can be made again from the events for any moment.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from deflector.knowledge import Knowledge
from deflector.measures.articles import ArticleFigures, article_figures
from deflector.measures.effect import Effect, effect
from deflector.measures.gaps import Gap, gaps_of
from deflector.measures.grouping import Grouping
from deflector.measures.intervals import Rate, wilson
from deflector.measures.period import Period
from deflector.model import Arm, Outcome
from deflector.outcomes.facts import Settledness
from deflector.outcomes.tallies import Cell, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleArticle:
    """An article whose review is overdue."""

    article: str
    lang: str
    title: str
    url: str
    review_due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that the report says; `outcomes` are those of the shown, and sum to `shown`."""

    as_of: datetime
    period: Period
    enquiries: int
    shown: int
    held_out: int
    bots: int
    urgent: int
    tickets: int
    outcomes: Mapping[Outcome, int]
    settledness: Mapping[Settledness, int]
    confirmed_rate: Rate
    ceiling: Rate
    clawed_back: int
    effect: Effect
    site_searches: int
    site_searches_empty: int
    satisfaction: Mapping[int, int]
    articles: Sequence[ArticleFigures]
    gaps: Sequence[Gap]
    stale: Sequence[StaleArticle]


def figures(
    tally: Tally,
    *,
    knowledge: Knowledge | None,
    as_of: datetime,
    period: Period | None = None,
    holdout_share: float = 0.0,
    early: bool = False,
    grouping: Grouping,
) -> Figures:
    """Work out the report from a tally. `early` asks for the effect before the planned size."""
    people = {cell: counts for cell, counts in tally.cells.items() if not cell.bot}
    shown = {cell: counts for cell, counts in people.items() if was_shown(cell)}
    outcomes: Counter[Outcome] = Counter()
    for cell, counts in shown.items():
        outcomes[cell.outcome] += counts[0]
    total = outcomes.total()
    young, unsettled = _shown_in(tally.young), _shown_in(tally.unsettled)
    sides: Counter[str] = Counter()
    for (_, _, kind), times in tally.sides.items():
        sides[kind] += times
    return Figures(
        as_of=as_of,
        period=period or Period(),
        enquiries=_enquiries(people),
        shown=total,
        held_out=sum(n[0] for cell, n in people.items() if _was_held_out(cell)),
        bots=_enquiries(tally.cells) - _enquiries(people),
        urgent=sum(counts[0] for cell, counts in people.items() if cell.urgent),
        tickets=sum(counts[1] for counts in people.values()),
        outcomes={kind: outcomes[kind] for kind in Outcome},
        settledness={
            Settledness.OPEN: young,
            Settledness.PROVISIONAL: unsettled - young,
            Settledness.FINAL: total - unsettled,
        },
        confirmed_rate=wilson(outcomes[Outcome.CONFIRMED], total),
        ceiling=wilson(outcomes[Outcome.CONFIRMED] + outcomes[Outcome.LIKELY], total),
        clawed_back=sum(counts[2] for counts in shown.values()),
        effect=effect(tally, holdout_share=holdout_share, early=early),
        site_searches=sides["site_search"] + sides["site_search_empty"],
        site_searches_empty=sides["site_search_empty"],
        satisfaction={mark: sides[f"satisfaction_{mark}"] for mark in range(1, 6)},
        articles=article_figures(tally, knowledge),
        gaps=gaps_of(tally.unanswered, grouping=grouping),
        stale=_stale(knowledge, as_of.date()) if knowledge else (),
    )


def was_shown(cell: Cell) -> bool:
    """Say whether enquiries count for the confirmed rate: people in front of suggestions."""
    return cell.offered and not cell.bot and (cell.arm is Arm.SHOWN or cell.urgent)


def _was_held_out(cell: Cell) -> bool:
    return cell.offered and cell.arm is Arm.HOLDOUT and not cell.urgent


def _enquiries(cells: Mapping[Cell, tuple[int, int, int]]) -> int:
    return sum(counts[0] for counts in cells.values())


def _shown_in(cells: Mapping[Cell, tuple[int, int, int]]) -> int:
    return sum(counts[0] for cell, counts in cells.items() if was_shown(cell))


def _stale(knowledge: Knowledge, today: date) -> list[StaleArticle]:
    """List the articles whose review is overdue, longest overdue first."""
    found = [
        StaleArticle(
            article=article.id,
            lang=article.lang,
            title=article.title,
            url=article.url,
            review_due=article.review_due,
        )
        for article in knowledge.articles
        if article.stale or (article.review_due is not None and article.review_due < today)
    ]
    return sorted(found, key=lambda stale: (stale.review_due or date.min, stale.article, stale.lang))
