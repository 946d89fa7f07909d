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
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Final

from generator.catalogue import CatalogueEntry
from generator.words import words

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
_COMMON: Final = 0.25
_FEW: Final = 20


def weights_of(entry: CatalogueEntry) -> dict[str, int]:
    """Weigh an article's words, 1 to SCALE; depends on nothing but the article.

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


def files_of(
    entries: Sequence[CatalogueEntry], weights: Sequence[Mapping[str, int]]
) -> Iterator[tuple[str, str]]:
    """Lay out the index of one language: file names and their contents, the same for the same articles."""
    total = len(entries)
    postings: dict[str, list[tuple[int, int]]] = {}
    for number, weighed in enumerate(weights):
        for word, weight in weighed.items():
            postings.setdefault(word, []).append((number, weight))
    shelves = list(_shelves(_lines(postings, total)))
    contents = [(f"words-{number}.json", shelf) for number, (_, shelf) in enumerate(shelves)]
    contents += [(f"{number}.json", _dumped(_article(entry))) for number, entry in enumerate(entries)]
    made = blake2b(digest_size=6)
    for _, content in contents:
        made.update(content.encode())
    yield from contents
    yield (
        "index.json",
        _dumped(
            {
                "revision": made.hexdigest(),
                "articles": total,
                "shelves": [first for first, _ in shelves],
                "words": _vocabulary(entries),
            }
        ),
    )


def write_index(
    site_dir: Path, entries: Iterable[CatalogueEntry], weights: Iterable[Mapping[str, int]]
) -> None:
    """Write the indexes of all languages below a site. `weights` go with the entries, one for each."""
    shelves: dict[str, tuple[list[CatalogueEntry], list[Mapping[str, int]]]] = {}
    for entry, weighed in zip(entries, weights, strict=True):
        of_language = shelves.setdefault(entry.article.lang, ([], []))
        of_language[0].append(entry)
        of_language[1].append(weighed)
    for lang, (ones, theirs) in shelves.items():
        folder = site_dir / FOLDER / lang
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files_of(ones, theirs):
            (folder / name).write_text(content, encoding="utf-8")


def _lines(postings: Mapping[str, list[tuple[int, int]]], total: int) -> Iterator[tuple[str, str]]:
    """Write one line of a shelf for each word, in order.

    A word of every fourth article says little about any: it stays with its count, so that a question's words
    can be weighed, and with the articles in which it stands out.
    """
    for word in sorted(postings):
        found = postings[word]
        kept = found
        if len(found) > max(_FEW, total * _COMMON):
            kept = [one for one in found if one[1] > SCALE // 2]
        if len(kept) > MOST:
            kept = sorted(sorted(kept, key=lambda one: -one[1])[:MOST])
        numbers, before = [str(len(found))], 0
        for number, weight in kept:
            numbers.append(str((number - before) * (SCALE + 1) + weight))
            before = number
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


def _vocabulary(entries: Iterable[CatalogueEntry]) -> str:
    counts = Counter(
        word
        for entry in entries
        for word in {
            *words(
                f"{entry.article.title} {' '.join(entry.article.questions)} {' '.join(entry.article.tags)}"
            )
        }
        if len(word) > 3
    )
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return " ".join(sorted(islice(ranked, VOCABULARY)))


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
