"""Fit the confidence to a site's own outcomes: was it right as often as it said?

Platt (1999): two numbers, a stretch and a shift of the log-odds. More would need more outcomes than a help
centre has in a year. Reliability is shown before and after, and a fit that rests on too little is refused.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deflector.search.calibration_file import FollowedCalibration
from deflector.search.judgement import NEUTRAL, Calibration, logistic

FEWEST = 100  # outcomes in all
FEWEST_OF_A_KIND = 20  # right ones, and wrong ones
PRIOR = 10.0  # outcomes that speak for leaving the rule as it is

BINS = 5


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
        raise TooLittle(_too_little(right, wrong))
    points = [(log_odds(outcome.confidence), float(outcome.right)) for outcome in outcomes]
    slope, shift = NEUTRAL.slope, NEUTRAL.shift
    for _ in range(50):
        step_slope, step_shift = _newton(points, slope, shift)
        slope, shift = slope - step_slope, shift - step_shift
        if abs(step_slope) + abs(step_shift) < 1e-9:
            break
    return Calibration(slope=max(0.05, slope), shift=shift)


def _too_little(right: int, wrong: int) -> str:
    missing = [
        f"{FEWEST_OF_A_KIND - count} that were {kind}"
        for kind, count in (("right", right), ("wrong", wrong))
        if count < FEWEST_OF_A_KIND
    ]
    more = max(FEWEST - right - wrong, sum(max(0, FEWEST_OF_A_KIND - count) for count in (right, wrong)))
    return (
        f"There are {right + wrong} outcomes, {right} right and {wrong} wrong. A fit needs {FEWEST}, "
        f"at least {FEWEST_OF_A_KIND} of each kind; {more} are missing{', among them ' if missing else ''}"
        f"{' and '.join(missing)}. Until then the shipped rule is the better guess."
    )


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


def as_the_rule_said(confidence: float, calibration: Calibration) -> float:
    """Take a calibration out of a confidence: what the shipped rule alone would have promised."""
    return logistic((log_odds(confidence) - calibration.shift) / calibration.slope)


def read_calibration(var: Path) -> tuple[Calibration, str | None]:
    """Follow a site's calibration; give it with a sentence if the file is unusable now."""
    followed = FollowedCalibration(var)
    return followed, followed.problem
