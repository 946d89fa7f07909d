"""Questions that people confirmed as answered, attached to the article that answered them.

They work beside the index, so that a new one helps at once. They only ever lift their article.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from deflector.knowledge import Knowledge
from deflector.outcomes.learned import fading
from deflector.search.analysis import clean, words
from deflector.search.contents import AskedTerms, alike
from deflector.search.encoder import Encoded, Encoder, Vectors
from deflector.search.index import LanguageIndex

SURE = 0.8  # a wording that fewer than 8 in 10 confirmed is a hint, not the article's own
# What a wording counts beside its article's passages; of 0.6, 0.8 and 1 the best on development questions:
# more are answered than with 0.6, and fewer strangers than with 1 (`benchmarks/learning.py`).
LIFT = 0.8
NEAR_ENOUGH = 0.35  # cosine below which a wording says nothing about a question
REMEMBERED = 2_048  # vectors of wordings, 1.5 kB each, so that a new wording costs its own only


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedQuestion:
    """A wording, free of personal data, that an article in one version answered.

    `weight` is the share of those it answered among those who said so.
    """

    article: str
    lang: str
    version: int
    text: str
    weight: float = 1.0


class LearnedQuestions(Protocol):
    """Keeps what was learned. It is asked with every question, so it answers from memory."""

    def wordings(self, knowledge: Knowledge) -> Sequence[LearnedQuestion]:
        """Give the wordings that count for this catalogue; the same object as long as nothing changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wording:
    article: int
    weight: float
    sure: bool
    key: tuple[str, ...]
    terms: frozenset[str]
    total: float


class Learned:
    """The learned wordings of one language, ready to be compared. A question touches only those near it."""

    def __init__(
        self, wordings: Sequence[LearnedQuestion], index: LanguageIndex, encoder: Encoder | None
    ) -> None:
        pairs = [(one.text, prepared) for one in wordings if (prepared := _prepared(one, index)) is not None]
        self._wordings = [prepared for _, prepared in pairs]
        self._exact: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
        self._by_term: defaultdict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(self._wordings):
            if one.sure:
                self._exact[one.key].add(one.article)
            for term in one.terms:
                self._by_term[term].append(at)
        self._vectors: Vectors | None = None
        if encoder is not None and index.meaning is not None and pairs:
            # Weighed once, so that a comparison gives the cosine times the weight.
            weights = np.array([one.weight for one in self._wordings], dtype=np.float32)
            self._vectors = (
                np.stack([_vector(encoder.question, text) for text, _ in pairs]) * weights[:, None]
            )

    def exact(self, asked: tuple[str, ...]) -> frozenset[int]:
        """Find the articles that answered these very words in what they say today."""
        return frozenset(self._exact.get(asked, ()))

    def near(self, question: Vectors) -> Mapping[int, float]:
        """Give the cosine to the nearest wording of each article that has one near."""
        found: dict[int, float] = {}
        if self._vectors is not None:
            cosines = self._vectors @ question
            for at in np.flatnonzero(cosines >= NEAR_ENOUGH).tolist():
                article = self._wordings[at].article
                found[article] = max(found.get(article, 0.0), float(cosines[at]))
        return found

    def likeness(self, asked: AskedTerms) -> Mapping[int, float]:
        """Give the likeness by words to the best wording of each article that shares one."""
        found: dict[int, float] = {}
        for at in {at for term in asked.terms for at in self._by_term.get(term, ())}:
            one = self._wordings[at]
            said = asked.said_by_terms(one.terms & asked.terms)
            like = one.weight * alike(said, asked.whole, one.total)
            found[one.article] = max(found.get(one.article, 0.0), like)
        return found


def lifted(near: float, learned: float) -> float:
    """Lift an article's nearness by that of a learned wording, tempered by what the article itself says."""
    return max(near, LIFT * learned + (1 - LIFT) * near)


@lru_cache(maxsize=REMEMBERED)
def _vector(encode: Callable[[str], Encoded], text: str) -> Vectors:
    return encode(text).vector


def _prepared(one: LearnedQuestion, index: LanguageIndex) -> _Wording | None:
    at = index.shelf.at(one.article)
    if at is None or one.lang != index.shelf.lang:
        return None
    age = fading(one.version, index.shelf.articles[at])
    found = [word.text for word in words(clean(one.text))]
    telling = {word for word in found if not index.analyser.is_stop_word(word)} or set(found)
    if not age or not telling:
        return None
    return _Wording(
        article=at,
        weight=age * one.weight,
        sure=age == 1 and one.weight >= SURE,
        key=tuple(found),
        terms=frozenset(term for word in telling for term in index.analyser.terms(word)),
        total=sum(index.vocabulary.weight(word, index.analyser) for word in telling),
    )
