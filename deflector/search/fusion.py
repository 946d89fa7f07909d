"""Bring together what the words found and what the meaning found: one ranking of articles.

Every sign is on a scale that does not depend on the size or the subject of a help centre, so that one set of
weights serves all. They were chosen on the development questions of four public sets: see
`docs/search.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from deflector.search.choosing import choosing
from deflector.search.contents import AskedTerms
from deflector.search.encoder import Encoded
from deflector.search.index import LanguageIndex, Place
from deflector.search.learned import Learned, lifted
from deflector.search.phrasing import phrasing, runs
from deflector.search.reading import Reading

SECTIONS = 50  # that the word index is asked for
BY_WORDS = 10  # articles of the best by words that are looked at closely
BY_MEANING = 10
BY_LEARNED = 4

HALF = 4.0  # the BM25 score per unit of idf that counts half
WORDS_COUNT = 0.3
SHARE_COUNTS = 0.2
LIKENESS_COUNTS = 0.2
MAXSIM_COUNTS = 0.6
PHRASING_COUNTS = 0.6
LED = 12  # articles that lead before these two are compared
EXACT_COUNTS = 1.0  # asked in the very words of a title or question
STALE_COSTS = 0.01  # an overdue article stands behind one that is as good and fresh
FAR_AHEAD = 0.4  # a lead beyond this tells nothing more, and without a second article there is nobody to lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What speaks for an article, each from 0 to 1. `near` is None where no model was asked.

    near: cosine to its nearest passages. words: BM25 of its best section per unit of idf, bounded.
    share: how much of the question, by weight, stands in the section. likeness: of the question and the best
    matching title, heading or wording. exact: whether the question is one of its titles or wordings.
    maxsim: mean cosine of the question's words to the nearest ones of a passage, in their contexts.
    phrasing: how much of the question stands there letter by letter. lead: how far the first article's score
    is ahead of the next one's, at most FAR_AHEAD; 0 for all others.
    """

    near: float | None
    words: float
    share: float
    likeness: float
    exact: bool
    maxsim: float = 0.0
    phrasing: float = 0.0
    lead: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article that may answer, with the section that answers best."""

    place: Place
    signs: Signs
    score: float


def fuse(
    index: LanguageIndex, reading: Reading, encoded: Encoded | None, learned: Learned | None = None
) -> list[Found]:
    """Rank the articles of a language for a question, best first; equal ones in the catalogue's order."""
    evidence = _Evidence(index, reading, encoded, learned)
    found = sorted(map(evidence.found, evidence.candidates()), key=_order)
    leading = evidence.compared(found[:LED])
    return _led(sorted((*leading, *found[LED:]), key=_order))


def _led(found: list[Found]) -> list[Found]:
    """Note how far the first is ahead."""
    if not found:
        return []
    first, *others = found
    lead = min(FAR_AHEAD, first.score - (others[0].score if others else 0.0))
    return [replace(first, signs=replace(first.signs, lead=lead)), *others]


def _order(one: Found) -> tuple[float, int]:
    return -one.score, one.place.article_at


