"""The catalogue, read: the articles, sections, categories and synonyms that the deflector knows.

The catalogue is the one thing that the deflector takes from a site generator. Any generator serves that
writes the fields of the contract; what we do not know is ignored, what is optional may be absent.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

SCHEMA_VERSION = 1

# Never shown to a reader, whatever the generator put into the file.
UNPUBLISHED = frozenset({"archived", "work_in_progress"})


class UnreadableCatalogue(Exception):
    """The catalogue cannot be used; the message is a sentence that says where, what, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of an article, from a heading to the next, as plain text. `anchor` may be empty."""

    anchor: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """One published article in one language. `sections` is never empty.

    `last_major_version` is the one with the last major change; None where the catalogue does not say.
    """

    id: str
    lang: str
    version: int
    title: str
    summary: str
    questions: tuple[str, ...]
    category: str
    tags: tuple[str, ...]
    url: str
    review_due: date | None
    stale: bool
    sections: tuple[Section, ...]
    last_major_version: int | None = None

    def address(self, section: Section) -> str:
        """Give the deep link to one of the sections."""
        return f"{self.url}#{section.anchor}" if section.anchor else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCategory:
    """A category and what it is called, by language."""

    id: str
    titles: Mapping[str, str]

    def title(self, lang: str) -> str:
        """Name the category in a language, or in any that it has, or by its id."""
        return self.titles.get(lang) or next(iter(self.titles.values()), self.id)


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """Everything in one catalogue, as it was when it was read.

    `content_hash` names what can be searched (articles and synonyms): it does not change when a rebuild
    changes only the time or the revision. `languages` starts with the fall-back language. `synonyms` holds,
    per language, groups of words and phrases that mean the same.
    """

    articles: tuple[KnownArticle, ...]
    categories: Mapping[str, KnownCategory]
    synonyms: Mapping[str, tuple[tuple[str, ...], ...]]
    languages: tuple[str, ...]
    revision: str
    site_url: str
    content_hash: str

    @classmethod
    def load(cls, path: Path) -> "Knowledge":
        """Read a catalogue file; raise UnreadableCatalogue with a sentence when it cannot be used."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise UnreadableCatalogue(
                f"{path}: there is no catalogue. Write it with `kb build`, or name another file."
            ) from None
        except OSError as exc:
            raise UnreadableCatalogue(
                f"{path}: the catalogue cannot be read ({exc.strerror}). Check the path and its permissions."
            ) from None
        return cls.parse(content, source=str(path))

    @classmethod
    def parse(cls, content: bytes, *, source: str = "catalogue") -> "Knowledge":
        """Read the bytes of a catalogue; `source` names it in the sentence of an UnreadableCatalogue."""
        return _knowledge(_checked(content, source))

    def article(self, id: str, lang: str) -> KnownArticle | None:  # noqa: A002 - the contract's word
        """Find an article in exactly this language."""
        return self._by_key.get((id, lang))

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], KnownArticle]:
        return {(article.id, article.lang): article for article in self.articles}


def _checked(content: bytes, source: str) -> "_Catalogue":
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise UnreadableCatalogue(
            f"{source}: the catalogue is not JSON. It may have been cut off: build it again with `kb build`."
        ) from None
    version = data.get("schema_version") if isinstance(data, dict) else None
    if not isinstance(data, dict) or version is None:
        raise UnreadableCatalogue(
            f"{source}: this is not a catalogue: it has no schema_version. Build one with `kb build`."
        )
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise UnreadableCatalogue(
            f"{source}: schema_version is {version!r}, this program reads {SCHEMA_VERSION}. "
            "Build the catalogue with the version of Answerfirst that reads it."
        )
    try:
        catalogue = _Catalogue.model_validate(data)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the top"
        raise UnreadableCatalogue(
            f"{source}: at {where}: {first['msg']}. Correct what writes the catalogue and build it again."
        ) from None
    seen: set[tuple[str, str]] = set()
    for article in catalogue.articles:
        if (key := (article.id, article.lang)) in seen:
            raise UnreadableCatalogue(
                f"{source}: article {article.id!r} is there twice in language {article.lang!r}. "
                "Give each article an id of its own and build the catalogue again."
            )
        seen.add(key)
    return catalogue


def _knowledge(catalogue: "_Catalogue") -> Knowledge:
    articles = tuple(article.known() for article in catalogue.articles if article.is_published)
    found = dict.fromkeys([*catalogue.languages, *(article.lang for article in articles)])
    synonyms = {
        lang: tuple(tuple(group) for group in groups if len(group) > 1)
        for lang, groups in (catalogue.synonyms or {}).items()
    }
    return Knowledge(
        articles=articles,
        categories=MappingProxyType(_categories(catalogue.categories or {})),
        synonyms=MappingProxyType(synonyms),
        languages=tuple(found),
        revision=catalogue.revision,
        site_url=catalogue.site_url,
        content_hash=_content_hash(articles, synonyms),
    )


