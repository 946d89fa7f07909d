"""Run MkDocs over a knowledge base, so that a failed build leaves the last good one whole."""

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import jinja2
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException

from generator.articles import Confidence
from generator.audit import check
from generator.findings import Finding
from generator.knowledge_base import KnowledgeBase
from generator.locating import as_typed

PLUGIN: Final = "answerfirst"
OUTPUTS: Final = ("site", "catalogue.json", "audit.json")
_ABOUT_A_FILE = re.compile(r"Doc file '([^']+)'")


class BuildFailed(Exception):
    """Nothing was built; `problems` says why, one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class FaultyArticles(Exception):
    """Nothing was built because articles have errors; `findings` has these and the warnings."""

    def __init__(self, findings: tuple[Finding, ...], articles: int) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings
        self.articles = articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build made; `remarks` are MkDocs' warnings about articles that nobody vouches for yet."""

    out: Path
    articles: int
    published: int
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...]


def build_site(config_file: Path, out: Path, *, today: date) -> Built:
    """Check the articles, build site, catalogue and audit aside, then put all three in their places.

    A warning of MkDocs is a failure, except about an article that is not validated. Raises FaultyArticles or
    BuildFailed; in both cases `out` is as it was.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        # Inside of `out`, since only there a rename is certain not to cross file systems.
        work = Path(tempfile.mkdtemp(prefix=".building-", dir=out.absolute()))
    except OSError as exc:
        raise BuildFailed(
            f"{out}: cannot be written ({exc.strerror}). Name another folder with --out."
        ) from None
    try:
        with collected_warnings() as warnings:
            config = configuration(config_file, work / "site", warnings)
            base = knowledge_base(config)
            findings = check(base, today=today)
            if any(finding.is_error for finding in findings):
                raise FaultyArticles(findings, len(base.articles))
            config.plugins[PLUGIN].config.update({"today": today.isoformat(), "data_dir": str(work)})
            run(config, warnings)
        problems = [warning for warning in warnings if not _is_tolerable(warning, base)]
        if problems:
            raise BuildFailed(*problems)
        _put_in_place(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    remarks = tuple(warning for warning in warnings if warning not in problems)
    return Built(
        out=out,
        articles=len(base.articles),
        published=len(base.published),
        findings=findings,
        remarks=remarks,
    )


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


def knowledge_base(config: MkDocsConfig) -> KnowledgeBase:
    """Read the articles that a configuration names."""
    language = config.plugins[PLUGIN].config["default_language"]
    return KnowledgeBase.load(as_typed(Path(config.docs_dir)), default_language=language)


def run(config: MkDocsConfig, warnings: list[str], serve_url: str | None = None) -> None:
    """Let MkDocs build once; raise BuildFailed with its own words where it gives up."""
    try:
        config.plugins.on_startup(command="serve" if serve_url else "build", dirty=False)
        build(config, serve_url=serve_url)
    except (MkDocsException, jinja2.TemplateError, OSError) as exc:
        raise BuildFailed(*warnings, _sentence(exc)) from exc
    finally:
        config.plugins.on_shutdown()


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Gather what MkDocs and its plugins warn of, instead of letting it run over the terminal."""
    collector = _Collector()
    logger = logging.getLogger("mkdocs")
    passes_on, logger.propagate = logger.propagate, False
    logger.addHandler(collector)
    try:
        yield collector.messages
    finally:
        logger.removeHandler(collector)
        logger.propagate = passes_on


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage().strip()
        if message not in self.messages:
            self.messages.append(message)


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


def _put_in_place(work: Path, out: Path) -> None:
    """Swap what was built for what stood there, by renaming; the catalogue last, since readers follow it."""
    missing = [name for name in OUTPUTS if not (work / name).exists()]
    if missing:
        raise BuildFailed(f"The build did not write {', '.join(missing)}. Nothing was changed in {out}.")
    old = work / "old"
    old.mkdir()
    for name in OUTPUTS:
        if os.path.lexists(out / name):
            (out / name).rename(old / name)
        try:
            (work / name).rename(out / name)
        except OSError:
            if os.path.lexists(old / name):
                (old / name).rename(out / name)
            raise
