"""One pass over the sections of a language: terms for the word engine, and counts of what is in them.

A section that an earlier index had is not analysed again: what came of it lies beside that index, by the
digest of its texts.
"""

import hashlib
import json
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from deflector.search.analysis import Analyser, clean, folded
from deflector.search.vocabulary import Vocabulary
from deflector.search.words import FIELD_WEIGHTS

_FILE = "analysed.txt"  # a line a section: digest, the terms of each field, the words; parted by tabs
ANALYSIS = 1  # raise it when a text gives other words or terms than before


class AnalysedBefore:
    """What the newest of earlier indexes of a language made of each section; nothing without one."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._lines: dict[str, str] = {}
        for folder in folders:
            try:
                content = (folder / _FILE).read_bytes()
            except OSError:
                continue
            # The end of a file that was cut off is no whole line.
            for line in content.decode(errors="replace").split("\n")[:-1]:
                digest, _, rest = line.partition("\t")
                self._lines[digest] = rest
            return

    def find(self, digest: str) -> str | None:
        """Give what was made of the texts with this digest."""
        line = self._lines.get(digest, "")
        return line if line.count("\t") == len(FIELD_WEIGHTS) else None


class Gathered:
    """What the sections of a language have: use it as a context, section by section."""

    def __init__(self, folder: Path, analysis: Analyser, before: AnalysedBefore) -> None:
        self.sections: list[array[int]] = []
        self._analyser = analysis
        self._before = before
        self._file = (folder / _FILE).open("w", encoding="utf-8", newline="\n")
        self._words: Counter[str] = Counter()
        self._numbers: dict[str, int] = {}
        # A text gives the same words again as long as what analyses it is the same.
        self._seed = f"{ANALYSIS} {version('tantivy')} {unicodedata.unidata_version} {analysis.lang}"
        # A language has far fewer words than its articles: each is taken apart once.
        self._joined = cache(lambda word: " ".join(analysis.terms(word)))
        self._of_word = cache(self._numbered)
        self._taken_apart = lru_cache(maxsize=32)(self._take_apart)  # a title goes with each of its sections

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def fields(self, texts: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Analyse a section, its texts by field, into terms joined by spaces; count what is in it."""
        digest = self._digest(texts)
        analysed = self._before.find(digest) or self._analysed(texts)
        self._file.write(f"{digest}\t{analysed}\n")
        *fields, said = analysed.split("\t")
        words = said.split()
        self._words.update(words)
        self.sections.append(array("i", sorted(set().union(*map(self._of_word, words)))))
        return dict(zip(texts, fields, strict=True))

    def vocabulary(self) -> Vocabulary:
        """Give the vocabulary; terms have the numbers that `sections` uses."""
        counts = np.zeros(len(self._numbers), dtype=np.int64)
        for numbers in self.sections:
            counts[numbers] += 1
        return Vocabulary(
            sections=len(self.sections),
            counts=self._words,
            terms=dict(zip(self._numbers, counts.tolist(), strict=True)),
        )

    def _analysed(self, texts: Mapping[str, Sequence[str]]) -> str:
        """Give the terms of each field, and the different words, parted by tabs."""
        fields = []
        words: set[str] = set()
        for parts in texts.values():
            taken_apart = [self._taken_apart(text) for text in parts]
            fields.append(" ".join(terms for terms, _ in taken_apart if terms))
            words.update(*(found for _, found in taken_apart))
        return "\t".join((*fields, " ".join(words)))

    def _take_apart(self, text: str) -> tuple[str, frozenset[str]]:
        found = folded(clean(text))
        return " ".join(map(self._joined, found)), frozenset(found)

    def _numbered(self, word: str) -> tuple[int, ...]:
        numbers = self._numbers
        return tuple(numbers.setdefault(term, len(numbers)) for term in self._analyser.terms(word))

    def _digest(self, texts: Mapping[str, Sequence[str]]) -> str:
        content = f"{self._seed} {json.dumps(texts)}"
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
