"""The pages about an article's past: its history, and each earlier version at an address for good."""

from collections.abc import Iterator
from urllib.parse import urlencode

from generator.articles.article import Article
from generator.articles.knowledge_base import KnowledgeBase
from generator.history.past import Past, PastVersion
from generator.site.earlier import places
from generator.site.pages import HistoryPage, Link, VersionPage


def history_address(article: Article) -> str:
    return f"{article.address}history/"


def version_address(article: Article, number: int) -> str:
    return f"{article.address}v{number}/"


def pages_of_the_past(base: KnowledgeBase, past: Past) -> Iterator[HistoryPage | VersionPage]:
    """Lay out a history for each article with several versions, and a page for each text that was kept."""
    for path, versions in past.items():
        article = base.by_path[path]
        category = base.category(article.category).title(article.lang)
        trail = (
            Link(title=category, address=f"/{article.lang}/{article.category}/"),
            Link(title=article.title, address=article.address),
        )
        yield HistoryPage(
            lang=article.lang,
            title=article.title,
            description="",
            address=history_address(article),
            trail=trail,
            contact=_contact(article),
            updated_on=versions[0].on,
            article=article,
            versions=versions,
            addresses=tuple(_address(article, version) for version in versions),
        )
        for version in versions[1:]:
            if version.wording is not None:
                yield VersionPage(
                    lang=article.lang,
                    title=version.wording.title,
                    description="",
                    address=version_address(article, version.number),
                    trail=trail,
                    contact=_contact(article),
                    updated_on=version.on,
                    article=article,
                    history=history_address(article),
                    version=version,
                    wording=version.wording,
                    places=places(base, version.wording),
                )


def _contact(article: Article) -> str:
    return urlencode({"article": article.id, "lang": article.lang})


def _address(article: Article, version: PastVersion) -> str:
    if version.wording is None:
        return ""
    return article.address if version.number == article.version else version_address(article, version.number)
