"""How much of a question's phrasing stands in a section: runs of letters across word borders.

Words and vectors both lose the order that words stand in. Runs of six letters keep some of it, find
inflections and compounds, and need no index: only the few articles that lead are looked at. Repetitions
count less and less, and less in a long text, as in BM25 (Robertson and Zaragoza, 2009).
"""

import re

RUN = 6  # letters, spaces among them
UNSPACED_RUN = 3  # in scripts that do not part words
LONGEST = 6_000  # characters of a section that are looked at

K1 = 1.2
B = 0.75

_BETWEEN = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Write a text in lower case with one space between words and at both ends."""
    return f" {_BETWEEN.sub(' ', text.lower()).strip()} "


def runs(question: str) -> frozenset[str]:
    """Give the runs of letters of a question."""
    text = plain(question)
    size = RUN if text.isascii() or " " in text[1:-1] else UNSPACED_RUN
    return frozenset(text[i : i + size] for i in range(len(text) - size + 1))


def phrasing(asked: frozenset[str], text: str, typical: float) -> float:
    """Give the share, 0 to 1, of the runs that stand in a text; `typical` is a usual section length."""
    if not asked:
        return 0.0
    looked_at = plain(text[:LONGEST])
    damping = K1 * (1 - B + B * len(looked_at) / max(typical, 1.0))
    counts = (looked_at.count(run) for run in asked)
    return sum(count / (count + damping) for count in counts if count) / len(asked)
