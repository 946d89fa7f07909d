"""Articles about the same: told by the words of titles, questions, summaries, tags and headings."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from generator.articles.article import Article
from generator.cache.memory import Recall, digest, work_anew
from generator.site.words import words

MOST: Final = 4
LEAST: Final = 0.1
"""The likeness below which two articles only share chance words."""
SAME_CATEGORY: Final = 1.25
"""How much more likely a reader of one goes on to another where both lie in one category."""
BROAD: Final = 60
"""A word of more articles than this says little about any pair; leaving it out keeps the work linear."""
_HEADING: Final = re.compile(r"^#{2,4}\s+(.+)$", re.MULTILINE)
_WEIGHTS: Final = (3, 2, 1, 2, 1)


def headings(article: Article) -> tuple[str, ...]:
    """List the headings of an article's text."""
    return tuple(_HEADING.findall(article.body))


def vocabulary(article: Article) -> dict[str, int]:
    """Count an article's telling words; words of a title count more."""
    texts = (
        article.title,
        " ".join(article.questions),
        article.summary,
        " ".join(article.tags),
        " ".join(headings(article)),
    )
    counts: Counter[str] = Counter()
    for text, weight in zip(texts, _WEIGHTS, strict=True):
        for word in words(text):
            if len(word) > 2:
                counts[_stem(word)] += weight
    return dict(counts)


def related(
    articles: Iterable[Article],
    *,
    recall: Recall = work_anew,
    stamps: Mapping[str, bytes] | None = None,
) -> dict[str, tuple[Article, ...]]:
    """Find for each article, by its path, the most alike of its language, the likest first.

    Likeness is the cosine of TF-IDF vectors (Manning, Raghavan and Schütze 2008, 6.3). An article that names
    others in `related` has those first, in its own order. With `recall` and `stamps`, digests of what each
    article lets others see by its path, nothing is worked out twice: as long as no vocabulary changes, no
    likeness does.
    """
    languages: dict[str, list[Article]] = {}
    for article in articles:
        languages.setdefault(article.lang, []).append(article)
    found: dict[str, tuple[Article, ...]] = {}
    for lang, ones in languages.items():
        key = digest(*((stamps or {}).get(one.path, b"") for one in ones))
        paths = recall(f"relations {lang}", key, partial(_recalled, lang, ones, recall, stamps or {}))
        by_path = {one.path: one for one in ones}
        found |= {path: tuple(by_path[other] for other in others) for path, others in paths.items()}
    return found


def _recalled(
    lang: str, ones: Sequence[Article], recall: Recall, stamps: Mapping[str, bytes]
) -> dict[str, tuple[str, ...]]:
    counts = [
        recall(f"words {one.path}", stamps.get(one.path, b""), partial(vocabulary, one)) for one in ones
    ]
    seen = [
        (one.path, one.id, one.category, one.related, count) for one, count in zip(ones, counts, strict=True)
    ]
    key = digest(repr(seen).encode("utf-8", "surrogatepass"))
    return recall(f"related {lang}", key, partial(_of_language, ones, counts))


def _of_language(
    articles: Sequence[Article], counts: Sequence[Mapping[str, int]]
) -> dict[str, tuple[str, ...]]:
    by_id = {article.id: article for article in articles}
    vectors = _vectors(counts)
    holders: dict[str, list[tuple[int, float]]] = {}
    for number, vector in enumerate(vectors):
        for word, weight in vector.items():
            holders.setdefault(word, []).append((number, weight))
    narrow = {word: ones for word, ones in holders.items() if 1 < len(ones) <= BROAD}
    found = {}
    for number, article in enumerate(articles):
        likeness: dict[int, float] = {}
        for word, weight in vectors[number].items():
            for other, theirs in narrow.get(word, ()):
                likeness[other] = likeness.get(other, 0.0) + weight * theirs
        likeness.pop(number, None)
        for other in likeness:
            if articles[other].category == article.category:
                likeness[other] *= SAME_CATEGORY
        best = sorted(likeness, key=lambda other: (-round(likeness[other], 9), articles[other].id))
        named = [by_id[key] for key in article.related if key in by_id and key != article.id]
        alike = [articles[other] for other in best[: 2 * MOST] if likeness[other] >= LEAST]
        chosen = {one.id: one for one in (*named, *alike)}
        found[article.path] = tuple(one.path for one in chosen.values())[: max(MOST, len(named))]
    return found


def _vectors(counts: Sequence[Mapping[str, int]]) -> list[dict[str, float]]:
    """Weigh words by their rarity, and scale each article's weights to length 1."""
    spread = Counter(word for words_of in counts for word in words_of)
    vectors = []
    for words_of in counts:
        vector = {
            word: (1 + math.log(count)) * math.log(1 + len(counts) / spread[word])
            for word, count in words_of.items()
        }
        length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        vectors.append({word: weight / length for word, weight in vector.items()})
    return vectors


def _stem(word: str) -> str:
    """Cut a word where its endings begin; five letters tell most words apart in most languages."""
    return word if word.isdigit() else word[:6]
