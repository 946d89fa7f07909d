"""The hooks of MkDocs; another site engine means another one of this, templating.py and builds/engine.py."""

# ruff: noqa: ARG002 - MkDocs hands every hook all of its arguments by name.

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final, Literal
from urllib.parse import urlsplit

import jinja2
from mkdocs.commands.build import get_context
from mkdocs.config.base import Config
from mkdocs.config.config_options import File as ConfigFile
from mkdocs.config.config_options import ListOfItems, Optional, Type
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as SitePage
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils import get_build_datetime
from mkdocs.utils.templates import TemplateContext

from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.locating import as_typed
from generator.audit import AuditReport, audit
from generator.cache.memory import Recall, work_anew
from generator.catalogue import CatalogueEntry, build_catalogue, sections_of, write_json
from generator.freshness.evidence import gather
from generator.freshness.signals import Signals, SignalsUnusable, read_signals
from generator.history.git import commit_of
from generator.history.past import remembered_past
from generator.policy import policy_files
from generator.reviewing.review_list import write_audit
from generator.site.earlier import earlier_html
from generator.site.layout import Site
from generator.site.machines import machine_files
from generator.site.pages import ArticlePage, Frame, Page, VersionPage
from generator.site.sanitising import (
    sanitised,
    with_framed_tables,
    with_named_boxes,
    with_quiet_permalinks,
    without_title,
)
from generator.site.search_index import index_files
from generator.site.wording import Wording
from generator.templating import TemplateLoader, deflector_of, is_ours, shown, to_html

__all__ = ["HEADING", "NO_MENU", "AnswerfirstPlugin", "commit_of", "deflector_of"]

MEDIA: Final = frozenset(
    ".avif .gif .jpeg .jpg .mp3 .mp4 .ogg .pdf .png .svg .vtt .webm .webp".split()  # noqa: SIM905
)
"""What may lie beside the articles and is published with them; other files stay in the repository."""
NO_MENU: Final = Navigation([], [])
HEADING: Final = "af-content"
"""The id of a page's title where nothing else names it; the skip link leads there."""


class AnswerfirstConfig(Config):  # type: ignore[no-untyped-call]
    """The options of the plugin in mkdocs.yml."""

    today = Optional(Type(str))
    """The day that decides what is overdue, year-month-day; the day of the build where it is not given."""
    revision = Optional(Type(str))
    """The name of the state that is built; the Git commit where it is not given."""
    default_language = Type(str, default="en")
    featured = ListOfItems(Type(str), default=[])
    """Ids of the articles whose first questions the home page asks."""
    signals = Optional(ConfigFile(exists=False))
    """What `deflector report --signals` wrote: what is read most, and which articles fail their readers."""
    four_eyes = Type(bool, default=False)
    """Whether nobody may review what they wrote; then that is an error, for `kb check` and builds alike."""
    history = Type(bool, default=True)
    """Whether readers see the history of articles and their earlier versions."""
    data_dir = Optional(Type(str))
    """Where catalogue.json and audit.json go; beside the site where it is not given."""


