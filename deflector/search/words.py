"""Retrieval by words: the port that a full-text engine stands behind.

Analysis, spelling, synonyms and unfinished words are settled before an engine is asked, so that engines are
told terms and weights, never text that a person typed. None of them parses anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

# What an article's words count, by where they stand. One set for all sites.
FIELD_WEIGHTS: Mapping[str, float] = {
    "title": 1.0,
    "questions": 1.0,
    "heading": 1.0,
    "summary": 1.0,
    "body": 1.0,
    "tags": 0.5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to say what a part of the question means: terms that are added up, each counting `weight`."""

    terms: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A word or phrase of the question, with every way to say it; the best matching way counts.

    `idf` is how telling the part is, 0 for words such as "the".
    """

    ways: tuple[Way, ...]
    idf: float = 1.0


class Hit(NamedTuple):  # fifty are made with every key, and a tuple costs half of a dataclass
    """A section that matches, by its ordinal, and the engine's score (BM25, of no fixed scale)."""

    section: int
    score: float


class WordIndex(Protocol):
    """A full-text index over the sections of one language, open for reading by many threads."""

    def search(self, question: tuple[Meant, ...], limit: int) -> list[Hit]:
        """Give the best sections, best first, equal scores by ordinal; empty when no term is known."""


class WordEngine(Protocol):
    """Builds and opens word indexes of one kind."""

    name: str

    def build(self, folder: Path, sections: Iterable[Mapping[str, str]]) -> None:
        """Write an index of sections into an empty folder.

        A section is a mapping from field name to terms joined by single spaces; its ordinal is its place.
        """

    def open(self, folder: Path) -> WordIndex:
        """Open what `build` wrote; raise an exception of any kind when the folder is not whole."""
