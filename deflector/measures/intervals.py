"""Intervals for shares of few cases, for the difference of two, and for looking more than once."""

from dataclasses import dataclass
from math import ceil, log, sqrt
from statistics import NormalDist

# The 97.5 % point of the normal distribution: two-sided 95 %.
Z_95 = 1.959963984540054
ALPHA = 0.05
POWER = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of cases with its 95 % interval; all three are None while there is no case."""

    hits: int
    cases: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One share minus another, with its interval; between -1 and 1."""

    value: float
    low: float
    high: float


def wilson(hits: int, cases: int, z: float = Z_95) -> Rate:
    """Compute a share and its score interval (Wilson 1927), honest near 0, near 1 and for few."""
    if not 0 <= hits <= cases:
        raise ValueError(f"{hits} hits of {cases} cases cannot be a share.")
    if cases == 0:
        return Rate(hits=0, cases=0, value=None, low=None, high=None)
    share = hits / cases
    spread = 1 + z * z / cases
    centre = (share + z * z / (2 * cases)) / spread
    half = z * sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases)) / spread
    # At 0 and at 1 the bound is exact; the sum would miss it by a rounding error.
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == cases else min(1.0, centre + half)
    return Rate(hits=hits, cases=cases, value=share, low=low, high=high)


def newcombe(first: Rate, second: Rate) -> Difference | None:
    """Subtract the second share from the first: hybrid score interval (Newcombe 1998, method 10).

    None where one of them has no case.
    """
    if first.value is None or first.low is None or first.high is None:
        return None
    if second.value is None or second.low is None or second.high is None:
        return None
    value = first.value - second.value
    return Difference(
        value=value,
        low=value - sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2),
        high=value + sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2),
    )


def planned_size(base: float, difference: float, holdout: float) -> int:
    """Count the enquiries, both arms together, that find a difference: two-sided 5 %, power 80 %.

    `base` is the ticket rate of the holdout, `difference` what suggestions are to take away from it,
    `holdout` the share that is held out. The normal approximation with the pooled variance of the unequal
    arms under "no difference" (Fleiss, Levin, Paik 2003, chapter 4).
    """
    other = base - difference
    if not (0 <= other < base <= 1 and 0 < holdout < 1):
        raise ValueError("The rates, their difference and the share held out must lie between 0 and 1.")
    normal = NormalDist()
    pooled = holdout * base + (1 - holdout) * other
    under_none = sqrt(pooled * (1 - pooled) * (1 / holdout + 1 / (1 - holdout)))
    under_some = sqrt(base * (1 - base) / holdout + other * (1 - other) / (1 - holdout))
    wide = normal.inv_cdf(1 - ALPHA / 2) * under_none + normal.inv_cdf(POWER) * under_some
    return ceil((wide / difference) ** 2)


def sequential(first: Rate, second: Rate, *, planned: int, holdout: float) -> Difference | None:
    """Subtract two shares with bounds that hold however often one looks (a confidence sequence).

    The normal mixture of Robbins (1970) in its asymptotic form (Waudby-Smith and others 2024): at
    information I = 1 / variance, the half-width is sqrt((I + m) log((I + m) / (m alpha^2))) / I. `m` makes it
    narrowest at the planned size (Howard and others 2021, proposition 3). The variance is taken with one case
    more on each side (Agresti and Caffo 2000), so that an early run of equal outcomes is not certainty.
    """
    if first.value is None or second.value is None:
        return None
    variance = _careful_variance(first) + _careful_variance(second)
    # At a rate of one half, where the planned size has the least information.
    expected = planned * holdout * (1 - holdout) / 0.25
    mixing = expected / 8.212  # -W(-alpha^2 / e) - 1 on the lower branch of Lambert's W, for alpha = 0.05
    known = 1 / variance
    half = sqrt((known + mixing) * log((known + mixing) / (mixing * ALPHA**2))) / known
    value = first.value - second.value
    return Difference(value=value, low=max(-1.0, value - half), high=min(1.0, value + half))


def _careful_variance(rate: Rate) -> float:
    share = (rate.hits + 1) / (rate.cases + 2)
    return share * (1 - share) / (rate.cases + 2)
