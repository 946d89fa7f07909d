"""Which terms stand in each section, and in each name of an article: looked up for the few that were found.

Terms are numbers in sorted arrays that every process maps, so that a look-up costs microseconds and no text
is read again. A *name* is what an article could be asked for by: its title, title with heading, each
question.
"""

from array import array
from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deflector.search.vocabulary import Vocabulary
from deflector.search.words import Meant, Way

Numbers = NDArray[np.int32]


class AskedTerms:
    """A question's parts: their terms, the numbers of these in one vocabulary, and what each part weighs."""

    def __init__(self, question: Sequence[Meant], vocabulary: Vocabulary) -> None:
        self.whole = sum(meant.idf for meant in question)
        self._question = question
        self.terms = frozenset(term for meant in question for way in meant.ways for term in way.terms)
        number = vocabulary.number
        known = {found for term in self.terms if (found := number(term)) is not None}
        self.known = frozenset(known)
        self.numbers = np.array(sorted(known), dtype=np.int32)
        self._by_number = _Weights(question, lambda way: tuple(map(number, way.terms)))
        # Many sections and names have the same few terms of a question.
        self._weighed: dict[frozenset[int], float] = {}

    def said(self, present: frozenset[int]) -> float:
        """Add up the weights of the parts that these terms say, given by number."""
        weight = self._weighed.get(present)
        if weight is None:
            weight = self._weighed[present] = self._by_number.said(present)
        return weight

    def said_by_terms(self, present: frozenset[str]) -> float:
        """Add up the weights of the parts that these terms say."""
        return self._by_term.said(present)

    @cached_property
    def _by_term(self) -> "_Weights":
        return _Weights(self._question, lambda way: way.terms)


class _Weights:
    """What each part of a question weighs, whichever way it is said."""

    def __init__(self, question: Sequence[Meant], terms_of: Callable[[Way], Sequence[Hashable]]) -> None:
        self._words: dict[Hashable, list[tuple[int, float]]] = {}  # by term: which parts it says
        self._phrases: list[tuple[int, Sequence[Hashable], float]] = []
        for part, meant in enumerate(question):
            for way in meant.ways:
                terms = terms_of(way)
                weight = meant.idf * min(1.0, way.weight * len(terms))
                if len(terms) == 1:
                    self._words.setdefault(terms[0], []).append((part, weight))
                else:
                    self._phrases.append((part, terms, weight))

    def said(self, present: Set[Hashable]) -> float:
        """Add up, over the parts, the best way that is said.

        Half the terms of a phrase, or half the letter groups of a word, say a quarter of it.
        """
        best: dict[int, float] = {}
        for term in present:
            for part, weight in self._words.get(term, ()):
                if weight > best.get(part, 0.0):
                    best[part] = weight
        for part, terms, weight in self._phrases:
            if said := sum(term in present for term in terms):
                best[part] = max(best.get(part, 0.0), weight * (said / len(terms)) ** 2)
        return sum(best[part] for part in sorted(best))


class Rows:
    """Sets of numbers in one mapped array, each sorted."""

    def __init__(self, numbers: Numbers, starts: Numbers) -> None:
        self._numbers = numbers
        self._starts = starts

    @classmethod
    def save(cls, folder: Path, name: str, rows: Iterable[Sequence[int]]) -> None:
        """Write rows, each sorted and without repeats, into a folder."""
        sizes = [0]
        joined = array("i")
        for row in rows:
            joined.extend(row)
            sizes.append(len(row))
        np.save(folder / f"{name}.npy", np.frombuffer(joined, dtype=np.int32))
        np.save(folder / f"{name}.starts.npy", np.cumsum(sizes).astype(np.int32))

    @classmethod
    def open(cls, folder: Path, name: str) -> "Rows":
        """Map what `save` wrote."""
        numbers = np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
        starts = np.load(folder / f"{name}.starts.npy")
        if len(starts) == 0 or starts[-1] != len(numbers):
            raise ValueError(f"{name} was cut off")
        return cls(numbers, starts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def row(self, place: int) -> frozenset[int]:
        """Give a whole row."""
        return frozenset(self._numbers[self._starts[place] : self._starts[place + 1]].tolist())

    def common(self, place: int, wanted: Numbers) -> frozenset[int]:
        """Give those of the wanted numbers (sorted) that are in a row."""
        row = self._numbers[self._starts[place] : self._starts[place + 1]]
        if not len(row) or not len(wanted):
            return frozenset()
        found = row.take(row.searchsorted(wanted), mode="clip")
        return frozenset(wanted[found == wanted].tolist())


class Contents:
    """What stands in the sections and names of one language."""

    def __init__(self, *, sections: Rows, names: Rows, weights: NDArray[np.float32], owners: Numbers) -> None:
        self._sections = sections
        self._names = names
        self._weights = weights
        articles = int(owners[-1]) + 1 if len(owners) else 0
        self._first_names = owners.searchsorted(np.arange(articles + 1, dtype=np.int32))
        self.names = lru_cache(maxsize=4_096)(self._names_of)

    @classmethod
    def save(
        cls,
        folder: Path,
        sections: Iterable[Sequence[int]],
        names: Sequence[tuple[int, Sequence[int], float]],
    ) -> None:
        """Write sections as term numbers, and names as (article, term numbers, weight), sorted by article."""
        Rows.save(folder, "sections", sections)
        Rows.save(folder, "names", (numbers for _, numbers, _ in names))
        np.save(folder / "names.weights.npy", np.array([weight for *_, weight in names], dtype=np.float32))
        np.save(folder / "names.owners.npy", np.array([owner for owner, *_ in names], dtype=np.int32))

    @classmethod
    def open(cls, folder: Path) -> "Contents":
        """Map what `save` wrote."""
        return cls(
            sections=Rows.open(folder, "sections"),
            names=Rows.open(folder, "names"),
            weights=np.load(folder / "names.weights.npy"),
            owners=np.load(folder / "names.owners.npy"),
        )

    def share(self, section: int, asked: AskedTerms) -> float:
        """Say what share of the question, weighed by how telling its words are, stands in a section."""
        if not asked.whole:
            return 0.0
        return asked.said(self._sections.common(section, asked.numbers)) / asked.whole

    def likeness(self, article: int, asked: AskedTerms) -> float:
        """Say how alike the question and the best matching name are, 0 to 1 (Dice, weighed by idf)."""
        best = 0.0
        for terms, weight in self.names(article):
            if common := terms & asked.known:
                best = max(best, alike(asked.said(common), asked.whole, weight))
        return best

    def _names_of(self, article: int) -> tuple[tuple[frozenset[int], float], ...]:
        first, last = self._first_names[article : article + 2].tolist()
        weights = self._weights[first:last].tolist()
        return tuple(zip(map(self._names.row, range(first, last)), weights, strict=True))


def alike(said: float, question: float, name: float) -> float:
    """Give Dice's coefficient of a question and a name from their weights and what they share."""
    return min(1.0, 2 * said / (question + name)) if question + name else 0.0
