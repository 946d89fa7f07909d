"""Synonyms: other words for what a reader says, from the catalogue's groups."""

from collections.abc import Iterable
from dataclasses import dataclass

from deflector.search.analysis import Analyser, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A synonym found in a question: where its words stand, and the terms of the others in its group."""

    start: int
    end: int
    others: tuple[tuple[str, ...], ...]


class Synonyms:
    """The synonym groups of one language, by the terms of each phrase."""

    def __init__(self, groups: Iterable[Iterable[str]], analyser: Analyser) -> None:
        self._others: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        self.words: set[str] = set()
        for group in groups:
            phrases = []
            for text in group:
                found = [word.text for word in words(text)]
                self.words.update(found)
                if terms := tuple(term for word in found for term in analyser.terms(word)):
                    phrases.append(terms)
            for terms in phrases:
                others = self._others.setdefault(terms, [])
                others.extend(other for other in phrases if other != terms and other not in others)
        self._longest = max((len(terms) for terms in self._others), default=0)

    def find(self, terms: list[tuple[str, ...]]) -> list[Phrase]:
        """Find phrases among the words of a question (as terms): longest first, never overlapping."""
        found = []
        position = 0
        while position < len(terms):
            phrase = self._at(terms, position)
            if phrase:
                found.append(phrase)
            position = phrase.end if phrase else position + 1
        return found

    def _at(self, terms: list[tuple[str, ...]], start: int) -> Phrase | None:
        joined: tuple[str, ...] = ()
        best = None
        for end in range(start, len(terms)):
            joined += terms[end]
            if len(joined) > self._longest:
                break
            if others := self._others.get(joined):
                best = Phrase(start=start, end=end + 1, others=tuple(others))
        return best
