"""MkDocs and Material as the engine that renders single pages; generator/builds/rendering.py says why."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePath
from typing import cast
from urllib.parse import urlsplit

import jinja2
from mkdocs.commands.build import get_context
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, get_files, set_exclusions
from mkdocs.structure.nav import get_navigation
from mkdocs.structure.pages import Page as SitePage
from mkdocs.structure.toc import AnchorLink, TableOfContents

from generator.articles.article import Article
from generator.builds.logs import collected_warnings
from generator.builds.rendering import Content, Facts, Heading, Jump, with_digest
from generator.cache.memory import digest
from generator.configuring import PLUGIN, look_of, options_of_content
from generator.plugin import HEADING, NO_MENU, AnswerfirstPlugin
from generator.site.pages import ArticlePage, Frame, Page


class MkDocsEngine:
    """One build of a configuration that has no strangers in it (see generator/configuring.py).

    `programs` is a digest of all the code that runs.
    """

    def __init__(self, config: MkDocsConfig, *, programs: bytes) -> None:
        self._config = config
        self._plugin = cast("AnswerfirstPlugin", config.plugins[PLUGIN])
        self._env = config.plugins.on_env(config.theme.get_env(), config=config, files=Files([]))
        self._env.bytecode_cache = _compiled_templates(programs)
        files = get_files(config)
        files.add_files_from_theme(self._env, config)
        files = config.plugins.on_files(files, config=config)
        set_exclusions(files, config)
        if config.nav is not None:
            get_navigation(files, config)  # for its warnings only: no page of ours shows MkDocs' menu
        self._files = _Files(files)
        self._pages = files.documentation_pages()
        self.content_stamp = options_of_content(config)
        self.page_stamp = digest(self.content_stamp, look_of(config))

    @property
    def nothing(self) -> Content:
        return Content(html="", heading=HEADING)

    def pages(self) -> Iterator[tuple[str, str]]:
        """Go through the pages in the order of MkDocs: the file of each, and the one that it becomes."""
        for file in self._pages:
            yield file.src_uri, file.dest_uri

    def statics(self) -> Iterator[File]:
        """Go through the files that are published as they are: pictures, assets, pages that lead on."""
        for file in self._files:
            # MkDocs gives this question no types.
            if not file.is_documentation_page() and file.inclusion.is_included():  # type: ignore[no-untyped-call]
                yield file

    def has(self, path: str) -> bool:
        return path in self._files.src_uris

    def content(self, article: Article) -> tuple[Content, Facts]:
        page, files, config = self._page(article.path), self._files, self._config
        files.asked = {}
        with collected_warnings() as warnings:
            page.markdown = config.plugins.on_page_markdown("", page=page, config=config, files=files)
            page.render(config, files)
            html = config.plugins.on_page_content(page.content or "", page=page, config=config, files=files)
        title = page.toc.items[0]
        content = Content(
            html=html,
            heading=title.id,
            headings=tuple(map(_heading, title.children)),
            sections=self._plugin.entries[article.path].sections,
        )
        return with_digest(
            content,
            asked=tuple(files.asked.items()),
            anchors=frozenset(page.present_anchor_ids or ()),
            jumps=tuple(_jumps(page)),
            warnings=tuple(warnings),
        )

    def page(self, view: Page, frame: Frame, content: Content) -> str:
        page = self._page(self._plugin.path_of(view))
        page.meta = {"title": view.title, "description": view.description}
        page.markdown = view.article.body if isinstance(view, ArticlePage) else ""
        page.content, page.update_date = content.html, view.updated_on.isoformat()
        title = AnchorLink(view.title, content.heading, 1)
        title.children = [_link(heading) for heading in content.headings]
        page.toc, page.active = TableOfContents([title]), True
        context = get_context(NO_MENU, [], self._config, page)
        self._plugin.show(context, page=page, view=view, frame=frame, config=self._config)
        return str(self._env.get_template("main.html").render(context))

    def template(self, view: Page, frame: Frame, name: str) -> str:
        """Render a page of the theme that has an address of its own, from the site's root."""
        context = get_context(NO_MENU, [], self._config, None, urlsplit(self._config.site_url or "/").path)
        self._plugin.show(context, page=None, view=view, frame=frame, config=self._config)
        return str(self._env.get_template(name).render(context))

    def lost_jumps(self, facts: Mapping[str, Facts]) -> Iterator[str]:
        """Say, in MkDocs' words, which links lead to places that their pages do not have."""
        for path, known in facts.items():
            lost = [jump for jump in known.jumps if _is_lost(jump, facts)]
            if not lost:
                continue
            page = self._page(path)
            page.links_to_anchors = {}
            for jump in lost:
                other = page if jump.path == path else self._page(jump.path)
                other.present_anchor_ids = set(facts[jump.path].anchors)
                page.links_to_anchors.setdefault(other.file, {})[jump.anchor] = jump.written
            with collected_warnings() as warnings:
                level = self._config.validation.links.anchors
                page.validate_anchor_links(files=self._files, log_level=level)
            yield from warnings

    def _page(self, path: str) -> SitePage:
        return SitePage(None, self._files.src_uris[path], self._config)


class _Files(Files):
    """The files of a site, and which of them a page asked for."""

    def __init__(self, files: Files) -> None:
        super().__init__(files)
        self.asked: dict[str, bool] = {}

    def get_file_from_path(self, path: str) -> File | None:
        found = super().get_file_from_path(path)
        self.asked[PurePath(path).as_posix()] = found is not None
        return found


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """Keeps compiled templates in a folder, and does without where it cannot.

    The folder goes away under a build when another one begins with newer programs; the disk may be full.
    """

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _compiled_templates(programs: bytes) -> jinja2.BytecodeCache | None:
    """Keep compiled templates where Python keeps our compiled modules, trusted as far as these; else nowhere.

    Jinja tells changed templates by their text; what other programs compiled is thrown away.
    """
    place = Path(__file__).parent / "__pycache__"
    folder = place / f"templates-{programs.hex()[:16]}"
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            for other in place.glob("templates-*"):
                if other != folder:
                    shutil.rmtree(other, ignore_errors=True)
    except OSError:
        return None
    return CompiledTemplates(str(folder)) if os.access(folder, os.W_OK) else None


def _is_lost(jump: Jump, facts: Mapping[str, Facts]) -> bool:
    return jump.path in facts and jump.anchor not in facts[jump.path].anchors


def _jumps(page: SitePage) -> Iterator[Jump]:
    for other, links in (page.links_to_anchors or {}).items():
        for anchor, written in links.items():
            yield Jump(path=other.src_uri, anchor=anchor, written=written)


def _heading(link: AnchorLink) -> Heading:
    children = tuple(map(_heading, link.children))
    return Heading(title=link.title, id=link.id, level=link.level, children=children)


def _link(heading: Heading) -> AnchorLink:
    link = AnchorLink(heading.title, heading.id, heading.level)
    link.children = [_link(child) for child in heading.children]
    return link
