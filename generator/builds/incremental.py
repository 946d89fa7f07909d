"""A build that does what has changed, and comes to the same files as one that does everything."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File

from generator.articles.article import Article
from generator.articles.knowledge_base import KnowledgeBase
from generator.audit import AuditReport, audit
from generator.builds.crew import together
from generator.builds.engine import MkDocsEngine
from generator.builds.faces import around, beside
from generator.builds.readings import Readings
from generator.builds.rendering import Facts, Progress, Renderer, Stamps
from generator.cache.fingerprints import fingerprint
from generator.cache.memory import Memory, digest
from generator.cache.tree import Changes, Tree
from generator.catalogue import (
    CatalogueEntry,
    as_json,
    catalogue_around,
    catalogue_entry,
    write_parts,
)
from generator.configuring import PLUGIN
from generator.freshness.evidence import gather
from generator.freshness.signals import Signals
from generator.plugin import AnswerfirstPlugin, deflector_of
from generator.policy import policy_files
from generator.reviewing.review_list import write_audit
from generator.site.machines import machine_files
from generator.site.search_index import FOLDER, Index, article_file, files_of, indexed, laid_out

_PLACE: Final = Path(".cache", "answerfirst")
"""Where memories lie, beside the configuration."""


def memory_of(config_file: Path) -> Path:
    """Say where the memory of a configuration lies."""
    return config_file.absolute().parent / _PLACE / f"{config_file.name}.sqlite"


@cache
def programs() -> bytes:
    """Make a digest of all that runs: our own code, the names and versions of all packages, Python."""
    ours = Path(__file__).parents[1]
    texts = sorted(path for kind in ("py", "yml", "html") for path in ours.rglob(f"*.{kind}"))
    code = [(path.relative_to(ours).as_posix(), digest(path.read_bytes())) for path in texts]
    folders = [folder for folder in sys.path if folder and Path(folder).is_dir()]
    packages = [name for folder in folders for name in sorted(os.listdir(folder)) if name.endswith("-info")]  # noqa: PTH208
    return fingerprint((code, packages, sys.version, sys.byteorder), {})


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a build starts from: the articles, what is wrong with them, and their stamps."""

    base: KnowledgeBase
    report: AuditReport
    stamps: Mapping[str, bytes]
    faces: Mapping[str, bytes]
    beside: bytes
    """A digest of all of this but for the texts of the articles."""
    today: date

    @classmethod
    def laid(
        cls,
        folder: Path,
        *,
        default_language: str,
        four_eyes: bool,
        signals: Signals,
        today: date,
        memory: Memory,
    ) -> "Desk":
        """Read and check a knowledge base, from memory where a file is as it was."""
        readings = Readings(memory, now=memory.moment())
        base = KnowledgeBase.load(
            folder, default_language=default_language, reader=readings, four_eyes=four_eyes
        )
        known = gather(base, signals)
        around = beside(base, readings.faces)
        report = audit(
            base,
            today=today,
            recall=memory.recall,
            stamps=readings.stamps,
            around=around,
            evidence=known,
        )
        return cls(
            base=base,
            report=report,
            stamps=readings.stamps,
            faces=readings.faces,
            beside=around,
            today=today,
        )