class AnswerfirstPlugin(BasePlugin[AnswerfirstConfig]):  # type: ignore[no-untyped-call]
    """Turns a knowledge base into a site, and the pages of the site into a catalogue."""

    is_serving = False
    is_sound: bool
    report: AuditReport
    site: Site
    generated: Mapping[str, Page]
    """The pages that no article stands for, by the path of the file that each pretends to be."""
    entries: dict[str, CatalogueEntry]
    _env: jinja2.Environment

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.is_serving = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the articles, and stop before MkDocs empties the folder of the last good site."""
        base = KnowledgeBase.load(
            as_typed(Path(config.docs_dir)),
            default_language=self.config.default_language,
            four_eyes=self.config.four_eyes,
        )
        today = _day(self.config.today)
        self.report = audit(base, today=today, evidence=gather(base, self.signals))
        errors = [finding for finding in self.report.written if finding.is_error]
        self.is_sound = not errors
        if errors and not self.is_serving:
            raise PluginError("\n".join((*map(str, errors), "Nothing was built. Mend this first.")))
        self.lay_out(base, today, stale=self.report.stale_paths)
        return config

    @property
    def signals(self) -> Signals:
        """What the deflector counted; nothing where it has not counted yet."""
        return _signals(self.config.signals)

    def lay_out(
        self,
        base: KnowledgeBase,
        today: date,
        *,
        stale: tuple[str, ...] = (),
        recall: Recall = work_anew,
        stamps: Mapping[str, bytes] | None = None,
        faces: Mapping[str, bytes] | None = None,
    ) -> None:
        """Decide which pages there are; with `recall` and digests of files and faces, from memory."""
        self.site = Site(
            base=base,
            today=today,
            featured=tuple(self.config.featured),
            signals=self.signals,
            stale=stale,
            past=remembered_past(base, recall, stamps or {}) if self.config.history else {},
            recall=recall,
            stamps=faces or {},
        )
        self.generated = {f"{page.address[1:]}index.md": page for page in self.site.generated()}
        self.entries = {}

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        published = {article.path for article in self.site.base.published}
        for file in list(files):
            is_ours = file.src_uri in published or PurePosixPath(file.src_uri).suffix.lower() in MEDIA
            if file.src_dir == config.docs_dir and not is_ours:
                files.remove(file)
        for path in self.generated:
            files.append(File.generated(config, path, content=""))
        for redirect in self.site.redirects():
            if files.get_file_from_path(redirect.path) is None:
                files.append(File.generated(config, redirect.path, content=redirect.html))
        return files

    def on_page_read_source(self, *, page: SitePage, config: MkDocsConfig) -> str:
        """Keep MkDocs from reading the file: it has been read."""
        return ""

    def on_page_markdown(self, markdown: str, *, page: SitePage, config: MkDocsConfig, files: Files) -> str:
        """Give MkDocs the title and the text as they were checked; it reads front matter by other rules."""
        view = self.view_of(page.file.src_uri)
        page.meta = {"title": view.title, "description": view.description}
        page.update_date = view.updated_on.isoformat()
        return view.article.body if isinstance(view, ArticlePage) else markdown

    def on_page_content(self, html: str, *, page: SitePage, config: MkDocsConfig, files: Files) -> str:
        view = self.view_of(page.file.src_uri)
        say = Wording.of(view.lang)
        html, heading = without_title(with_named_boxes(sanitised(html), say.boxes))
        page.toc = _below_title(page.toc, view.title, heading or HEADING)
        if isinstance(view, ArticlePage):
            sections = sections_of(html, title=view.title)
            self.entries[page.file.src_uri] = CatalogueEntry(article=view.article, sections=sections)
        return with_quiet_permalinks(with_framed_tables(html, say("article.table")), say("article.permalink"))

    def on_env(self, env: jinja2.Environment, *, config: MkDocsConfig, files: Files) -> jinja2.Environment:
        """Escape what our templates write; Material's are written for an environment that escapes nothing."""
        env.autoescape = is_ours
        env.loader = TemplateLoader(config.theme.dirs)
        self._env = env
        return env

    def on_page_context(
        self, context: TemplateContext, *, page: SitePage, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        view = self.view_of(page.file.src_uri)
        self.show(context, page=page, view=view, frame=self.site.frame(view.lang), config=config)
        return context

    def on_template_context(
        self, context: TemplateContext, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        if template_name == "404.html":
            view = self.site.not_found(self.site.languages[0])
            self.show(context, page=None, view=view, frame=self.site.frame(view.lang), config=config)
        return context

    def show(
        self,
        context: TemplateContext,
        *,
        page: SitePage | None,
        view: Page,
        frame: Frame,
        config: MkDocsConfig,
    ) -> None:
        """Show a template its view and its frame, and hide the rest: see generator/builds/rendering.py."""
        values = shown(view, frame, context["base_url"], config)
        if isinstance(view, VersionPage):
            earlier = earlier_html(
                view.wording.body, view.places, to_html=partial(to_html, config), at=values["at"]
            )
            say = Wording.of(view.lang)
            values["earlier"] = with_framed_tables(with_named_boxes(earlier, say.boxes), say("article.table"))
        if page is not None:
            title = page.toc.items[0]
            values |= {"heading_id": title.id, "contents": title.children}
            page.previous_page = page.next_page = None
        # The type of MkDocs' context knows only its own values, and none that may be missing.
        dict.update(context, values, nav=NO_MENU, pages=())
        dict.pop(context, "build_date_utc")  # type: ignore[call-overload]

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write what the deflector reads; articles with faults leave the last good files alone."""
        if not self.is_sound:
            return
        base, now = self.site.base, get_build_datetime()
        catalogue = build_catalogue(
            (self.entries[article.path] for article in base.published),
            knowledge_base=base,
            site_url=config.site_url or "",
            revision=self.config.revision or commit_of(config.docs_dir),
            generated_at=now,
            stale=self.report.stale_paths,
        )
        folder = Path(self.config.data_dir or Path(config.site_dir).parent)
        write_json(folder / "catalogue.json", catalogue)
        write_audit(folder, self.report, base, now)
        for name, content in index_files(self.entries[article.path] for article in base.published):
            _write(Path(config.site_dir, name), content)
        root = (config.site_url or "").rstrip("/")
        for name, data in machine_files(self.site, name=config.site_name, root=root).items():
            Path(config.site_dir, name).write_bytes(data)
        for name, content in policy_files(deflector_of(config)).items():
            _write(Path(config.site_dir, name), content)
        for lang in self.site.languages[1:]:  # MkDocs itself writes the one at the root
            view, root = self.site.not_found(lang), urlsplit(config.site_url or "/").path
            context = get_context(NO_MENU, [], config, None, root)
            self.show(context, page=None, view=view, frame=self.site.frame(lang), config=config)
            _write(
                Path(config.site_dir, view.address[1:]), self._env.get_template("404.html").render(context)
            )

    def view_of(self, path: str) -> Page:
        """Say what the page of a file shows."""
        return self.generated.get(path) or self.site.article(self.site.base.by_path[path])

    def path_of(self, view: Page) -> str:
        """Name the file whose page shows a view."""
        return view.article.path if isinstance(view, ArticlePage) else f"{view.address[1:]}index.md"


def _signals(path: str | None) -> Signals:
    """Read what the deflector counted; nothing where it has not counted yet."""
    if path is None or not Path(path).is_file():
        return {}
    try:
        return read_signals(Path(path))
    except SignalsUnusable as exc:
        raise PluginError(str(exc)) from None


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def _day(text: str | None) -> date:
    if text is None:
        return get_build_datetime().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        advice = "Write a day as year-month-day, e.g. 2026-11-22."
        raise PluginError(f'The plugin answerfirst has "{text}" as today. {advice}') from None


def _below_title(toc: TableOfContents, title: str, id: str) -> TableOfContents:  # noqa: A002
    """Put a page's headings below its title: Material's skip link leads to the first entry."""
    entry = AnchorLink(title, id, 1)
    entry.children = [part for item in toc for part in (item.children if item.level == 1 else [item])]
    return TableOfContents([entry])
