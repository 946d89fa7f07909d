"""The ids of a body's headings, as the site engine makes them, without rendering it."""

import html
import re
from collections.abc import Iterator
from typing import Final

from markdown.extensions.toc import slugify, unique

from generator.articles.links import without_fences

_HASHED: Final = re.compile(r"^[ \t>]*#{1,6}[ \t]*(?P<text>.+?)[ \t]*#*[ \t]*$")
_UNDERLINED: Final = re.compile(r"^[ \t>]*(?:=+|-+)[ \t]*$")
_OWN_ID: Final = re.compile(r"\{:?[^{}\n]*?#(?P<id>[\w:.-]+)[^{}\n]*\}")
_TRAILING: Final = re.compile(r"[ \t]*\{:?[ ]*[^{}\n]*\}[ \t]*$")
_RAW_ID: Final = re.compile(r"<[a-zA-Z][^<>]*?\s(?:id|name)\s*=\s*[\"']?(?P<id>[^\s\"'>]+)")
_LINK: Final = re.compile(r"!?\[(?P<text>[^\[\]]*)\](?:\([^()\s]*(?:\s[^()]*)?\)|\[[^\[\]]*\])")
_CODE: Final = re.compile(r"(`+[^`]+`+)")
_MARKS: Final = re.compile(r"(?<!\\)(?:\*+|`+|~~|<[^<>]*>)|(?<!\w)_+|_+(?!\w)")


def anchors(body: str) -> frozenset[str]:
    """Find what a link to a page may name behind its #: headings, ids in braces, ids of raw HTML.

    The ids of headings are made as Python-Markdown's `toc` makes them by default: its own slugify, and _1, _2
    behind an id that is taken.
    """
    text = without_fences(body)
    taken: set[str] = set()
    for title in _titles(text.split("\n")):
        named = _OWN_ID.search(title)
        if named:
            taken.add(named["id"])
        else:
            unique(slugify(_plain(title), "-"), taken)
    taken.update(match["id"] for pattern in (_OWN_ID, _RAW_ID) for match in pattern.finditer(text))
    return frozenset(taken)


def _titles(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if match := _HASHED.match(line):
            yield match["text"]
        elif _UNDERLINED.match(line) and number and lines[number - 1].strip():
            yield lines[number - 1].strip()


def _plain(title: str) -> str:
    """Take the marks of Markdown out of a heading; what code shows stays."""
    text = _TRAILING.sub("", title)
    text = _LINK.sub(lambda match: "" if match[0].startswith("!") else match["text"], text)
    parts = _CODE.split(text)
    parts[::2] = [_MARKS.sub("", part).replace("\\", "") for part in parts[::2]]
    return html.unescape("".join(part.strip("`") for part in parts)).strip()