class Incremental:
    """One build of a configuration without strangers (see generator/configuring.py).

    `pile` names the way of building: "site", or "preview".
    """

    def __init__(self, config: MkDocsConfig, desk: Desk, memory: Memory, *, pile: str) -> None:
        self._config, self._desk, self._memory = config, desk, memory
        self._plugin = cast("AnswerfirstPlugin", config.plugins[PLUGIN])
        self._plugin.lay_out(
            desk.base,
            desk.today,
            stale=desk.report.stale_paths,
            recall=memory.recall,
            stamps=desk.stamps,
            faces=desk.faces,
        )
        self._engine = MkDocsEngine(config, programs=programs())
        self._around = around(self._plugin.site, desk.beside)
        self._renderer = Renderer(
            site=self._plugin.site,
            stamps=Stamps(files=desk.stamps, faces=desk.faces, around=self._around),
            engine=self._engine,
            view_of=self._plugin.view_of,
            memory=memory,
            pile=pile,
        )

    def stage(self, tree: Tree, progress: Progress) -> None:
        """Make ready every file of the site that the tree does not have yet."""
        printed = self._renderer.render(
            self._engine.pages(), is_current=tree.is_current, crew=together, progress=progress
        )
        for one in printed:
            if one.html is not None:
                tree.stage(one.file, one.key, one.html)
        for file in self._engine.statics():
            _stage_static(tree, file)
        self._stage_templates(tree)
        self._stage_machine_files(tree)
        self._stage_index(tree)

    def warnings(self) -> Iterator[str]:
        """Say what the site engine has to say of the articles, whether they were rendered anew or not."""
        for facts in self._renderer.facts.values():
            yield from facts.warnings
        yield from self._engine.lost_jumps(self._renderer.facts)

    def write_data(self, folder: Path, *, revision: str, now: datetime) -> None:
        """Write the catalogue and the audit."""
        base, site_url = self._desk.base, self._config.site_url or ""
        around = catalogue_around(knowledge_base=base, site_url=site_url, revision=revision, generated_at=now)
        entries = self._entries(urlsplit(site_url).path.rstrip("/"))
        parted = (f",{entry}" if number else entry for number, entry in enumerate(entries))
        write_parts(folder / "catalogue.json", (f'{as_json(around)[:-1]},"articles":[', *parted, "]}\n"))
        write_audit(
            folder, self._desk.report, base, now, recall=self._memory.recall, around=self._desk.beside
        )

    def finish(self) -> None:
        """Write down what was worked out, and forget what is out of date."""
        self._renderer.finish()
        self._memory.save()

    def _entries(self, prefix: str) -> Iterator[str]:
        drawer, stale = self._memory.drawer("catalogue"), frozenset(self._desk.report.stale_paths)
        for article, facts in self._rendered():
            is_stale = article.path in stale
            key = digest(prefix.encode(), bytes([is_stale]), self._desk.stamps[article.path], facts.digest)
            text = drawer.get(article.path, key)
            if text is None:
                text = as_json(catalogue_entry(self._entry(article), prefix, is_stale=is_stale))
                drawer.put(article.path, key, text)
            yield text

    def _stage_index(self, tree: Tree) -> None:
        """Make ready the search index, laid out anew only as far as an article has changed."""
        languages: dict[str, dict[bytes, Article]] = {}
        for article, facts in self._rendered():
            key = digest(self._desk.stamps[article.path], facts.digest)
            languages.setdefault(article.lang, {})[key] = article
        for lang, keyed in languages.items():
            articles = tuple(keyed.values())
            for number, (key, article) in enumerate(keyed.items()):
                if not tree.is_current(name := f"{FOLDER}/{lang}/{number}.json", key):
                    tree.stage(name, key, article_file(self._entry(article)).encode())
            for name, content in files_of(self._index(lang, tuple(keyed), articles)):
                data = content.encode()
                if not tree.is_current(path := f"{FOLDER}/{lang}/{name}", key := digest(data)):
                    tree.stage(path, key, data)

    def _index(self, lang: str, keys: tuple[bytes, ...], articles: Sequence[Article]) -> Index:
        drawer = self._memory.drawer("index")
        found = drawer.get(lang, b"")
        before = found if isinstance(found, Index) else Index()
        if before.keys == keys:
            return before
        index = laid_out(before, keys, lambda number: indexed(self._entry(articles[number])))
        drawer.put(lang, b"", index)
        return index

    def _rendered(self) -> Iterator[tuple[Article, Facts]]:
        """Go through the published articles that have a page; a configuration may leave some out."""
        for article in self._desk.base.published:
            if (facts := self._renderer.facts.get(article.path)) is not None:
                yield article, facts

    def _entry(self, article: Article) -> CatalogueEntry:
        return CatalogueEntry(article=article, sections=self._renderer.content(article).sections)

    def _stage_templates(self, tree: Tree) -> None:
        for name, text in policy_files(deflector_of(self._config)).items():
            if not tree.is_current(name, key := digest(text.encode())):
                tree.stage(name, key, text.encode())
        for lang in self._plugin.site.languages:
            view, frame = self._plugin.site.not_found(lang), self._plugin.site.frame(lang)
            key = digest(self._engine.page_stamp, fingerprint((view, frame), self._desk.faces))
            if not tree.is_current(name := view.address[1:], key):
                tree.stage(name, key, self._engine.template(view, frame, "404.html").encode())

    def _stage_machine_files(self, tree: Tree) -> None:
        """Make ready what programs read: laid out anew where anything but the text of an article changed."""
        name, root = self._config.site_name, (self._config.site_url or "").rstrip("/")
        contents: dict[str, bytes] = {}

        def lay_out() -> tuple[tuple[str, bytes], ...]:
            contents.update(machine_files(self._plugin.site, name=name, root=root))
            return tuple((file, digest(content)) for file, content in contents.items())

        files = self._memory.recall("machines", digest(name.encode(), root.encode(), self._around), lay_out)
        missing = [(file, key) for file, key in files if not tree.is_current(file, key)]
        if missing and not contents:
            lay_out()
        for file, key in missing:
            tree.stage(file, key, contents[file])


def _stage_static(tree: Tree, file: File) -> None:
    """Copy a file; one that is on the disk is known by what Git's index knows it by."""
    if file.abs_src_path is None:
        content = file.content_bytes
        if not tree.is_current(file.dest_uri, key := digest(content)):
            tree.stage(file.dest_uri, key, content)
        return
    source = Path(file.abs_src_path)
    about = source.stat()
    marks = (str(source), about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino)
    if not tree.is_current(file.dest_uri, key := fingerprint(marks, {})):
        tree.stage_copy(file.dest_uri, key, source)


def publish(tree: Tree, memory: Memory, folder: Path) -> Changes:
    """Put a tree in its place, and remember its files for the next build."""
    changes, records = tree.publish()
    drawer = memory.drawer("trees")
    for name in drawer.entries:
        if Path(name).is_dir():
            drawer.get(name, b"")
    drawer.put(str(folder.absolute()), b"", records)
    return changes


def tree_of(folder: Path, staging: Path, memory: Memory) -> Tree:
    """See a folder with what is remembered of it."""
    records = memory.drawer("trees").get(str(folder.absolute()), b"")
    return Tree(folder, staging, records if isinstance(records, dict) else {})
