"""What became of a text, line by line and word by word, for people to read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from generator.history.past import Wording

_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")
_OWN_LINE: Final = re.compile(r"\s*(?:[-*+]\s|\d+[.)]\s|[|#>!:]|={3})")
_FENCE: Final = re.compile(r"\s*(?:`{3,}|~{3,})")
_HEADING: Final = re.compile(r"^#{1,6}[ \t]+|[ \t]+\{[#:.][^{}]*\}$")
_MARKS: Final = (
    re.compile(r"(`+)(?!`)(?P<words>.+?)(?<!`)\1(?!`)"),
    re.compile(r"(?<!!)\[(?P<words>[^\[\]]+)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])"),
    re.compile(r"(\*\*|__)(?=\S)(?P<words>.+?)(?<=\S)\1"),
    re.compile(r"(?<![\w*_])([*_])(?![\s*_])(?P<words>[^*_]+)(?<!\s)\1(?![\w*_])"),
)
_ALIKE: Final = 0.5
"""Lines less alike than this are shown as one gone and one come."""
CONTEXT: Final = 1
LONGEST: Final = 2_000
"""Longer lines keep their marks: looking for pairs in them could take long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Words of a line; `kind` is same, gone or come."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a comparison; `kind` is same, gone, come, changed or gap (lines left out)."""

    kind: str
    parts: tuple[Part, ...] = ()


def compare(old: Wording, new: Wording) -> tuple[Row, ...]:
    """Compare two versions by their lines, with a line of context around each change.

    Lines that were only broken elsewhere count as the same. Readers see words without their Markdown; where
    only that has changed (the target of a link, a word that is bold now), they see it.
    """
    return _compared(_shown(old), _shown(new)) or _compared(
        _shown(old, is_plain=False), _shown(new, is_plain=False)
    )


def _compared(before: list[str], after: list[str]) -> tuple[Row, ...]:
    rows: list[Row] = []
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (kind, a, b, c, d) in enumerate(steps):
        if kind == "equal":
            is_last = number == len(steps) - 1
            rows.extend(_context(before[a:b], is_first=number == 0, is_last=is_last))
        else:
            rows.extend(_changed(before[a:b], after[c:d]))
    return tuple(rows) if any(row.kind not in ("same", "gap") for row in rows) else ()


def _context(lines: list[str], *, is_first: bool, is_last: bool) -> Iterator[Row]:
    head = [] if is_first else lines[:CONTEXT]
    tail = [] if is_last else lines[len(head) :][-CONTEXT:]
    yield from (_whole("same", line) for line in head)
    if len(lines) > len(head) + len(tail):
        yield Row(kind="gap")
    yield from (_whole("same", line) for line in tail)


def _changed(gone: list[str], come: list[str]) -> Iterator[Row]:
    """Pair lines that became each other, in their order; show the rest as gone or come."""
    waiting = list(come)
    for line in gone:
        match = next((number for number, other in enumerate(waiting) if _are_alike(line, other)), None)
        if match is None:
            yield _whole("gone", line)
            continue
        yield from (_whole("come", other) for other in waiting[:match])
        yield Row(kind="changed", parts=tuple(_parts(line, waiting[match])))
        del waiting[: match + 1]
    yield from (_whole("come", other) for other in waiting)


def _are_alike(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, _WORDS.findall(one), _WORDS.findall(other), autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _parts(old: str, new: str) -> Iterator[Part]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Part(kind="same", text="".join(before[a:b]))
            continue
        if a < b:
            yield Part(kind="gone", text="".join(before[a:b]))
        if c < d:
            yield Part(kind="come", text="".join(after[c:d]))


def _whole(kind: str, line: str) -> Row:
    return Row(kind=kind, parts=(Part(kind=kind, text=line),))


def _shown(wording: Wording, *, is_plain: bool = True) -> list[str]:
    lines = _lines(wording.body)
    body = [line if is_code or not is_plain else _plain(line) for line, is_code in lines]
    return [wording.title, wording.summary, *wording.questions, *body]


def _plain(line: str) -> str:
    """Take the marks of headings, emphasis, code and links out of a line that a person may have written."""
    if len(line) > LONGEST:
        return line
    line = _HEADING.sub("", line)
    for mark in _MARKS:
        line = mark.sub(r"\g<words>", line)
    return line


def _lines(text: str) -> list[tuple[str, bool]]:
    """Undo the breaking of paragraphs; items, rows, headings and code keep their lines.

    Each line comes with whether it is code.
    """
    lines: list[tuple[str, bool]] = []
    is_code = is_open = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            is_code, is_open = not is_code, False
            lines.append((line.rstrip(), True))
        elif not line.strip():
            is_open = False
        elif is_open and not is_code and not _OWN_LINE.match(line):
            lines[-1] = f"{lines[-1][0]} {line.strip()}", False
        else:
            lines.append((line.rstrip(), is_code))
            is_open = not line.lstrip().startswith(("|", "#"))
    return lines
