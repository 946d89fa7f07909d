"""Judge: how probable it is that a found section answers, and what may be promised for the question.

A logistic rule over signs that are free of scale. It needs no training on a site; it was fitted once on the
development questions of four public sets together and checked by leaving each set out: see
`docs/search.md`.
A site's own outcomes may move it (`deflector calibrate`): that only stretches and shifts it, so it stays
monotone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deflector.model import Verdict
from deflector.search.fusion import Found, Signs

EXACT = 0.97  # asked in the very words of a title or wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Weights of a logistic rule: log-odds = start + Σ weight × sign."""

    start: float
    near: float = 0.0
    likeness: float = 0.0
    phrasing: float = 0.0
    lead: float = 0.0

    def log_odds(self, signs: Signs) -> float:
        """Weigh the signs."""
        return (
            self.start
            + self.near * (signs.near or 0.0)
            + self.likeness * signs.likeness
            + self.phrasing * signs.phrasing
            + self.lead * signs.lead
        )


# Does this article answer? One that is far ahead of all others is the right one more often than one that is
# as near and has company. Does any article answer? Company does not matter for that.
WITH_MEANING = Rule(start=-6.6, near=8.3, lead=7.4)
BY_WORDS_ALONE = Rule(start=-2.3, likeness=2.0, phrasing=2.9, lead=10.6)
ANYTHING_WITH_MEANING = Rule(start=-5.6, near=11.3)
ANYTHING_BY_WORDS_ALONE = Rule(start=-0.85, likeness=3.1, phrasing=5.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A site's own stretch and shift of the log-odds (Platt, 1999); the neutral one changes nothing."""

    slope: float = 1.0
    shift: float = 0.0

    def apply(self, log_odds: float) -> float:
        """Move log-odds; the slope is positive, so that the order stays."""
        return self.slope * log_odds + self.shift


NEUTRAL = Calibration()


def confidence(signs: Signs, calibration: Calibration = NEUTRAL) -> float:
    """Give the probability, 0 to 1, that an article with these signs answers."""
    return _probability(BY_WORDS_ALONE if signs.near is None else WITH_MEANING, signs, calibration)


def anything(found: Sequence[Found], calibration: Calibration = NEUTRAL) -> float:
    """Give the probability, 0 to 1, that any article answers, from what speaks for the first."""
    if not found:
        return 0.0
    signs = found[0].signs
    rule = ANYTHING_BY_WORDS_ALONE if signs.near is None else ANYTHING_WITH_MEANING
    return _probability(rule, signs, calibration)


def _probability(rule: Rule, signs: Signs, calibration: Calibration) -> float:
    judged = logistic(calibration.apply(rule.log_odds(signs)))
    return max(judged, EXACT) if signs.exact else judged


def verdict(first: float, something: float, *, be_right: float, maybe: float) -> Verdict:
    """Say what may be promised: how probable it is that the first article answers, and that any does."""
    if first >= be_right:
        return Verdict.ANSWERS
    return Verdict.MAYBE if something >= maybe else Verdict.NOTHING


def judged(found: Sequence[Found], calibration: Calibration = NEUTRAL) -> list[tuple[Found, float]]:
    """Pair what was found with its confidence, which never grows down the list.

    None can be more probable than that anything answers.
    """
    pairs = []
    highest = anything(found, calibration)
    for one in found:
        highest = min(highest, confidence(one.signs, calibration))
        pairs.append((one, highest))
    return pairs


def logistic(log_odds: float) -> float:
    """Turn log-odds into a probability without overflow."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    grown = math.exp(log_odds)
    return grown / (1 + grown)