class _Evidence:
    """What each way of looking says to one question."""

    def __init__(
        self, index: LanguageIndex, reading: Reading, encoded: Encoded | None, learned: Learned | None
    ) -> None:
        self._index = index
        self._reading = reading
        self._asked = AskedTerms(reading.meant, index.vocabulary)
        chosen_by = choosing(reading.meant, index.vocabulary)
        hits = index.words.search(chosen_by, SECTIONS) if self._asked.whole else []
        self._scores = {hit.section: hit.score for hit in hits}
        self._best: dict[int, int] = {}  # article → its best section by words, best article first
        for hit in hits:
            self._best.setdefault(index.shelf.places[hit.section].article_at, hit.section)
        self._near = (
            index.meaning.near(encoded) if index.meaning is not None and encoded is not None else None
        )
        self._exact = frozenset(index.exact.get(reading.words, ()))
        self._learned_near: Mapping[int, float] = {}
        self._learned_likeness: Mapping[int, float] = {}
        if learned is not None:
            self._exact |= learned.exact(reading.words) | learned.exact(reading.said)
            self._learned_likeness = learned.likeness(self._asked)
            if encoded is not None:
                self._learned_near = learned.near(encoded.vector)

    def candidates(self) -> list[int]:
        """Name the articles worth a closer look."""
        nearest: list[int] = []
        if self._near is not None and len(self._near.articles):
            order = (-self._near.articles).argsort(kind="stable")[:BY_MEANING]
            nearest = [int(article) for article in order]
        taught = {**self._learned_near, **self._learned_likeness}
        best_taught = sorted(taught, key=lambda article: (-taught[article], article))[:BY_LEARNED]
        return list(dict.fromkeys([*islice(self._best, BY_WORDS), *nearest, *best_taught, *self._exact]))

    def found(self, article: int) -> Found:
        """Look closely at one article."""
        section, share = self._section(article)
        near = None
        if self._near is not None:
            near = lifted(max(0.0, float(self._near.articles[article])), self._learned_near.get(article, 0.0))
        likeness = self._index.contents.likeness(article, self._asked)
        signs = Signs(
            near=near,
            words=self._words(self._best[article]) if article in self._best else 0.0,
            share=share,
            likeness=max(likeness, self._learned_likeness.get(article, 0.0)),
            exact=article in self._exact,
        )
        place = self._index.shelf.places[section]
        return Found(place=place, signs=signs, score=_score(signs) - STALE_COSTS * place.article.stale)

    def compared(self, leading: Sequence[Found]) -> list[Found]:
        """Compare the articles that lead with the question word by word, and letter by letter."""
        # Half a word has no phrasing, and the next key is on its way.
        asked = runs(self._reading.corrected) if self._reading.settled else frozenset()
        return [self._compared(one, asked) for one in leading]

    def _compared(self, one: Found, asked: frozenset[str]) -> Found:
        place, shelf = one.place, self._index.shelf
        word_by_word = 0.0
        if self._near is not None and self._index.meaning is not None:
            word_by_word = max(0.0, self._index.meaning.word_by_word(place.article_at, self._near))
        text = f"{place.article.title} {place.section.heading} {place.section.text}" if asked else ""
        letter_by_letter = phrasing(asked, text, shelf.typical_length)
        return replace(
            one,
            score=one.score + MAXSIM_COUNTS * word_by_word + PHRASING_COUNTS * letter_by_letter,
            signs=replace(one.signs, maxsim=word_by_word, phrasing=letter_by_letter),
        )

    def _section(self, article: int) -> tuple[int, float]:
        """Choose the section that answers, best by words or nearest; give the share of the question."""
        first = self._index.shelf.ordinal(article, 0)
        cosines: dict[int, float] = {}
        if self._near is not None and self._index.meaning is not None:
            near = self._index.meaning.sections(article, self._near)
            cosines = {first + section: cosine for section, cosine in near.items()}
        choices = [self._best[article]] if article in self._best else []
        if not cosines:
            section = choices[0] if choices else first
            return section, self._index.contents.share(section, self._asked)
        choices.append(max(cosines, key=lambda ordinal: (cosines[ordinal], -ordinal)))
        shares = {ordinal: self._index.contents.share(ordinal, self._asked) for ordinal in choices}

        def fits(ordinal: int) -> tuple[float, int]:
            by_words = WORDS_COUNT * self._words(ordinal) + SHARE_COUNTS * shares[ordinal]
            return cosines.get(ordinal, 0.0) + by_words, -ordinal

        return max(shares, key=fits), max(shares.values())

    def _words(self, section: int) -> float:
        """Give BM25 per unit of idf, bounded; 0 for a section that was not among the hits."""
        score = self._scores.get(section, 0.0)
        return score / (score + HALF * self._asked.whole) if score else 0.0


def _score(signs: Signs) -> float:
    return (
        (signs.near or 0.0)
        + WORDS_COUNT * signs.words
        + SHARE_COUNTS * signs.share
        + LIKENESS_COUNTS * signs.likeness
        + EXACT_COUNTS * signs.exact
    )
