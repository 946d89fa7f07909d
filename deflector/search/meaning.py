"""Retrieval by meaning: vectors of passages, compared exactly with a question's.

An article is as near as its nearest passage, tempered by the next ones: one stray sentence does not make an
answer. Vectors lie in one file that every process maps, sorted by article.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deflector.knowledge import KnownArticle
from deflector.search.encoder import Encoder, Vectors
from deflector.search.passages import EVERYTHING, Passage, lines, passages, share, within

NEAREST = (0.6, 0.25, 0.15)  # what the nearest passages of an article count, in order

# Lines that say the same are wordings of one question and are compared each by itself. The lines of a
# how-to lie at 0.15 to 0.35 to one another, paraphrases at 0.35 to 0.8 (all-MiniLM-L6-v2); taking a how-to
# for a list costs nothing that could be measured, missing a list costs a tenth of its questions.
SAME = 0.25
TAKEN = np.float32(-2)  # stands for a passage that has been counted

SAMPLED = 12  # lines that are looked at to find out


class VectorStore:
    """Vectors of texts that the same model encoded before, from the folders of earlier indexes."""

    def __init__(self, folders: Iterable[Path], encoder: Encoder | None) -> None:
        self._rows: dict[str, tuple[Vectors, int]] = {}
        for folder in folders if encoder else ():
            try:
                vectors = np.load(folder / "vectors.npy", mmap_mode="r")
                content = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
                names, model = content["texts"], content["model"]
            except (OSError, ValueError, KeyError, TypeError):
                continue
            if encoder and model == encoder.id and vectors.shape == (len(names), encoder.dimension):
                for row, name in enumerate(names):
                    self._rows.setdefault(name, (vectors, row))

    def encode(self, texts: Sequence[str], encoder: Encoder) -> Vectors:
        """Encode those texts that are new."""
        names = [_digest(text) for text in texts]
        fresh = iter(
            encoder.passages([t for t, name in zip(texts, names, strict=True) if name not in self._rows])
        )
        rows = [self._rows[n][0][self._rows[n][1]] if n in self._rows else next(fresh) for n in names]
        return np.array(rows, dtype=np.float32).reshape(len(texts), encoder.dimension)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """How near each article is to a question: `articles` by their place, `passages` by theirs; cosines."""

    articles: NDArray[np.float32]
    passages: NDArray[np.float32]


class Meaning:
    """The vectors of one language, open for questions."""

    def __init__(self, vectors: Vectors, articles: NDArray[np.int32], sections: NDArray[np.int32]) -> None:
        """Take vectors sorted by article; `articles` has each row's, `sections` its section there or -1."""
        self._vectors = vectors
        self._sections = sections
        self._present, self._starts = np.unique(articles, return_index=True)
        self._count = int(articles[-1]) + 1 if len(articles) else 0
        self._lengths = np.diff(np.append(self._starts, len(articles)))

    @classmethod
    def build(
        cls, folder: Path, articles: Sequence[KnownArticle], encoder: Encoder, store: VectorStore
    ) -> None:
        """Encode the articles into a folder."""
        whole = [list(passages(article)) for article in articles]
        # Looking for wordings costs encoding too: a large help centre writes them as questions.
        spare = sum(len(passage.text) for own in whole for passage in own) < EVERYTHING
        listed = [_wordings(article, encoder, store) if spare else [] for article in articles]
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
        np.save(folder / "vectors.npy", store.encode(texts, encoder))
        names = [_digest(text) for text in texts]
        content = {"model": encoder.id, "texts": names, "articles": owners, "sections": sections}
        (folder / "passages.json").write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path, encoder: Encoder) -> "Meaning":
        """Open what `build` wrote; raise ValueError when it belongs to another model."""
        vectors = np.asarray(np.load(folder / "vectors.npy", mmap_mode="r"))
        content = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
        if content["model"] != encoder.id or vectors.shape != (len(content["texts"]), encoder.dimension):
            raise ValueError("the vectors are another model's")
        return cls(
            vectors,
            np.array(content["articles"], dtype=np.int32),
            np.array(content["sections"], dtype=np.int32),
        )

    def near(self, question: Vectors) -> Nearness:
        """Compare a question with every passage."""
        # One row at a time: a matrix product would start threads, which cost more than they save here.
        cosines = np.asarray(np.vecdot(self._vectors, question), dtype=np.float32)
        articles = np.full(self._count, -1.0, dtype=np.float32)
        if len(cosines):
            articles[self._present] = self._pooled(cosines)
        return Nearness(articles=articles, passages=cosines)

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
        place = int(np.searchsorted(self._present, article))
        if place >= len(self._present) or self._present[place] != article:
            return {}
        rows = slice(int(self._starts[place]), int(self._starts[place] + self._lengths[place]))
        found: dict[int, float] = {}
        for section, cosine in zip(self._sections[rows].tolist(), near.passages[rows].tolist(), strict=True):
            if section >= 0:
                found[section] = max(cosine, found.get(section, -1.0))
        return found


def _wordings(article: KnownArticle, encoder: Encoder, store: VectorStore) -> list[Passage]:
    """Find sections that are lists of wordings: their lines say the same in other words."""
    found: list[Passage] = []
    for number, section in enumerate(article.sections):
        candidates = lines(section)
        sample = candidates[:: max(1, len(candidates) // SAMPLED)][:SAMPLED]
        if len(sample) < 2:
            continue
        vectors = store.encode(sample, encoder)
        cosines = vectors @ vectors.T
        pairs = len(sample) * (len(sample) - 1)
        if (float(cosines.sum()) - len(sample)) / pairs >= SAME:
            found.extend(Passage(number, line) for line in candidates)
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
