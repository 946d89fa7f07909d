"""The commands that make the site: build, watch."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import click

from generator.audit import finding_as_json
from generator.commands.options import config_option, format_option, this_day, today_option
from generator.commands.output import as_json, render, tally
from generator.counting import counted
from generator.findings import Finding

# Material for MkDocs prints an advertisement at each start unless this is set before it is imported.
os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")


@click.command("build", short_help="Build the site and the catalogue.")
@config_option
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build"),
    show_default=True,
    help="Where site/, catalogue.json and audit.json go.",
)
@format_option("text", "json")
@today_option
@click.pass_context
def build_command(context: click.Context, config_file: Path, out: Path, form: str, today: date) -> None:
    """Check everything, then build the site and what the contact form knows of it.

    \b
    kb build                              into build/
    kb build --out /srv/help              elsewhere
    kb build --config other/mkdocs.yml    another knowledge base

    A fault in an article, or a warning of MkDocs, leaves the last good build as it is.
    Exits with 0 where it was built, 1 where it was not, 2 for wrong usage.
    """
    from generator.builds.build import FaultyArticles, build_site
    from generator.builds.workplace import BuildFailed

    begun = monotonic()
    findings: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()
    articles = 0
    built = None
    remains: list[object] = []
    try:
        line = _Line()
        with line:
            built = build_site(
                config_file,
                out,
                today=today,
                progress=line.show_count,
                on_wait=line.show_wait,
                remains=remains,
            )
        findings, articles = built.findings, built.articles
    except FaultyArticles as exc:
        findings, articles = exc.findings, exc.articles
        problems = (f"Nothing was built, and {out} is as it was. Mend the errors first.",)
    except BuildFailed as exc:
        problems = exc.problems
    if form == "json":
        data: dict[str, Any] = {
            "findings": [finding_as_json(one) for one in findings],
            "problems": list(problems),
        }
        if built:
            data["files"] = asdict(built.changes)
        click.echo(as_json(data))
    else:
        errors = tuple(finding for finding in findings if finding.is_error)
        if errors:
            click.echo(render(errors, "text"), err=True)
        if findings or not problems:
            click.echo(tally(findings, articles), err=True)
        for problem in problems:
            click.echo(problem, err=True)
        if built:
            for note in built.notes:
                click.echo(note, err=True)
            pages = f"the pages of {counted(built.published, 'article')}"
            click.echo(f"Built {pages} into {out}/site, with {out}/catalogue.json.")
            click.echo(f"{built.changes.as_sentence()} {monotonic() - begun:.1f} s.")
    _end_as_it_is(remains)
    context.exit(int(bool(problems)))


def _end_as_it_is(remains: list[object]) -> None:
    """Keep Python from taking apart, value by value, what the system takes back as a whole in a moment.

    What holds itself is left to the collection of garbage, and what is frozen that leaves alone; all of it
    would take a fifth of the time of a build that changes little.
    """
    remains.append(remains)
    gc.freeze()


class _Line:
    """A line in the terminal that says how far a build is; nothing where nobody looks on."""

    def __init__(self) -> None:
        self._is_seen = sys.stderr.isatty()

    def __enter__(self) -> None:
        self._say("Reading the articles …")

    def __exit__(self, *_: object) -> None:
        self._say("")

    def show_count(self, done: int, pages: int) -> None:
        if done % 10 == 0 or done == pages:
            self._say(f"Rendered {done:,} of {pages:,} pages …" if done < pages else "Writing …")

    def show_wait(self) -> None:
        self._say("Another build writes to this folder. Waiting for it …")

    def _say(self, words: str) -> None:
        if self._is_seen:
            click.echo(f"\r\x1b[K{words}", nl=False, err=True)


@click.command("watch", short_help="Build, serve and reload while you write.")
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="The port to listen on."
)
def watch_command(config_file: Path, host: str, port: int) -> None:
    """Build, serve and reload the browser while you write; each save prints what is wrong.

    \b
    kb watch
    kb watch --port 9000
    """
    from generator.builds.watching import Watch
    from generator.builds.workplace import BuildFailed

    try:
        with (
            _ended_as_by_ctrl_c(),
            TemporaryDirectory(prefix="kb-watch-", ignore_cleanup_errors=True) as work,
        ):
            watch = Watch(
                config_file,
                work=Path(work),
                host=host,
                port=port,
                today=this_day,
                say=click.echo,
                show=_show,
            )
            watch.serve()
    except BuildFailed as exc:
        raise click.ClickException(str(exc)) from None
    except OSError as exc:
        reason = (exc.strerror or str(exc)).partition(" (")[0].lower()
        raise click.ClickException(
            f"{host}:{port} cannot be used ({reason}). Choose another --port."
        ) from None


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Let whoever ends this process from outside end it like its user, so that nothing stays behind."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(findings: tuple[Finding, ...], articles: int) -> None:
    click.echo()
    if findings:
        click.echo(render(findings, "text"))
    click.echo(tally(findings, articles))


COMMANDS = (build_command, watch_command)
