"""The knowledge base as it lies in a folder: its articles, its registers, and what is wrong with them."""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final, Self, TypeVar

from generator.articles.article import Article
from generator.articles.frontmatter import decode, read_document
from generator.articles.languages import DEFAULT_LANGUAGE, is_language
from generator.articles.reading import read_article
from generator.articles.registers import Category, Person, Product, Register, Synonyms
from generator.articles.yaml_tree import Fault, read_tree
from generator.findings import Finding, Severity

_PLACE: Final = "An article lies in <language>/<category>/<id>.md, e.g. en/refunds/refund-for-a-game.md."
_PROJECT_NOTES: Final = frozenset({"readme.md", "contributing.md", "changelog.md", "license.md"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that may be an article: its path in the base, where it lies, and what the system says of it."""

    path: str
    file: str
    about: os.stat_result

    def data(self) -> bytes:
        """Read it; raises OSError."""
        with open(self.file, "rb") as file:  # noqa: PTH123 - a Path for each of thousands of files takes long
            return file.read()


Reader = Callable[[Source], tuple[Article | None, tuple[Fault, ...]]]
"""Makes an article of a file's path and bytes, or says what is wrong with it; may raise OSError."""


def read(path: str, data: bytes) -> tuple[Article | None, tuple[Fault, ...]]:
    """Read a file as an article."""
    return read_article(read_document(data), path)


def read_source(source: Source) -> tuple[Article | None, tuple[Fault, ...]]:
    """Read a source as an article."""
    return read(source.path, source.data())


@dataclass(frozen=True, kw_only=True)
class KnowledgeBase:
    """What a folder holds: every article that can be read, and a finding for each fault of those that cannot.

    `folder` is as it was given, so that findings name paths as the person would type them.
    """

    folder: Path
    articles: tuple[Article, ...] = ()
    findings: tuple[Finding, ...] = ()
    categories: Mapping[str, Category] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    synonyms: Synonyms = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    jargon: Mapping[str, str] = field(default_factory=dict)
    """Words that the team does not want to read, each with what to do instead."""
    files: frozenset[str] = frozenset()
    """Every file below the folder, relative to it, whether it could be read or not."""
    default_language: str = DEFAULT_LANGUAGE
    four_eyes: bool = False
    """Whether nobody may review what they wrote."""

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        default_language: str = DEFAULT_LANGUAGE,
        reader: Reader = read_source,
        four_eyes: bool = False,
    ) -> Self:
        """Read a folder; whatever it holds, the answer is a knowledge base with findings.

        `reader` may remember what it read before.
        """
        reading = _Reading(folder, reader)
        articles = tuple(article for path in reading.files if (article := reading.article(path)))
        categories = reading.register(
            "categories.yml", lambda register: register.categories(default_language)
        )
        for key in dict.fromkeys(article.category for article in articles) if categories is None else ():
            categories = {**(categories or {}), key: Category(key=key, default_language=default_language)}
        return cls(
            folder=folder,
            articles=articles,
            categories=categories or {},
            people=reading.register("people.yml", Register.people) or {},
            synonyms=reading.register("synonyms.yml", Register.synonyms) or {},
            jargon=reading.register("jargon.yml", Register.jargon) or {},
            products=reading.register("products.yml", Register.products) or {},
            findings=tuple(sorted(reading.findings)),
            files=frozenset(reading.files),
            default_language=default_language,
            four_eyes=four_eyes,
        )

    @cached_property
    def published(self) -> tuple[Article, ...]:
        """The articles that readers may see; nothing else ever reaches the site or the catalogue."""
        return tuple(article for article in self.articles if article.is_published)

    @cached_property
    def by_path(self) -> Mapping[str, Article]:
        return {article.path: article for article in self.articles}

    @cached_property
    def by_id(self) -> Mapping[tuple[str, str], Article]:
        """The articles by language and id."""
        return {(article.lang, article.id): article for article in self.articles}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the published articles, the default one first."""
        found = {article.lang for article in self.published}
        return tuple(sorted(found, key=lambda lang: (lang != self.default_language, lang)))

    def original(self, article: Article) -> Article | None:
        """Find the article that this one translates: the same id in the default language."""
        if article.lang == self.default_language:
            return None
        return self.by_id.get((self.default_language, article.id))

    def translations(self, article: Article) -> tuple[Article, ...]:
        """List the published articles with this id in the other languages."""
        others = (self.by_id.get((lang, article.id)) for lang in self.languages if lang != article.lang)
        return tuple(other for other in others if other is not None and other.is_published)

    def category(self, key: str) -> Category:
        """Find a category; one without words of its own where categories.yml does not name it."""
        return self.categories.get(key) or Category(key=key)

    def spoken_path(self, path: str) -> str:
        """Say a file's path as a person would type it from the folder that they are in."""
        return f"{self._spoken_folder}{path}"

    @cached_property
    def _spoken_folder(self) -> str:
        return "" if self.folder == Path() else f"{self.folder.as_posix().rstrip('/')}/"


class _Reading:
    """Walks and reads one folder, and gathers what is wrong with it."""

    def __init__(self, folder: Path, reader: Reader) -> None:
        self.folder, self._root = folder, os.fspath(folder)
        self._read = reader
        self.findings: list[Finding] = []
        self.files = self._walk()

    def article(self, path: str) -> Article | None:
        """Read one file as an article; None where it is something else, or faulty."""
        parts = path.split("/")
        suffix = PurePosixPath(parts[-1]).suffix
        if suffix.lower() != ".md" or (len(parts) == 1 and path.lower() in _PROJECT_NOTES):
            return None
        if suffix != ".md" or len(parts) != 3 or not is_language(parts[0]):
            self._report(path, Fault(line=1, rule="place", message=f"No article belongs here. {_PLACE}"))
            return None
        found = self._tried(path, self._read)
        if found is None:
            return None
        article, faults = found
        self._report(path, *faults)
        return article

    def register(self, name: str, read: Callable[[Register], T]) -> T | None:
        """Read a list that lies beside the articles; None where there is no such file."""
        data = self._tried(name, Source.data) if name in self.files else None
        if data is None:
            return None
        text, faults = decode(data)
        tree = read_tree(text)
        register = Register(tree)
        content = read(register)
        self._report(name, *faults, *tree.faults, *register.faults)
        return content

    def _walk(self) -> list[str]:
        files: list[str] = []
        if not self.folder.is_dir():
            self._report(
                "",
                Fault(
                    line=1, rule="place", message="There is no such folder. Name the folder of the articles."
                ),
            )
        for root, folders, names in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
            inside = Path(root).relative_to(self.folder).as_posix()
            prefix = "" if inside == "." else f"{inside}/"
            for name in folders:
                if name.lower().endswith(".md"):
                    message = "This is a folder. Give it a name that does not end in .md."
                    self._report(f"{prefix}{name}", Fault(line=1, rule="place", message=message))
            files.extend(f"{prefix}{name}" for name in sorted(names) if not name.startswith("."))
        return files

    def _tried(self, path: str, read: Callable[[Source], T]) -> T | None:
        """Read a regular file; a pipe, a vanished or a forbidden one is a finding."""
        file = os.path.join(self._root, path)  # noqa: PTH118 - as in Source
        try:
            about = os.stat(file)  # noqa: PTH116
            if stat.S_ISREG(about.st_mode):
                return read(Source(path=path, file=file, about=about))
            reason = "it is not a regular file"
        except OSError as exc:
            reason = (exc.strerror or str(exc)).lower()
        message = f"The file cannot be read: {reason}. See that it exists and that you may read it."
        self._report(path, Fault(line=1, rule="unreadable", message=message))
        return None

    def _report(self, path: str, *faults: Fault) -> None:
        if not faults:
            return
        spoken = (self.folder / path).as_posix()
        self.findings.extend(
            Finding(path=spoken, line=f.line, rule=f.rule, severity=Severity.ERROR, message=f.message)
            for f in faults
        )
