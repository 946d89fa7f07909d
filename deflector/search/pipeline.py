"""The pipeline: question → suggestions, through named stages, each a module of its own.

read (normalise, shorten, spell, complete, expand) → find by words → judge → present
"""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from deflector.knowledge import Knowledge, KnowledgeFile
from deflector.model import Suggestion, Suggestions, Verdict
from deflector.search.index import LanguageIndex, Place
from deflector.search.presenting import snippet
from deflector.search.reading import Reading
from deflector.search.store import IndexFolders
from deflector.search.tantivy_words import TantivyEngine
from deflector.search.whoosh_words import WhooshEngine
from deflector.search.words import WordEngine

log = logging.getLogger(__name__)

SECTIONS_FOUND = 50

ENGINES: dict[str, type[WordEngine]] = {"tantivy": TantivyEngine, "whoosh": WhooshEngine}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One catalogue, indexed and open."""

    knowledge: Knowledge
    languages: dict[str, LanguageIndex]


class SearchPipeline:
    """Answers questions from the newest catalogue that is indexed."""

    def __init__(
        self,
        *,
        knowledge: KnowledgeFile,
        engine: WordEngine,
        folders: IndexFolders,
        be_right: float,
        maybe: float,
    ) -> None:
        self._file = knowledge
        self._engine = engine
        self._folders = folders
        self._be_right = be_right
        self._maybe = maybe
        self._opening = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._problem: str | None = None

    def suggest(self, question: str, *, lang: str, settled: bool = True, limit: int = 3) -> Suggestions:
        """Suggest the sections that answer a question; never raises for any text."""
        snapshot = self.refresh()
        if snapshot is None:
            return Suggestions(question=question)
        index = self._index(snapshot, lang)
        if index is None:
            return Suggestions(question=question, engine=self._engine.name)
        reading = index.reader.read(question, settled=settled)
        ranked = _ranked(index, reading)
        confidence = ranked[0][1] if ranked else 0.0
        verdict = (
            Verdict.ANSWERS
            if confidence >= self._be_right
            else Verdict.MAYBE
            if confidence >= self._maybe
            else Verdict.NOTHING
        )
        terms = frozenset(term for meant in reading.meant for way in meant.ways for term in way.terms)
        items = tuple(
            _suggestion(place, rank, score, terms, index)
            for rank, (place, score) in enumerate(ranked[:limit], 1)
        )
        return Suggestions(
            question=question, verdict=verdict, confidence=confidence, items=items, engine=self._engine.name
        )

    def degraded(self) -> tuple[str, ...]:
        """Say, one sentence each, what does not work as it should."""
        self.refresh()
        return tuple(problem for problem in (self._file.problem, self._problem) if problem)

    def refresh(self) -> Snapshot | None:
        """Take over the newest catalogue."""
        knowledge = self._file.current()
        if knowledge is None:
            return None
        current = self._snapshot
        if current is not None and current.knowledge is knowledge:
            return current
        if not self._opening.acquire(blocking=current is None):
            return current
        try:
            if self._snapshot is None or self._snapshot.knowledge is not knowledge:
                self._snapshot = self._open(knowledge)
            return self._snapshot
        finally:
            self._opening.release()

    def _open(self, knowledge: Knowledge) -> Snapshot:
        langs = list(dict.fromkeys(article.lang for article in knowledge.articles))

        def write(folder: Path) -> None:
            for lang in langs:
                (folder / lang).mkdir()
                LanguageIndex.build(folder / lang, knowledge, lang, self._engine)

        folder = self._folders.build(knowledge.content_hash, self._engine.name, write)
        languages = {lang: LanguageIndex.open(folder / lang, knowledge, lang, self._engine) for lang in langs}
        return Snapshot(knowledge=knowledge, languages=languages)

    def _index(self, snapshot: Snapshot, lang: str) -> LanguageIndex | None:
        for wanted in (lang, lang.split("-")[0], *snapshot.knowledge.languages):
            if wanted in snapshot.languages:
                return snapshot.languages[wanted]
        return None


def _ranked(index: LanguageIndex, reading: Reading) -> list[tuple[Place, float]]:
    """Judge each article by its best section: the share of the question's words, weighed, that it has."""
    whole = sum(meant.idf for meant in reading.meant)
    best: dict[str, tuple[float, float, Place]] = {}
    for hit in index.words.search(reading.meant, SECTIONS_FOUND):
        place = index.places[hit.section]
        if place.article.id in best:
            continue
        _, everything = index.terms_of(hit.section)
        matched = sum(
            meant.idf
            for meant in reading.meant
            if any(everything.issuperset(way.terms) for way in meant.ways)
        )
        best[place.article.id] = (hit.score, matched / whole if whole else 0.0, place)
    ranked = sorted(best.values(), key=lambda found: -found[0])
    return [(place, share) for _, share, place in ranked]


def _suggestion(
    place: Place, rank: int, confidence: float, terms: frozenset[str], index: LanguageIndex
) -> Suggestion:
    article, section = place.article, place.section
    return Suggestion(
        article=article.id,
        version=article.version,
        lang=article.lang,
        category=article.category,
        title=article.title,
        heading=section.heading,
        url=article.address(section),
        snippet=snippet(section.text, terms, index.analyser),
        text=section.text,
        confidence=confidence,
        rank=rank,
        stale=article.stale,
    )


def open_search(
    *,
    knowledge: KnowledgeFile,
    engine: str = "tantivy",
    var: Path,
    model: Path | None = None,
    be_right: float = 0.8,
    maybe: float = 0.4,
) -> SearchPipeline:
    """Open the search over a catalogue; raise ValueError for an engine that does not exist."""
    if engine not in ENGINES:
        raise ValueError(f"there is no search engine {engine!r}. Write one of: {', '.join(ENGINES)}.")
    return SearchPipeline(
        knowledge=knowledge,
        engine=ENGINES[engine](),
        folders=IndexFolders(var),
        be_right=be_right,
        maybe=maybe,
    )
