"""Read YAML as text with line numbers, and refuse what it can do beyond lists and keys.

Every scalar stays the text that the writer typed: YAML 1.1 would turn `no` into False, `1.10` into 1.1 and
`12:30:45` into 45045. What a value means is the article model's business. The tree is built from the parser's
events with a stack of our own, so neither deep nesting nor an alias bomb costs more than reading once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the tree: ("changes", 0, "date")."""

MAX_DEPTH: Final = 10
MOST_FAULTS: Final = 50
"""After so many faults a file is not YAML that somebody wrote, and reading stops."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_UNPRINTABLE_TEXT: Final = "There is an invisible control character here. Delete it and type the text again."
_SHORTEN: Final = "Move what readers should see into the body, and delete the rest."
_HINTS: Final = {
    "mapping values are not allowed": "Put a value that has a colon in double quotes.",
    "did not find expected": "Look for an open quote or bracket, or a line indented unlike its peers.",
    "found unexpected end of stream": "Close the quote or bracket that this line opens.",
    "cannot start any token": "Put such a value in double quotes, and indent with spaces, not tabs.",
    "could not find expected ':'": "Write 'key: value', with a space after the colon.",
    "unknown escape character": "Write \\\\ for a backslash inside double quotes, or use single quotes.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong on a line of a file; becomes a finding once the file's path is known."""

    line: int
    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A YAML mapping as text, with the line of each key and item.

    `complete` is False where reading stopped early: what is missing then is not the writer's omission.
    """

    values: Mapping[str, Value]
    lines: Mapping[Place, int]
    faults: tuple[Fault, ...] = ()
    complete: bool = True


def read_tree(text: str, *, first_line: int = 1, most: int | None = None) -> Tree:
    """Read a YAML mapping whose scalars stay text; one of more than `most` keys and values is not read on.

    Refuses aliases, anchors, tags, duplicate keys, keys that are not text and nesting beyond ten levels;
    goes on after each of these but the last, so that one run names every fault.
    """
    builder = _Builder(first_line=first_line, most=most)
    complete = True
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if not builder.take(event):
                complete = False
                break
    except yaml.YAMLError as exc:
        builder.faults.append(_syntax_fault(exc, text, first_line))
        complete = False
    except UnicodeEncodeError as exc:  # the C parser wants UTF-8, which cannot hold half a surrogate pair
        line = first_line + text.count("\n", 0, exc.start)
        builder.faults.append(Fault(line=line, rule="encoding", message=_UNPRINTABLE_TEXT))
        complete = False
    return Tree(values=builder.top, lines=builder.lines, faults=tuple(builder.faults), complete=complete)


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is still open."""

    node: "list[Value] | dict[str, Value]"
    place: Place
    key: str | None = None
    """The key that waits for its value; None where a key comes next."""
    keeps: bool = True
    """False inside a value that was refused: read over, not kept."""


