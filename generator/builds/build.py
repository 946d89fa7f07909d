"""Run MkDocs over a knowledge base, so that a failed build leaves the last good one whole."""

import gc
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, cast

import jinja2
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException
from mkdocs.utils import get_build_datetime

from generator.articles.article import Confidence
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.locating import as_typed
from generator.builds.crew import CrewLost
from generator.builds.incremental import Desk, Incremental, memory_of, programs, publish, tree_of
from generator.builds.logs import collected_warnings
from generator.builds.rendering import Progress
from generator.builds.workplace import DATA, BuildFailed, alone_in, put_in_place
from generator.cache.memory import Held, Memory
from generator.cache.tree import Changes
from generator.configuring import PLUGIN, strangers
from generator.findings import Finding
from generator.plugin import AnswerfirstPlugin, commit_of

_NOT_REUSED: Final = (
    "Every page was rendered anew, since mkdocs.yml uses what pages may depend on unseen: {names}. "
    "docs/building.md says what a build can look into."
)
_ABOUT_A_FILE = re.compile(r"Doc file '([^']+)'")


def _unheard(done: int, jobs: int) -> None:
    """Take no notice of progress."""


class FaultyArticles(Exception):
    """Nothing was built because articles have errors; `findings` has these and the warnings."""

    def __init__(self, findings: tuple[Finding, ...], articles: int) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings
        self.articles = articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build made.

    `remarks` are MkDocs' warnings about articles that nobody vouches for yet; `notes` say why a build took
    longer than it could.
    """

    out: Path
    articles: int
    published: int
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...]
    notes: tuple[str, ...]
    changes: Changes


def build_site(
    config_file: Path,
    out: Path,
    *,
    today: date,
    progress: Progress = _unheard,
    on_wait: Callable[[], None] = lambda: None,
    remains: list[object] | None = None,
) -> Built:
    """Check the articles, build site, catalogue and audit aside, then put all three in their places.

    A warning of MkDocs is a failure, except about an article that is not validated. Raises FaultyArticles or
    BuildFailed; in both cases `out` is as it was. `on_wait` hears that another build is writing to `out`,
    which this one waits for. What the build was made of is left in `remains`: taking it apart takes a while,
    which a process that ends can spare itself.
    """
    with alone_in(out, on_wait) as work:
        return _built(config_file, out, work, today, progress, [] if remains is None else remains)


def _built(
    config_file: Path, out: Path, work: Path, today: date, progress: Progress, remains: list[object]
) -> Built:
    memory_file = memory_of(config_file) if config_file.is_file() else None
    with (
        _without_collection(),
        Memory.opened(memory_file, stamp=programs()) as memory,
        collected_warnings() as warnings,
        _in_our_words(warnings),
    ):
        config = configuration(config_file, out.absolute() / "site", warnings)
        desk = desk_of(config, today, memory)
        base, findings = desk.base, desk.report.written
        if any(finding.is_error for finding in findings):
            raise FaultyArticles(findings, len(base.articles))
        unknown = strangers(config)
        build = _build_anew if unknown else _build_changes
        notes = (_NOT_REUSED.format(names=", ".join(unknown)),) if unknown else ()
        remains += (config, desk, memory)
        changes = build(config, desk, memory, work, out, warnings, progress)
    return Built(
        out=out,
        articles=len(base.articles),
        published=len(base.published),
        findings=findings,
        remarks=tuple(warnings),
        notes=notes,
        changes=changes,
    )


def preview_site(
    config_file: Path,
    site: Path,
    *,
    url: str,
    today: date,
    hear: Callable[[Desk], None],
    held: Held | None = None,
) -> tuple[str, ...]:
    """Build for the writer's own eyes: articles with faults are left out, and stop nothing else.

    `hear` is told what was found as soon as it is known; `held` keeps what is remembered at hand for the next
    build. Returns what MkDocs warns of.
    """
    with (
        _without_collection(),
        Memory.opened(memory_of(config_file), stamp=programs(), held=held) as memory,
        collected_warnings() as warnings,
        _in_our_words(warnings),
    ):
        config = configuration(config_file, site, warnings)
        config.site_url = url
        desk = desk_of(config, today, memory)
        hear(desk)
        if strangers(config):
            config.plugins[PLUGIN].config.update({"today": today.isoformat()})
            run(config, warnings, serve_url=url)
        else:
            build = Incremental(config, desk, memory, pile="preview")
            tree = tree_of(site, site.with_name("staging"), memory)
            try:
                build.stage(tree, _unheard)
                warnings[:] = dict.fromkeys((*warnings, *build.warnings()))
                publish(tree, memory, site)
            finally:
                build.finish()
                shutil.rmtree(site.with_name("staging"), ignore_errors=True)
    return tuple(warnings)


def _build_changes(
    config: MkDocsConfig,
    desk: Desk,
    memory: Memory,
    work: Path,
    out: Path,
    warnings: list[str],
    progress: Progress,
) -> Changes:
    """Build from memory what is as it was, and change only what has changed."""
    build = Incremental(config, desk, memory, pile="site")
    tree = tree_of(out / "site", work / "site", memory)
    try:
        build.stage(tree, progress)
        warnings[:] = dict.fromkeys((*warnings, *build.warnings()))
        _stop_at(warnings, desk.base)
        revision = config.plugins[PLUGIN].config.revision or commit_of(config.docs_dir)
        build.write_data(work, revision=revision, now=get_build_datetime())
    finally:
        build.finish()  # what was rendered need not be rendered again, even if the build stops here
    changes = publish(tree, memory, out / "site")
    for name in DATA:
        (work / name).replace(out / name)
    memory.save()
    return changes


def _build_anew(
    config: MkDocsConfig,
    desk: Desk,
    memory: Memory,  # noqa: ARG001 - nothing is remembered of such a site
    work: Path,
    out: Path,
    warnings: list[str],
    progress: Progress,  # noqa: ARG001
) -> Changes:
    """Let MkDocs build the whole site aside, then put it in its place."""
    config.site_dir = str(work / "site")
    config.plugins[PLUGIN].config.update({"today": desk.today.isoformat(), "data_dir": str(work)})
    run(config, warnings)
    _stop_at(warnings, desk.base)
    put_in_place(work, out)
    written = sum(path.is_file() for path in (out / "site").rglob("*"))
    return Changes(written=written, removed=0, kept=0)


def _stop_at(warnings: list[str], base: KnowledgeBase) -> None:
    problems = [warning for warning in warnings if not _is_tolerable(warning, base)]
    if problems:
        raise BuildFailed(*problems)


def configuration(config_file: Path, site_dir: Path, warnings: list[str]) -> MkDocsConfig:
    """Load mkdocs.yml for a build into `site_dir`; raise BuildFailed with what is wrong in it."""
    if not config_file.is_file():
        raise BuildFailed(f"{config_file}: there is no such file. Name the site's mkdocs.yml with --config.")
    try:
        with config_file.open("rb") as file:
            config = load_config(file, site_dir=str(site_dir), strict=False)
    except (MkDocsException, OSError) as exc:
        raise BuildFailed(*warnings, f"{config_file}: {_sentence(exc)}") from None
    if PLUGIN not in config.plugins:
        message = f"the plugin {PLUGIN} is missing. Add '- {PLUGIN}' below 'plugins'."
        raise BuildFailed(f"{config_file}: {message}")
    return config


def desk_of(config: MkDocsConfig, today: date, memory: Memory) -> Desk:
    """Read and check the articles that a configuration names."""
    plugin = cast("AnswerfirstPlugin", config.plugins[PLUGIN])
    return Desk.laid(
        as_typed(Path(config.docs_dir)),
        default_language=plugin.config.default_language,
        four_eyes=plugin.config.four_eyes,
        signals=plugin.signals,
        today=today,
        memory=memory,
    )


def run(config: MkDocsConfig, warnings: list[str], serve_url: str | None = None) -> None:
    """Let MkDocs build once; raise BuildFailed with its own words where it gives up."""
    with _in_our_words(warnings):
        try:
            config.plugins.on_startup(command="serve" if serve_url else "build", dirty=False)
            build(config, serve_url=serve_url)
        finally:
            config.plugins.on_shutdown()


@contextmanager
def _without_collection() -> Iterator[None]:
    """Let Python not look for garbage: a build makes many values that stay, and hardly any garbage.

    It would look through all of them again and again, for a third of the time of a build that changes little.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _in_our_words(warnings: list[str]) -> Iterator[None]:
    """Turn what stops MkDocs into BuildFailed."""
    try:
        yield
    except (MkDocsException, jinja2.TemplateError, OSError, CrewLost) as exc:
        raise BuildFailed(*warnings, _sentence(exc)) from exc


def _is_tolerable(warning: str, base: KnowledgeBase) -> bool:
    """Whether it is about the text of an article that is not validated: `kb check` warns of the same."""
    about = _ABOUT_A_FILE.search(warning)
    article = base.by_path.get(about[1]) if about else None
    return article is not None and article.confidence is not Confidence.VALIDATED


def _sentence(exc: Exception) -> str:
    if isinstance(exc, jinja2.TemplateSyntaxError):
        return f"{exc.filename or exc.name}:{exc.lineno}: the template is faulty: {exc.message}"
    if isinstance(exc, jinja2.TemplateError):
        return f"A template failed: {exc}"
    if isinstance(exc, OSError):
        return f"{exc.filename or 'A file'}: {(exc.strerror or str(exc)).lower()}."
    return str(exc)
