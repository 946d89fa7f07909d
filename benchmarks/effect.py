"""Is the reported effect to be trusted? A simulation with a known truth.

    .venv/bin/python benchmarks/effect.py [--runs 1000]

Each run is a help desk with a holdout of 1 in 10 and a ticket rate of 60 % without suggestions, which take
away 0, 5 or 10 points. Enquiries come in week by week until the planned size. Printed are

- coverage: how often the 95 % interval at the planned size holds the truth (93 to 97 % is honest);
- found: how often it lies above 0 at the planned size (at 0 points: a false alarm; at 5 points: the power);
- peeking: how often it would have lain above or below 0 in one of the weekly looks before;
- sequential: the same looks with the bound that `deflector report --early` uses;
- naive: what "1 - tickets / enquiries" claims, on average.
"""

import argparse

import numpy as np

from deflector.measures.intervals import Difference, newcombe, planned_size, sequential, wilson

BASE, HOLDOUT, LOOKS = 0.6, 0.1, 12


def excludes_zero(found: Difference | None) -> bool:
    return found is not None and (found.low > 0 or found.high < 0)


def run(truth: float, planned: int, rng: np.random.Generator) -> tuple[bool, bool, bool, bool, float]:
    held = rng.random(planned) < HOLDOUT
    wrote = rng.random(planned) < np.where(held, BASE, BASE - truth)
    peeked = bounded = False
    last: Difference | None = None
    for look in range(1, LOOKS + 1):
        seen = planned * look // LOOKS
        now, tickets = held[:seen], wrote[:seen]
        first = wilson(int((tickets & now).sum()), int(now.sum()))
        second = wilson(int((tickets & ~now).sum()), int((~now).sum()))
        last = newcombe(first, second)
        peeked |= excludes_zero(last)
        bounded |= excludes_zero(sequential(first, second, planned=planned, holdout=HOLDOUT))
    assert last is not None
    return last.low <= truth <= last.high, excludes_zero(last), peeked, bounded, 1 - float(wrote.mean())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    planned = planned_size(BASE, 0.05, HOLDOUT)
    rng = np.random.default_rng(20261122)
    print(f"{runs} runs of {planned} enquiries, {HOLDOUT:.0%} held out, {LOOKS} looks")
    print(f"{'truth':>9} {'coverage':>9} {'found':>7} {'peeking':>8} {'sequential':>11}   naive says")
    for truth in (0.0, 0.05, 0.10):
        results = np.array([run(truth, planned, rng) for _ in range(runs)], dtype=float).mean(axis=0)
        covered, found, peeked, bounded, naive = results
        print(
            f"{truth * 100:6.0f} pt {covered:9.1%} {found:7.1%} {peeked:8.1%} {bounded:11.1%}   "
            f'"{naive:.0%} of enquiries deflected"'
        )


if __name__ == "__main__":
    main()
