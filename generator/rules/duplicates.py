"""The rules between articles: one question has one answer, one id and one address have one article."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log1p
from typing import Final

from generator.articles.article import Article, Confidence
from generator.articles.knowledge_base import KnowledgeBase
from generator.findings import Finding, Severity

NEAR: Final = 0.8
"""How alike two phrasings are, from 0 to 1, to be taken for the same question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A title or a question, as an article says it."""

    article: Article
    line: int
    text: str
    words: tuple[str, ...]
    """Its words in their order, folded: no case, no accents, no punctuation."""


def between_articles(base: KnowledgeBase) -> Iterator[Finding]:
    """Find ids, addresses and questions that two articles lay claim to; looks at faces and no text."""
    yield from _ids(base)
    yield from _addresses(base)
    for lang in dict.fromkeys(article.lang for article in base.articles):
        yield from _phrases(base, [article for article in base.articles if article.lang == lang])


def _ids(base: KnowledgeBase) -> Iterator[Finding]:
    first: dict[tuple[str, str], Article] = {}
    for article in base.articles:
        other = first.setdefault((article.lang, article.id), article)
        if other is not article:
            message = f'The id "{article.id}" is taken by {base.spoken_path(other.path)}. Choose another one.'
            yield _finding(base, article, article.line_of("id"), "unique-id", message)


def _addresses(base: KnowledgeBase) -> Iterator[Finding]:
    """Find aliases that hide an article, or that two articles claim; a final slash makes no difference."""
    taken = {article.address.rstrip("/"): article for article in base.published}
    for article in base.articles:
        for number, alias in enumerate(article.aliases):
            key = alias.rstrip("/").removesuffix("/index.html")
            other = taken.setdefault(key, article)
            line = article.line_of("aliases", number)
            if other is not article:
                message = (
                    f'"{alias}" leads to {base.spoken_path(other.path)} already. Keep it in one article.'
                )
                yield _finding(base, article, line, "alias-taken", message)
            elif key == article.address.rstrip("/"):
                message = f'"{alias}" is the article\'s own address. Take it out.'
                yield _finding(base, article, line, "alias-taken", message)


def _phrases(base: KnowledgeBase, articles: Iterable[Article]) -> Iterator[Finding]:
    same: dict[tuple[str, ...], list[Phrase]] = defaultdict(list)
    for article in articles:
        if article.confidence is not Confidence.ARCHIVED:
            for phrase in _said_by(article):
                same[phrase.words].append(phrase)
    for group in same.values():
        first = group[0]
        for phrase in group[1:]:
            if phrase.article is not first.article:
                yield _same(base, phrase, first)
    for one, other in _near([group[0] for group in same.values()]):
        if one.article is not other.article:
            message = f'"{other.text}" is close to "{one.text}" in {base.spoken_path(one.article.path)}. '
            advice = "If both ask the same thing, merge the articles or tell the two apart."
            yield _finding(
                base, other.article, other.line, "near-duplicate", message + advice, Severity.WARNING
            )


def _same(base: KnowledgeBase, phrase: Phrase, first: Phrase) -> Finding:
    vouched = all(one.article.confidence is Confidence.VALIDATED for one in (phrase, first))
    where = f"{base.spoken_path(first.article.path)}:{first.line}"
    message = f'"{phrase.text}" is answered in {where} already. Keep it in the one that answers it.'
    severity = Severity.ERROR if vouched else Severity.WARNING
    return _finding(base, phrase.article, phrase.line, "duplicate-question", message, severity)


def _said_by(article: Article) -> Iterator[Phrase]:
    said = [(article.line_of("title"), article.title)]
    said += [(article.line_of("questions", n), question) for n, question in enumerate(article.questions)]
    for line, text in said:
        if words := fold(text):
            yield Phrase(article=article, line=line, text=text, words=words)


def fold(text: str) -> tuple[str, ...]:
    """Reduce a phrase to what makes two of them the same: its words without case, accents and punctuation."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )
    return tuple(re.findall(r"\w+", plain.replace("'", "").replace("’", "")))


def _near(phrases: list[Phrase]) -> Iterator[tuple[Phrase, Phrase]]:
    """Pair the phrases that say nearly the same, without comparing each with each.

    Alike is Jaccard's index over words weighted by how rare they are: "turn on" and "turn off" differ, while
    "how do I" and "how can I" hardly do. Two phrases that are alike share one of the heaviest words of each
    (prefix filtering: Chaudhuri, Ganti and Kaushik 2006); only phrases that meet at such a word are compared.
    """
    common = Counter(word for phrase in phrases for word in set(phrase.words))
    weight = {word: log1p(len(phrases) / count) for word, count in common.items()}
    met: dict[str, list[int]] = defaultdict(list)
    for number, phrase in enumerate(phrases):
        heaviest = _heaviest(phrase, weight)
        for other in dict.fromkeys(other for word in heaviest for other in met[word]):
            if _alike(phrases[other], phrase, weight) >= NEAR:
                yield phrases[other], phrase
        for word in heaviest:
            met[word].append(number)


def _heaviest(phrase: Phrase, weight: Mapping[str, float]) -> list[str]:
    """Take the rarest words, until those left over are too few to make two phrases alike."""
    words = sorted(set(phrase.words), key=lambda word: (-weight[word], word))
    left = total = sum(weight[word] for word in words)
    taken = 0
    while left >= NEAR * total:
        left -= weight[words[taken]]
        taken += 1
    return words[:taken]


def _alike(one: Phrase, other: Phrase, weight: Mapping[str, float]) -> float:
    first, second = set(one.words), set(other.words)
    shared = sum(weight[word] for word in first & second)
    return shared / sum(weight[word] for word in first | second)


def _finding(
    base: KnowledgeBase,
    article: Article,
    line: int,
    rule: str,
    message: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    return Finding(
        path=base.spoken_path(article.path), line=line, rule=rule, severity=severity, message=message
    )
