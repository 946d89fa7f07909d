"""What of an article is encoded: its name, its questions, and its text in passages that carry the name.

A vector stands for one thought. A whole section blurs several; a sentence alone has lost what it is about.
So a passage is a few sentences with the article's title and the section's heading before them (measured: a
passage without its name finds a fifth less). How much is encoded is bounded by characters, since encoding
is the cost of an index: a small help centre is encoded whole, of a large one each article gives its name
and its beginnings.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from deflector.knowledge import KnownArticle, Section

WINDOW = 400  # characters of text in a passage: about 95 tokens, which leaves room for the name before it
SHORTEST = 40  # characters; a shorter rest of a passage is not worth a vector
EVERYTHING = 600_000  # characters of a language; about 20 CPU seconds
STEP = 1.25  # an article's share moves in such steps, so that one new article does not cut all others anew

SHORT_LINE = 20  # words; the middle line of a list of wordings is no longer
FEW_LINES = 3
LINES = 60

# No space before a line break: a run of spaces would be tried from each of them.
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？؟])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to encode; `section` is its place in the article, or None where it stands for the whole."""

    section: int | None
    text: str


def passages(article: KnownArticle) -> Iterator[Passage]:
    """Give the passages of an article, the most telling first."""
    seen: set[str] = set()
    for passage in _all(article):
        if passage.text and passage.text not in seen:
            seen.add(passage.text)
            yield passage


def lines(section: Section) -> tuple[str, ...]:
    """Give the lines of a section that might be a list of wordings of one question; else nothing."""
    found = [" ".join(line.split()) for line in section.text.splitlines() if line.strip()]
    if len(found) < FEW_LINES:
        return ()
    lengths = sorted(len(line.split()) for line in found)
    if lengths[len(lengths) // 2] > SHORT_LINE:
        return ()
    return tuple(dict.fromkeys(line[:WINDOW] for line in found))[:LINES]


def share(needs: Sequence[int], everything: int = EVERYTHING) -> int:
    """Say how many characters an article may spend, so that all together stay within what may be spent."""
    level = 1.0 * (max(needs, default=0) or 1)
    while level > 1 and sum(min(need, level) for need in needs) > everything:
        level /= STEP
    return int(level)


def within(found: Iterable[Passage], characters: int) -> Iterator[Passage]:
    """Keep the passages that fit, in order; the name always, the last one cut."""
    room = characters
    for number, passage in enumerate(found):
        if number and room < SHORTEST:
            return
        text = passage.text if number == 0 else passage.text[:room]
        room -= len(text)
        yield Passage(passage.section, text)


def _all(article: KnownArticle) -> Iterator[Passage]:
    title = _line(article.title)
    yield Passage(None, title)
    for question in article.questions:
        yield Passage(None, _line(question))
    if article.summary:
        yield Passage(None, _joined(title, _line(article.summary))[: 2 * WINDOW])
    names = [
        _joined(title, heading) if (heading := _line(section.heading)) and heading != title else title
        for section in article.sections
    ]
    for number, name in enumerate(names):
        if name != title:
            # The title in it would make any short heading near: it says nothing about which section answers.
            yield Passage(None, name)
            yield Passage(number, _line(article.sections[number].heading))
    each = [
        [Passage(number, _joined(names[number], window)) for window in windows(section.text)]
        for number, section in enumerate(article.sections)
    ]
    for rank in zip_longest(*each):
        yield from (passage for passage in rank if passage is not None)


def windows(text: str) -> list[str]:
    """Part a text at the ends of sentences into passages of at most `WINDOW` characters."""
    parts: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        piece = " ".join(sentence.split())
        while piece:
            if parts and len(parts[-1]) + 1 + len(piece) <= WINDOW:
                parts[-1] += f" {piece}"
                break
            head = piece[:WINDOW]
            if len(piece) > WINDOW and " " in head:
                head = head.rsplit(" ", 1)[0]
            parts.append(head)
            piece = piece[len(head) :].lstrip()
    return parts


def _joined(name: str, text: str) -> str:
    return f"{name}{' ' if name.endswith(('.', '?', '!', '。', '？')) else '. '}{text}"


def _line(text: str) -> str:
    return " ".join(text.split())[:WINDOW]
