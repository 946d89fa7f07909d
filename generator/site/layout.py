"""A knowledge base laid out as a site: which pages there are, and what stands on each."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from generator.articles.article import Article, ArticleType
from generator.articles.knowledge_base import KnowledgeBase
from generator.cache.memory import Recall, work_anew
from generator.freshness.signals import Signals
from generator.history.past import Past
from generator.site.chronicle import history_address, pages_of_the_past
from generator.site.front_page import examples, firsts_asked, popular, recently_reviewed
from generator.site.pages import (
    Alternate,
    Answer,
    ArticlePage,
    CategoryCard,
    CategoryPage,
    Frame,
    Home,
    Link,
    NotFound,
    Page,
    QuestionsPage,
    Redirect,
)
from generator.site.redirects import old_addresses, redirects
from generator.site.related import related
from generator.site.wording import Wording

_AT_LEAST: Final = re.compile(r"\s*>=\s*(\S+)")
TYPE_ORDER: Final = tuple(ArticleType)
QUESTIONS: Final = "questions"
"""Below a category's address: what people ask about it."""
NEIGHBOURS: Final = 3
"""How many of its category's articles a page lists before and after its own: menus do not grow."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A knowledge base as a set of pages on one day.

    `featured` are ids of articles; the home page asks the first question of each.
    """

    base: KnowledgeBase
    today: date
    featured: tuple[str, ...] = ()
    signals: Signals = field(default_factory=dict)
    """What the deflector counted of each article; see docs/measuring.md."""
    stale: tuple[str, ...] = ()
    """The paths of the articles that are overdue or not to be relied on for another reason."""
    past: Past = field(default_factory=dict)
    recall: Recall = work_anew
    stamps: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the site, the one of the root address first."""
        return self.base.languages or (self.base.default_language,)

    def home_address(self, lang: str) -> str:
        return "/" if lang == self.languages[0] else f"/{lang}/"

    @cached_property
    def shelves(self) -> Mapping[tuple[str, str], tuple[Article, ...]]:
        """The published articles of each language and category, in the order in which a reader meets them."""
        shelves: dict[tuple[str, str], list[Article]] = {}
        for article in self.base.published:
            shelves.setdefault((article.lang, article.category), []).append(article)
        return {
            key: tuple(
                sorted(shelf, key=lambda one: (TYPE_ORDER.index(one.type), one.title.casefold(), one.id))
            )
            for key, shelf in shelves.items()
        }

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {article.path: place for shelf in self.shelves.values() for place, article in enumerate(shelf)}

    @cached_property
    def _related(self) -> Mapping[str, tuple[Article, ...]]:
        return related(self.base.published, recall=self.recall, stamps=self.stamps)

    def cards(self, lang: str) -> tuple[CategoryCard, ...]:
        """The categories that hold something in a language, in the writers' order, then the unnamed ones."""
        named = [key for key in self.base.categories if (lang, key) in self.shelves]
        others = sorted(
            key for spoken, key in self.shelves if spoken == lang and key not in self.base.categories
        )
        return tuple(self.card(lang, key) for key in (*named, *others))

    def card(self, lang: str, key: str) -> CategoryCard:
        category = self.base.category(key)
        return CategoryCard(
            key=key,
            icon=category.icon,
            title=category.title(lang),
            summary=category.summary(lang),
            address=f"/{lang}/{key}/",
            count=len(self.shelves[lang, key]),
        )

    def frame(self, lang: str) -> Frame:
        titles = {card.key: card.title for card in self.cards(lang)}
        return Frame(home=self.home_address(lang), category_titles=titles)

    def generated(self) -> tuple[Page, ...]:
        """Every page that no article stands for: homes, categories, and the past of articles."""
        return self._generated

    @cached_property
    def _generated(self) -> tuple[Page, ...]:
        return tuple(self._pages_without_article())

    def _pages_without_article(self) -> Iterator[Page]:
        for lang in self.languages:
            yield self.home(lang)
        for lang, key in self.shelves:
            yield self.category(lang, key)
            if self._asked(lang, key):
                yield self.questions(lang, key)
        yield from pages_of_the_past(self.base, self.past)

    def home(self, lang: str) -> Home:
        articles = [article for article in self.base.published if article.lang == lang]
        wished = [self.base.by_id.get((lang, key)) for key in self.featured]
        firsts = [self.shelves[lang, card.key] for card in self.cards(lang)]
        return Home(
            lang=lang,
            title="",
            description=self._described(lang),
            address=self.home_address(lang),
            alternates=self._alternates({other: self.home_address(other) for other in self.languages}),
            contact=urlencode({"lang": lang}),
            updated_on=self._newest(articles),
            examples=tuple(examples(wished if self.featured else firsts_asked(firsts))),
            popular=tuple(popular(articles, self.signals)),
            categories=self.cards(lang),
            recent=recently_reviewed(articles),
        )

    def category(self, lang: str, key: str) -> CategoryPage:
        card = self.card(lang, key)
        shelf = self.shelves[lang, key]
        groups = {kind: tuple(article for article in shelf if article.type is kind) for kind in TYPE_ORDER}
        same = {other: f"/{other}/{key}/" for other in self.languages if (other, key) in self.shelves}
        return CategoryPage(
            lang=lang,
            title=card.title,
            description=card.summary,
            address=card.address,
            alternates=self._alternates(same),
            contact=urlencode({"lang": lang, "category": key}),
            updated_on=self._newest(shelf),
            category=card,
            groups={kind: articles for kind, articles in groups.items() if articles},
            questions=f"{card.address}{QUESTIONS}/" if self._asked(lang, key) else None,
            others=tuple(other for other in self.cards(lang) if other.key != key),
        )

    def questions(self, lang: str, key: str) -> QuestionsPage:
        card, articles = self.card(lang, key), self._asked(lang, key)
        same = {other: f"/{other}/{key}/{QUESTIONS}/" for other in self.languages if self._asked(other, key)}
        return QuestionsPage(
            lang=lang,
            title=str(Wording.of(lang)("questions.title", category=card.title)),
            description=card.summary,
            address=f"{card.address}{QUESTIONS}/",
            alternates=self._alternates(same),
            trail=(Link(title=card.title, address=card.address),),
            contact=urlencode({"lang": lang, "category": key}),
            updated_on=self._newest(articles),
            category=card,
            answers=tuple(
                Answer(
                    id=f"{article.id}-{number}",
                    question=question,
                    text=article.summary,
                    article=Link(title=article.title, address=article.address),
                )
                for article in articles
                for number, question in enumerate(article.questions, start=1)
            ),
        )

    def _described(self, lang: str) -> str:
        """Say in one line what the help is about, for search engines."""
        say, topics = Wording.of(lang), [card.title for card in self.cards(lang)]
        return f"{say.texts['search.ask']} {say.comma.join(topics)}".strip()

    def _asked(self, lang: str, key: str) -> tuple[Article, ...]:
        """List a category's articles with questions; none where an article has taken the page's address."""
        shelf = self.shelves.get((lang, key), ())
        if any(article.id == QUESTIONS for article in shelf):
            return ()
        return tuple(article for article in shelf if article.questions)

    def article(self, article: Article) -> ArticlePage:
        """Lay out the page of a published article; the same one when asked again."""
        page = self._articles.get(article.path)
        if page is None:
            page = self._articles[article.path] = self._laid_out(article)
        return page

    @cached_property
    def _stale(self) -> frozenset[str]:
        return frozenset(self.stale)

    @cached_property
    def _articles(self) -> dict[str, ArticlePage]:
        return {}

    def _laid_out(self, article: Article) -> ArticlePage:
        card = self.card(article.lang, article.category)
        shelf = self.shelves[article.lang, article.category]
        place = self._places[article.path]
        around = shelf[max(0, place - NEIGHBOURS) : place + NEIGHBOURS + 1]
        reviewer = self.base.people.get(article.reviewed_by or "")
        same = {one.lang: one.address for one in (article, *self.base.translations(article))}
        return ArticlePage(
            lang=article.lang,
            title=article.title,
            description=article.summary,
            address=article.address,
            alternates=self._alternates(same),
            trail=(Link(title=card.title, address=card.address),),
            contact=urlencode({"article": article.id, "lang": article.lang}),
            updated_on=article.updated_on,
            article=article,
            category=card,
            reviewer=reviewer.name if reviewer else article.reviewed_by or "",
            applies_to=tuple(_AT_LEAST.sub(r" \1+", product) for product in article.applies_to),
            is_overdue=article.review is not None and article.review.is_overdue(self.today),
            is_stale=article.path in self._stale,
            outdated_by=self._outdated_by(article),
            history=history_address(article) if article.path in self.past else "",
            related=tuple(Link(title=one.title, address=one.address) for one in self._related[article.path]),
            neighbours=tuple(one for one in around if one is not article),
            previous=shelf[place - 1] if place else None,
            next=shelf[place + 1] if place + 1 < len(shelf) else None,
        )

    def not_found(self, lang: str) -> NotFound:
        homes = {other: self.home_address(other) for other in self.languages}
        return NotFound(
            lang=lang,
            title="",
            description="",
            address=f"{self.home_address(lang)}404.html",
            alternates=tuple(
                Alternate(lang=other, address=home, is_same_page=True) for other, home in homes.items()
            ),
            contact=urlencode({"lang": lang}),
            updated_on=self._newest(self.base.published),
            categories=self.cards(lang),
        )

    def redirects(self) -> Iterator[Redirect]:
        """Lead on from old addresses, and from the first language's folder, whose home is the root."""
        taken = {article.address for article in self.base.published} | {"/"}
        taken |= {self.home_address(lang) for lang in self.languages}
        taken |= {f"/{lang}/{key}/" for lang, key in self.shelves}
        taken |= {page.address for page in pages_of_the_past(self.base, self.past)}
        wishes = ((f"/{self.languages[0]}/", "/"), *old_addresses(self.base, self.past))
        return redirects(wishes, taken)

    def _newest(self, articles: Iterable[Article]) -> date:
        return max((article.updated_on for article in articles), default=self.today)

    def _alternates(self, same: Mapping[str, str]) -> tuple[Alternate, ...]:
        return tuple(
            Alternate(lang=one, address=same.get(one) or self.home_address(one), is_same_page=one in same)
            for one in self.languages
        )

    def _outdated_by(self, article: Article) -> Article | None:
        """Find the original where it has changed since; time stamps would count typos too (zammad#5596)."""
        original = self.base.original(article)
        if original is None or not original.is_published or article.translation_of_version is None:
            return None
        return original if original.real_changes_since(article.translation_of_version) else None
