"""What published articles said in their earlier versions, read from Git in one pass."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from generator.articles.article import Article
from generator.articles.frontmatter import read_document
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.reading import read_article
from generator.cache.memory import Recall, digest
from generator.history.git import GitUnavailable, Repository
from generator.history.versions import History, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a reader saw of an article; `path` is where its file lay then."""

    title: str
    summary: str
    questions: tuple[str, ...]
    body: str
    path: str

    @classmethod
    def of(cls, article: Article) -> Self:
        return cls(
            title=article.title,
            summary=article.summary,
            questions=article.questions,
            body=article.body,
            path=article.path,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVersion:
    """A version of an article as readers may know it; `wording` is None where nobody has kept it.

    `by` is the author's name. What was a draft or internal then has no wording either.
    """

    number: int
    on: date
    by: str
    significance: str
    note: str
    wording: Wording | None


Past = Mapping[str, tuple[PastVersion, ...]]
"""The versions of each published article that has several, newest first, by the article's path."""


def read_past(base: KnowledgeBase, history: History) -> Past:
    """Read the earlier versions of all published articles; one with a single version has no past."""
    articles = [article for article in base.published if len(article.changes) > 1]
    kept = _wordings(history, articles)
    return {article.path: tuple(_versions(base, article, kept.get(article.path, {}))) for article in articles}


def _versions(base: KnowledgeBase, article: Article, kept: Mapping[int, Wording]) -> Iterable[PastVersion]:
    for change in sorted(article.changes, key=lambda change: change.version, reverse=True):
        is_current = change.version == article.version
        author = base.people.get(change.by)
        yield PastVersion(
            number=change.version,
            on=change.date,
            by=author.name if author else change.by,
            significance=change.significance.value,
            note=change.note,
            wording=Wording.of(article) if is_current else kept.get(change.version),
        )


def _wordings(history: History, articles: Iterable[Article]) -> Mapping[str, Mapping[int, Wording]]:
    """Find for each article the newest published state of each earlier version, through one process."""
    if history.repository is None:
        return {}
    states: dict[str, tuple[State, ...]] = {one.path: history.states.get(one.path, ()) for one in articles}
    blobs = (state.blob for kept in states.values() for state in kept)
    contents = dict(history.repository.contents(blobs))
    return {path: _newest(kept, contents) for path, kept in states.items()}


def _newest(states: Iterable[State], contents: Mapping[str, bytes]) -> Mapping[int, Wording]:
    found: dict[int, Wording] = {}
    for state in states:
        data = contents.get(state.blob)
        article = read_article(read_document(data), state.path)[0] if data is not None else None
        if article is not None and article.is_published:
            found.setdefault(article.version, Wording.of(article))
    return found


def remembered_past(base: KnowledgeBase, recall: Recall, stamps: Mapping[str, bytes]) -> Past:
    """Read the earlier versions of the articles that have any: known by these files and what is committed."""
    old = [article for article in base.published if len(article.changes) > 1]
    if not old:
        return {}
    people = tuple((key, person.name) for key, person in base.people.items())
    known = (str(base.folder.absolute()), *_committed(base.folder), people)
    key = digest(repr(known).encode(), *(stamps.get(article.path, b"") for article in old))
    return recall("past", key, lambda: read_past(base, History.read(base)))


def _committed(folder: Path) -> tuple[str, bool]:
    """Name the commit that is checked out, and say whether older ones are missing."""
    try:
        repository = Repository.around(folder)
        return repository.resolve("HEAD") or "", repository.is_shallow
    except GitUnavailable:
        return "", False
