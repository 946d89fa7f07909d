"""Markdown as other systems write it: what its front matter, its text and its name tell about an article."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from pathlib import PurePosixPath
from typing import Any, Final

from generator.articles.frontmatter import decode
from generator.articles.links import without_code
from generator.articles.yaml_tree import read_tree

SUMMARY_LENGTH: Final = 140

_YAML = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S | re.M)
_TOML = re.compile(rb"\A(?:\xef\xbb\xbf)?\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.S | re.M)
_LINE = re.compile(r"^([A-Za-z_][\w-]*):[ \t]*(.*?)[ \t]*$", re.M)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_HEADING = re.compile(r"^# +(.+?)[ \t]*#*[ \t]*$", re.M)
_NO_PROSE = re.compile(r"[#>|<!\[:*+=~`-]|\d+[.)]\s|\{%|import |export ")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_MARKS = re.compile(rf"{_IMAGE.pattern}|<[^>]*>|\{{[:#.][^}}]*\}}")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignArticle:
    """What a foreign file tells; `unknown` names in words what had to be guessed or was left behind."""

    title: str
    summary: str
    name: str
    """What its id is made of."""
    body: bytes
    created: date | None = None
    changed: date | None = None
    author: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    is_draft: bool = False
    unknown: tuple[str, ...] = field(default_factory=tuple)


def read_foreign(data: bytes, path: PurePosixPath) -> ForeignArticle:
    """Read a Markdown file of Zendesk, Hugo (YAML or TOML), Docusaurus or of no system at all.

    The body is kept byte for byte, but for bytes that are no UTF-8: these are read as Windows-1252.
    """
    unknown = []
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        data = data.decode("cp1252", "replace").encode()
        unknown.append("it was not UTF-8 and was read as Windows-1252")
    values, body, complaint = _split(data)
    if complaint:
        unknown.append(complaint)
    text = decode(body)[0]
    title, source = _title(values, text, path)
    title = _unescaped(title) or title
    if source:
        unknown.append(f"its title comes from {source}")
    summary = _unescaped(_first(values, "description", "summary", "excerpt"))
    if not summary:
        summary = _unescaped(_opening(text)) or title
        unknown.append(
            "its summary is its first sentence" if summary != title else "its summary is its title"
        )
    number = _first(values, "id")
    created = _day(values, "date", "created_at", "created", "publishdate", "published")
    return ForeignArticle(
        title=title,
        summary=_cut(summary),
        name=_name(values, path),
        body=body,
        created=created,
        changed=_day(
            values, "lastmod", "updated_at", "edited_at", "last_modified_at", "updated", "last_update"
        ),
        author=_first(values, "author", "authors", "author_name"),
        tags=_list(values, "tags", "label_names", "labels", "keywords"),
        aliases=_addresses(values),
        sources=(f"zendesk:{number}",) if number.isdecimal() else (),
        is_draft=_first(values, "draft").lower() == "true",
        unknown=tuple(unknown),
    )


def spoken(name: str) -> str:
    """Turn a file's or folder's name into words: "02-store_support" → "Store support"."""
    words = re.sub(r"[-_\s]+", " ", re.sub(r"^\d+[-_. ]+(?=\D)", "", name)).strip() or name
    return words[0].upper() + words[1:]


def _split(data: bytes) -> tuple[Mapping[str, Any], bytes, str]:
    """Part a file into front matter, body, and what could not be read of the former."""
    if match := _TOML.match(data):
        try:
            values = tomllib.loads(decode(match[1])[0])
        except tomllib.TOMLDecodeError as exc:
            return {}, data[match.end() :], f"its front matter is not valid TOML ({exc})"
        return {key.lower(): value for key, value in values.items()}, data[match.end() :], ""
    match = _YAML.match(data)
    if match is None:
        return {}, data.removeprefix(b"\xef\xbb\xbf"), ""
    front = decode(match[1])[0]
    tree = read_tree(front)
    values = {key.lower(): value for key, value in tree.values.items()}
    if tree.complete:
        return values, data[match.end() :], ""
    # An unquoted colon breaks YAML; one line for each key is what people meant.
    rows = {key.lower(): value.strip("\"'") for key, value in _LINE.findall(front)}
    texts = {key: value for key, value in rows.items() if value and isinstance(values.get(key, ""), str)}
    return (
        {**values, **texts},
        data[match.end() :],
        "its front matter is not valid YAML and was read line by line",
    )


def _title(values: Mapping[str, Any], text: str, path: PurePosixPath) -> tuple[str, str]:
    """Find the title, and where it was taken from if the front matter has none."""
    if title := _first(values, "title", "linktitle", "sidebar_label", "name"):
        return title, ""
    if match := _HEADING.search(without_code(text)):
        title = " ".join(_plain(match[1]).split())
        if title:
            return title, "its first heading"
    return spoken(_own_name(path)), "its file name"


def _name(values: Mapping[str, Any], path: PurePosixPath) -> str:
    for key in ("slug", "id"):
        name = _first(values, key).strip("/").rpartition("/")[2]
        if name and not name.isdecimal():
            return name
    return _own_name(path)


def _own_name(path: PurePosixPath) -> str:
    """Name a file by itself, or by its folder where it is the page of the folder."""
    is_folder_page = path.stem.lower() in ("index", "_index", "readme")
    return path.parent.name or path.stem if is_folder_page else path.stem


def _addresses(values: Mapping[str, Any]) -> tuple[str, ...]:
    slug = _first(values, "slug")
    own = [_first(values, "url"), _first(values, "permalink"), slug if slug.startswith("/") else ""]
    return tuple(
        dict.fromkeys(a for a in (*_list(values, "aliases", "redirect_from"), *own) if a.startswith("/"))
    )


def _first(values: Mapping[str, Any], *keys: str) -> str:
    """Take the first of some keys that holds text; of a list the first item."""
    for key in keys:
        value = values.get(key)
        if isinstance(value, list):
            value = next((item for item in value if isinstance(item, str)), "")
        if isinstance(value, bool):
            value = str(value).lower()
        if value is not None and not isinstance(value, dict) and str(value).strip():
            return " ".join(str(value).split())
    return ""


def _list(values: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    found: list[str] = []
    for key in keys:
        value = values.get(key) or []
        items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
        found.extend(" ".join(str(item).split()) for item in items if isinstance(item, str | int))
    return tuple(dict.fromkeys(item for item in found if item))


def _day(values: Mapping[str, Any], *keys: str) -> date | None:
    for key in keys:
        value = values.get(key)
        value = value.get("date", "") if isinstance(value, dict) else value
        if match := _DAY.match(str(value or "").strip()):
            try:
                return date.fromisoformat(match[0])
            except ValueError:
                continue
    return None


def _opening(text: str) -> str:
    """Take the first sentence of the first paragraph that is prose."""
    for paragraph in re.split(r"\n[ \t]*\n", text[:20_000]):
        block = _IMAGE.sub("", paragraph).strip()
        if block and not _NO_PROSE.match(_LINK.sub(r"\1", block)):
            prose = " ".join(_plain(block).split())
            if len(prose) >= 20:
                return re.split(r"(?<=[.!?])\s", prose, maxsplit=1)[0]
    return ""


def _unescaped(text: str) -> str:
    """Write character references of HTML as what they stand for: in front matter they are only text."""
    return " ".join(_REFERENCE.sub(lambda found: unescape(found[0]), text).split())


def _plain(markdown: str) -> str:
    text = _LINK.sub(r"\1", _MARKS.sub("", markdown))
    return re.sub(r"(\*\*|__|[*`])", "", text)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= SUMMARY_LENGTH:
        return text
    return text[: SUMMARY_LENGTH - 1].rpartition(" ")[0].rstrip(" ,;:") + "…"
