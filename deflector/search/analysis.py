"""Text into the terms that are indexed and asked for: one analysis for every engine, per language.

A *word* is what stands in a text, lower-cased and without the accents of Latin letters, so that people who
type without accents find the same. A *term* is what is compared: the stem where the language has a stemmer,
runs of four letters where it has none, pairs of characters in scripts that do not part words.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import tantivy
from whoosh.lang.stopwords import stoplists

from deflector.search.irregular import BASE_FORMS

# ISO 639-1 codes of the Snowball stemmers that tantivy brings.
STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian", "nb": "norwegian", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish",
}  # fmt: skip

# The pieces that an apostrophe leaves of "don't", "I'll", "you've", "we're".
CONTRACTIONS = {
    "en": frozenset({"d", "ll", "m", "re", "ve", "s", "t", "don", "didn", "doesn", "isn", "im", "ive"})
}

LONGEST_WORD = 40  # characters; more is a key or a link, and nobody types it twice the same way
GRAM = 4  # McNamee and Mayfield (2004): 4-grams do best where there is no stemmer

# Letters and digits with the marks that belong to them: Devanagari's vowels are marks, not letters.
_MARKS = "".join(c for c in map(chr, range(0x0300, 0x3100)) if unicodedata.category(c).startswith("M"))
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")  # the same in a text that has nothing else, and four times faster

# Scripts written without spaces, and Korean, whose particles cling to the word: taken by pairs of characters.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003134f]+"
)
# Controls part words; format characters (direction marks, joiners, soft hyphens) stand inside them.
_INVISIBLE = {
    code: (" " if kind == "Cc" else None)
    for code in (*range(0x3000), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0080))
    if (kind := unicodedata.category(chr(code))) in ("Cc", "Cf") and code != ord("\n")
}
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: how it is written when folded, and where it stands in the text."""

    text: str
    start: int
    end: int


def clean(text: str) -> str:
    """Take out of a text what no person typed on purpose: lone surrogates, controls, invisible marks.

    Line breaks stay; other control characters become spaces.
    """
    return text.encode("utf-8", "ignore").decode().translate(_INVISIBLE)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Write a word as it is compared: compatible forms made one, lower case, no accents on Latin letters."""
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFKC", word).casefold()
    if folded.isascii():
        return folded
    letters: list[str] = []
    for character in unicodedata.normalize("NFD", folded):
        if letters and unicodedata.combining(character) and letters[-1] in _LATIN:
            continue
        letters.append(character)
    return unicodedata.normalize("NFC", "".join(letters))


def words(text: str) -> Iterator[Word]:
    """Find the words of a text in order. Words longer than any that people type are cut."""
    for match in _WORD.finditer(text):
        yield Word(fold(match.group()[:LONGEST_WORD]), match.start(), match.end())


def folded(text: str) -> list[str]:
    """List the words of a text in order, without their places."""
    if text.isascii():
        return [word[:LONGEST_WORD] for word in _ASCII_WORD.findall(text.lower())]
    return [fold(word[:LONGEST_WORD]) for word in _WORD.findall(text)]


class Analyser:
    """Turns the words of one language into terms."""

    def __init__(self, lang: str) -> None:
        base = lang.lower().replace("_", "-").split("-")[0]
        self.lang = base
        self._stemmer: tantivy.TextAnalyzer | None = None
        if base in STEMMERS:
            builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
            self._stemmer = builder.filter(tantivy.Filter.stemmer(STEMMERS[base])).build()
        listed = stoplists.get("no" if base == "nb" else base, frozenset())
        self._stop_words = frozenset(fold(word) for word in listed) | CONTRACTIONS.get(base, frozenset())
        self._base_forms = BASE_FORMS.get(base, {})
        # A vocabulary has far fewer words than the text: stem each once.
        self.terms = lru_cache(maxsize=200_000)(self._terms)

    def is_stop_word(self, word: str) -> bool:
        """Say whether a folded word carries no meaning of its own in this language."""
        return word in self._stop_words

    def span(self, word: str) -> float:
        """Say how many words' worth a word is: 1, or half its pairs in scripts that do not part words."""
        unspaced = not word.isascii() and _UNSPACED.search(word)
        return max(1.0, len(self.terms(word)) / 2) if unspaced else 1.0

    def analyse(self, text: str) -> list[str]:
        """Give every term of a text in order, stop words too."""
        return [term for word in folded(text) for term in self.terms(word)]

    def _terms(self, word: str) -> tuple[str, ...]:
        if not word.isascii() and _UNSPACED.search(word):
            return tuple(_pairs(word))
        if self._stemmer is not None:
            stems: list[str] = self._stemmer.analyze(self._base_forms.get(word, word))
            return (stems[0],) if stems and stems[0] else (word,)
        if len(word) <= GRAM or word.isdigit():
            return (word,)
        return tuple(dict.fromkeys(word[i : i + GRAM] for i in range(len(word) - GRAM + 1)))


def _pairs(word: str) -> Iterator[str]:
    """Part a word into pairs of characters where its script has no spaces, and leave other runs whole."""
    position = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > position:
            yield word[position : run.start()]
        characters = run.group()
        if len(characters) == 1:
            yield characters
        for i in range(len(characters) - 1):
            yield characters[i : i + 2]
        position = run.end()
    if position < len(word):
        yield word[position:]


@lru_cache(maxsize=64)
def analyser(lang: str) -> Analyser:
    """Give the one analyser of a language; a region ("en-GB") does not matter."""
    return Analyser(lang)
