"""Articles about the same: told by their links, and by the words that they are found by."""

import math
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from generator.articles.article import Article
from generator.cache.memory import Recall, digest, work_anew
from generator.site.words import words

MOST: Final = 4
LEAST: Final = 0.1
"""The likeness below which two articles only share chance words."""
TELLING: Final = 0.07
"""So much of the likeness must come from words that the title or a tag of one of the two has.

Everyday words ("find", "still", "which") add up to more than LEAST between articles about anything.
"""
LINKED: Final = 0.15
"""What a link from one to the other adds: its writer found that they belong together."""
SAME_CATEGORY: Final = 1.25
"""How much more likely a reader of one goes on to another where both lie in one category."""
BROAD: Final = 60
"""A word of more articles than this says little about any pair; leaving it out keeps the work linear."""
_HEADING: Final = re.compile(r"^#{2,4}\s+(.+)$", re.MULTILINE)
_WEIGHTS: Final = (3, 2, 1, 2, 1)


def headings(article: Article) -> tuple[str, ...]:
    """List the headings of an article's text."""
    return tuple(_HEADING.findall(article.body))


class Profile(NamedTuple):
    """What of an article makes others alike; a tuple, since builds remember thousands."""

    counts: Mapping[str, int]
    """How often each telling word stands there; words of a title count more."""
    topics: frozenset[str]
    """The words of title and tags."""
    links: frozenset[str]
    """The paths of the articles that the text links to."""


def profile(article: Article) -> Profile:
    """Take from an article what it is compared by."""
    texts = (
        article.title,
        " ".join(article.questions),
        article.summary,
        " ".join(article.tags),
        " ".join(headings(article)),
    )
    counts: Counter[str] = Counter()
    for text, weight in zip(texts, _WEIGHTS, strict=True):
        for word in _stems(text):
            counts[word] += weight
    return Profile(
        counts=dict(counts),
        topics=frozenset(_stems(" ".join((article.title, *article.tags)))),
        links=linked(article),
    )


def linked(article: Article) -> frozenset[str]:
    """List the paths of the files that an article's text links to."""
    folder = posixpath.dirname(article.path)
    return frozenset(target.path_from(folder) for target in article.targets if target.is_local)


def related(
    articles: Iterable[Article],
    *,
    recall: Recall = work_anew,
    stamps: Mapping[str, bytes] | None = None,
) -> dict[str, tuple[Article, ...]]:
    """Find for each article, by its path, the most alike of its language, the likest first.

    Likeness is the cosine of TF-IDF vectors (Manning, Raghavan and Schütze 2008, 6.3), and more where one
    links to the other. An article that names others in `related` has those first, in its own order. With
    `recall` and `stamps`, digests of what each article lets others see by its path, nothing is worked out
    twice: as long as no profile changes, no likeness does.
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
    profiles = [
        recall(f"profile {one.path}", stamps.get(one.path, b""), partial(profile, one)) for one in ones
    ]
    seen = [
        (one.path, one.id, one.category, one.related, kept.counts, sorted(kept.topics), sorted(kept.links))
        for one, kept in zip(ones, profiles, strict=True)
    ]
    key = digest(repr(seen).encode("utf-8", "surrogatepass"))
    return recall(f"related {lang}", key, partial(_of_language, ones, profiles))


def _of_language(articles: Sequence[Article], profiles: Sequence[Profile]) -> dict[str, tuple[str, ...]]:
    by_id = {article.id: article for article in articles}
    vectors = _vectors([one.counts for one in profiles])
    neighbours = _neighbours(articles, profiles)
    holders: dict[str, list[tuple[int, float]]] = {}
    for number, vector in enumerate(vectors):
        for word, weight in vector.items():
            holders.setdefault(word, []).append((number, weight))
    narrow = {word: ones for word, ones in holders.items() if 1 < len(ones) <= BROAD}

    def share_a_topic(number: int, other: int) -> bool:
        topics = profiles[number].topics | profiles[other].topics
        ours, theirs = vectors[number], vectors[other]
        return sum(ours[word] * theirs[word] for word in topics if word in ours and word in theirs) >= TELLING

    found = {}
    for number, article in enumerate(articles):
        likeness = dict.fromkeys(neighbours[number], LINKED)
        for word, weight in vectors[number].items():
            for other, theirs in narrow.get(word, ()):
                likeness[other] = likeness.get(other, 0.0) + weight * theirs
        likeness.pop(number, None)
        for other in likeness:
            if articles[other].category == article.category:
                likeness[other] *= SAME_CATEGORY
        best = sorted(likeness, key=lambda other: (-round(likeness[other], 9), articles[other].id))
        named = [by_id[key] for key in article.related if key in by_id and key != article.id]
        alike = [
            articles[other]
            for other in best[: 4 * MOST]
            if other in neighbours[number] or (likeness[other] >= LEAST and share_a_topic(number, other))
        ]
        chosen = {one.id: one for one in (*named, *alike)}
        found[article.path] = tuple(one.path for one in chosen.values())[: max(MOST, len(named))]
    return found


def _neighbours(articles: Sequence[Article], profiles: Sequence[Profile]) -> list[set[int]]:
    """Find for each article those that it links to, and those that link to it."""
    places = {article.path: number for number, article in enumerate(articles)}
    neighbours: list[set[int]] = [set() for _ in articles]
    for number, one in enumerate(profiles):
        for path in one.links & places.keys():
            if (other := places[path]) != number:
                neighbours[number].add(other)
                neighbours[other].add(number)
    return neighbours


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


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in words(text) if len(word) > 2]


def _stem(word: str) -> str:
    """Cut a word where its endings begin; five letters tell most words apart in most languages."""
    return word if word.isdigit() else word[:6]
