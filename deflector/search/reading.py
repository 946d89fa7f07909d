"""Read a question: the words in it, what each was meant to be, and every way to say it.

Stages: normalise, shorten, leave out courtesies, spell, complete the last word, expand. What comes out is
what the engines are asked.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from deflector.search.analysis import Analyser, Word, clean, words
from deflector.search.courtesies import courtesies
from deflector.search.spelling import Speller
from deflector.search.synonyms import Synonyms
from deflector.search.vocabulary import Vocabulary
from deflector.search.words import Meant, Way

SEARCHED = 200  # characters of a question; of a longer one the most telling sentences
READ = 12_000  # characters that are looked at to find those
PIECE = 120  # characters; a longer sentence is looked at in such pieces
WORDS = 40  # at most, of a question

REMEMBERED = 4_096  # words with what they mean, 1 kB each

COMPLETIONS = 12
SYNONYM_WEIGHT = 0.6
COMPLETION_WEIGHT = 0.8

# No space before a line break: a run of spaces would be tried from each of them.
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？؟])\s+|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A word that was read as another: a correction ("spelling"), a completion, a synonym."""

    word: str
    stage: str
    read_as: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A question as it is searched.

    `text` is what the person wrote, cleaned and shortened; `corrected` the same without courtesies and with
    misspelt words replaced, for the sentence model; `said` its words, `words` those without courtesies;
    `meant` what the word index is asked.
    """

    text: str
    corrected: str
    said: tuple[str, ...]
    words: tuple[str, ...]
    meant: tuple[Meant, ...]
    changes: tuple[Change, ...]
    settled: bool


class Reader:
    """Reads questions in one language, knowing the words of its articles."""

    def __init__(
        self,
        *,
        analyser: Analyser,
        vocabulary: Vocabulary,
        synonyms: Synonyms,
        speller: Speller,
    ) -> None:
        self.analyser = analyser
        self.vocabulary = vocabulary
        self._speller = speller
        self._synonyms = synonyms
        self._courtesies = courtesies(analyser.lang)
        # Every key asks again for the words before it.
        self._meant = lru_cache(maxsize=REMEMBERED)(self._meant_by)

    def read(self, question: str, *, settled: bool) -> Reading:
        """Read a question of any length. The last word is a beginning until the question is settled."""
        typed = clean(question[:READ])
        text = self._shortened(typed)
        said = list(words(text))[:WORDS]
        found = self._courtesies.without(said, text)
        # A question that is cut off in the middle of a word comes settled too: from a paste, from a poll.
        at_end = bool(found) and found[-1].end == len(text) and not typed[-1].isspace()
        unfinished = at_end and (not settled or not self.vocabulary.knows(found[-1].text))
        parts: list[Meant] = []
        changes: list[Change] = []
        kept = {word.start for word in found}
        corrected = {word.start: "" for word in said if word.start not in kept}
        for number, word in enumerate(found):
            meant, change = self._meant(word.text, unfinished and number == len(found) - 1)
            parts.append(meant)
            if change:
                changes.append(change)
                if change.stage == "spelling" or self._is_clear(change):
                    corrected[word.start] = change.read_as[0]
        phrases = self._expanded([word.text for word in found], parts, changes)
        if not any(meant.idf for meant in phrases):  # "how do I": all that there is
            phrases = [replace(meant, idf=self._idf(meant.ways[0].terms)) for meant in phrases]
        return Reading(
            text=text,
            corrected=_replaced(text, said, corrected),
            said=tuple(word.text for word in said),
            words=tuple(word.text for word in found),
            meant=tuple(meant for meant in phrases if meant.idf),
            changes=tuple(changes),
            settled=settled,
        )

    def _meant_by(self, word: str, unfinished: bool) -> tuple[Meant, Change | None]:
        own = self._way(word)
        if self.analyser.is_stop_word(word) and not unfinished:
            return Meant(ways=(own,), idf=0.0), None
        known = self._speller.knows(word) or word in self._synonyms.words
        completions = self.vocabulary.completions(word, COMPLETIONS) if unfinished else []
        corrections = () if known else self._speller.corrections(word)
        if completions:
            ways = [self._way(other, COMPLETION_WEIGHT) for other in completions]
            ways += [self._way(c.word, COMPLETION_WEIGHT * c.likeness) for c in corrections]
            meant = self._weighed((own, *ways) if known else (*ways, own), word if known else completions[0])
            return meant, Change(word=word, stage="completion", read_as=tuple(completions))
        if corrections:
            ways = [self._way(c.word, c.likeness) for c in corrections]
            change = Change(word=word, stage="spelling", read_as=tuple(c.word for c in corrections))
            return self._weighed((*ways, own), corrections[0].word), change
        return self._weighed((own,), word), None

    def _is_clear(self, change: Change) -> bool:
        """Say whether an unfinished word can only become one word, or one used more than all others."""
        if change.stage != "completion" or self.vocabulary.knows(change.word):
            return False
        first, *others = (self.vocabulary.count(word) for word in change.read_as)
        return first > sum(others)

    def _way(self, word: str, weight: float = 1.0) -> Way:
        terms = self.analyser.terms(word)
        return Way(terms=terms, weight=weight / len(terms))

    def _weighed(self, ways: tuple[Way, ...], word: str) -> Meant:
        """Give each way once, the first at its best, and weigh the part as the word it stands for."""
        distinct = {way.terms: way for way in reversed(ways)}
        return Meant(ways=tuple(reversed(distinct.values())), idf=self.vocabulary.weight(word, self.analyser))

    def _expanded(self, found: list[str], parts: list[Meant], changes: list[Change]) -> list[Meant]:
        """Join the words of a synonym into one part that its group's other phrases say too."""
        expanded: list[Meant] = []
        position = 0
        for phrase in self._synonyms.find([meant.ways[0].terms for meant in parts]):
            expanded.extend(parts[position : phrase.start])
            covered = parts[phrase.start : phrase.end]
            own = Way(terms=tuple(term for meant in covered for term in meant.ways[0].terms))
            others = [
                Way(terms=other, weight=SYNONYM_WEIGHT * len(own.terms) / len(other))
                for other in phrase.others
            ]
            ways = (*(covered[0].ways if len(covered) == 1 else (own,)), *others)
            expanded.append(Meant(ways=ways, idf=sum(meant.idf for meant in covered) or self._idf(own.terms)))
            said = " ".join(found[phrase.start : phrase.end])
            changes.append(
                Change(word=said, stage="synonym", read_as=tuple(" ".join(o) for o in phrase.others))
            )
            position = phrase.end
        expanded.extend(parts[position:])
        return expanded

    def _idf(self, terms: tuple[str, ...]) -> float:
        return sum(self.vocabulary.idf(term) for term in terms)

    def _shortened(self, text: str) -> str:
        """Put a question on one line; of a long one keep the sentences that tell most, in their order."""
        if len(text) <= SEARCHED:
            return " ".join(text.split())
        found = (piece for sentence in _SENTENCE_END.split(text) for piece in _pieces_of(sentence))
        pieces = list(dict.fromkeys(found))  # what is said twice tells no more
        ranked = sorted(range(len(pieces)), key=lambda i: (-self._telling(pieces[i]), i))
        chosen: list[int] = []
        room = SEARCHED
        for i in ranked:
            if len(pieces[i]) <= room:
                chosen.append(i)
                room -= len(pieces[i]) + 1
        return " ".join(pieces[i] for i in sorted(chosen))

    def _telling(self, sentence: str) -> float:
        terms = {
            term
            for word in words(sentence)
            if not self.analyser.is_stop_word(word.text) and self.vocabulary.knows(word.text)
            for term in self.analyser.terms(word.text)
        }
        return sum(self.vocabulary.idf(term) for term in terms)


def _pieces_of(sentence: str) -> Iterator[str]:
    """Part a sentence that is too long to be searched between its words."""
    rest = " ".join(sentence.split())
    while rest:
        piece = rest[:PIECE]
        if len(rest) > PIECE and " " in piece:
            piece = piece.rsplit(" ", 1)[0]
        yield piece
        rest = rest[len(piece) :].lstrip()


def _replaced(text: str, said: Sequence[Word], readings: Mapping[int, str]) -> str:
    """Write a text with other readings of some words, told by where they start.

    An empty one goes with what parts it from the next.
    """
    pieces: list[str] = []
    position = 0
    for number, word in enumerate(said):
        reading = readings.get(word.start)
        if reading is None:
            continue
        pieces += [text[position : word.start], reading]
        position = word.end
        if not reading:
            position = said[number + 1].start if number + 1 < len(said) else len(text)
    return "".join((*pieces, text[position:])).strip(" ,;:،؛")
