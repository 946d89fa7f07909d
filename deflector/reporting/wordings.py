"""Learned wordings as changes of articles: what a writer reads in a pull request before it is merged."""

import difflib
from collections.abc import Iterable, Sequence

import yaml

from deflector.outcomes.wordings import key_of

FENCE = "---"
LONGEST_LINE = 10_000  # a wording stays on one line


class Unreadable(Exception):
    """The article's front matter cannot be read, so nothing is added to it."""


def with_questions(text: str, wordings: Iterable[str]) -> str:
    """Add wordings to the `questions:` of an article's file; everything else stays as it is, byte by byte.

    Wordings that are there already, but for capitals and marks, are left out. Raises `Unreadable`.
    """
    lines = text.splitlines(keepends=True)
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if not lines or lines[0].rstrip() != FENCE or end is None:
        raise Unreadable
    front, entry, known = _front(lines[1:end])
    new = {key: said for said in wordings if (key := key_of(said)) not in {key_of(old) for old in known}}
    if not new:
        return text
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    at, until, written = _place(front, entry, known, list(new.values()))
    if any("#" in line for line in lines[1 + at : 1 + until]):
        raise Unreadable  # a writer's note would be lost
    changed = [*lines[: 1 + at], *(line + ending for line in written), *lines[1 + until :]]
    done = "".join(changed)
    if _front(changed[1 : end + len(changed) - len(lines)])[2] != [*known, *new.values()]:
        raise Unreadable  # written in a way that we do not mend: a person can
    return done


def patch(path: str, before: str, after: str) -> str:
    """Write a change of one file as `git apply` reads it; empty where nothing changes."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def fragment(wordings: Sequence[str]) -> str:
    """Write wordings as the lines to paste below `questions:`."""
    return "".join(f"  - {_scalar(said)}\n" for said in wordings)


Entry = tuple[yaml.Node, yaml.Node]


def _front(lines: Sequence[str]) -> tuple[yaml.MappingNode, Entry | None, list[str]]:
    """Read front matter with its places: all of it, the entry `questions`, and the wordings in that."""
    source = "".join(lines)
    try:
        front = yaml.compose(source, Loader=yaml.SafeLoader)
        values = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(front, yaml.MappingNode) or not isinstance(values, dict):
        raise Unreadable
    known = values.get("questions") or []
    if not isinstance(known, list) or not all(isinstance(said, str) for said in known):
        raise Unreadable
    return front, next((one for one in front.value if one[0].value == "questions"), None), known


def _place(
    front: yaml.MappingNode, entry: Entry | None, known: Sequence[str], new: Sequence[str]
) -> tuple[int, int, list[str]]:
    """Say which lines of the front matter give way, from and until, and what is written there."""
    if entry is None:
        last = front.end_mark.line
        return last, last, ["questions:", *(f"  - {_scalar(said)}" for said in new)]
    key, value = entry
    if known and isinstance(value, yaml.SequenceNode) and not value.flow_style:
        indent = " " * value.start_mark.column
        final = value.value[-1].end_mark
        below = final.line + (1 if final.column else 0)
        return below, below, [f"{indent}- {_scalar(said)}" for said in new]
    until = value.end_mark.line + (1 if value.end_mark.column else 0)
    everything = [*known, *new]
    return key.start_mark.line, until, ["questions:", *(f"  - {_scalar(said)}" for said in everything)]


def _scalar(said: str) -> str:
    """Write one line of text as YAML, with quotes where it needs them."""
    return (
        yaml.safe_dump(said, allow_unicode=True, width=LONGEST_LINE).removesuffix("\n").removesuffix("\n...")
    )
