"""The outcomes of the last weeks for Prometheus, from the sums that are kept: no event is counted again."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from deflector.measures.figures import was_shown
from deflector.measures.gaps import gaps_of
from deflector.measures.grouping import BySameWords
from deflector.measures.period import MOST_QUESTIONS
from deflector.measures.rollup import AT_ONCE, catch_up
from deflector.model import Outcome
from deflector.outcomes.tallies import day_of, midnight
from deflector.web.services import Services

DAYS = 28
_RECENT = f"of the last {DAYS} days (the desk's calendar)"


class RecentOutcomes(Collector):
    """Figures of people's enquiries. No label comes from what anybody typed."""

    def __init__(self, held: Services) -> None:
        self._held = held

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Take in what just happened, as a page does, and read the sums."""
        held = self._held
        zone, now = held.support.hours.time_zone, held.now()
        first = now.astimezone(zone).date() - timedelta(days=DAYS - 1)
        since = midnight(first, zone)
        catch_up(held.store, zone, most=AT_ONCE)
        with held.store.reading() as tx:
            cells = tx.figures.cells(since=day_of(since, zone), until=None)
            asked = tx.figures.unanswered(since=since, until=None, limit=MOST_QUESTIONS)
            behind = tx.figures.is_behind(zone)
        outcomes: Counter[Outcome] = Counter()
        enquiries = offered = 0
        for cell, (count, _, _) in cells.items():
            if not cell.bot:
                enquiries += count
                offered += count * cell.offered
            if was_shown(cell):
                outcomes[cell.outcome] += count
        yield _gauge("enquiries", f"Enquiries {_RECENT}.", enquiries)
        by_outcome = GaugeMetricFamily(
            "answerfirst_recent_outcomes",
            f"Enquiries {_RECENT} that were shown suggestions, by outcome.",
            labels=["outcome"],
        )
        for outcome in Outcome:
            by_outcome.add_metric([outcome.value], outcomes[outcome])
        yield by_outcome
        yield _gauge(
            "confirmed_ratio",
            f"Confirmed enquiries divided by the shown {_RECENT}; NaN where there are none.",
            _share(outcomes[Outcome.CONFIRMED], outcomes.total()),
        )
        yield _gauge(
            "answerable_ratio",
            f"Share of enquiries {_RECENT} with something to show; NaN where there are none.",
            _share(offered, enquiries),
        )
        yield _gauge(
            "gaps",
            f"Different questions {_RECENT} without an answer; of the latest {MOST_QUESTIONS}.",
            len(gaps_of(asked, grouping=BySameWords())),
        )
        yield _gauge("figures_behind", "1 while enquiries wait to be counted, else 0.", int(behind))


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"answerfirst_recent_{name}", help_text, value=value)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
