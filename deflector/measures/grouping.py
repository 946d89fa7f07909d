"""Puts questions that ask the same together."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Protocol

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from deflector.search.analysis import analyser, fold
from deflector.support.phrases import words

# Cosine distance of character 3- to 5-grams below which two groups are one: the largest at which no
# development set of `benchmarks/gaps.py` does worse than equal wordings. A larger one pays where a few topics
# make up most questions, and puts strangers together where nearly every question is its own.
JOINED_BELOW = 0.72
# A rare word this alike to a frequent one is taken for a slip of the keys.
SLIP = 85
# Memory and time grow with the square of the number of wordings.
MOST_WORDINGS = 2000

_WORD = re.compile(r"\[[^\]]*\]|\w+", re.UNICODE)


class Grouping(Protocol):
    """Whatever can tell which texts ask the same."""

    @property
    def name(self) -> str: ...

    def groups(self, texts: Sequence[str], lang: str) -> list[list[int]]:
        """Return groups of positions in `texts`; every position is in exactly one."""
        ...


@dataclass(frozen=True)
class BySameWords:
    """Groups questions that are equal but for capitals, spaces and marks; needs nothing installed."""

    name: str = "same words"

    def groups(self, texts: Sequence[str], lang: str) -> list[list[int]]:  # noqa: ARG002 (the port's signature)
        found: defaultdict[str, list[int]] = defaultdict(list)
        for at, text in enumerate(texts):
            found[" ".join(words_of(text))].append(at)
        return list(found.values())


@dataclass(frozen=True)
class ByLikeness:
    """Groups questions by their characters, after stemming and mending slips (SciPy).

    Character n-grams see what two spellings and two forms of a word share; average linkage keeps one odd
    wording from chaining two topics together.
    """

    joined_below: float = JOINED_BELOW
    name: str = "likeness"

    def groups(self, texts: Sequence[str], lang: str) -> list[list[int]]:
        from scipy.cluster.hierarchy import fcluster, linkage
        from scipy.spatial.distance import squareform

        prepared = prepare(texts, lang)
        same: defaultdict[str, list[int]] = defaultdict(list)
        for at, text in enumerate(prepared):
            same[text].append(at)
        # The most asked wordings are compared with each other; the rest stand alone.
        wordings = sorted((text for text in same if text), key=lambda text: -len(same[text]))
        compared = wordings[:MOST_WORDINGS]
        rest = [same[text] for text in same if text not in set(compared)]
        if len(compared) < 2:
            return [same[text] for text in compared] + rest
        tree = linkage(squareform(distances(compared), checks=False), method="average")
        labels = fcluster(tree, t=self.joined_below, criterion="distance")
        found: defaultdict[int, list[int]] = defaultdict(list)
        for text, label in zip(compared, labels, strict=True):
            found[int(label)] += same[text]
        return [sorted(members) for members in found.values()] + rest


def distances(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Compare texts by their character 3- to 5-grams: 0 for the same, 1 for nothing in common.

    TF-IDF with logarithmic counts; the distance is one minus the cosine. Grams do not cross words.
    """
    from scipy.sparse import csr_matrix

    columns: dict[str, int] = {}
    rows, places, counts = [], [], []
    for row, text in enumerate(texts):
        for gram, times in _grams(text).items():
            rows.append(row)
            places.append(columns.setdefault(gram, len(columns)))
            counts.append(1.0 + log(times))
    holding = np.bincount(places, minlength=len(columns))
    rarity = np.log((1.0 + len(texts)) / (1.0 + holding)) + 1.0
    weights = np.array(counts) * rarity[places]
    vectors = csr_matrix((weights, (rows, places)), shape=(len(texts), len(columns)))
    likeness = (vectors @ vectors.T).toarray()
    lengths = np.sqrt(likeness.diagonal())
    found: npt.NDArray[np.float64] = (1.0 - likeness / np.outer(lengths, lengths)).clip(min=0.0)
    np.fill_diagonal(found, 0.0)
    return found


def _grams(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for word in text.split():
        framed = f" {word} "
        for size in range(3, 6):
            if len(framed) <= size:
                found[framed] += 1
                break
            found.update(framed[at : at + size] for at in range(len(framed) - size + 1))
    return found


def best_grouping() -> Grouping:
    """Choose grouping by likeness where SciPy is installed (the extra `gaps`), else by same words."""
    try:
        import scipy  # noqa: F401
    except ImportError:
        return BySameWords()
    return ByLikeness()


def words_of(text: str) -> list[str]:
    """Cut a question into words: no capitals, no accents' variants, no marks."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def prepare(texts: Sequence[str], lang: str) -> list[str]:
    """Stem the words that say what a question is about, after mending slips towards words asked more often.

    Words such as "how can I" make questions alike that have nothing else in common, the more so the fewer
    there are; a question of nothing else keeps them.
    """
    told = [words_of(text) for text in texts]
    frequent: Counter[str] = Counter(word for said in told for word in set(said))
    mended = {word: _mend(word, frequent) for word in frequent}
    language = lang.partition("-")[0].lower()
    is_stop_word = analyser(language).is_stop_word
    return [
        " ".join(word.stem for word in words(" ".join(telling or said), language))
        for said in ([mended[word] for word in said] for said in told)
        for telling in [[word for word in said if not is_stop_word(fold(word))]]
    ]


def _mend(word: str, frequent: Counter[str]) -> str:
    if frequent[word] > 1 or len(word) < 5 or not word.isalpha():
        return word
    better = [other for other, times in frequent.items() if times > 2 and abs(len(other) - len(word)) <= 2]
    hit = process.extractOne(word, better, scorer=fuzz.ratio, score_cutoff=SLIP)
    return hit[0] if hit else word
