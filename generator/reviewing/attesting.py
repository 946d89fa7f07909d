"""Write a review into an article's front matter, and leave every other byte as it is."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from generator.articles.article import Article, Significance
from generator.articles.frontmatter import read_document
from generator.articles.writing import as_yaml
from generator.articles.yaml_tree import Value

_VALUE: Final = re.compile(
    r"^(?P<key>[a-z_]+:[ \t]*)(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^#\n]*?)(?P<rest>[ \t]*(?:#.*)?)$"
)
REVIEWED: Final = frozenset({"reviewed_on", "reviewed_by", "confidence", "version", "changes"})


class NotAttested(Exception):
    """The review cannot be written down; the message is a sentence that says why."""


def attested(data: bytes, article: Article, *, by: str, on: date, note: str) -> bytes:
    """Record that somebody compared an article with reality: who, when, and what with.

    The note becomes the entry of a new version with the significance `typo`, since no meaning changed; what
    readers and translators rely on stays. Comments, order, quoting, line ends and the body are kept. Raises
    NotAttested where the file cannot be edited so, or is no article any more.
    """
    text = data.decode("utf-8-sig")
    newline = "\r\n" if "\r\n" in text else "\n"
    start = "\ufeff" if data.startswith(b"\xef\xbb\xbf") else ""
    lines = text.split(newline)
    entry = {
        "version": article.version + 1,
        "date": on,
        "by": by,
        "significance": Significance.TYPO.value,
        "note": " ".join(note.split()),
    }
    changes = article.line_of("changes") - 1
    _add_entry(lines, changes, as_yaml({"x": [entry]}).partition("- ")[2].strip(), article)
    _set(lines, article, "version", str(article.version + 1))
    _set(lines, article, "confidence", "validated")
    _set(lines, article, "reviewed_by", by, after="owner")
    _set(lines, article, "reviewed_on", on.isoformat(), after="owner")
    changed = (start + newline.join(lines)).encode()
    if not _is_only_a_review(data, changed):
        raise NotAttested(
            "The front matter is written in a way that cannot be edited here. "
            "Put each of reviewed_on, reviewed_by, confidence, version and changes on lines of their own."
        )
    return changed


def _set(lines: list[str], article: Article, key: str, value: str, after: str | None = None) -> None:
    if (key,) in article.key_lines:
        number = article.line_of(key) - 1
        match = _VALUE.match(lines[number])
        if match is not None:
            space = "" if match["key"].endswith((" ", "\t")) else " "
            lines[number] = f"{match['key']}{space}{value}{match['rest']}"
    elif after is not None:
        lines.insert(article.line_of(after), f"{key}: {value}")


def _add_entry(lines: list[str], number: int, entry: str, article: Article) -> None:
    """Put an entry first: on a line of its own, indented as its peers, or into a list on one line."""
    head, bracket, rest = lines[number].partition("[")
    if bracket:
        lines[number] = f"{head}[{entry}, {rest}"
        return
    first = article.line_of("changes", 0) - 1
    indent = re.match(r"[ \t]*", lines[first])
    lines.insert(number + 1, f"{indent[0] if indent else '  '}- {entry}")


def _is_only_a_review(before: bytes, after: bytes) -> bool:
    """Read both again: the body and all other keys must be the same, and nothing be wrong."""
    old, new = read_document(before), read_document(after)
    return not new.faults and old.body == new.body and _others(old.tree.values) == _others(new.tree.values)


def _others(values: Mapping[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in values.items() if key not in REVIEWED}
