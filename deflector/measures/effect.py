"""What suggestions do: the tickets that they take away, measured against enquiries that saw none."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from deflector.measures.intervals import Difference, Rate, newcombe, planned_size, sequential, wilson
from deflector.model import Arm, Outcome
from deflector.outcomes.tallies import Cell, Tally

# Below this many cases a share says more about chance than about the help centre.
FEWEST_FOR_A_RATE = 30
# The difference that is worth finding, and the ticket rate to plan with before there is one.
POINTS = 0.05
LIKELY_TICKET_RATE = 0.6


class Reading(StrEnum):
    """How an effect may be read."""

    NO_HOLDOUT = "no_holdout"  # nobody was held out: nothing to compare with
    TOO_EARLY = "too_early"  # below the planned size: not shown unless asked for
    SEQUENTIAL = "sequential"  # below the planned size, asked for: the wider bound
    PLANNED = "planned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One arm of the experiment: enquiries older than a day for which there was something to show."""

    enquiries: int
    tickets: int
    unknown: int

    @property
    def ticket_rate(self) -> Rate:
        return wilson(self.tickets, self.enquiries)

    @property
    def unknown_rate(self) -> Rate:
        return wilson(self.unknown, self.enquiries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The experiment as it stands.

    `difference` is ticket rate (holdout) minus ticket rate (shown): what is above 0, suggestions took away.
    `friction` is unknown (shown) minus unknown (holdout): what is above 0 left without a word rather
    than with an answer. Both are None while they may not be read.
    """

    shown: Side
    holdout: Side
    planned: int
    missing: int
    reading: Reading
    difference: Difference | None
    friction: Difference | None


def effect(tally: Tally, *, holdout_share: float, early: bool = False) -> Effect:
    """Compare the arms. `holdout_share` is what support.yml says; it is needed to plan."""
    shown, held = _side(tally, Arm.SHOWN), _side(tally, Arm.HOLDOUT)
    size = shown.enquiries + held.enquiries
    share = held.enquiries / size if held.enquiries and shown.enquiries else holdout_share
    planned = _plan(held, share)
    reading = _reading(held, size=size, planned=planned, early=early)
    difference = friction = None
    if reading is Reading.PLANNED:
        difference = newcombe(held.ticket_rate, shown.ticket_rate)
        friction = newcombe(shown.unknown_rate, held.unknown_rate)
    elif reading is Reading.SEQUENTIAL:
        difference = sequential(held.ticket_rate, shown.ticket_rate, planned=planned, holdout=share)
        friction = sequential(shown.unknown_rate, held.unknown_rate, planned=planned, holdout=share)
    return Effect(
        shown=shown,
        holdout=held,
        planned=planned,
        missing=max(0, planned - size),
        reading=reading,
        difference=difference,
        friction=friction,
    )


def _reading(held: Side, *, size: int, planned: int, early: bool) -> Reading:
    if not held.enquiries:
        return Reading.NO_HOLDOUT
    if size >= planned:
        return Reading.PLANNED
    # With fewer, not even the wider bound holds: it rests on the normal approximation.
    return Reading.SEQUENTIAL if early and held.enquiries >= FEWEST_FOR_A_RATE else Reading.TOO_EARLY


def _plan(held: Side, share: float) -> int:
    base = held.ticket_rate.value if held.enquiries >= FEWEST_FOR_A_RATE else LIKELY_TICKET_RATE
    # Where nearly nobody writes, 5 points cannot be taken away; plan for the least rate at which they can.
    base = min(max(base or 0.0, 2 * POINTS), 1.0)
    return planned_size(base, POINTS, share) if 0 < share < 1 else 0


def takes_part(cell: Cell) -> bool:
    """Say whether enquiries count in the experiment: people, not urgent, with something to show."""
    return cell.offered and not cell.bot and not cell.urgent


def _side(tally: Tally, arm: Arm) -> Side:
    def count(wanted: Callable[[Cell], bool]) -> int:
        return sum(
            sign * counts[0]
            for cells, sign in ((tally.cells, 1), (tally.young, -1))
            for cell, counts in cells.items()
            if cell.arm is arm and takes_part(cell) and wanted(cell)
        )

    return Side(
        enquiries=count(lambda _cell: True),
        tickets=count(lambda cell: cell.outcome is Outcome.TICKET),
        unknown=count(lambda cell: cell.outcome is Outcome.UNKNOWN),
    )
