"""Rendered HTML → sections of plain text, one for each heading that can be linked to."""

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from lxml import etree, html
from lxml.html import defs

_OPENING_HEADINGS: Final = frozenset({"h2", "h3", "h4"})
_NEVER_TEXT: Final = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "svg",
        "h1",
        "button",
        "input",
        "select",
        "textarea",
        "iframe",
    }
)
_NEVER_TEXT_CLASSES: Final = frozenset(
    {"headerlink", "twemoji", "footnote-backref", "linenos", "md-annotation"}
)
_BLOCKS: Final = (defs.block_tags - {"td", "th", "del", "ins"}) | frozenset(
    {
        "article",
        "aside",
        "details",
        "figcaption",
        "figure",
        "footer",
        "header",
        "main",
        "nav",
        "section",
        "summary",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands below one heading, up to the next.

    `anchor` is the heading's id, "" for what stands above the first heading. In `text`, lines are paragraphs,
    list items (with "1. " or "- ") or rows of a table (cells parted by " | ").
    """

    anchor: str
    heading: str
    text: str


def sections_of(page: str, *, title: str = "") -> tuple[Section, ...]:
    """Split the HTML of an article's body at its h2, h3 and h4 with ids; sections without text are left out.

    `title` becomes the heading of what stands above the first heading.
    """
    writer = _Writer(heading=title)
    skipped = None
    walker = etree.iterwalk(
        html.fromstring(f"<div>{page}</div>", parser=_parser()), events=("start", "end", "comment", "pi")
    )
    for event, element in walker:
        if event == "start":
            if _is_never_text(element) or _takes_labels(element, writer):
                walker.skip_subtree()
                skipped = element
                continue
            writer.open(element)
            writer.write(element.text)
        elif event != "end":
            writer.write(element.tail)
        else:
            if element is not skipped:
                writer.close(element)
            writer.write(element.tail)
    writer.finish()
    return tuple(writer.sections)


def _parser() -> html.HTMLParser:
    """Make a parser that reads pages nested deeper than the 255 levels at which libxml2 stops by itself."""
    return html.HTMLParser(huge_tree=True)


def _is_never_text(element: etree._Element) -> bool:
    classes = (element.get("class") or "").split()
    is_note_mark = element.tag == "sup" and (element.get("id") or "").startswith("fnref")
    return element.tag in _NEVER_TEXT or is_note_mark or not _NEVER_TEXT_CLASSES.isdisjoint(classes)


def _takes_labels(element: etree._Element, writer: "_Writer") -> bool:
    """Keep the labels of a set of tabs for the tabs that follow."""
    if "tabbed-labels" not in (element.get("class") or "").split():
        return False
    writer.labels.append(deque(_collapsed(str(label.xpath("string()"))).strip() for label in element))
    return True


def _collapsed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@dataclass(slots=True)
class _Writer:
    """Takes elements in reading order and writes lines of text."""

    heading: str
    anchor: str = ""
    sections: list[Section] = field(default_factory=list)
    labels: "list[deque[str]]" = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _line: str = ""
    _lists: list[int | None] = field(default_factory=list)
    """For each open list the number of its next item; None where items have no numbers."""
    _pre: int = 0
    _title: str | None = None
    """The text of the heading that is open, None outside of headings."""

    def open(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS or tag == "br":
            self._break()
        if tag in _OPENING_HEADINGS and element.get("id"):
            self.finish()
            self.anchor, self._title = element.get("id") or "", ""
        elif tag in ("ol", "ul"):
            start = element.get("start") or "1"
            self._lists.append((int(start) if start.isdecimal() else 1) if tag == "ol" else None)
        elif tag == "li":
            self._line = self._marker()
        elif tag in ("td", "th") and self._line:
            self._line = self._line.rstrip() + " | "
        elif tag == "pre":
            self._pre += 1
        elif "tabbed-block" in (element.get("class") or "").split() and self.labels and self.labels[-1]:
            self._line = self.labels[-1].popleft()
            self._break()

    def close(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _OPENING_HEADINGS and self._title is not None:
            self.heading, self._title = self._title.strip(), None
            return
        if tag in _BLOCKS:
            self._break()
        if tag in ("ol", "ul"):
            self._lists.pop()
        elif tag == "pre":
            self._pre -= 1
        elif "tabbed-set" in (element.get("class") or "").split() and self.labels:
            self.labels.pop()

    def write(self, text: str | None) -> None:
        if not text:
            return
        if self._title is not None:
            self._title = _collapsed(self._title + text)
        elif self._pre:
            first, *others = text.split("\n")
            self._line += first
            for line in others:
                self._break()
                self._line = line
        elif not self._line or self._line.endswith(" "):
            self._line += _collapsed(text).lstrip()
        else:
            self._line += _collapsed(text)

    def finish(self) -> None:
        """End the open section; keep it if it says anything."""
        self._break()
        if self._lines:
            self.sections.append(
                Section(anchor=self.anchor, heading=self.heading, text="\n".join(self._lines))
            )
        self._lines = []

    def _break(self) -> None:
        if self._line.strip() and not re.fullmatch(r"\s*(?:-|\d+\.)\s*", self._line):
            self._lines.append(self._line.rstrip())
            self._line = ""
        elif not self._line.endswith((". ", "- ")):
            self._line = ""

    def _marker(self) -> str:
        if not self._lists:
            return "- "
        indent, number = "  " * (len(self._lists) - 1), self._lists[-1]
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "
