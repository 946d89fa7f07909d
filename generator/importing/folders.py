"""Take over a folder of foreign Markdown: every body as it is, every article in its place."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Final

from generator.articles.article import Article, ArticleType, Audience, Confidence, Significance
from generator.articles.drafts import UNASSIGNED
from generator.articles.fields import ADDRESS
from generator.articles.frontmatter import read_document
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.links import targets
from generator.articles.reading import read_article
from generator.articles.writing import as_yaml, free_slug, front_matter, slug
from generator.importing.foreign import ForeignArticle, read_foreign, spoken
from generator.importing.placing import Shelf, committed_days, files_below, first_interval, shelves_of

MARKDOWN: Final = frozenset({".md", ".markdown", ".mdx"})
IMPORTER: Final = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An article that was taken over, and what could not be known of it."""

    source: str
    article: Article
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A file that was not taken over, and why."""

    source: str
    reason: str


@dataclass(kw_only=True)
class ImportReport:
    """What an import did. Paths of sources are relative to the folder that was taken over."""

    source: Path
    into: Path
    taken: list[Taken] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)


def import_folder(source: Path, into: Path, *, today: date, hold_drafts: bool = False) -> ImportReport:
    """Take over the Markdown files of a folder into `into`, which is <knowledge base>/<language>.

    Nothing that exists is overwritten; what was taken over before is left out. With `hold_drafts`, what the
    source marks as a draft stays one; without, it is published like the rest, as not validated. Raises
    OSError where the target cannot be written.
    """
    return _Import(source, into, today, hold_drafts).run()


class _Import:
    def __init__(self, source: Path, into: Path, today: date, hold_drafts: bool) -> None:
        self.source, self.into, self.today, self.hold_drafts = source, into, today, hold_drafts
        self.root, self.lang = into.parent, into.name
        self.base = KnowledgeBase.load(self.root)
        self.taken_ids = {article.id for article in self.base.articles if article.lang == self.lang}
        self.aliases = {alias.rstrip("/") for article in self.base.articles for alias in article.aliases}
        self.report = ImportReport(source=source, into=into)
        self.titles: dict[str, str] = {}

    def run(self) -> ImportReport:
        files = sorted(files_below(self.source))
        markdown = [path for path in files if path.suffix.lower() in MARKDOWN]
        shelves = shelves_of(markdown)
        committed = committed_days(self.source)
        for path in markdown:
            data = self._read(path)
            if data is not None:
                self._take(path, read_foreign(data, path), shelves[path], committed.get(path.as_posix()))
        self._copy_media()
        self._leave_out_others([path for path in files if path not in shelves])
        if self.report.taken:
            self._add_categories()
            self._add_owner()
        return self.report

    def _take(
        self, path: PurePosixPath, foreign: ForeignArticle, shelf: "Shelf", committed: date | None
    ) -> None:
        category = slug(shelf.category)
        if self._is_there(category, foreign):
            self._leave_out(path, "it was taken over before")
            return
        id_ = free_slug(foreign.name, self.taken_ids)
        values, unknown = self._values(path, foreign, shelf, id_, committed)
        content = front_matter(values).encode() + foreign.body
        target = PurePosixPath(self.lang, category, f"{id_}.md")
        article, faults = read_article(read_document(content), target.as_posix())
        if article is None:
            self._leave_out(path, "; ".join(f"line {fault.line}: {fault.message}" for fault in faults))
            return
        file = self.root / target
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as handle:
            handle.write(content)
        self.taken_ids.add(id_)
        self.aliases.update(alias.rstrip("/") for alias in article.aliases)
        self.titles.setdefault(category, spoken(shelf.category))
        self.report.taken.append(Taken(source=path.as_posix(), article=article, unknown=unknown))

    def _values(
        self, path: PurePosixPath, foreign: ForeignArticle, shelf: "Shelf", id_: str, committed: date | None
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Fill in the front matter, and say what had to be guessed."""
        unknown = list(foreign.unknown)
        if path.suffix.lower() == ".mdx":
            unknown.append("it is MDX: components and imports show as text")
        if foreign.is_draft:
            unknown.append("it is a draft there" + ("" if self.hold_drafts else ", and is published here"))
        changed = foreign.changed or foreign.created or committed
        if changed is None:
            unknown.append("when it was last changed is not known")
        elif changed > self.today:
            unknown.append(f"its date {changed} lies ahead and was not used")
            changed = None
        aliases = [
            one for one in foreign.aliases if ADDRESS.fullmatch(one) and one.rstrip("/") not in self.aliases
        ]
        if lost := [one for one in foreign.aliases if one not in aliases]:
            unknown.append(f"its old address {', '.join(lost)} is taken or no address")
        is_held = foreign.is_draft and self.hold_drafts
        values = {
            "id": id_,
            "title": foreign.title,
            "summary": foreign.summary,
            "category": slug(shelf.category),
            "questions": [foreign.title] if foreign.title.endswith("?") else [],
            "type": ArticleType.HOW_TO.value,
            "audience": Audience.PUBLIC.value,
            "confidence": (Confidence.WORK_IN_PROGRESS if is_held else Confidence.NOT_VALIDATED).value,
            "owner": UNASSIGNED,
            "review_every": first_interval(id_),
            "applies_to": [],
            "sources": list(foreign.sources),
            "aliases": aliases,
            "tags": [*dict.fromkeys(tag.lower() for tag in (*foreign.tags, *shelf.tags))],
            **_versions(foreign, changed, self.today),
        }
        return values, tuple(unknown)

    def _is_there(self, category: str, foreign: ForeignArticle) -> bool:
        """Whether an earlier import left the same body under the id that this one would get."""
        file = self.into / category / f"{slug(foreign.name)}.md"
        try:
            return file.read_bytes().endswith(b"---\n" + foreign.body)
        except OSError:
            return False

    def _read(self, path: PurePosixPath) -> bytes | None:
        file = self.source / path
        try:
            data = file.read_bytes() if file.is_file() else None
        except OSError as exc:
            self._leave_out(path, f"it cannot be read ({(exc.strerror or str(exc)).lower()})")
            return None
        if data is None or not data.strip():
            self._leave_out(path, "it is empty" if data is not None else "it is not a regular file")
            return None
        return data

    def _copy_media(self) -> None:
        """Put images where the same words reach them from the article's new place."""
        for taken in self.report.taken:
            for target in targets(taken.article.body):
                if target.is_local:
                    here = target.path_from(posixpath.dirname(taken.source))
                    there = target.path_from(posixpath.dirname(taken.article.path))
                    self._copy(here, there)

    def _copy(self, here: str, there: str) -> None:
        is_outside = here.startswith("..") or there.startswith("..") or there.count("/") < 1
        if is_outside or PurePosixPath(here).suffix.lower() in {*MARKDOWN, ""}:
            return
        source, target = self.source / here, self.root / there
        if source.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            self.report.media.append(here)

    def _leave_out_others(self, others: list[PurePosixPath]) -> None:
        copied = set(self.report.media)
        for path in others:
            if path.as_posix() not in copied:
                self._leave_out(path, "it is no Markdown, and no article shows it")

    def _leave_out(self, path: PurePosixPath, reason: str) -> None:
        self.report.left_out.append(LeftOut(source=path.as_posix(), reason=reason))

    def _add_categories(self) -> None:
        """Name new categories in categories.yml, below what stands there."""
        known = self.base.categories if "categories.yml" in self.base.files else {}
        new = {key: title for key, title in self.titles.items() if key not in known}
        missing = [article.category for article in self.base.articles if article.category not in known]
        new |= {
            key: spoken(key) for key in missing if key not in new and "categories.yml" not in self.base.files
        }
        self.report.categories = list(new)
        _append(
            self.root / "categories.yml",
            {key: {"icon": "folder", "title": {self.lang: title}} for key, title in new.items()},
        )

    def _add_owner(self) -> None:
        """Name the owner `unassigned`, and those that a people.yml written now would leave out."""
        known = self.base.people
        owners = {UNASSIGNED: "Nobody yet"}
        if "people.yml" not in self.base.files:
            named = (name for a in self.base.articles for name in (a.owner, a.reviewed_by) if name)
            owners |= {name: name for name in named if name != UNASSIGNED}
        _append(
            self.root / "people.yml",
            {key: {"name": name, "role": _role(key)} for key, name in owners.items() if key not in known},
        )


def _role(key: str) -> str:
    return "team" if key == UNASSIGNED else "person"


def _versions(foreign: ForeignArticle, changed: date | None, today: date) -> dict[str, Any]:
    """Record the state that the source had, if it is dated, and the import as a version that changed no word.

    The first review counts from the day of the import: an old base does not fall due the day it arrives.
    """
    by = slug(foreign.author) if foreign.author else IMPORTER
    note = "Taken over from another system"
    if changed is None:
        return {"version": 1, "changes": [_change(1, today, IMPORTER, Significance.MAJOR, note)]}
    earlier = _change(1, changed, by, Significance.MAJOR, "As last changed in another system")
    return {"version": 2, "changes": [_change(2, today, IMPORTER, Significance.TYPO, note), earlier]}


def _change(version: int, on: date, by: str, significance: Significance, note: str) -> dict[str, Any]:
    return {"version": version, "date": on, "by": by, "significance": significance.value, "note": note}


def _append(file: Path, entries: Mapping[str, Any]) -> None:
    if not entries:
        return
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    file.write_text(before + as_yaml(entries), encoding="utf-8")
