"""Questions that people confirmed as answered, attached to the article that answered them.

They work beside the index, so that a new one helps at once. They only ever lift their article.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from deflector.knowledge import Knowledge
from deflector.search.analysis import clean, words
from deflector.search.contents import AskedTerms, alike
from deflector.search.encoder import Encoder, Vectors
from deflector.search.index import LanguageIndex
from deflector.search.meaning import NEAREST

LATER_VERSION = 0.9  # what a wording still counts for each version that its article has moved on
FORGOTTEN = 4  # versions later it counts no more


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedQuestion:
    """A wording, free of personal data, that an article in one version answered."""

    article: str
    lang: str
    version: int
    text: str


class LearnedQuestions(Protocol):
    """Keeps what was learned. It is asked with every question, so it answers from memory."""

    def wordings(self, knowledge: Knowledge) -> Sequence[LearnedQuestion]:
        """Give the wordings that count for this catalogue; the same object as long as nothing changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wording:
    article: int
    weight: float
    key: tuple[str, ...]
    terms: frozenset[str]
    total: float


class Learned:
    """The learned wordings of one language, ready to be compared."""

    def __init__(
        self, wordings: Sequence[LearnedQuestion], index: LanguageIndex, encoder: Encoder | None
    ) -> None:
        pairs = [(one.text, prepared) for one in wordings if (prepared := _prepared(one, index)) is not None]
        self._wordings = [prepared for _, prepared in pairs]
        texts = [text for text, _ in pairs]
        with_meaning = encoder is not None and index.meaning is not None and bool(texts)
        self._vectors: Vectors | None = (
            np.stack([encoder.question(text) for text in texts]) if with_meaning and encoder else None
        )

    def exact(self, asked: tuple[str, ...]) -> frozenset[int]:
        """Find the articles that answered these very words in their present version."""
        return frozenset(one.article for one in self._wordings if one.key == asked and one.weight == 1)

    def near(self, question: Vectors) -> Mapping[int, float]:
        """Give the cosine to the nearest wording of each article that has one."""
        found: dict[int, float] = {}
        if self._vectors is not None:
            for one, cosine in zip(self._wordings, (self._vectors @ question).tolist(), strict=True):
                found[one.article] = max(found.get(one.article, 0.0), cosine * one.weight)
        return found

    def likeness(self, asked: AskedTerms) -> Mapping[int, float]:
        """Give the likeness by words to the best wording of each article that has one."""
        found: dict[int, float] = {}
        for one in self._wordings:
            if common := one.terms & asked.terms:
                like = one.weight * alike(asked.said_by_terms(common), asked.whole, one.total)
                found[one.article] = max(found.get(one.article, 0.0), like)
        return found


def lifted(near: float, learned: float) -> float:
    """Lift an article's nearness by that of a learned wording, as if the wording were one of its passages."""
    return max(near, NEAREST[0] * learned + (1 - NEAREST[0]) * near)


def _prepared(one: LearnedQuestion, index: LanguageIndex) -> _Wording | None:
    at = index.shelf.at(one.article)
    if at is None or one.lang != index.shelf.lang:
        return None
    behind = index.shelf.articles[at].version - one.version
    found = [word.text for word in words(clean(one.text))]
    telling = {word for word in found if not index.analyser.is_stop_word(word)} or set(found)
    if not 0 <= behind < FORGOTTEN or not telling:
        return None
    return _Wording(
        article=at,
        weight=LATER_VERSION**behind,
        key=tuple(found),
        terms=frozenset(term for word in telling for term in index.analyser.terms(word)),
        total=sum(index.vocabulary.weight(word, index.analyser) for word in telling),
    )
