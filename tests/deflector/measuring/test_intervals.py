"""Intervals against published tables, worked vectors and SciPy."""

import pytest

from deflector.measures.intervals import newcombe, planned_size, sequential, wilson


@pytest.mark.parametrize(
    ("hits", "cases", "value", "low", "high"),
    [
        (162, 900, 0.180, 0.156, 0.206),
        (0, 10, 0.0, 0.0, 0.2775),
        (10, 10, 1.0, 0.7225, 1.0),
        (81, 263, 0.308, 0.255, 0.366),  # Newcombe 1998, table I
        (15, 148, 0.101, 0.062, 0.161),
        (1, 29, 0.034, 0.006, 0.172),
    ],
)
def test_the_interval_of_a_share_is_wilsons(
    hits: int, cases: int, value: float, low: float, high: float
) -> None:
    rate = wilson(hits, cases)

    assert rate.value == pytest.approx(value, abs=5e-4)
    assert rate.low == pytest.approx(low, abs=6e-4)
    assert rate.high == pytest.approx(high, abs=6e-4)


@pytest.mark.parametrize(("hits", "cases"), [(0, 7), (1, 29), (15, 148), (162, 900), (900, 900)])
def test_scipy_says_the_same(hits: int, cases: int) -> None:
    from scipy.stats import binomtest

    theirs = binomtest(hits, cases).proportion_ci(method="wilson")
    rate = wilson(hits, cases)

    assert (rate.low, rate.high) == (pytest.approx(theirs.low), pytest.approx(theirs.high))


@pytest.mark.parametrize(
    ("first", "second"),
    [((62, 100), (432, 900)), ((155, 250), (120, 250)), ((0, 30), (30, 30)), ((1, 40), (3, 50))],
)
def test_a_difference_made_of_scipys_intervals_is_the_same(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    """Newcombe 1998, method 10, put together from somebody else's Wilson intervals."""
    from scipy.stats import binomtest

    (p, low, high), (q, least, most) = (
        (hits / cases, *binomtest(hits, cases).proportion_ci(method="wilson"))
        for hits, cases in (first, second)
    )
    found = newcombe(wilson(*first), wilson(*second))

    assert found is not None
    assert found.low == pytest.approx(p - q - ((p - low) ** 2 + (most - q) ** 2) ** 0.5)
    assert found.high == pytest.approx(p - q + ((high - p) ** 2 + (q - least) ** 2) ** 0.5)


def test_no_case_gives_no_rate_and_an_impossible_share_is_refused() -> None:
    assert wilson(0, 0).value is None
    with pytest.raises(ValueError, match="3 hits of 2 cases"):
        wilson(3, 2)


@pytest.mark.parametrize(
    ("first", "second", "value", "low", "high"),
    [
        ((62, 100), (432, 900), 0.140, 0.037, 0.235),
        ((155, 250), (120, 250), 0.140, 0.053, 0.224),
        # Newcombe 1998 (differences), table II, method 10, cases a to d
        ((56, 70), (48, 80), 0.2000, 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.6000, 0.1705, 0.8090),
        ((10, 10), (0, 20), 1.0000, 0.6791, 1.0000),
        ((5, 56), (0, 29), 0.0893, -0.0381, 0.1926),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(
    first: tuple[int, int], second: tuple[int, int], value: float, low: float, high: float
) -> None:
    found = newcombe(wilson(*first), wilson(*second))

    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high), abs=5e-4)


def test_there_is_no_difference_to_nobody() -> None:
    assert newcombe(wilson(1, 2), wilson(0, 0)) is None
    assert newcombe(wilson(0, 0), wilson(1, 2)) is None


@pytest.mark.parametrize(
    ("difference", "holdout", "enquiries"),
    [(0.05, 0.1, 8550), (0.05, 0.5, 3067), (0.10, 0.1, 2156), (0.10, 0.5, 775)],
)
def test_the_planned_size_is_that_of_the_tables(difference: float, holdout: float, enquiries: int) -> None:
    assert planned_size(0.6, difference, holdout) == enquiries


def test_who_plans_for_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        planned_size(0.03, 0.05, 0.1)


def test_looking_often_costs_width_and_more_so_early() -> None:
    def widths(enquiries: int) -> tuple[float, float]:
        held, shown = (
            wilson(enquiries // 20, enquiries // 10),
            wilson(enquiries * 9 // 20, enquiries * 9 // 10),
        )
        once, often = newcombe(held, shown), sequential(held, shown, planned=8550, holdout=0.1)
        assert once is not None
        assert often is not None
        assert often.value == pytest.approx(once.value)
        return once.high - once.low, often.high - often.low

    early, planned = widths(1000), widths(8550)
    assert early[1] > early[0]
    assert planned[1] == pytest.approx(planned[0] * 3.03 / 1.96, rel=0.02)
