"""Spelling: the known word that a mistyped one was meant to be.

Exact and bounded at any vocabulary: one edit changes at most two letters of a word's set of letters, so that a
comparison of bit sets leaves a few hundred candidates, whatever the vocabulary, and rapidfuzz measures those.
No clock is read: the same question is corrected the same way on a busy machine.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import OSA

from deflector.search.vocabulary import Vocabulary, letters_of

SHORTEST = 4  # letters; shorter words have too many neighbours
TWO_EDITS_FROM = 8  # letters
WIDEST = 4_000  # candidates that are measured; the most used ones first
ALTERNATIVES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A known word near a typed one. `likeness` is 1 minus edits ÷ letters."""

    word: str
    likeness: float


class Speller:
    """Corrects words against one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        eligible = [
            (word, int(count))
            for word, count in zip(vocabulary.words, vocabulary.counts, strict=True)
            if len(word) >= SHORTEST - 1 and not any(c.isdigit() for c in word)
        ]
        eligible.sort(key=lambda pair: (len(pair[0]), -pair[1], pair[0]))
        self._words = [word for word, _ in eligible]
        self._counts = [count for _, count in eligible]
        self._letters = letters_of(self._words)
        lengths = np.array([len(word) for word in self._words], dtype=np.int32)
        self._starts = np.searchsorted(lengths, np.arange(0, 64))
        self.corrections = lru_cache(maxsize=20_000)(self._corrections)

    def _corrections(self, word: str) -> tuple[Correction, ...]:
        if len(word) < SHORTEST or any(c.isdigit() for c in word) or self._vocabulary.knows(word):
            return ()
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1
        found = []
        for place in self._near(word, edits):
            candidate = self._words[place]
            distance = OSA.distance(word, candidate, score_cutoff=edits)
            if distance <= edits:
                found.append((distance, word[0] != candidate[0], -self._counts[place], candidate))
        found.sort()
        return tuple(
            Correction(word=candidate, likeness=1 - distance / len(word))
            for distance, _, _, candidate in found[:ALTERNATIVES]
            if distance == found[0][0]
        )

    def _near(self, word: str, edits: int) -> list[int]:
        first = int(self._starts[max(0, len(word) - edits)])
        last = int(self._starts[min(63, len(word) + edits + 1)])
        letters = letters_of([word])[0]
        differing = np.bitwise_count(self._letters[first:last] ^ letters)
        places = np.flatnonzero(differing <= 2 * edits)
        if len(places) > WIDEST:
            counts = np.array([self._counts[first + int(p)] for p in places])
            places = places[np.sort(np.argsort(-counts, kind="stable")[:WIDEST])]
        return [first + int(place) for place in places]
