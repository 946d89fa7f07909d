"""What a Markdown body points at, and where, without rendering it."""

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

_FENCE = re.compile(r"[ \t>]*(?P<ticks>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# Bounded, so that a body full of lone ticks costs no more than its length.
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)(?:(?!\n[ \t]*\n).){1,400}?(?<!`)\1(?!`)", re.DOTALL)
_INLINE = re.compile(
    r"\]\([ \t\n]*(?:<(?P<angled>[^<>\n]*)>|(?P<plain>[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*))"
)
_REFERENCE = re.compile(
    r"^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]*(?:<(?P<angled>[^<>\n]*)>|(?P<plain>\S+))", re.MULTILINE
)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_RAW_TAG = re.compile(
    r"<\s*(?P<tag>script|iframe|object|embed|form|style|link|meta|base|applet)\b", re.IGNORECASE
)
_HANDLER = re.compile(r"<[a-zA-Z][^<>]*?[\s\"'/](?P<name>on[a-zA-Z]+)\s*=", re.DOTALL)
_RAW_ADDRESS = re.compile(
    r"(?:href|src|action|formaction|xlink:href)\s*=\s*[\"']?\s*(?P<target>[^\s\"'>]*)", re.I
)
_UNSAFE_SCHEME = re.compile(r"(?:javascript|vbscript|data(?!:image/(?:png|gif|jpeg|webp);)):?", re.IGNORECASE)


class Target(NamedTuple):
    """What one link or image points at, as written, and its line in the body (from 1).

    A tuple, since builds remember thousands: reading a dataclass back takes three times as long.
    """

    address: str
    line: int

    @property
    def is_local(self) -> bool:
        """Whether it points at a file: no scheme, no host, and not from the site's root."""
        return (
            bool(self.address)
            and not self.address.startswith(("/", "#", "?"))
            and not _SCHEME.match(self.address)
        )

    def path_from(self, folder: str) -> str:
        """Resolve a local target against its article's folder; ".." in front means outside of the base."""
        path = unquote(re.split(r"[?#]", self.address, maxsplit=1)[0])
        return posixpath.normpath(posixpath.join(folder, path))


class Danger(NamedTuple):
    """Raw HTML that could run a script or take a page over, and its line in the body (from 1)."""

    what: str
    line: int


def targets(body: str) -> Iterator[Target]:
    """Find what the links and images of a Markdown body point at; code and comments do not count."""
    if "](" not in body and "]:" not in body:
        return
    prose = without_code(body)
    lines = _Lines(prose)
    for pattern in (_INLINE, _REFERENCE):
        for match in pattern.finditer(prose):
            address = match["angled"] if match["angled"] is not None else match["plain"]
            yield Target(address=address, line=lines.number(match.start(match.lastgroup or 0)))


def dangers(body: str) -> Iterator[Danger]:
    """Find scripts, event handlers and script addresses that Markdown would let through to the page."""
    lowered = body.lower()
    if "<" not in body and "script" not in lowered and "data:" not in lowered:
        return
    prose = without_code(body)
    lines = _Lines(prose)
    for match in _RAW_TAG.finditer(prose):
        yield Danger(what=f"<{match['tag'].lower()}>", line=lines.number(match.start()))
    for match in _HANDLER.finditer(prose):
        yield Danger(
            what=f"the event handler {match['name'].lower()}", line=lines.number(match.start("name"))
        )
    for pattern, group in (
        (_INLINE, "plain"),
        (_INLINE, "angled"),
        (_REFERENCE, "plain"),
        (_RAW_ADDRESS, "target"),
    ):
        for match in pattern.finditer(prose):
            address = re.sub(r"[\x00-\x20]|&\w+;|&#\w+;", "", unquote(match[group] or ""))
            if ":" in address and _UNSAFE_SCHEME.match(address):
                scheme = address.split(":", 1)[0].lower()
                yield Danger(
                    what=f"an address that begins with {scheme}:", line=lines.number(match.start(group))
                )


def without_code(body: str) -> str:
    """Blank out fenced code, code spans and HTML comments, keeping every line end where it is."""
    text = _COMMENT.sub(_blank, without_fences(body) if "```" in body or "~~~" in body else body)
    return _CODE.sub(_blank, text) if "`" in text else text


def without_fences(body: str) -> str:
    """Blank out the lines of fenced code. A fence without an end is no fence, as in Python-Markdown."""
    lines = body.split("\n")
    opened, ticks = -1, ""
    for number, line in enumerate(lines):
        if "```" not in line and "~~~" not in line:
            continue
        match = _FENCE.match(line)
        if match is None:
            continue
        if not ticks:
            opened, ticks = number, match["ticks"]
        elif match["ticks"].startswith(ticks) and not match["info"].strip():
            lines[opened : number + 1] = [""] * (number + 1 - opened)
            ticks = ""
    return "\n".join(lines)


def _blank(match: re.Match[str]) -> str:
    return "".join("\n" if letter == "\n" else " " for letter in match[0])


class _Lines:
    """Tells the line of a position, for positions that mostly grow."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position, self._line = 0, 1

    def number(self, position: int) -> int:
        if position < self._position:
            self._position, self._line = 0, 1
        self._line += self._text.count("\n", self._position, position)
        self._position = position
        return self._line
