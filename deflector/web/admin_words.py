"""How the dashboard says numbers, and what it says they mean."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import yaml

from deflector.measures.effect import FEWEST_FOR_A_RATE
from deflector.measures.intervals import Difference, Rate

WORDS: Mapping[str, str] = yaml.safe_load(
    (Path(__file__).parent / "strings/admin/definitions.yml").read_text(encoding="utf-8")
)


def as_rate(rate: Rate) -> tuple[str, str]:
    """Say a share and its range; below 30 cases, the counts."""
    if rate.value is None or rate.low is None or rate.high is None:
        return "–", "nobody yet"
    counts = f"{rate.hits:,} of {rate.cases:,}"
    if rate.cases < FEWEST_FOR_A_RATE:
        return f"{rate.hits} of {rate.cases}", f"too few for a rate; {FEWEST_FOR_A_RATE} are needed"
    return f"{rate.value:.0%}", f"{rate.low:.0%} to {rate.high:.0%} · {counts}"


def as_points(found: Difference | None) -> tuple[str, str]:
    if found is None:
        return "–", ""
    return f"{found.value * 100:+.1f} points", f"{found.low * 100:+.1f} to {found.high * 100:+.1f}"


def as_span(span: timedelta | None) -> str:
    """Say a span as people do: 25 min, 3 h 10 min, 2 days 4 h."""
    if span is None:
        return "–"
    minutes = round(span.total_seconds() / 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days {hours % 24} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
