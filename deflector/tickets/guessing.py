"""Guesses what a message is about from the articles that answer it."""

from collections import defaultdict

from deflector.model import Suggestions, Verdict

SHARE = 0.5  # of the confidence in all that was found; below it the articles speak for several categories


def category_of(found: Suggestions) -> str | None:
    """Name the category that most of what was found belongs to; None where that says nothing."""
    if found.verdict is Verdict.NOTHING or not found.items:
        return None
    weight: dict[str, float] = defaultdict(float)
    for item in found.items:
        weight[item.category] += item.confidence
    best = max(weight, key=lambda category: weight[category])
    return best if weight[best] > SHARE * sum(weight.values()) else None
