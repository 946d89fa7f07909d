"""The search index of one language: its sections in order, their words, and what reads questions for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deflector.knowledge import Knowledge, KnownArticle, Section
from deflector.search.analysis import Analyser, analyser, clean, words
from deflector.search.reading import Reader
from deflector.search.synonyms import Synonyms
from deflector.search.vocabulary import Vocabulary
from deflector.search.words import WordEngine, WordIndex

INDEXED = 100_000  # characters of a section's text


@dataclass(frozen=True, slots=True)
class Place:
    """A section of an article; its ordinal in the index is its place in the list of these."""

    article: KnownArticle
    section: Section


def places(knowledge: Knowledge, lang: str) -> list[Place]:
    """List the sections of a language in the order of the catalogue."""
    return [Place(a, s) for a in knowledge.articles if a.lang == lang for s in a.sections]


class LanguageIndex:
    """One language, open for questions."""

    def __init__(
        self, *, lang: str, places: list[Place], vocabulary: Vocabulary, words: WordIndex, synonyms: Synonyms
    ) -> None:
        self.lang = lang
        self.places = places
        self.analyser = analyser(lang)
        self.vocabulary = vocabulary
        self.words = words
        self.reader = Reader(analyser=self.analyser, vocabulary=vocabulary, synonyms=synonyms)
        self.terms_of = lru_cache(maxsize=2_000)(self._terms_of)

    @classmethod
    def build(cls, folder: Path, knowledge: Knowledge, lang: str, engine: WordEngine) -> None:
        """Write the index of a language into an empty folder."""
        analysis = analyser(lang)
        found = places(knowledge, lang)
        (folder / "words").mkdir()
        engine.build(folder / "words", (_fields(place, analysis) for place in found))
        Vocabulary.of((_words(place) for place in found), analysis).save(folder)

    @classmethod
    def open(cls, folder: Path, knowledge: Knowledge, lang: str, engine: WordEngine) -> "LanguageIndex":
        """Open what `build` wrote for the same knowledge."""
        return cls(
            lang=lang,
            places=places(knowledge, lang),
            vocabulary=Vocabulary.open(folder),
            words=engine.open(folder / "words"),
            synonyms=Synonyms(_synonyms(knowledge, lang), analyser(lang)),
        )

    def _terms_of(self, ordinal: int) -> tuple[frozenset[str], frozenset[str]]:
        """Give the terms of a section's name (title, heading, questions) and those of everything in it."""
        place = self.places[ordinal]
        fields = _texts(place)
        name = frozenset(
            term
            for key in ("title", "questions", "heading")
            for text in fields[key]
            for term in self.analyser.analyse(text)
        )
        rest = (
            term
            for key in ("summary", "body", "tags")
            for text in fields[key]
            for term in self.analyser.analyse(text)
        )
        return name, name.union(rest)


def _texts(place: Place) -> Mapping[str, list[str]]:
    article, section = place.article, place.section
    return {
        "title": [article.title],
        "questions": list(article.questions),
        "heading": [section.heading] if section.heading != article.title else [],
        "summary": [article.summary] if article.summary != section.text else [],
        "body": [section.text[:INDEXED]],
        "tags": list(article.tags),
    }


def _fields(place: Place, analysis: Analyser) -> dict[str, str]:
    return {
        field: " ".join(term for text in texts for term in analysis.analyse(clean(text)))
        for field, texts in _texts(place).items()
    }


def _words(place: Place) -> Iterator[str]:
    for texts in _texts(place).values():
        for text in texts:
            for word in words(clean(text)):
                yield word.text


def _synonyms(knowledge: Knowledge, lang: str) -> tuple[tuple[str, ...], ...]:
    return knowledge.synonyms.get(lang) or knowledge.synonyms.get(lang.split("-")[0]) or ()
