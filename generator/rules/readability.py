"""How hard a text is to read, by the formula that was made for its language."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import pyphen

FEWEST_WORDS: Final = 100
"""Below this a formula says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Formula:
    """Reading ease = base − per_sentence × words a sentence − per_syllable × syllables a word.

    All four grow with ease and call about 60 plain; `hard` is the value below which a text is difficult.
    """

    base: float
    per_sentence: float
    per_syllable: float
    hard: float


# Flesch 1948; Fernández Huerta 1959, corrected; Amstad 1978; Kandel and Moles 1958; Vacca and Franchina 1972.
_FORMULAS: Final = {
    "en": _Formula(base=206.835, per_sentence=1.015, per_syllable=84.6, hard=50),
    "es": _Formula(base=206.84, per_sentence=1.02, per_syllable=60.0, hard=55),
    "de": _Formula(base=180.0, per_sentence=1.0, per_syllable=58.5, hard=40),
    "fr": _Formula(base=207.0, per_sentence=1.015, per_syllable=73.6, hard=50),
    "it": _Formula(base=217.0, per_sentence=1.3, per_syllable=60.0, hard=50),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ease:
    """How easily a text reads, about 0 to 100, and what makes it so."""

    score: float
    words_a_sentence: float
    syllables_a_word: float
    is_hard: bool


def reading_ease(sentences: Iterable[list[str]], lang: str) -> Ease | None:
    """Weigh sentences given as words; None where the language has no formula here or there is too little."""
    formula = _FORMULAS.get(lang.partition("-")[0])
    found = [words for words in sentences if words]
    words = [word for sentence in found for word in sentence if not word[0].isdigit()]
    if formula is None or len(words) < FEWEST_WORDS:
        return None
    count = _syllables(lang.partition("-")[0])
    long, heavy = len(words) / len(found), sum(map(count, words)) / len(words)
    score = formula.base - formula.per_sentence * long - formula.per_syllable * heavy
    return Ease(score=score, words_a_sentence=long, syllables_a_word=heavy, is_hard=score < formula.hard)


class _Syllables:
    """Counts syllables by hyphenation, which finds a few too few in short words."""

    def __init__(self, lang: str) -> None:
        self._dictionary = pyphen.Pyphen(lang=pyphen.language_fallback(lang) or "en_US", left=1, right=1)
        self._known: dict[str, int] = {}

    def __call__(self, word: str) -> int:
        if word not in self._known:
            self._known[word] = len(self._dictionary.positions(word)) + 1
        return self._known[word]


@cache
def _syllables(lang: str) -> _Syllables:
    return _Syllables(lang)
