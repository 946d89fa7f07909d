"""The pipeline: question → suggestions, through named stages, each a module of its own.

read (normalise, shorten, spell, complete, expand) → encode → fuse (by words, by meaning) → judge → present
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from deflector.knowledge import KnowledgeFile
from deflector.model import Suggestion, Suggestions, Verdict
from deflector.search.calibration import read_calibration
from deflector.search.current import CurrentIndex
from deflector.search.encoder import Encoded, Encoder, OnnxEncoder, UnusableModel
from deflector.search.engines import ENGINES
from deflector.search.fusion import Found, fuse
from deflector.search.index import LanguageIndex
from deflector.search.judgement import Calibration, anything, judged, verdict
from deflector.search.learned import LearnedQuestions
from deflector.search.presenting import snippet
from deflector.search.reading import Reading
from deflector.search.snapshot import Indexer, Snapshot
from deflector.search.store import IndexFolders

log = logging.getLogger(__name__)


REMEMBERED = 512  # questions, with a vector of 1.5 kB for each word

FAR_LESS = 1 / 5  # of the best answer's confidence

StageDone = Callable[[str], None]


def ignore(_stage: str) -> None:
    """Tell nobody that a stage is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the stages made of a question in one language: to explain and to measure, besides to show."""

    index: LanguageIndex
    reading: Reading
    found: tuple[tuple[Found, float], ...]
    anything: float = 0.0  # the probability that any article answers


class SearchPipeline:
    """Answers questions from the newest catalogue that is indexed. Safe to use from many threads."""

    def __init__(
        self,
        *,
        shelf: CurrentIndex,
        calibration: Calibration,
        be_right: float,
        maybe: float,
        problems: tuple[str, ...] = (),
    ) -> None:
        self._current = shelf
        self._calibration = calibration
        self._be_right = be_right
        self._maybe = maybe
        self._problems = problems
        self._encode = lru_cache(maxsize=REMEMBERED)(self._encoded)

    @property
    def engine(self) -> str:
        """Name what answers: the word engine, and the model where there is one."""
        indexer = self._current.indexer
        return f"{indexer.engine.name}+meaning" if indexer.encoder else indexer.engine.name

    def suggest(self, question: str, *, lang: str, settled: bool = True, limit: int = 3) -> Suggestions:
        """Suggest the sections that answer a question, or none; never raises for any text.

        Where the verdict is that nothing answers, there are no items. `settled` is False while the last word
        may still go on.
        """
        ranked = self.rank(question, lang=lang, settled=settled, limit=limit)
        if ranked.verdict is Verdict.NOTHING:
            return replace(ranked, items=())
        # What is far less probable than the best is only there to fill the list.
        enough = FAR_LESS * max((item.confidence for item in ranked.items), default=0.0)
        return replace(ranked, items=tuple(item for item in ranked.items if item.confidence >= enough))

    def rank(self, question: str, *, lang: str, settled: bool = True, limit: int = 10) -> Suggestions:
        """List the best sections whatever their confidence; never raises for any text.

        Sections in the reader's language come first. An article that is there in the fall-back language only
        follows, if it may answer; its language is its label.
        """
        try:
            return self._ranked(question, lang, settled, limit)
        except Exception:
            # The way to a person must not depend on search. The question itself is not logged.
            log.exception("search failed length=%d lang=%s", len(question), lang[:12])
            return Suggestions(question=question)

    def explain(
        self, question: str, *, lang: str, settled: bool = True, done: StageDone = ignore
    ) -> list[Answered]:
        """Give what every stage made of a question, a language each; `done` is told as a stage ends."""
        snapshot = self._current.get()
        if snapshot is None:
            return []
        answered: list[Answered] = []
        for index in _indexes(snapshot, lang):
            answered.append(self._answered(snapshot, index, question, settled, done))
            if answered[-1].found and answered[-1].found[0][1] >= self._be_right:
                break
        return answered

    def degraded(self) -> tuple[str, ...]:
        """Say, one sentence each, what does not work as it should."""
        self._current.get()
        return (*self._current.problems(), *self._problems)

    def refresh(self) -> None:
        """Take over the newest catalogue now, and build its index in this process where it is missing."""
        self._current.refresh()

    def _ranked(self, question: str, lang: str, settled: bool, limit: int) -> Suggestions:
        explained = self.explain(question, lang=lang, settled=settled)
        answers = [
            (answered, one, confidence)
            for answered in explained
            for one, confidence in answered.found
            if self._current.has(one.place.article)
        ]
        own = answers[0][0] if answers else None
        best = max((confidence for *_, confidence in answers), default=0.0)
        # The reader's language, then the fall-back, each as far as it may answer; then the rest.
        answers.sort(key=lambda a: (a[0].anything < self._maybe or a[2] < FAR_LESS * best, a[0] is not own))
        something = max((answered.anything for answered, *_ in answers), default=0.0)
        items: dict[str, Suggestion] = {}
        for answered, one, confidence in answers:
            if len(items) < limit and one.place.article.id not in items:
                items[one.place.article.id] = _suggestion(answered, one, confidence, len(items) + 1)
        return Suggestions(
            question=question,
            verdict=verdict(best, something, be_right=self._be_right, maybe=self._maybe),
            confidence=something,
            items=tuple(items.values()),
            engine=self.engine,
        )

    def _answered(
        self, snapshot: Snapshot, index: LanguageIndex, question: str, settled: bool, done: StageDone
    ) -> Answered:
        reading = index.reader.read(question, settled=settled)
        done("read")
        if not reading.words:
            return Answered(index=index, reading=reading, found=())
        encoded = self._encode(reading.corrected) if index.meaning is not None else None
        done("encode")
        found = fuse(index, reading, encoded, snapshot.learned.get(index.shelf.lang))
        done("fuse")
        # A site's calibration may change at any moment, and looks for that: one question is judged by one.
        calibration = Calibration(slope=self._calibration.slope, shift=self._calibration.shift)
        pairs = judged(found, calibration)
        something = anything(found, calibration)
        done("judge")
        return Answered(index=index, reading=reading, found=tuple(pairs), anything=something)

    def _encoded(self, text: str) -> Encoded | None:
        encoder = self._current.indexer.encoder
        return encoder.question(text) if encoder else None


def _indexes(snapshot: Snapshot, lang: str) -> list[LanguageIndex]:
    """Give the reader's language and the fall-back, as far as the catalogue has them."""
    found = [snapshot.index(wanted) for wanted in (lang, *snapshot.knowledge.languages[:1])]
    return list(dict.fromkeys(index for index in found if index is not None))


