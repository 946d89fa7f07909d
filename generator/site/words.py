"""Text → the words that it is searched by; find.js takes questions apart in the same way."""

import re
import unicodedata
from typing import Final

_MARK: Final = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093c]")
_WORD: Final = re.compile(r"[^\W_]+")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]{2,}")
_ARABIC_ARTICLE: Final = "\u0627\u0644"
_LONGEST: Final = 32


def words(text: str) -> list[str]:
    """Take a text apart: lower case, without accents or vowel marks, e.g. "Él pagó" → ["el", "pago"].

    Runs of Chinese, Japanese or Korean become pairs of characters, since nothing parts their words, and
    Arabic words lose their article.
    """
    if text.isascii():
        return [word[:_LONGEST] for word in _WORD.findall(text.lower())]
    plain = _MARK.sub("", unicodedata.normalize("NFKD", text.lower()))
    plain = unicodedata.normalize("NFC", plain)
    return [part for word in _WORD.findall(plain) for part in _parts(word[:_LONGEST])]


def _parts(word: str) -> list[str]:
    if _UNSPACED.fullmatch(word):
        return [word[place : place + 2] for place in range(len(word) - 1)]
    if word.startswith(_ARABIC_ARTICLE) and len(word) > 4:
        return [word[2:]]
    return [word]
