"""Retrieval by meaning: vectors of passages, compared exactly with a question's.

An article is as near as its nearest passage, tempered by the next ones: one stray sentence does not make an
answer. Vectors lie in one file that every process maps, sorted by article.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deflector.knowledge import KnownArticle
from deflector.search.encoder import Encoded, Encoder, Vectors
from deflector.search.late_interaction import ASKED, maxsim, narrowed
from deflector.search.passages import EVERYTHING, Passage, lines, passages, share, within
from deflector.search.vectors import Stored, VectorStore

NEAREST = (0.6, 0.25, 0.15)  # what the nearest passages of an article count, in order

# Lines that say the same are wordings of one question and are compared each by itself. The lines of a
# how-to lie at 0.15 to 0.35 to one another, paraphrases at 0.35 to 0.8 (all-MiniLM-L6-v2); taking a how-to
# for a list costs nothing that could be measured, missing a list costs a tenth of its questions.
SAME = 0.25
TAKEN = np.float32(-2)  # stands for a passage that has been counted

LOOKED_AT = 6  # passages of an article that are compared word by word
SAMPLED = 12  # lines that are looked at to find out


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """How near each article is to a question: `articles` by their place, `passages` by theirs; cosines.

    `tokens` are the question's, narrowed as those of the passages are.
    """

    articles: NDArray[np.float32]
    passages: NDArray[np.float32]
    tokens: Vectors


class Meaning:
    """The vectors of one language, open for questions."""

    def __init__(self, stored: Stored) -> None:
        """Take passages sorted by article; a section is -1 where a passage stands for the whole article."""
        self._stored = stored
        articles = stored.articles
        self._present, self._starts = np.unique(articles, return_index=True)
        self._count = int(articles[-1]) + 1 if len(articles) else 0
        self._lengths = np.diff(np.append(self._starts, len(articles)))

    @classmethod
    def build(cls, folder: Path, articles: Sequence[KnownArticle], store: VectorStore) -> None:
        """Encode the articles into a folder."""
        whole = [list(passages(article)) for article in articles]
        # Looking for wordings costs encoding too: a large help centre writes them as questions.
        spare = sum(len(passage.text) for own in whole for passage in own) < EVERYTHING
        listed = [_wordings(article, store) if spare else [] for article in articles]
        needs = [
            sum(len(passage.text) for passage in (*own, *wordings))
            for own, wordings in zip(whole, listed, strict=True)
        ]
        level = share(needs)
        texts: list[str] = []
        owners: list[int] = []
        sections: list[int] = []
        for place, (own, wordings) in enumerate(zip(whole, listed, strict=True)):
            for passage in within((*own[:1], *wordings, *own[1:]), level):
                texts.append(passage.text)
                owners.append(place)
                sections.append(-1 if passage.section is None else passage.section)
        store.save(folder, texts, articles=owners, sections=sections)

    @classmethod
    def open(cls, folder: Path, encoder: Encoder) -> "Meaning":
        """Open what `build` wrote; raise ValueError when it belongs to another model."""
        return cls(Stored.open(folder, encoder))

    def near(self, question: Encoded) -> Nearness:
        """Compare a question with every passage."""
        # One row at a time: a matrix product would start threads, which cost more than they save here.
        cosines = np.asarray(np.vecdot(self._stored.vectors, question.vector), dtype=np.float32)
        articles = np.full(self._count, -1.0, dtype=np.float32)
        if len(cosines):
            articles[self._present] = self._pooled(cosines)
        tokens = narrowed(question.tokens[:ASKED], self._stored.directions)
        return Nearness(articles=articles, passages=cosines, tokens=tokens)

    def word_by_word(self, article: int, near: Nearness) -> float:
        """Say how near the words of an article's passage are to each word of the question, at best (MaxSim).

        Only the passages nearest as a whole are looked at.
        """
        rows = self._rows(article)
        nearest = near.passages[rows].argsort(kind="stable")[::-1][:LOOKED_AT] + rows.start
        return max(
            (maxsim(near.tokens, self._stored.tokens_of(row)) for row in nearest.tolist()), default=0.0
        )

    def _pooled(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Weigh the nearest passages of each article; one that has fewer repeats its farthest."""
        pooled = np.zeros(len(self._starts), dtype=np.float32)
        best = np.full(len(self._starts), np.float32(-1))
        for weight in NEAREST:
            nearest = np.maximum.reduceat(cosines, self._starts)
            best = np.where(nearest > TAKEN, nearest, best)
            pooled += np.float32(weight) * best
            cosines = np.where(cosines == np.repeat(best, self._lengths), TAKEN, cosines)
        return pooled

    def sections(self, article: int, near: Nearness) -> dict[int, float]:
        """Give the cosine of the nearest passage of each section of an article that has any."""
        rows = self._rows(article)
        sections = self._stored.sections[rows].tolist()
        found: dict[int, float] = {}
        for section, cosine in zip(sections, near.passages[rows].tolist(), strict=True):
            if section >= 0:
                found[section] = max(cosine, found.get(section, -1.0))
        return found

    def _rows(self, article: int) -> slice:
        """Say which passages are an article's."""
        place = int(np.searchsorted(self._present, article))
        if place >= len(self._present) or self._present[place] != article:
            return slice(0, 0)
        return slice(int(self._starts[place]), int(self._starts[place] + self._lengths[place]))


def _wordings(article: KnownArticle, store: VectorStore) -> list[Passage]:
    """Find sections that are lists of wordings: their lines say the same in other words."""
    found: list[Passage] = []
    for number, section in enumerate(article.sections):
        candidates = lines(section)
        sample = candidates[:: max(1, len(candidates) // SAMPLED)][:SAMPLED]
        if len(sample) < 2:
            continue
        vectors = store.vectors(sample)
        cosines = vectors @ vectors.T
        pairs = len(sample) * (len(sample) - 1)
        if (float(cosines.sum()) - len(sample)) / pairs >= SAME:
            found.extend(Passage(number, line) for line in candidates)
    return found
