"""Present a section: its snippet, cut at sentence borders, with the matches marked, as safe HTML."""

import re
from html import escape

from deflector.search.analysis import Analyser, words

LONGEST = 240  # characters of a snippet, before marking
READ = 6_000  # characters of a section that are looked at

# A mark ends a sentence where a space follows, so that "79.99" and "example.com" stay whole.
_SENTENCE_END = re.compile(r"(?<=[.!?…؟])\s+|(?<=[。！？])|\n+")
_BULLET = re.compile(r"^[-*•]\s+")
_DASH = "– "
_CLOSED = tuple(".!?…؟。！？:;,：；，、؛،–—")  # after these the next sentence needs no other sign


def snippet(text: str, terms: frozenset[str], analyser: Analyser) -> str:
    """Choose the sentences in a row that hold most of the terms; escape them and mark the matches."""
    sentences = [_BULLET.sub(_DASH, s.strip()) for s in _SENTENCE_END.split(text[:READ]) if s.strip()]
    if not sentences:
        return ""
    held = [terms.intersection(analyser.analyse(sentence)) for sentence in sentences]
    start, end = _best_run(sentences, held)
    chosen = sentences[start].removeprefix(_DASH)
    at = start + 1
    while at < len(sentences) and (at < end or len(_joined(chosen, sentences[at])) <= LONGEST):
        chosen = _joined(chosen, sentences[at])
        at += 1
    cut = len(chosen) > LONGEST
    if cut:
        chosen = chosen[:LONGEST].rsplit(" ", 1)[0]
    more = " …" if cut or at < len(sentences) else ""
    return f"{'… ' if start else ''}{_marked(chosen, terms, analyser)}{more}"


def _joined(chosen: str, sentence: str) -> str:
    """Go on with the next sentence; the items of a list, the rows of a table, what has no end, get a dash."""
    if not chosen.endswith(_CLOSED) and not sentence.startswith(_DASH):
        return f"{chosen} {_DASH}{sentence}"
    return f"{chosen} {sentence}"


def _best_run(sentences: list[str], held: list[frozenset[str]]) -> tuple[int, int]:
    """Find the sentences in a row that hold most terms: the first and shortest of those that fit."""
    best, best_count = (0, 1), 0
    for start, own in enumerate(held):
        if not own:
            continue
        found: frozenset[str] = frozenset()
        length = 0
        for end in range(start, len(sentences)):
            length += len(sentences[end]) + 1
            if end > start and length > LONGEST:
                break
            found |= held[end]
            if len(found) > best_count:
                best, best_count = (start, end + 1), len(found)
    return best


def _marked(text: str, terms: frozenset[str], analyser: Analyser) -> str:
    pieces = []
    position = 0
    for word in words(text):
        if analyser.is_stop_word(word.text) or not terms.intersection(analyser.terms(word.text)):
            continue
        pieces.append(escape(text[position : word.start]))
        pieces.append(f"<mark>{escape(text[word.start : word.end])}</mark>")
        position = word.end
    pieces.append(escape(text[position:]))
    return "".join(pieces)
