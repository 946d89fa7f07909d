"""What the home page offers first: questions to begin with, what is read most, what was checked last."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from generator.articles.article import Article
from generator.freshness.score import Readers
from generator.freshness.signals import Signals, readers_of
from generator.site.pages import Link

RECENT: Final = 6
POPULAR: Final = 5
EXAMPLES: Final = 3


def examples(articles: Iterable[Article | None]) -> Iterator[Link]:
    """Yield the first question of each of the first articles that readers may see and that have one."""
    asked = [article for article in articles if article and article.is_published and article.questions]
    for article in asked[:EXAMPLES]:
        yield Link(title=article.questions[0], address=article.address)


def firsts_asked(shelves: Iterable[Sequence[Article]]) -> Iterator[Article]:
    """Yield the first article of each shelf that answers a question."""
    for shelf in shelves:
        yield from [article for article in shelf if article.questions][:1]


def popular(articles: Iterable[Article], signals: Signals) -> Iterator[Link]:
    """Yield what most people read or opened, as the deflector counted it."""
    counts = [(_readers(readers_of(article, signals)), article) for article in articles]
    counts.sort(key=lambda row: (-row[0], row[1].title.casefold(), row[1].id))
    for count, article in counts[:POPULAR]:
        if count:
            yield Link(title=article.title, address=article.address)


def recently_reviewed(articles: Iterable[Article]) -> tuple[Article, ...]:
    """Take the articles that somebody looked at last."""
    reviewed = [article for article in articles if article.reviewed_on]
    reviewed.sort(
        key=lambda article: (-(article.reviewed_on or date.min).toordinal(), article.title.casefold())
    )
    return tuple(reviewed[:RECENT])


def _readers(readers: Readers) -> int:
    return readers.views if readers.views is not None else readers.opened + readers.helpful
