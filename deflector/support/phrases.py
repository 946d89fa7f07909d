"""Finds words and phrases in what people write: stemmed, and tolerant of slips of the finger.

A phrase is found where its words come in its order with at most `GAP` other words between two of them:
"charged twice" is in "my card was charged for this game twice". A word of the message is a word of the
phrase when both have one stem, or when it differs by a slip: a letter too few, one too many, two swapped, one
that sounds alike (twise), in longer words also any wrong one. In a short word that would be another word:
charged, changed.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import snowballstemmer
from rapidfuzz.distance import OSA, Indel

GAP = 5
SHORTEST_WITH_A_SLIP = 5  # letters; below that a slip makes another word
SHORTEST_WITH_TWO = 8
ALIKE = (frozenset("aeiouy"), frozenset("cksz"), frozenset("bv"), frozenset("gj"), frozenset("mn"))

# ISO 639-1 codes of the Snowball stemmers; other languages are compared as they are written.
STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

_MARKS = "".join(c for c in map(chr, range(0x0300, 0x3100)) if unicodedata.category(c).startswith("M"))
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}'’])+")
# Scripts that do not part words: a phrase in them is looked for letter by letter.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word, or several in order, in the language (BCP 47) that they are written in."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as it is compared, and where it stands."""

    folded: str
    stem: str
    start: int = field(compare=False)
    end: int = field(compare=False)


class Text:
    """A text in which phrases are looked for. Analysed once in each language; for one thread."""

    def __init__(self, text: str) -> None:
        self._text = unicodedata.normalize("NFC", text)
        self._words: dict[str, _Vocabulary] = {}

    def find(self, phrase: Phrase) -> str | None:
        """Give the words of this text that are the phrase, as they are written here, or None."""
        if _UNSPACED.search(phrase.text):
            return phrase.text if fold(phrase.text) in self._folded else None
        lang = phrase.lang.partition("-")[0].lower()
        if lang not in self._words:
            self._words[lang] = _Vocabulary(words(self._text, lang))
        here = self._words[lang]
        wanted = words(phrase.text, lang)
        # From where a way through the words found so far starts, to where it has come: start by end.
        ways = {at: at for at in here.places(wanted[0])} if wanted else {}
        for word in wanted[1:]:
            ways = {
                at: ways[before]
                for at in here.places(word)
                if (before := next((b for b in range(at - 1, at - GAP - 2, -1) if b in ways), None))
                is not None
            }
        if not ways:
            return None
        last, first = next(iter(ways.items()))
        return self._text[here.words[first].start : here.words[last].end]

    @cached_property
    def _folded(self) -> str:
        return fold(self._text)


def words(text: str, lang: str) -> list[_Word]:
    """Part a text into its words; `lang` is the code of a language without its region."""
    name = STEMMERS.get(lang)
    # Made afresh: a stemmer holds the word that it works on, so threads must not share one.
    stem = snowballstemmer.stemmer(name).stemWord if name else str
    stems: dict[str, str] = {}
    found = []
    for match in _WORD.finditer(text):
        folded = fold(match[0])
        if not folded:
            continue
        if folded not in stems:
            stems[folded] = fold(stem(match[0].casefold().replace("’", "'")))
        found.append(_Word(folded, stems[folded], match.start(), match.end()))
    return found


def fold(text: str) -> str:
    """Write a text as it is compared: lower case, without marks and apostrophes."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", ""))
    return "".join(c for c in parts if unicodedata.category(c) != "Mn")


class _Vocabulary:
    """The words of a text, and every place where a word of a phrase stands in it."""

    def __init__(self, found: Sequence[_Word]) -> None:
        self.words = found
        self._by_stem: dict[str, list[int]] = {}
        self._by_initial: dict[str, dict[_Word, list[int]]] = {}
        for at, word in enumerate(found):
            self._by_stem.setdefault(word.stem, []).append(at)
            self._by_initial.setdefault(word.folded[0], {}).setdefault(word, []).append(at)

    def places(self, wanted: _Word) -> list[int]:
        places = set(self._by_stem.get(wanted.stem, ()))
        for word, at in self._by_initial.get(wanted.folded[0], {}).items():
            if _is_slip(word.folded, wanted.folded) or _is_slip(word.stem, wanted.stem):
                places.update(at)
        return sorted(places)


def implies(longer: Phrase, shorter: Phrase) -> bool:
    """Say whether a text that holds the one phrase always holds the other."""
    if longer == shorter:
        return True
    if longer.lang != shorter.lang or _UNSPACED.search(longer.text + shorter.text):
        return longer.lang == shorter.lang and fold(shorter.text) in fold(longer.text)
    lang = longer.lang.partition("-")[0].lower()
    whole, part = ([word.stem for word in words(one.text, lang)] for one in (longer, shorter))
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


def _is_slip(written: str, meant: str) -> bool:
    """Say whether one word is the other with a slip in it, never in its first letter."""
    length = len(meant)
    if length < SHORTEST_WITH_A_SLIP or written[:1] != meant[:1] or abs(len(written) - length) > 2:
        return False
    if OSA.distance(written, meant, score_cutoff=1) > 1:
        return length >= SHORTEST_WITH_TWO and Indel.distance(written, meant, score_cutoff=2) <= 2
    if length >= SHORTEST_WITH_TWO:
        return True
    if len(written) != length:
        return written[1] == meant[1]  # a treat is no threat
    wrong = [{a, b} for a, b in zip(written, meant, strict=True) if a != b]
    return len(wrong) != 1 or any(wrong[0] <= sounds for sounds in ALIKE)
