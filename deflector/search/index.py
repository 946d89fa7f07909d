"""The search index of one language: its sections in order, their words, and what reads questions for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from deflector.knowledge import Knowledge, KnownArticle, Section
from deflector.search.analysis import analyser, clean, folded, words
from deflector.search.contents import Contents
from deflector.search.courtesies import courtesies
from deflector.search.encoder import Encoder
from deflector.search.gathering import AnalysedBefore, Gathered
from deflector.search.meaning import Meaning
from deflector.search.reading import Reader
from deflector.search.spelling import Dictionary, Speller
from deflector.search.synonyms import Synonyms
from deflector.search.vectors import VectorStore
from deflector.search.vocabulary import Vocabulary
from deflector.search.words import WordEngine, WordIndex

INDEXED = 100_000  # characters of a section's text


@dataclass(frozen=True, slots=True)
class Place:
    """A section: the place of its article in the language, its own place there, and both themselves."""

    article_at: int
    section_at: int
    article: KnownArticle
    section: Section


class Shelf:
    """The articles of one language in the catalogue's order, and their sections by ordinal."""

    def __init__(self, knowledge: Knowledge, lang: str) -> None:
        self.lang = lang
        self.articles = tuple(article for article in knowledge.articles if article.lang == lang)
        self.places = tuple(
            Place(at, number, article, section)
            for at, article in enumerate(self.articles)
            for number, section in enumerate(article.sections)
        )
        self.typical_length = sum(len(p.section.text) for p in self.places) / max(1, len(self.places))
        self.synonyms = knowledge.synonyms.get(lang) or knowledge.synonyms.get(lang.split("-")[0]) or ()

    def at(self, article: str) -> int | None:
        """Give the place of an article by its id."""
        return self._at.get(article)

    @cached_property
    def _at(self) -> dict[str, int]:
        return {article.id: at for at, article in enumerate(self.articles)}

    @cached_property
    def _first(self) -> list[int]:
        firsts = [0]
        for article in self.articles:
            firsts.append(firsts[-1] + len(article.sections))
        return firsts

    def ordinal(self, article: int, section: int) -> int:
        """Give the ordinal of an article's section."""
        return self._first[article] + section


class LanguageIndex:
    """One language, open for questions."""

    def __init__(
        self,
        *,
        shelf: Shelf,
        vocabulary: Vocabulary,
        words: WordIndex,
        contents: Contents,
        meaning: Meaning | None,
        dictionary: Dictionary | None,
    ) -> None:
        self.shelf = shelf
        self.analyser = analyser(shelf.lang)
        self.vocabulary = vocabulary
        self.words = words
        self.contents = contents
        self.meaning = meaning
        self.reader = Reader(
            analyser=self.analyser,
            vocabulary=vocabulary,
            synonyms=Synonyms(shelf.synonyms, self.analyser),
            speller=Speller(vocabulary, self.analyser, dictionary),
        )
        self.exact = _exact(shelf)

    @classmethod
    def build(
        cls,
        folder: Path,
        shelf: Shelf,
        *,
        engine: WordEngine,
        before: AnalysedBefore,
        store: VectorStore | None,
    ) -> None:
        """Write the index of a language into an empty folder; take over what earlier indexes have of it."""
        (folder / "words").mkdir()
        with Gathered(folder, analyser(shelf.lang), before) as gathered:
            engine.build(folder / "words", (gathered.fields(_texts(place)) for place in shelf.places))
        vocabulary = gathered.vocabulary()
        vocabulary.save(folder)
        Contents.save(folder, gathered.sections, list(_names(shelf, vocabulary)))
        if store is not None and store.encoder.knows(shelf.lang):
            Meaning.build(folder, shelf.articles, store)

    @classmethod
    def open(cls, folder: Path, shelf: Shelf, engine: WordEngine, encoder: Encoder | None) -> "LanguageIndex":
        """Open what `build` wrote for the same articles; raise an exception when the folder is not whole."""
        with_meaning = encoder if encoder is not None and encoder.knows(shelf.lang) else None
        return cls(
            shelf=shelf,
            vocabulary=Vocabulary.open(folder),
            words=engine.open(folder / "words"),
            contents=Contents.open(folder),
            meaning=Meaning.open(folder, with_meaning) if with_meaning else None,
            dictionary=with_meaning.dictionary if with_meaning else None,
        )


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


def _names(shelf: Shelf, vocabulary: Vocabulary) -> Iterator[tuple[int, list[int], float]]:
    """Give every name of every article: title, title with each heading, each question."""
    analysis = analyser(shelf.lang)
    weight = cache(lambda word: vocabulary.weight(word, analysis))
    numbers = cache(lambda word: [n for t in analysis.terms(word) if (n := vocabulary.number(t)) is not None])
    for at, article in enumerate(shelf.articles):
        headings = [s.heading for s in article.sections if s.heading and s.heading != article.title]
        names = [article.title, *article.questions, *(f"{article.title} {heading}" for heading in headings)]
        for name in dict.fromkeys(names):
            found = sorted(set(folded(clean(name))))
            telling = [word for word in found if not analysis.is_stop_word(word)] or found
            yield at, sorted(set().union(*map(numbers, telling))), sum(map(weight, telling))


def _exact(shelf: Shelf) -> Mapping[tuple[str, ...], tuple[int, ...]]:
    """Find articles by the very words of a title or question, courtesies aside."""
    polite = courtesies(analyser(shelf.lang).lang)
    found: dict[tuple[str, ...], tuple[int, ...]] = {}
    for at, article in enumerate(shelf.articles):
        for name in dict.fromkeys((article.title, *article.questions)):
            text = clean(name)
            if key := tuple(word.text for word in polite.without(list(words(text)), text)):
                found[key] = (*found.get(key, ()), at)
    return found
