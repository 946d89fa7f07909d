"""Charts as SVG that needs no script and no style of its own: classes only, coloured by admin.css."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 560, 200
LEFT, BOTTOM, TOP = 40, 26, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One layer of a stack: a closed path, or nothing where its values are all 0."""

    name: str
    path: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stacked area chart, laid out: paths, ticks, and the numbers for the table behind it."""

    bands: tuple[Band, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    step: str  # "day" or "week"

    @property
    def days(self) -> tuple[tuple[date, tuple[int, ...]], ...]:
        """The rows, by the day that each begins on."""
        return tuple((date.fromisoformat(day), counts) for day, counts in self.rows)

    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - BOTTOM


def stacked(
    names: Sequence[str],
    days: Mapping[str, Mapping[str, int]],
    *,
    since: date,
    until: date,
    label: Callable[[date], str] = date.isoformat,
) -> Stack:
    """Lay out counts by day (ISO 8601) and name; the first name lies at the bottom. `until` is included.

    More than 62 days are added up by week, from Monday. `label` writes a day of the axis.
    """
    by_week = (until - since).days > 62
    buckets = _buckets(days, names, since, until, by_week=by_week)
    rows = tuple((day, tuple(counts[name] for name in names)) for day, counts in buckets)
    most = max((sum(counts) for _, counts in rows), default=0)
    top = _round_up(most)
    # One bucket has no width: it is drawn as a block.
    places = [float(LEFT), float(WIDTH)] if len(rows) == 1 else _spread(len(rows))
    drawn = rows * 2 if len(rows) == 1 else rows
    bands, floor = [], [0] * len(drawn)
    for at, name in enumerate(names):
        roof = [low + counts[at] for low, (_, counts) in zip(floor, drawn, strict=True)]
        path = _area(places, floor, roof, top) if any(counts[at] for _, counts in drawn) else ""
        bands.append(Band(name=name, path=path, total=sum(counts[at] for _, counts in rows)))
        floor = roof
    return Stack(
        bands=tuple(bands),
        across=_across([day for day, _ in rows], places, label),
        up=tuple(Tick(at=_height(value, top), label=str(value)) for value in (0, top // 2, top)),
        rows=rows,
        step="week" if by_week else "day",
    )


def _buckets(
    days: Mapping[str, Mapping[str, int]], names: Sequence[str], since: date, until: date, *, by_week: bool
) -> list[tuple[str, dict[str, int]]]:
    found: dict[str, dict[str, int]] = {}
    day = since
    while day <= until:
        first = day - timedelta(days=day.weekday()) if by_week else day
        counts = found.setdefault(first.isoformat(), dict.fromkeys(names, 0))
        for name, number in days.get(day.isoformat(), {}).items():
            counts[name] += number
        day += timedelta(days=1)
    return list(found.items())


def _spread(count: int) -> list[float]:
    return [LEFT + (WIDTH - LEFT) * at / (count - 1) for at in range(count)]


def _round_up(most: int) -> int:
    """Find a round number, even, that nothing reaches above."""
    for step in (2, 4, 6, 8, 10):
        if step >= most:
            return step
    size = 1
    while True:
        for step in (12, 14, 16, 20, 24, 30, 40, 50, 60, 80, 100):
            if step * size >= most:
                return step * size
        size *= 10


def _height(value: float, top: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top, 1)


def _area(places: Sequence[float], floor: Sequence[int], roof: Sequence[int], top: int) -> str:
    upper = [f"{x:.1f},{_height(y, top)}" for x, y in zip(places, roof, strict=True)]
    lower = [f"{x:.1f},{_height(y, top)}" for x, y in zip(places, floor, strict=True)]
    return f"M{' L'.join([*upper, *reversed(lower)])}Z"


def _across(days: Sequence[str], places: Sequence[float], label: Callable[[date], str]) -> tuple[Tick, ...]:
    """Label the first, the last and what lies evenly between them, without crowding."""
    count = len(days)
    wanted = {0, count - 1} if count < 5 else {0, count // 3, 2 * count // 3, count - 1}
    return tuple(Tick(at=places[at], label=label(date.fromisoformat(days[at]))) for at in sorted(wanted))
