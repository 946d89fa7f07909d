"""The words that the articles of one language use, and how telling each is."""

import json
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from deflector.search.analysis import Analyser


class Vocabulary:
    """Known words and terms with the number of sections that have them.

    `words` are as people write them (folded), sorted; `terms` are as they are compared.
    """

    def __init__(self, *, sections: int, counts: Mapping[str, int], terms: Mapping[str, int]) -> None:
        """Take how many sections there are, and how many have each word and each term."""
        self.sections = sections
        self.words = sorted(counts)
        self.counts = np.array([counts[word] for word in self.words], dtype=np.int32)
        self._terms = terms
        self._numbers = {term: number for number, term in enumerate(terms)}

    @classmethod
    def of(cls, sections: Iterable[Iterable[str]], analyser: Analyser) -> "Vocabulary":
        """Count the words of sections, each given as its folded words."""
        word_counts: Counter[str] = Counter()
        term_counts: Counter[str] = Counter()
        total = 0
        for section in sections:
            distinct = set(section)
            word_counts.update(distinct)
            term_counts.update({term for word in distinct for term in analyser.terms(word)})
            total += 1
        return cls(sections=total, counts=word_counts, terms=term_counts)

    def save(self, folder: Path) -> None:
        """Write the vocabulary into a folder of the index."""
        counts = dict(zip(self.words, self.counts.tolist(), strict=True))
        content = {"sections": self.sections, "counts": counts, "terms": dict(self._terms)}
        (folder / "vocabulary.json").write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> "Vocabulary":
        """Read what `save` wrote."""
        data = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        return cls(sections=data["sections"], counts=data["counts"], terms=data["terms"])

    def by_use(self) -> list[str]:
        """List the words, the most used first."""
        return [self.words[int(place)] for place in np.argsort(-self.counts, kind="stable")]

    def knows(self, word: str) -> bool:
        """Say whether any article uses this very word."""
        return self._place(word) is not None

    def count(self, word: str) -> int:
        """Say in how many sections the word stands."""
        place = self._place(word)
        return 0 if place is None else int(self.counts[place])

    def number(self, term: str) -> int | None:
        """Give the number by which a term goes in arrays, or None when no section has it."""
        return self._numbers.get(term)

    def reach(self, terms: Iterable[str]) -> int:
        """Count the sections that terms stand in, each term by itself."""
        return sum(self._terms.get(term, 0) for term in terms)

    def idf(self, term: str) -> float:
        """Weigh a term by how few sections have it (Robertson's idf as Lucene bounds it, never negative)."""
        count = self._terms.get(term, 0)
        return math.log1p((self.sections - count + 0.5) / (count + 0.5))

    def weight(self, word: str, analyser: Analyser) -> float:
        """Weigh a folded word: the mean idf of its terms, times how many words' worth it is."""
        terms = analyser.terms(word)
        return sum(self.idf(term) for term in terms) / len(terms) * analyser.span(word)

    def completions(self, prefix: str, limit: int) -> list[str]:
        """Give the most used words that begin with a prefix and are longer than it."""
        first = bisect_left(self.words, prefix)
        last = bisect_left(self.words, prefix + "\U0010ffff", lo=first)
        counts = self.counts[first:last]
        places = np.arange(last - first)
        if len(places) > limit + 1:
            # Thousands of words begin with one letter, and few are in the running: no need to sort all.
            places = np.flatnonzero(counts >= np.partition(counts, -limit - 1)[-limit - 1])
        best = places[np.argsort(-counts[places], kind="stable")]
        found = [self.words[first + place] for place in best[: limit + 1].tolist()]
        return [word for word in found if word != prefix][:limit]

    def _place(self, word: str) -> int | None:
        place = bisect_left(self.words, word)
        return place if place < len(self.words) and self.words[place] == word else None
