"""A search index of small static files, for browsers that no deflector answers.

Each language has a folder. `index.json` says how many articles there are, at which word each shelf of the
index begins, and which words titles and questions are made of (typos are mended against these).
`words-N.json` is a shelf: word → [articles that have it, then for each of the best ones its number and how
much the word weighs there, as a step from the number before]. `N.json` is an article with its sections. A
browser fetches the first, the shelves of its words, and the few articles that it shows: what it loads hardly
grows with the base.
"""

import json
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, TypeVar

from generator.catalogue import CatalogueEntry
from generator.site.words import words

T = TypeVar("T")
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


_FEW_EDITS: Final = 20
"""So many articles are looked up among the postings one by one; for more, all postings are gone through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What the index has of an article; depends on nothing else.

    `words` are its words, in order and parted by spaces, `weights` their weights, a byte each; `telling` are
    the words of its title and questions, parted by spaces; `mark` tells the file of the article from others.
    """

    lang: str
    words: str
    weights: bytes
    telling: str
    mark: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The index of one language, kept so that the next one is made of what has changed.

    `keys` says what each article is known by; its place there is its number. A posting is _STEP ×
    an article's number + a weight; those of a word lie in the order of their numbers, as unsigned C integers.
    """

    keys: tuple[bytes, ...] = ()
    marks: tuple[bytes, ...] = ()
    telling: tuple[str, ...] = ()
    postings: Mapping[str, bytes] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)


def indexed(entry: CatalogueEntry) -> Indexed:
    """Read an article for the index."""
    article = entry.article
    telling = words(" ".join((article.title, *article.questions, *article.tags)))
    weights = weights_of(entry)
    return Indexed(
        lang=article.lang,
        words=" ".join(weights),
        weights=bytes(weights.values()),
        telling=" ".join(sorted({word for word in telling if len(word) > 3})),
        mark=blake2b(article_file(entry).encode(), digest_size=8).digest(),
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
    for name, weight in _FIELDS.items():
        for word, count in Counter(words(texts[name])).items():
            counts[word] = counts.get(word, 0.0) + weight * min(count, 2)
    return {
        word: max(1, round(SCALE * count / (count + _SATURATION))) for word, count in sorted(counts.items())
    }


def index_files(entries: Iterable[CatalogueEntry]) -> Iterator[tuple[str, str]]:
    """Lay out the indexes of all languages: file names below a site and their contents."""
    languages: dict[str, list[CatalogueEntry]] = {}
    for entry in entries:
        languages.setdefault(entry.article.lang, []).append(entry)
    for lang, ones in languages.items():
        read = [indexed(one) for one in ones]
        for name, content in files_of(laid_out(Index(), [one.mark for one in read], read.__getitem__)):
            yield f"{FOLDER}/{lang}/{name}", content
        for number, one in enumerate(ones):
            yield f"{FOLDER}/{lang}/{number}.json", article_file(one)


def files_of(index: Index) -> Iterator[tuple[str, str]]:
    """Write the index of one language, the same for the same articles, but for the articles' own files."""
    shelves = list(_shelves((word, index.lines[word]) for word in sorted(index.lines)))
    made = blake2b(b"".join(index.marks), digest_size=6)
    for number, (_, shelf) in enumerate(shelves):
        made.update(shelf.encode())
        yield f"words-{number}.json", shelf
    contents = {
        "revision": made.hexdigest(),
        "articles": len(index.keys),
        "shelves": [first for first, _ in shelves],
        "words": _vocabulary(index.telling),
    }
    yield "index.json", _dumped(contents)


