"""Spelling: the known word that a mistyped one was meant to be.

Exact and bounded at any vocabulary: one edit changes at most two letters of a word's set of letters, so
that a comparison of bit sets leaves a few hundred candidates, and rapidfuzz measures those. No clock is
read: the same question is corrected the same way on a busy machine.

Words come from the articles, and from the sentence model where there is one: the whole words that it was
trained on are a dictionary. A word in it is no mistake, whether or not an article uses it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from deflector.search.analysis import Analyser
from deflector.search.vocabulary import Vocabulary

SHORTEST = 4  # letters; shorter words have too many neighbours
TWO_EDITS_FROM = 8  # letters, and only towards a word of the articles
LONGEST = 62
WIDEST = 3_000  # candidates that are measured; the most used ones first
ALTERNATIVES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A known word near a typed one. `likeness` is 1 minus edits ÷ letters."""

    word: str
    likeness: float


class WordList:
    """Words, the most used first, to look for near ones in."""

    def __init__(self, words: Iterable[str]) -> None:
        fitting = [w for w in words if SHORTEST - 1 <= len(w) <= LONGEST and not any(c.isdigit() for c in w)]
        lengths = np.array([len(word) for word in fitting], dtype=np.int64)
        order = np.argsort(lengths, kind="stable")  # within a length, the most used first
        self._words = [fitting[place] for place in order]
        self._ranks = order
        self._letters = letters(self._words)
        self._starts = np.searchsorted(lengths[order], np.arange(LONGEST + 2))

    def near(self, word: str, edits: int) -> Iterator[tuple[int, int, str]]:
        """Give (distance, rank, word) of the words within so many edits (Damerau: a swap is one)."""
        first = int(self._starts[max(0, len(word) - edits)])
        last = int(self._starts[min(LONGEST, len(word) + edits) + 1])
        differing = np.bitwise_count(self._letters[first:last] ^ letters([word])[0])
        places = np.flatnonzero(differing <= 2 * edits) + first
        if len(places) > WIDEST:
            places = places[np.argsort(self._ranks[places], kind="stable")[:WIDEST]]
        for place in places.tolist():
            distance = OSA.distance(word, self._words[place], score_cutoff=edits)
            if distance <= edits:
                yield distance, int(self._ranks[place]), self._words[place]


class Dictionary:
    """The words that a language model knows, the most used first."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._known = frozenset(words)
        self.list = WordList(words)

    def __contains__(self, word: str) -> bool:
        return word in self._known


class Speller:
    """Corrects words against the vocabulary of the articles, and a dictionary where there is one."""

    def __init__(
        self, vocabulary: Vocabulary, analyser: Analyser, dictionary: Dictionary | None = None
    ) -> None:
        self._vocabulary = vocabulary
        self._analyser = analyser
        self._dictionary = dictionary
        self._list = WordList(vocabulary.by_use())
        self.corrections = lru_cache(maxsize=20_000)(self._corrections)

    def knows(self, word: str) -> bool:
        """Say whether the articles use the word in any form."""
        return self._vocabulary.knows(word) or all(
            self._vocabulary.number(term) is not None for term in self._analyser.terms(word)
        )

    def _corrections(self, word: str) -> tuple[Correction, ...]:
        if not SHORTEST <= len(word) <= LONGEST or any(c.isdigit() for c in word) or self.knows(word):
            return ()
        if self._dictionary is not None and word in self._dictionary:
            return ()
        found = list(self._candidates(word))
        found.sort()
        return tuple(
            Correction(word=candidate, likeness=1 - distance / len(word))
            for distance, foreign, _, _, candidate in found[:ALTERNATIVES]
            if (distance, foreign) == found[0][:2]
        )

    def _candidates(self, word: str) -> Iterator[tuple[int, bool, bool, int, str]]:
        """Give candidates so that they sort: few edits, words of the articles, the same first letter, use."""
        for distance, rank, candidate in self._list.near(word, 2 if len(word) >= TWO_EDITS_FROM else 1):
            yield distance, False, word[0] != candidate[0], rank, candidate
        if self._dictionary is not None:
            for distance, rank, candidate in self._dictionary.list.near(word, 1):
                if not self._vocabulary.knows(candidate):
                    yield distance, not self.knows(candidate), word[0] != candidate[0], rank, candidate


def letters(words: Sequence[str]) -> NDArray[np.uint64]:
    """Mark which letters each word has: one bit a letter (mod 64)."""
    if not words:
        return np.empty(0, dtype=np.uint64)
    codes = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    bits = np.uint64(1) << (codes & 63).astype(np.uint64)
    starts = np.cumsum([0, *(len(word) for word in words[:-1])])
    return np.bitwise_or.reduceat(bits, starts)
