"""The draft that a writer begins with."""

from collections import Counter
from datetime import date
from typing import Any, Final

from generator.articles.article import Article, Audience, Confidence, Significance
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.writing import slug

UNASSIGNED: Final = "unassigned"
DRAFT_SUMMARY: Final = "Say in one sentence what the reader gets here."
DRAFT_BODY: Final = """\
Answer the question here, in one or two sentences, before anything else.

## Do the first thing

1. Open **Menu > Page**.
2. Select **Button**. Say what the reader sees then.

## If that does not work

Say what to try next, and when to ask a person for help.
"""


def draft(base: KnowledgeBase, *, title: str, id: str, category: str, by: str, today: date) -> dict[str, Any]:  # noqa: A002
    """Fill in the whole front matter of a new article, so that it passes every check as it is."""
    return {
        "id": id,
        "title": title,
        "summary": DRAFT_SUMMARY,
        "category": category,
        "questions": [title],
        "type": "how_to",
        "audience": Audience.PUBLIC.value,
        "confidence": Confidence.WORK_IN_PROGRESS.value,
        "owner": likely_owner(base, category),
        "review_every": "6 months",
        "applies_to": [],
        "sources": [],
        "aliases": [],
        "tags": [],
        "version": 1,
        "changes": [first_change(today, by, "First version")],
    }


def translation(values: dict[str, Any], original: Article) -> dict[str, Any]:
    """Make a draft one of a translation: what is true in every language comes from the original."""
    same = {
        "type": original.type.value,
        "audience": original.audience.value,
        "owner": original.owner,
        "review_every": str(original.review_every),
        "applies_to": list(original.applies_to),
        "sources": list(original.sources),
    }
    made = {**values, **same}
    return {"id": made.pop("id"), "translation_of_version": original.version, **made}


def first_change(on: date, by: str, note: str) -> dict[str, Any]:
    return {"version": 1, "date": on, "by": by, "significance": Significance.MAJOR.value, "note": note}


def likely_owner(base: KnowledgeBase, category: str) -> str:
    """Guess who will own a new article: whoever owns most of its category, else the first of people.yml."""
    owners = Counter(article.owner for article in base.articles if article.category == category)
    return next(iter([*(owner for owner, _ in owners.most_common(1)), *base.people]), UNASSIGNED)


def author(base: KnowledgeBase, name: str) -> str:
    """Find a person's key by the name that Git knows; a key made of it where people.yml has nobody."""
    for person in base.people.values():
        if name and person.name.casefold() == name.casefold():
            return person.key
    return slug(name).replace("article-", "author-") if name else UNASSIGNED


def similar(base: KnowledgeBase, title: str) -> tuple[Article, ...]:
    """Find articles whose title or question asks nearly the same, so that nobody writes one twice."""
    said = [(text, article) for article in base.articles for text in (article.title, *article.questions)]
    texts = [text for text, _ in said]
    from rapidfuzz import fuzz, process, utils  # takes long to load, and builds never need it

    hits = process.extract(
        title,
        texts,
        scorer=fuzz.token_sort_ratio,
        processor=utils.default_process,
        limit=5,
        score_cutoff=75,
    )
    return tuple({said[number][1].path: said[number][1] for _, _, number in hits}.values())
