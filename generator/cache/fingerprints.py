"""Digests of values: equal values have equal ones, and what may change unseen has none."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel

from generator.articles.article import Article
from generator.cache.memory import digest

Say = Callable[[str], None]
Stamps = Mapping[str, bytes]
"""Digests of the articles' files, by their paths."""

_FIELDS: Final[dict[type, tuple[str, ...]]] = {}


def fingerprint(value: Any, stamps: Stamps) -> bytes:
    """Make a digest of a value.

    Takes text, bytes, numbers, dates, enums, None, tuples and lists, mappings (in their order), dataclasses,
    pydantic models, and articles, for which `stamps` stands. Raises TypeError for anything else.
    """
    parts: list[str] = []
    _spell(value, stamps, parts.append)
    return digest("".join(parts).encode("utf-8", "surrogatepass"))


def _spell(value: Any, stamps: Stamps, say: Say) -> None:
    kind = type(value)
    if kind is str:
        say(f"s{len(value)}:{value}")
    elif (spell := _SPELLINGS.get(kind)) is not None:
        spell(value, stamps, say)
    else:
        _SPELLINGS[kind] = spell = _spelling(value)
        spell(value, stamps, say)


def _spelling(value: Any) -> Callable[[Any, Stamps, Say], None]:
    if isinstance(value, Enum):
        return _enum
    if isinstance(value, Mapping):
        return _mapping
    if isinstance(value, BaseModel):
        _FIELDS[type(value)] = tuple(type(value).model_fields)
        return _record
    if is_dataclass(value):
        _FIELDS[type(value)] = tuple(field.name for field in fields(value))
        return _record
    kind = type(value).__qualname__
    raise TypeError(f"{kind} has no fingerprint: no page can depend on it; see generator/builds/rendering.py")


def _plain(value: Any, stamps: Stamps, say: Say) -> None:  # noqa: ARG001 - as all of these
    say(f"{value!r};")


def _sequence(value: Any, stamps: Stamps, say: Say) -> None:
    say(f"({len(value)}:")
    for item in value:
        _spell(item, stamps, say)


def _article(value: Article, stamps: Stamps, say: Say) -> None:
    say(f"a{stamps[value.path].hex()};")


def _enum(value: Enum, stamps: Stamps, say: Say) -> None:  # noqa: ARG001
    say(f"e{type(value).__qualname__}.{value.name};")


def _mapping(value: Mapping[Any, Any], stamps: Stamps, say: Say) -> None:
    say(f"{{{len(value)}:")
    for key, item in value.items():
        _spell(key, stamps, say)
        _spell(item, stamps, say)


def _record(value: Any, stamps: Stamps, say: Say) -> None:
    say(f"o{type(value).__qualname__}:")
    for name in _FIELDS[type(value)]:
        _spell(getattr(value, name), stamps, say)


_SPELLINGS: Final[dict[type, Callable[[Any, Stamps, Say], None]]] = {
    **dict.fromkeys((int, bool, float, bytes, date, type(None)), _plain),
    **dict.fromkeys((tuple, list), _sequence),
    Article: _article,
}
