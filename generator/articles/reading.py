"""Make an article of a document, or say in plain words why it is none."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from generator.articles.article import CHANGE_KEYS, FRONT_MATTER_KEYS, Article
from generator.articles.frontmatter import Document
from generator.articles.yaml_tree import Fault, Place


def read_article(document: Document, path: str) -> tuple[Article | None, tuple[Fault, ...]]:
    """Make an article of a document that lies at `path`, <language>/<category>/<id>.md.

    The article is None where anything in its front matter is wrong; the faults say what, each with its line.
    """
    tree = document.tree
    if not tree.complete:
        return None, document.faults
    faults = [*document.faults]
    values = {}
    for name, value in tree.values.items():
        if name in FRONT_MATTER_KEYS:
            values[name] = value
        else:
            faults.append(_unknown_key(tree.lines.get((name,), 1), name, FRONT_MATTER_KEYS))
    beside = {
        "lang": PurePosixPath(path).parts[0],
        "path": path,
        "body": document.body,
        "body_line": document.body_line,
    }
    try:
        article = Article.model_validate({**values, **beside, "key_lines": tree.lines})
    except ValidationError as exc:
        faults.extend(_fault(error, tree.lines) for error in exc.errors(include_url=False))
        article = None
    return (None if faults else article), tuple(sorted(faults, key=lambda fault: fault.line))


def _fault(error: ErrorDetails, lines: Mapping[Place, int]) -> Fault:
    """Say a validation error in plain words at the line of the key that it concerns."""
    place: Place = tuple(error["loc"])
    line = next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 1)
    name = _name(place)
    match error["type"]:
        case "missing":
            return Fault(
                line=line, rule="missing-key", message=f"{name} is missing. Add it{_example(str(place[-1]))}."
            )
        case "extra_forbidden":
            return _unknown_key(line, str(place[-1]), CHANGE_KEYS)
        case "too_short":
            advice = "Write one entry for each version, newest first."
            return Fault(line=line, rule="changes", message=f"{name} is empty. {advice}")
        case "enum":
            known = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
            return Fault(
                line=line, rule="value", message=f"{name} is {_shown(error['input'])}. Write one of: {known}."
            )
        case "model_type" | "model_attributes_type":
            advice = "Write {version: 1, date: 2026-10-01, by: maya, significance: major, note: What is new}."
            return Fault(line=line, rule="changes", message=f"{name} is {_shown(error['input'])}. {advice}")
    return Fault(line=line, rule=error["type"], message=f"{name} is {_shown(error['input'])}. {error['msg']}")


def _unknown_key(line: int, name: str, known: tuple[str, ...]) -> Fault:
    from rapidfuzz import fuzz, process  # takes long to load, and is seldom needed

    nearest = process.extractOne(name, known, scorer=fuzz.ratio, score_cutoff=60)
    advice = f"Did you mean '{nearest[0]}'?" if nearest else f"The known keys are: {', '.join(known)}."
    return Fault(line=line, rule="unknown-key", message=f"{_quoted(name)} is not a known key. {advice}")


_EXAMPLES: Final = {
    "id": "id: refund-for-a-game",
    "title": "title: Get a refund for a game",
    "summary": "summary: Ask for your money back within 14 days.",
    "category": "category: refunds",
    "type": "type: how_to",
    "audience": "audience: public",
    "confidence": "confidence: not_validated",
    "owner": "owner: payments",
    "review_every": "review_every: 6 months",
    "version": "version: 1",
    "date": "date: 2026-10-01",
    "by": "by: maya",
    "significance": "significance: minor",
    "note": "note: What is new",
}


def _example(key: str) -> str:
    if key == "changes":
        return ", with one entry for each version"
    return f", e.g. {_EXAMPLES[key].rstrip('.')}" if key in _EXAMPLES else ""


def _name(place: Place) -> str:
    """Name a place as a person would: 'date' of entry 2 of 'changes'."""
    words = [f"'{part}'" if isinstance(part, str) else f"entry {part + 1}" for part in place]
    return " of ".join(reversed(words))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value, '"') if value.strip() else "empty"
    return "a list" if isinstance(value, list) else "a group of keys"


def _quoted(text: str, quote: str = "'") -> str:
    text = " ".join(text.split())
    return f"{quote}{text if len(text) <= 60 else text[:57] + '…'}{quote}"
