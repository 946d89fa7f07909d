"""Fit the confidence to a site's own outcomes: was it right as often as it said?

Platt (1999): two numbers, a stretch and a shift of the log-odds. More would need more outcomes than a help
centre has in a year. Reliability is shown before and after, and a fit that rests on too little is refused.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deflector.search.judgement import NEUTRAL, Calibration, logistic

FEWEST = 100  # outcomes in all
FEWEST_OF_A_KIND = 20  # right ones, and wrong ones
PRIOR = 10.0  # outcomes that speak for leaving the rule as it is

BINS = 5
FILE = "calibration.json"


class TooLittle(Exception):
    """There are not enough outcomes to fit to; the message says how many there are and are needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One suggestion that was made: what was promised, and whether it was right."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Suggestions of like confidence: how many, what was promised on average, how often it was true."""

    count: int
    promised: float
    right: float


def reliability(outcomes: Sequence[Checked], bins: int = BINS) -> list[Bin]:
    """Compare promise and truth in equally wide steps of confidence; empty steps are left out."""
    steps: list[list[Checked]] = [[] for _ in range(bins)]
    for outcome in outcomes:
        steps[min(bins - 1, int(outcome.confidence * bins))].append(outcome)
    return [
        Bin(
            count=len(step),
            promised=sum(o.confidence for o in step) / len(step),
            right=sum(o.right for o in step) / len(step),
        )
        for step in steps
        if step
    ]


def off_by(outcomes: Sequence[Checked], bins: int = BINS) -> float:
    """Give the expected calibration error: how far promise and truth lie apart on average."""
    return sum(b.count * abs(b.promised - b.right) for b in reliability(outcomes, bins)) / max(
        1, len(outcomes)
    )


def fit(outcomes: Sequence[Checked]) -> Calibration:
    """Fit a calibration to outcomes of the uncalibrated rule; raise TooLittle when it would rest on sand.

    Newton's method on the log-likelihood, with a ridge towards the neutral calibration. The slope stays
    positive: if confidence tells nothing on a site, the rule shifts and keeps its order.
    """
    right = sum(outcome.right for outcome in outcomes)
    wrong = len(outcomes) - right
    if len(outcomes) < FEWEST or min(right, wrong) < FEWEST_OF_A_KIND:
        raise TooLittle(
            f"There are {len(outcomes)} outcomes, {right} right and {wrong} wrong. A fit needs {FEWEST}, "
            f"at least {FEWEST_OF_A_KIND} of each kind. Until then the shipped rule is the better guess."
        )
    points = [(log_odds(outcome.confidence), float(outcome.right)) for outcome in outcomes]
    slope, shift = NEUTRAL.slope, NEUTRAL.shift
    for _ in range(50):
        step_slope, step_shift = _newton(points, slope, shift)
        slope, shift = slope - step_slope, shift - step_shift
        if abs(step_slope) + abs(step_shift) < 1e-9:
            break
    return Calibration(slope=max(0.05, slope), shift=shift)


def calibrated(outcomes: Sequence[Checked], calibration: Calibration) -> list[Checked]:
    """Say what would have been promised with a calibration."""
    return [
        Checked(confidence=logistic(calibration.apply(log_odds(o.confidence))), right=o.right)
        for o in outcomes
    ]


def log_odds(confidence: float) -> float:
    """Turn a probability into log-odds, kept off the ends."""
    bounded = min(max(confidence, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def _newton(points: Sequence[tuple[float, float]], slope: float, shift: float) -> tuple[float, float]:
    # The ridge counts like PRIOR outcomes; the curvature of one outcome is at most 1/4.
    ridge = PRIOR / 4
    by_slope, by_shift = ridge * (slope - NEUTRAL.slope), ridge * (shift - NEUTRAL.shift)
    slopes, both, shifts = ridge, 0.0, ridge
    for x, y in points:
        p = logistic(slope * x + shift)
        by_slope += (p - y) * x
        by_shift += p - y
        weight = p * (1 - p)
        slopes += weight * x * x
        both += weight * x
        shifts += weight
    determinant = slopes * shifts - both * both
    return (
        (shifts * by_slope - both * by_shift) / determinant,
        (slopes * by_shift - both * by_slope) / determinant,
    )


def read_calibration(var: Path) -> tuple[Calibration, str | None]:
    """Read a site's calibration from `var`, or the neutral one, with a sentence if it is unusable."""
    path = var / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        slope, shift = float(data["slope"]), float(data["shift"])
        if not (math.isfinite(slope) and math.isfinite(shift) and slope > 0):
            raise ValueError
    except FileNotFoundError:
        return NEUTRAL, None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return NEUTRAL, (
            f"{path}: this is no calibration, so that the shipped rule is used. "
            "Remove the file, or write it again with `deflector calibrate`."
        )
    return Calibration(slope=slope, shift=shift), None


def write_calibration(var: Path, calibration: Calibration) -> Path:
    """Keep a calibration under `var`; return the file."""
    path = var / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"slope": calibration.slope, "shift": calibration.shift})
    path.write_text(f"{content}\n", encoding="utf-8")
    return path
