"""What each kind of page shows; knows neither MkDocs nor HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from posixpath import relpath
from typing import ClassVar

from generator.articles.article import Article, ArticleType
from generator.history.past import PastVersion, Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A title and an address from the site's root."""

    title: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """Where a language switch leads: the same page, or the language's home where that page is missing."""

    lang: str
    address: str
    is_same_page: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCard:
    """A category as others point to it."""

    key: str
    icon: str
    title: str
    summary: str
    address: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page of a language."""

    home: str
    category_titles: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What every page has: all that its template may know (generator/builds/rendering.py says why).

    `contact` is what its way to a person carries, as a query string; `updated_on` is the day of the newest
    change or review of what stands on it.
    """

    kind: ClassVar[str]

    lang: str
    title: str
    description: str
    address: str
    alternates: tuple[Alternate, ...] = ()
    trail: tuple[Link, ...] = ()
    contact: str
    updated_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Home(Page):
    """The first page of a language."""

    kind: ClassVar = "home"
    examples: tuple[Link, ...]
    popular: tuple[Link, ...]
    categories: tuple[CategoryCard, ...]
    recent: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPage(Page):
    """All articles of one category, grouped by type."""

    kind: ClassVar = "category"
    category: CategoryCard
    groups: Mapping[ArticleType, tuple[Article, ...]]
    questions: str | None
    """The address of the category's questions; None where nobody wrote one down."""
    others: tuple[CategoryCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question as people ask it, and where its answer stands; `id` is its own place on the page."""

    id: str
    question: str
    text: str
    article: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsPage(Page):
    """What people ask about one category, each answered in place."""

    kind: ClassVar = "questions"
    category: CategoryCard
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage(Page):
    """One article among its neighbours."""

    kind: ClassVar = "article"
    article: Article
    category: CategoryCard
    reviewer: str
    applies_to: tuple[str, ...]
    is_overdue: bool
    is_stale: bool
    """Whether its score, or a review that is overdue, says that it may not be true any more."""
    outdated_by: Article | None
    """The original, where it has changed since this article was translated from it."""
    related: tuple[Link, ...]
    history: str
    """The address of its history; "" where there is one version only."""
    neighbours: tuple[Article, ...]
    previous: Article | None
    next: Article | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(Page):
    """The versions of an article, newest first; `addresses` says where each can be read, "" where nowhere."""

    kind: ClassVar = "history"
    article: Article
    versions: tuple[PastVersion, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPage(Page):
    """An earlier version of an article; `places` says where its links lead today (site/earlier.py)."""

    kind: ClassVar = "version"
    article: Article
    history: str
    version: PastVersion
    wording: Wording
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound(Page):
    """What a wrong address shows."""

    kind: ClassVar = "not-found"
    categories: tuple[CategoryCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A page that only says where its content is now.

    `path` is its file below the site's root, `target` an address from the root.
    """

    path: str
    target: str

    @property
    def relative_target(self) -> str:
        """The target as seen from the redirecting page, so that the site also works below a folder."""
        folder = "/" + self.path.rpartition("/")[0]
        relative = relpath(self.target, folder)
        return f"{relative}/" if self.target.endswith("/") else relative

    @property
    def html(self) -> str:
        """The page itself; it needs no script, and search engines take it as a move."""
        target = escape(self.relative_target)
        return (
            f'<!doctype html><html><head><meta charset="utf-8"><title>{target}</title>'
            f'<meta name="robots" content="noindex"><link rel="canonical" href="{target}">'
            f'<meta http-equiv="refresh" content="0; url={target}"></head>'
            f'<body><a href="{target}">{target}</a></body></html>\n'
        )
