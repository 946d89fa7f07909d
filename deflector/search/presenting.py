"""Present a section: its snippet, cut at sentence borders, with the matches marked, as safe HTML."""

import re
from html import escape

from deflector.search.analysis import Analyser, words

LONGEST = 240  # characters of a snippet, before marking

_SENTENCE = re.compile(r"[^.!?…。！？؟\n]+[.!?…。！？؟]*|\n")


def snippet(text: str, terms: frozenset[str], analyser: Analyser) -> str:
    """Choose the sentences in a row that hold most of the terms; escape them and mark the matches."""
    sentences = [s.strip() for s in _SENTENCE.findall(text[:20_000]) if s.strip()]
    if not sentences:
        return ""
    held = [terms.intersection(analyser.analyse(sentence)) for sentence in sentences]
    best, best_found = (0, 1), -1
    for start in range(len(sentences)):
        found: frozenset[str] = frozenset()
        length = 0
        for end in range(start, len(sentences)):
            length += len(sentences[end]) + 1
            if end > start and length > LONGEST:
                break
            found |= held[end]
            # A longer snippet must earn its place, an earlier one wins a tie.
            if len(found) > best_found:
                best, best_found = (start, end + 1), len(found)
    start, end = best
    chosen = " ".join(sentences[start:end])
    while end < len(sentences) and len(chosen) + len(sentences[end]) < LONGEST:
        chosen += " " + sentences[end]
        end += 1
    whole_end = end == len(sentences)
    if len(chosen) > LONGEST:
        chosen = chosen[:LONGEST].rsplit(" ", 1)[0]
        whole_end = False
    marked = _marked(chosen, terms, analyser)
    return f"{'… ' if start else ''}{marked}{'' if whole_end or marked.endswith(('.', '!', '?')) else ' …'}"


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
