"""A search index of small static files, for browsers that no deflector answers.

Each language has a folder. `index.json` says how many articles there are, at which word each shelf of the
index begins, and which words titles and questions are made of (typos are mended against these).
`words-N.json` is a shelf: word → [articles that have it, then for each of the best ones its number and how
much the word weighs there, as a step from the number before]. `N.json` is an article with its sections. A
browser fetches the first, the shelves of its words, and the few articles that it shows: what it loads hardly
grows with the base.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from generator.catalogue import CatalogueEntry
from generator.site.words import words

FOLDER: Final = "assets/search"
SHELF: Final = 24_000
"""Characters of a shelf; about a third of that travels."""
MOST: Final = 128
"""So many articles a word leads to; nobody reads on after that."""
VOCABULARY: Final = 4_000
"""So many words of titles and questions are known for mending typos; the rare ones stay out."""
SCALE: Final = 60
"""The greatest weight of a word in an article."""
_FIELDS: Final[Mapping[str, float]] = {"title": 6, "questions": 4, "tags": 3, "headings": 2, "summary": 2}
_SATURATION: Final = 3.0
"""At so much of a word, half of its weight is reached (BM25's k1, for weighted fields)."""
_TYPICAL: Final = 250
"""Words of a typical article. BM25 takes the mean of the base; a constant lets an edit change one article."""
_LENGTH: Final = 0.6
_STEP: Final = SCALE + 1
_COMMON: Final = 0.25
_FEW: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What the index has of an article; depends on nothing else, so that builds may remember it.

    `words` are its words, in order and parted by spaces, `weights` their weights, a byte each; `telling` are
    the words of its title and questions, `text` is the article as a browser fetches it.
    """

    lang: str
    words: str
    weights: bytes
    telling: tuple[str, ...]
    text: str


def indexed(entry: CatalogueEntry) -> Indexed:
    """Read an article for the index."""
    article = entry.article
    telling = words(" ".join((article.title, *article.questions, *article.tags)))
    weights = weights_of(entry)
    return Indexed(
        lang=article.lang,
        words=" ".join(weights),
        weights=bytes(weights.values()),
        telling=tuple(sorted({word for word in telling if len(word) > 3})),
        text=_dumped(_article(entry)),
    )


def weights_of(entry: CatalogueEntry) -> dict[str, int]:
    """Weigh an article's words, 1 to SCALE.

    BM25F (Robertson & Zaragoza 2009, 3.6): fields are weighted before a word's count saturates.
    """
    article = entry.article
    texts = {
        "title": article.title,
        "questions": " ".join(article.questions),
        "tags": " ".join(article.tags),
        "headings": " ".join(section.heading for section in entry.sections if section.anchor),
        "summary": article.summary,
    }
    body = Counter(word for section in entry.sections for word in words(section.text))
    stretch = 1 - _LENGTH + _LENGTH * body.total() / _TYPICAL
    counts = {word: count / stretch for word, count in body.items()}
    for field, weight in _FIELDS.items():
        for word, count in Counter(words(texts[field])).items():
            counts[word] = counts.get(word, 0.0) + weight * min(count, 2)
    return {
        word: max(1, round(SCALE * count / (count + _SATURATION))) for word, count in sorted(counts.items())
    }


def index_files(articles: Iterable[Indexed]) -> Iterator[tuple[str, str]]:
    """Lay out the indexes of all languages: file names below a site and their contents."""
    languages: dict[str, list[Indexed]] = {}
    for article in articles:
        languages.setdefault(article.lang, []).append(article)
    for lang, ones in languages.items():
        for name, content in files_of(ones):
            yield f"{FOLDER}/{lang}/{name}", content


def files_of(articles: Sequence[Indexed]) -> Iterator[tuple[str, str]]:
    """Lay out the index of one language, the same for the same articles."""
    postings: dict[str, list[int]] = {}
    for number, article in enumerate(articles):
        base = number * _STEP
        for word, weight in zip(article.words.split(), article.weights, strict=True):
            postings.setdefault(word, []).append(base + weight)
    shelves = list(_shelves(_lines(postings, len(articles))))
    made = blake2b(digest_size=6)
    contents = [(f"words-{number}.json", shelf) for number, (_, shelf) in enumerate(shelves)]
    contents += [(f"{number}.json", article.text) for number, article in enumerate(articles)]
    for name, content in contents:
        made.update(content.encode())
        yield name, content
    index = {
        "revision": made.hexdigest(),
        "articles": len(articles),
        "shelves": [first for first, _ in shelves],
        "words": _vocabulary(articles),
    }
    yield "index.json", _dumped(index)


def _lines(postings: Mapping[str, list[int]], total: int) -> Iterator[tuple[str, str]]:
    """Write one line of a shelf for each word, in order; a posting is _STEP × an article's number + a weight.

    A word of every fourth article says little about any: it stays with its count, so that a question's words
    can be weighed, and with the articles in which it stands out.
    """
    for word in sorted(postings):
        found = postings[word]
        kept = found
        if len(found) > max(_FEW, total * _COMMON):
            kept = [one for one in found if one % _STEP > SCALE // 2]
        if len(kept) > MOST:
            kept = sorted(sorted(kept, key=lambda one: -(one % _STEP))[:MOST])
        numbers, before = [str(len(found))], 0
        for one in kept:
            numbers.append(str(one - before))
            before = one - one % _STEP
        yield word, f'"{word}":[{",".join(numbers)}]'


def _shelves(lines: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    first, size = "", 0
    shelf: list[str] = []
    for word, line in lines:
        if shelf and size + len(line) > SHELF:
            yield first, "{" + ",".join(shelf) + "}\n"
            shelf, size = [], 0
        if not shelf:
            first = word
        shelf.append(line)
        size += len(line) + 1
    if shelf:
        yield first, "{" + ",".join(shelf) + "}\n"


def _vocabulary(articles: Iterable[Indexed]) -> str:
    counts = Counter(word for article in articles for word in article.telling)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return " ".join(sorted(ranked[:VOCABULARY]))


def _article(entry: CatalogueEntry) -> dict[str, Any]:
    article = entry.article
    return {
        "article": article.id,
        "version": article.version,
        "title": article.title,
        "url": article.address,
        "category": article.category,
        "summary": article.summary,
        "sections": [[part.anchor, part.heading or article.title, part.text] for part in entry.sections],
    }


def _dumped(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