def _suggestion(answered: Answered, one: Found, confidence: float, rank: int) -> Suggestion:
    article, section = one.place.article, one.place.section
    terms = frozenset(term for meant in answered.reading.meant for way in meant.ways for term in way.terms)
    return Suggestion(
        article=article.id,
        version=article.version,
        lang=article.lang,
        category=article.category,
        title=article.title,
        heading=section.heading,
        url=article.address(section),
        snippet=snippet(section.text or article.summary, terms, answered.index.analyser),
        text=section.text,
        confidence=confidence,
        rank=rank,
        stale=article.stale,
    )


def _log_problem(problem: str) -> None:
    log.warning("search is degraded: %s", problem)


def open_search(
    *,
    knowledge: KnowledgeFile,
    engine: str = "tantivy",
    var: Path,
    model: Path | None = None,
    be_right: float = 0.8,
    maybe: float = 0.8,
    learned: LearnedQuestions | None = None,
    tell: Callable[[str], None] = _log_problem,
) -> SearchPipeline:
    """Open the search over a catalogue, and build its index if nobody has.

    What is missing (the catalogue, the model, a writable `var`) degrades it and is said by `degraded()`;
    `tell` is told once what is missing from the start.
    Raises ValueError for an engine that does not exist.
    """
    if engine not in ENGINES:
        raise ValueError(f"there is no search engine {engine!r}. Write one of: {', '.join(sorted(ENGINES))}.")
    encoder, problems = _encoder(model)
    calibration, problem = read_calibration(var)
    indexer = Indexer(engine=ENGINES[engine](), encoder=encoder, folders=IndexFolders(var))
    current = CurrentIndex(
        file=knowledge, indexer=indexer, var=var, model=model if encoder else None, learned=learned
    )
    problems += (problem,) if problem else ()
    for problem in problems:
        tell(problem)
    pipeline = SearchPipeline(
        shelf=current, calibration=calibration, be_right=be_right, maybe=maybe, problems=problems
    )
    pipeline.refresh()
    return pipeline


def _encoder(model: Path | None) -> tuple[Encoder | None, tuple[str, ...]]:
    if model is None:
        return None, (
            "There is no sentence model: search goes by words alone. `deflector model prepare` makes one.",
        )
    try:
        return OnnxEncoder(model), ()
    except UnusableModel as exc:
        return None, (f"{exc} Until then, search goes by words alone.",)
