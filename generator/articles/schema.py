"""The front matter as JSON Schema (draft 2020-12), for editors that complete and check as one types."""

from typing import Any, Final

from generator.articles.article import ArticleType, Audience, Confidence, Significance
from generator.articles.fields import ADDRESS, MOST_ITEMS, SLUG
from generator.articles.knowledge_base import KnowledgeBase

_DAY: Final = {"type": "string", "format": "date", "pattern": r"^(?:19[7-9]\d|20\d\d)-\d\d-\d\d$"}
_NUMBER: Final = {"type": "integer", "minimum": 1, "maximum": 999_999}
_TEXT: Final = {"type": "string", "minLength": 1}
_KEY: Final = {"type": "string", "pattern": r"^[\w.@-]{1,100}$"}
_SLUG: Final = {"type": "string", "pattern": f"^{SLUG.pattern}$", "maxLength": 100}
_ADDRESS: Final = {"type": "string", "pattern": rf"^(?!.*/\.\.){ADDRESS.pattern}$"}
_LIST: Final = {"type": "array", "maxItems": MOST_ITEMS}
_TEXTS: Final = {**_LIST, "items": _TEXT}

CHANGE: Final[dict[str, tuple[dict[str, Any], str, Any]]] = {
    "version": (_NUMBER, "The version that this entry is about.", 3),
    "date": (_DAY, "The day of the change.", "2026-10-01"),
    "by": (_KEY, "Who made the change, a key of people.yml.", "maya"),
    "significance": (
        {"enum": [one.value for one in Significance]},
        "typo: no meaning changed, the review holds. minor, major: needs a new review.",
        "major",
    ),
    "note": (_TEXT, "What is new, in one sentence; shown in the history.", "Refund window is 14 days now"),
}
"""Each key of an entry of `changes`: its shape, what it is for, an example."""

FIELDS: Final[dict[str, tuple[dict[str, Any], str, Any]]] = {
    "id": (_SLUG, "The article's name for ever: the file's name, unique per language.", "refund-for-a-game"),
    "translation_of_version": (_NUMBER, "The version of the original that this translates.", 2),
    "title": (_TEXT, "What the page is called, at most 60 characters.", "Get a refund for a game"),
    "summary": (
        _TEXT,
        "The answer in one sentence, at most 160 characters.",
        "Ask for your money back within 14 days.",
    ),
    "category": (_SLUG, "A key of categories.yml, and the folder's name.", "refunds"),
    "questions": (
        _TEXTS,
        "What people ask, in their words; each is answered by one article only.",
        ["How do I get my money back?"],
    ),
    "type": ({"enum": [one.value for one in ArticleType]}, "What it does for its reader.", "how_to"),
    "audience": (
        {"enum": [one.value for one in Audience]},
        "internal never leaves the repository.",
        "public",
    ),
    "confidence": (
        {"enum": [one.value for one in Confidence]},
        "How far it is vouched for. Published are not_validated and validated.",
        "validated",
    ),
    "owner": (_KEY, "Who answers for it, a key of people.yml: a person or a team.", "payments"),
    "reviewed_on": (_DAY, "The day on which somebody compared it with reality.", "2026-10-01"),
    "reviewed_by": (_KEY, "Who did: a person of people.yml, not the author.", "jon"),
    "review_every": (
        {"type": "string", "pattern": r"^(?:P\d+[YMWD].*|\d+ +(?:day|week|month|year)s?.*)$"},
        "How long a review holds.",
        "6 months",
    ),
    "applies_to": (
        _TEXTS,
        "Products and versions; a release in products.yml makes it suspect.",
        ["web", "app >= 4.2"],
    ),
    "sources": (
        _TEXTS,
        "What its facts rest on. A path of the repository is watched: a change there makes it suspect.",
        ["policies/refunds.pdf"],
    ),
    "aliases": (
        {**_LIST, "items": _ADDRESS},
        "Old addresses that lead here.",
        ["/old/refunds/"],
    ),
    "tags": (
        _TEXTS,
        "More words to find it by.",
        ["refund", "money"],
    ),
    "related": (
        {**_LIST, "items": _SLUG},
        "Ids of articles that a reader of this one goes on to; others are found by their words.",
        ["how-long-refunds-take"],
    ),
    "version": (_NUMBER, "Counts its approved states; that of the newest entry of changes.", 3),
    "changes": (
        {**_LIST, "minItems": 1, "items": None},
        "One entry for each version, the newest first.",
        [{name: example for name, (_, _, example) in CHANGE.items()}],
    ),
}
"""Each key of the front matter: its shape, what it is for, an example. docs/writing.md says more."""

_OPTIONAL: Final = frozenset(
    {
        "translation_of_version",
        "questions",
        "reviewed_on",
        "reviewed_by",
        "applies_to",
        "sources",
        "aliases",
        "tags",
        "related",
    }
)


def article_schema(base: KnowledgeBase | None = None) -> dict[str, Any]:
    """Write the schema; with a knowledge base, its categories, people and teams are what may be chosen."""
    properties = {name: _described(*about) for name, about in FIELDS.items()}
    changes = {name: _described(*about) for name, about in CHANGE.items()}
    if base is not None and base.categories:
        properties["category"]["enum"] = list(base.categories)
    if base is not None and base.people:
        people = [key for key, person in base.people.items() if not person.is_team]
        properties["owner"]["enum"] = list(base.people)
        properties["reviewed_by"]["enum"] = people
        changes["by"]["examples"] = people
    properties["changes"]["items"] = {
        "type": "object",
        "properties": changes,
        "required": list(CHANGE),
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The front matter of an article",
        "type": "object",
        "properties": properties,
        "required": [name for name in FIELDS if name not in _OPTIONAL],
        "additionalProperties": False,
    }


def _described(shape: dict[str, Any], purpose: str, example: Any) -> dict[str, Any]:
    return {**shape, "description": purpose, "examples": [example]}