def laid_out(before: Index, keys: Sequence[bytes], read: Callable[[int], Indexed]) -> Index:
    """Lay out the index of the articles with these keys, from the one before as far as it has them.

    `read` reads the article of a number, and is asked for those only that were not there before.
    """
    numbers = {key: number for number, key in enumerate(before.keys)}
    places = [numbers.get(key) for key in keys]
    fresh = {number: read(number) for number, place in enumerate(places) if place is None}
    postings, touched = _kept(before, places)
    for word, added in _postings(fresh).items():
        postings[word] = _joined(postings.get(word, b""), added)
        touched.add(word)
    if len(keys) != len(before.keys):
        touched |= postings.keys()  # what is common depends on how many articles there are
    lines = {word: line for word, line in before.lines.items() if word not in touched}
    for word in touched:
        if postings[word]:
            lines[word] = _line(word, _numbers(postings[word]), len(keys))
    return Index(
        keys=tuple(keys),
        marks=tuple(_either(fresh, places, before.marks, lambda one: one.mark)),
        telling=tuple(_either(fresh, places, before.telling, lambda one: one.telling)),
        postings={word: found for word, found in postings.items() if found},
        lines=lines,
    )


def _either(
    fresh: Mapping[int, Indexed],
    places: Sequence[int | None],
    before: Sequence[T],
    of: Callable[[Indexed], T],
) -> Iterator[T]:
    """Take something of each article: of those before from what was known, else from what was read."""
    for number, place in enumerate(places):
        yield of(fresh[number]) if place is None else before[place]


def _kept(before: Index, places: Sequence[int | None]) -> tuple[dict[str, bytes], set[str]]:
    """Take over the postings of the articles that stay, by their new numbers; say which words have changed.

    `places` has for each new number the old one, or None.
    """
    stay = {place: number for number, place in enumerate(places) if place is not None}
    gone = [number for number in range(len(before.keys)) if number not in stay]
    postings, touched = dict(before.postings), set()
    if len(gone) > _FEW_EDITS or any(place != number for place, number in stay.items()):
        for word, found in before.postings.items():
            moved = (
                stay[one // _STEP] * _STEP + one % _STEP for one in _numbers(found) if one // _STEP in stay
            )
            postings[word] = array("I", sorted(moved)).tobytes()
        return postings, set(postings)
    for word, found in before.postings.items():
        numbers = _numbers(found)
        for number in gone:
            at = bisect_left(numbers, number * _STEP)
            if at < len(numbers) and numbers[at] < (number + 1) * _STEP:
                postings[word] = b"".join((numbers[:at], numbers[at + 1 :]))
                numbers = _numbers(postings[word])
                touched.add(word)
    return postings, touched


def _postings(articles: Mapping[int, Indexed]) -> Mapping[str, "array[int]"]:
    found: dict[str, array[int]] = {}
    for number, article in articles.items():
        for word, weight in zip(article.words.split(), article.weights, strict=True):
            if (ones := found.get(word)) is None:
                ones = found[word] = array("I")
            ones.append(number * _STEP + weight)
    return found


def _joined(kept: bytes, added: "array[int]") -> bytes:
    return array("I", sorted((*_numbers(kept), *added))).tobytes() if kept else added.tobytes()


def _numbers(found: bytes) -> memoryview:
    return memoryview(found).cast("I")


def _line(word: str, found: Sequence[int], total: int) -> str:
    """Write the line of a word on its shelf.

    A word of every fourth article says little about any: it stays with its count, so that a question's words
    can be weighed, and with the articles in which it stands out.
    """
    kept: Collection[int] = found
    if len(found) > max(_FEW, total * _COMMON):
        kept = [one for one in found if one % _STEP > SCALE // 2]
    if len(kept) > MOST:
        kept = sorted(sorted(kept, key=lambda one: -(one % _STEP))[:MOST])
    numbers, before = [str(len(found))], 0
    for one in kept:
        numbers.append(str(one - before))
        before = one - one % _STEP
    return f'"{word}":[{",".join(numbers)}]'


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


def _vocabulary(telling: Iterable[str]) -> str:
    counts = Counter(word for words in telling for word in words.split())
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return " ".join(sorted(ranked[:VOCABULARY]))


def article_file(entry: CatalogueEntry) -> str:
    """Write an article with its sections as a browser fetches it."""
    article = entry.article
    return _dumped(
        {
            "article": article.id,
            "version": article.version,
            "title": article.title,
            "url": article.address,
            "category": article.category,
            "summary": article.summary,
            "sections": [[part.anchor, part.heading or article.title, part.text] for part in entry.sections],
        }
    )


def _dumped(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
