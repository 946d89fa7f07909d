"""Intervals for shares of few cases."""

from dataclasses import dataclass
from math import sqrt

# The 97.5 % point of the normal distribution: two-sided 95 %.
Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of cases with its 95 % interval; all three are None while there is no case."""

    hits: int
    cases: int
    value: float | None
    low: float | None
    high: float | None


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
