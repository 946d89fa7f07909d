"""What changed around an article since its review: sources in Git, releases of products, readers."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from generator.articles.article import Article
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.sources import Sources
from generator.freshness.score import Event, Evidence, Readers
from generator.freshness.signals import Signals, readers_of
from generator.history.git import GitUnavailable, Repository

_PRODUCT: Final = re.compile(r"\s*([\w.-]+)")


def gather(base: KnowledgeBase, signals: Signals | None = None) -> Mapping[str, Evidence]:
    """Find what is known besides the articles' own files, by their paths; asks Git once.

    Sources without a day in Git (addresses, documents elsewhere, no repository) tell nothing.
    """
    changed = _days_of_sources(base)
    return {
        article.path: Evidence(
            sources=tuple(Event(what=one, on=changed[one]) for one in article.sources if one in changed),
            releases=tuple(_releases(base, article)),
            readers=readers_of(article, signals) if signals else Readers(),
        )
        for article in base.articles
        if article.sources or article.applies_to or signals
    }


def _releases(base: KnowledgeBase, article: Article) -> list[Event]:
    keys = (match[1] for text in article.applies_to if (match := _PRODUCT.match(text)))
    products = (base.products[key] for key in dict.fromkeys(keys) if key in base.products)
    return [Event(what=f"{one.name} {one.version}", on=one.released) for one in products]


def _days_of_sources(base: KnowledgeBase) -> Mapping[str, date]:
    """Ask Git when each source that is a file or folder of the repository was last changed."""
    sources = Sources.beside(base.folder)
    files = {
        source: file
        for source in {source for article in base.articles for source in article.sources}
        if (file := sources.file(source)) is not None
    }
    if not files:
        return {}
    root = sources.roots[0]
    paths = {source: Path(file).relative_to(root).as_posix() for source, file in files.items()}
    days: dict[str, date] = {}
    try:
        for commit in Repository.around(root).log(*sorted(set(paths.values()))):
            for change in commit.changes:
                days.setdefault(change.path, commit.at.date())
    except GitUnavailable:
        return {}
    found = {}
    for source, path in paths.items():
        inside = [day for name, day in days.items() if name == path or name.startswith(f"{path}/")]
        if inside:
            found[source] = max(inside)
    return found