def _content_hash(
    articles: tuple[KnownArticle, ...], synonyms: Mapping[str, tuple[tuple[str, ...], ...]]
) -> str:
    digest = hashlib.sha256()
    for a in articles:
        sections = [(s.anchor, s.heading, s.text) for s in a.sections]
        row = (a.id, a.lang, a.title, a.summary, a.questions, a.tags, sections)
        digest.update(json.dumps(row).encode())
    digest.update(json.dumps(sorted(synonyms.items())).encode())
    return digest.hexdigest()


def _categories(data: Mapping[str, Any] | list[Any]) -> dict[str, KnownCategory]:
    """Accept {id: {"title": …}} or [{"id", "title"}]; a title is text, or text by language."""
    rows = (
        [
            {"id": key, **(value if isinstance(value, dict) else {"title": value})}
            for key, value in data.items()
        ]
        if isinstance(data, Mapping)
        else [row for row in data if isinstance(row, dict)]
    )
    found = {}
    for row in rows:
        if not isinstance(key := row.get("id"), str):
            continue
        title = row.get("title")
        titles = title if isinstance(title, dict) else {"": title} if isinstance(title, str) else {}
        found[key] = KnownCategory(
            id=key, titles=MappingProxyType({str(k): str(v) for k, v in titles.items()})
        )
    return found


class KnowledgeFile:
    """A catalogue on disk that may change, appear or break at any moment.

    Thread-safe. `current()` looks at the file's stat and reads it again when that changed; one thread reads,
    the others go on with what they had. A broken file never takes away the last good one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state = _FileState()
        self._reading = threading.Lock()

    def current(self) -> Knowledge | None:
        """Give the newest readable catalogue, or None as long as there never was one."""
        stamp = self._stamp()
        if stamp == self._state.stamp:
            return self._state.knowledge
        # Only the very first readers wait for one another: later ones have something to serve.
        if not self._reading.acquire(blocking=self._state.knowledge is None):
            return self._state.knowledge
        try:
            if stamp != self._state.stamp:
                self._state = self._read(stamp)
            return self._state.knowledge
        finally:
            self._reading.release()

    @property
    def problem(self) -> str | None:
        """Say in a sentence why the file as it is now cannot be used, or None."""
        self.current()
        return self._state.problem

    def _read(self, stamp: "_Stamp") -> "_FileState":
        try:
            return _FileState(stamp=stamp, knowledge=Knowledge.load(self.path))
        except UnreadableCatalogue as exc:
            return _FileState(stamp=stamp, knowledge=self._state.knowledge, problem=str(exc))

    def _stamp(self) -> "_Stamp":
        try:
            stat = self.path.stat()
        except OSError:
            return ()
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


_Stamp = tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _FileState:
    stamp: "_Stamp" = None  # None: never looked; (): there is no file
    knowledge: Knowledge | None = None
    problem: str | None = None


def _clean(value: object) -> object:
    """Take out what cannot be stored or shown: lone surrogates and NUL."""
    if isinstance(value, str):
        return value.encode("utf-8", "ignore").decode().replace("\0", "")
    return "" if value is None else value


def _strings(value: object) -> object:
    """Keep the strings of an optional list; anything else counts as absent."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _whole_or_none(value: object) -> object:
    """Keep an optional whole number; anything else counts as absent."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


Text = Annotated[str, BeforeValidator(_clean)]
Texts = Annotated[list[Text], BeforeValidator(lambda value: [] if value is None else value)]


class _Section(BaseModel):
    anchor: Text = ""
    heading: Text = ""
    text: Text = ""


class _Article(BaseModel):
    id: Annotated[Text, Field(min_length=1)]
    lang: Annotated[Text, Field(min_length=1)] = "en"
    version: int = 1
    title: Text
    summary: Text = ""
    questions: Texts = []
    category: Text = ""
    tags: Texts = []
    url: Text = ""
    review_due: date | None = None
    stale: bool = False
    sections: list[_Section] = []
    confidence: object = None
    audience: object = None
    last_major_version: Annotated[int | None, BeforeValidator(_whole_or_none)] = None

    @property
    def is_published(self) -> bool:
        return self.confidence not in UNPUBLISHED and self.audience != "internal"

    def known(self) -> KnownArticle:
        sections = tuple(
            Section(anchor=s.anchor, heading=s.heading, text=s.text)
            for s in self.sections
            if s.text.strip() or s.heading.strip()
        )
        return KnownArticle(
            id=self.id,
            lang=self.lang,
            version=self.version,
            title=self.title,
            summary=self.summary,
            questions=tuple(q for q in self.questions if q.strip()),
            category=self.category,
            tags=tuple(t for t in self.tags if t.strip()),
            url=self.url,
            review_due=self.review_due,
            stale=self.stale,
            sections=sections or (Section(anchor="", heading="", text=self.summary),),
            last_major_version=self.last_major_version,
        )


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="ignore")

    schema_version: Literal[1]
    site_url: Text = ""
    revision: Text = ""
    articles: list[_Article]
    categories: dict[str, Any] | list[Any] | None = None
    synonyms: dict[str, list[list[Text]]] | None = None
    languages: Annotated[list[Text], BeforeValidator(_strings)] = []
