"""What people say around a question and do not ask about: greetings, thanks, "can you help me with".

Such words say nothing about which article answers, but they fill a question, so that less of it seems to be
answered. They are left out at the beginning and at the end of a clause only: "thank you" in the middle of one
may be the subject. Where nothing else was said, nothing is left out.
"""

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

from deflector.search.analysis import Word, fold

_FILE = Path(__file__).with_name("courtesies.toml")
_PARTS_CLAUSES = frozenset(".!?…,;:。！？؟،؛\n")


class Courtesies:
    """The courtesies of one language; none are known of most languages."""

    def __init__(self, lang: str) -> None:
        self._before = _phrases(_listed()["before"].get(lang, ""))
        self._after = _phrases(_listed()["after"].get(lang, ""))

    def without(self, found: Sequence[Word], text: str) -> list[Word]:
        """Leave out the words of a question that are only polite; all stay where all are."""
        kept = [word for clause in _clauses(found, text) for word in self._peeled(clause)]
        return kept or list(found)

    def _peeled(self, clause: list[Word]) -> list[Word]:
        said = tuple(word.text for word in clause)
        start, end = 0, len(said)
        while length := max(
            (n for n in self._after if said[max(start, end - n) : end] in self._after[n]), default=0
        ):
            end -= length
        while length := max(
            (n for n in self._before if said[start : start + n] in self._before[n]), default=0
        ):
            start += length
        return clause[start:end]


@cache
def _listed() -> dict[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _phrases(listed: str) -> dict[int, frozenset[tuple[str, ...]]]:
    """Part phrases by how many words they have."""
    by_length: dict[int, set[tuple[str, ...]]] = {}
    for phrase in listed.split(","):
        if said := tuple(fold(word) for word in phrase.split()):
            by_length.setdefault(len(said), set()).add(said)
    return {length: frozenset(phrases) for length, phrases in by_length.items()}


def _clauses(found: Sequence[Word], text: str) -> Iterator[list[Word]]:
    """Part the words of a text where marks part its clauses."""
    clause: list[Word] = []
    for word in found:
        if clause and not _PARTS_CLAUSES.isdisjoint(text[clause[-1].end : word.start]):
            yield clause
            clause = []
        clause.append(word)
    if clause:
        yield clause


@lru_cache(maxsize=64)
def courtesies(lang: str) -> Courtesies:
    """Give the courtesies of a language, told by its code without a region."""
    return Courtesies(lang)
