"""The catalogue: all that a deflector knows of the published articles, as one JSON file."""

import json
import os
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from generator.articles.article import Article, Significance
from generator.articles.knowledge_base import KnowledgeBase
from generator.sections import Section, sections_of

__all__ = [
    "SCHEMA_VERSION",
    "CatalogueEntry",
    "Section",
    "as_json",
    "build_catalogue",
    "catalogue_around",
    "catalogue_entry",
    "sections_of",
    "write_json",
    "write_parts",
    "write_text",
]

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A published article and what its page says."""

    article: Article
    sections: tuple[Section, ...]


def build_catalogue(
    entries: Iterable[CatalogueEntry],
    *,
    knowledge_base: KnowledgeBase,
    site_url: str,
    revision: str,
    generated_at: datetime,
    stale: Collection[str],
) -> dict[str, Any]:
    """Write down the published articles, their sections and the words around them.

    `site_url` is where the site will live; its path, if it has one, stands before each article's `url`.
    `revision` names the state of the source, e.g. a Git commit; `stale` are the paths of the stale articles
    (AuditReport.stale_paths).
    """
    prefix = urlsplit(site_url).path.rstrip("/")
    articles = [
        catalogue_entry(entry, prefix, is_stale=entry.article.path in stale)
        for entry in entries
        if entry.article.is_published
    ]
    around = catalogue_around(
        knowledge_base=knowledge_base, site_url=site_url, revision=revision, generated_at=generated_at
    )
    return {**around, "articles": articles}


def catalogue_around(
    *, knowledge_base: KnowledgeBase, site_url: str, revision: str, generated_at: datetime
) -> dict[str, Any]:
    """Write down everything of the catalogue but its articles, which come last."""
    used = {article.category for article in knowledge_base.published}
    return {
        "schema_version": SCHEMA_VERSION,
        "site_url": site_url,
        "revision": revision,
        "generated_at": generated_at.isoformat(timespec="seconds"),
        "languages": list(knowledge_base.languages),
        "categories": {
            key: {"title": dict(category.titles) or {category.default_language: category.title("")}}
            for key, category in knowledge_base.categories.items()
            if key in used
        },
        "synonyms": {
            lang: [list(group) for group in groups] for lang, groups in knowledge_base.synonyms.items()
        },
    }


def write_json(path: Path, content: Any) -> None:
    """Write a file in one step: who reads it sees the old content or the new, never a half."""
    write_text(path, as_json(content) + "\n")


def as_json(content: Any) -> str:
    """Write a value as our files have it: in one line, without spaces."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def write_text(path: Path, text: str) -> None:
    """Write a text file in one step."""
    write_parts(path, (text,))


def write_parts(path: Path, parts: Iterable[str]) -> None:
    """Write a text file in one step, from parts that never lie in memory as one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(parts)
            os.fchmod(file.fileno(), 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def catalogue_entry(entry: CatalogueEntry, prefix: str, *, is_stale: bool) -> dict[str, Any]:
    """Write down one article; `prefix` stands before its address. Depends on these three and nothing else."""
    article = entry.article
    # An article without any text still answers with its summary.
    sections = entry.sections or (Section(anchor="", heading=article.title, text=article.summary),)
    return {
        "id": article.id,
        "lang": article.lang,
        "version": article.version,
        "last_major_version": max(
            (one.version for one in article.changes if one.significance is Significance.MAJOR), default=1
        ),
        "title": article.title,
        "summary": article.summary,
        "questions": list(article.questions),
        "category": article.category,
        "tags": list(article.tags),
        "url": prefix + article.address,
        "review_due": article.review_due.isoformat(),
        "stale": is_stale,
        "confidence": article.confidence.value,
        "applies_to": list(article.applies_to),
        "sections": [
            {"anchor": part.anchor, "heading": part.heading or article.title, "text": part.text}
            for part in sections
        ],
    }
