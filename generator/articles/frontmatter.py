"""Part a Markdown file into its front matter and its body, whatever its bytes are."""

import re
from dataclasses import dataclass
from typing import Final

from generator.articles.yaml_tree import Fault, Tree, read_tree

__all__ = ["MAX_BYTES", "MAX_VALUES", "Document", "Fault", "decode", "read_document"]

MAX_BYTES: Final = 64 * 1024
MAX_VALUES: Final = 5_000
"""So many keys and values no article needs: a hundred versions have eleven hundred."""

_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A Markdown file split into its front matter and its body (line ends are \\n)."""

    tree: Tree
    body: str
    body_line: int
    faults: tuple[Fault, ...] = ()


def read_document(data: bytes) -> Document:
    """Split a Markdown file and read its front matter; whatever the bytes are, the answer says what is wrong.

    The fences are those of MkDocs: `---` on the first line, `---` or `...` on a later one.
    """
    text, faults = decode(data)
    if not text.strip():
        return _without_front_matter(text, faults, "The file is empty. Write an article in it, or delete it.")
    opening, newline, rest = text.partition("\n")
    if opening.rstrip(" \t") != "---" or not newline:
        return _without_front_matter(
            text,
            faults,
            "The file does not begin with front matter. Put the article's keys between two lines of ---.",
        )
    closing = _CLOSING.search(rest)
    if closing is None:
        return _without_front_matter(
            text, faults, "The front matter that begins here has no end. Add a line --- below its last key."
        )
    front, body = rest[: closing.start()], rest[closing.end() :].removeprefix("\n")
    body_line = front.count("\n") + 3
    if len(front.encode()) > MAX_BYTES:
        fault = Fault(
            line=1,
            rule="front-matter",
            message=f"The front matter has more than {MAX_BYTES // 1024} KiB. Move text into the body.",
        )
        tree = Tree(values={}, lines={}, complete=False)
        return Document(tree=tree, body=body, body_line=body_line, faults=(*faults, fault))
    tree = read_tree(front, first_line=2, most=MAX_VALUES)
    return Document(tree=tree, body=body, body_line=body_line, faults=(*faults, *tree.faults))


def decode(data: bytes) -> tuple[str, tuple[Fault, ...]]:
    """Turn a file's bytes into text with \\n line ends and without a byte order mark.

    Bytes that are no UTF-8 become replacement characters and one fault at the first of them.
    """
    faults: tuple[Fault, ...] = ()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        faults = (_encoding_fault(data, exc.start, f"The byte 0x{data[exc.start]:02x} is not UTF-8."),)
        text = data.decode("utf-8-sig", "replace")
    if not faults and b"\0" in data:
        faults = (_encoding_fault(data, data.index(b"\0"), "There is a NUL character here."),)
    return text.replace("\r\n", "\n").replace("\r", "\n"), faults


def _without_front_matter(text: str, faults: tuple[Fault, ...], message: str) -> Document:
    found = faults or (Fault(line=1, rule="front-matter", message=message),)
    return Document(tree=Tree(values={}, lines={}, complete=False), body=text, body_line=1, faults=found)


def _encoding_fault(data: bytes, at: int, what: str) -> Fault:
    line = data.count(b"\n", 0, at) + 1
    return Fault(line=line, rule="encoding", message=f"{what} Save the file as UTF-8 text.")
