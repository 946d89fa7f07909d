"""A body as sentences with their lines: what people read, without marks, code, tables and addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from generator.articles.links import without_code

_LINK: Final = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\s[^()]*)?\)|\[[^\[\]]*\])")
_MARKS: Final = re.compile(r"<[^<>]*>|\{[:#.][^{}]*\}|\*+|(?<!\w)_+|_+(?!\w)|https?://\S+")
_ITEM: Final = re.compile(r"[ \t>]*(?:[-*+]|\d+[.)])[ \t]+")
_NO_PROSE: Final = re.compile(r"[ \t>]*(?:#|\||!!!|\?\?\?|===|\[[^\]]+\]:|:{3}|-{3,}$)")
_END: Final = re.compile(
    r"(?<=[.!?…])[\"'”»)]*\s+(?=[\"'“«¿¡(\[*]*[A-ZÀ-ÞА-Я0-9¿¡])|(?<=[.!?؟۔])\s+(?=[\u0600-\u06ff])"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence and its line in the body, from 1; `is_step` where it is an item of a list."""

    text: str
    line: int
    is_step: bool = False

    @property
    def words(self) -> list[str]:
        return _WORD.findall(self.text)


def sentences(body: str) -> Iterator[Sentence]:
    """Find the sentences of a Markdown body."""
    for line, text, is_step in _paragraphs(without_code(body)):
        start = 0
        for piece in _END.split(text):
            at = text.find(piece, start)
            start = at + len(piece)
            plain = " ".join(_MARKS.sub("", _LINK.sub(_shown, piece)).split())
            if _WORD.search(plain):
                yield Sentence(text=plain, line=line + text.count("\n", 0, max(at, 0)), is_step=is_step)


def _shown(match: re.Match[str]) -> str:
    return "" if match[0].startswith("!") else match[1]


def _paragraphs(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield what belongs together: the line that it begins on, its text, whether it is an item of a list."""
    lines: list[str] = []
    first, is_step = 1, False
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        item = _ITEM.match(line)
        if not line.strip() or item or _NO_PROSE.match(line):
            if lines:
                yield first, "\n".join(lines), is_step
            lines = []
        if line.strip() and not _NO_PROSE.match(line):
            if not lines:
                first, is_step = number, item is not None
            lines.append(line[item.end() :] if item else line.strip())