@dataclass(slots=True)
class _Builder:
    first_line: int
    most: int | None
    top: dict[str, Value] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _open: list[_Frame] = field(default_factory=list)
    _documents: int = 0
    _values: int = 0

    def take(self, event: yaml.Event) -> bool:
        """Take in one event; False where reading on would be of no use."""
        line = self.first_line + (event.start_mark.line if event.start_mark else 0)
        if self._is_enough(event, line):
            return False
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(
                        line, "front-matter", "A second YAML document begins here. Delete the line ---."
                    )
                    return False
            case yaml.AliasEvent():
                self._refuse(
                    line, "alias", f"*{event.anchor} repeats another value. Write the value out in full."
                )
                self._place_scalar("", line, keeps=False)
            case yaml.ScalarEvent():
                self._look_at_marks(event, line)
                if _UNPRINTABLE.search(event.value):
                    self._refuse(line, "encoding", _UNPRINTABLE_TEXT)
                if not self._open:
                    return self._refuse_top(line, "a single value")
                self._place_scalar(event.value, line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._look_at_marks(event, line)
                return self._open_collection(event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
        return True

    def _is_enough(self, event: yaml.Event, line: int) -> bool:
        """Whether what was read so far is too much, or has too many faults, to read on."""
        self._values += isinstance(event, yaml.NodeEvent)
        if self.most is not None and self._values > self.most:
            message = f"There are more than {self.most:,} keys and values. {_SHORTEN}"
        elif len(self.faults) >= MOST_FAULTS:
            message = "There are too many faults to name. Mend these first."
        else:
            return False
        self._refuse(line, "front-matter", message)
        return True

    def _look_at_marks(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            self._refuse(line, "anchor", f"&{event.anchor} names a value for repeating. Delete the name.")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(
                line, "tag", f'The YAML tag "{tag[:60]}" is not used here. Delete it and keep the value.'
            )

    def _open_collection(self, event: yaml.CollectionStartEvent, line: int) -> bool:
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if not self._open:
            if not is_mapping:
                return self._refuse_top(line, "a list")
            self._open.append(_Frame(node=self.top, place=()))
            return True
        if len(self._open) >= MAX_DEPTH:
            self._refuse(
                line, "depth", f"Values are nested more than {MAX_DEPTH} levels deep. Write them flat."
            )
            return False
        node: list[Value] | dict[str, Value] = {} if is_mapping else []
        frame = self._open[-1]
        if isinstance(frame.node, dict) and frame.key is None:
            self._refuse(line, "front-matter", "A key here is a list or a mapping. Write a key as one word.")
            frame.key = ""
            self._open.append(_Frame(node=node, place=(), keeps=False))
            return True
        place, keeps = self._store(node, line)
        self._open.append(_Frame(node=node, place=place, keeps=keeps))
        return True

    def _place_scalar(self, text: str, line: int, *, keeps: bool = True) -> None:
        frame = self._open[-1] if self._open else None
        if frame is None:
            return
        if isinstance(frame.node, dict) and frame.key is None:
            frame.key = text
            place = (*frame.place, text)
            if text == "":
                self._refuse(line, "front-matter", "A value has no key here. Write 'key: value'.")
            elif frame.keeps and text in frame.node:
                first = self.lines[place]
                self._refuse(
                    line, "duplicate-key", f"'{text}' stands on line {first} already. Keep one of the two."
                )
            elif frame.keeps:
                self.lines[place] = line
        elif keeps:
            self._store(text, line)
        else:
            frame.key = None

    def _store(self, value: Value, line: int) -> tuple[Place, bool]:
        """Put a value where the open collection expects one; a key's first value stays."""
        frame = self._open[-1]
        if isinstance(frame.node, list):
            place: Place = (*frame.place, len(frame.node))
            frame.node.append(value)
            if frame.keeps:
                self.lines[place] = line
            return place, frame.keeps
        key, frame.key = frame.key or "", None
        keeps = frame.keeps and key != "" and key not in frame.node
        if keeps:
            frame.node[key] = value
        return (*frame.place, key), keeps

    def _refuse(self, line: int, rule: str, message: str) -> None:
        self.faults.append(Fault(line=line, rule=rule, message=message))

    def _refuse_top(self, line: int, what: str) -> bool:
        self._refuse(
            line, "front-matter", f"There is {what} where keys are expected. Write one 'key: value' a line."
        )
        return False


def _syntax_fault(exc: yaml.YAMLError, text: str, first_line: int) -> Fault:
    if isinstance(exc, yaml.reader.ReaderError):
        line = first_line + text.count("\n", 0, exc.position if isinstance(exc.position, int) else 0)
        return Fault(line=line, rule="encoding", message=_UNPRINTABLE_TEXT)
    problem, line = "it cannot be read", first_line
    if isinstance(exc, yaml.MarkedYAMLError):
        problem = str(exc.problem or exc.context or problem)
        mark = exc.problem_mark or exc.context_mark
        line += mark.line if mark is not None else 0
    hint = next(
        (advice for start, advice in _HINTS.items() if start in problem), _HINTS["did not find expected"]
    )
    return Fault(line=line, rule="yaml", message=f"This is not valid YAML: {problem}. {hint}")
