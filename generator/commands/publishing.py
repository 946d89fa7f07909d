"""The commands that make the site: build, watch."""

import os
from datetime import date
from pathlib import Path

import click

from generator.audit import finding_as_json
from generator.commands.options import config_option, format_option, this_day, today_option
from generator.commands.output import as_json, render, tally
from generator.findings import Finding

# Material for MkDocs prints an advertisement at each start unless this is set before it is imported.
os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")


@click.command("build")
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
    from generator.building import BuildFailed, FaultyArticles, build_site

    findings: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()
    articles = published = 0
    try:
        built = build_site(config_file, out, today=today)
        findings, articles, published = built.findings, built.articles, built.published
    except FaultyArticles as exc:
        findings, articles = exc.findings, exc.articles
        problems = (f"Nothing was built, and {out} is as it was. Mend the errors first.",)
    except BuildFailed as exc:
        problems = exc.problems
    if form == "json":
        click.echo(
            as_json({"findings": [finding_as_json(one) for one in findings], "problems": list(problems)})
        )
    else:
        errors = tuple(finding for finding in findings if finding.is_error)
        if errors:
            click.echo(render(errors, "text"), err=True)
        if findings or not problems:
            click.echo(tally(findings, articles), err=True)
        for problem in problems:
            click.echo(problem, err=True)
        if not problems:
            click.echo(
                f"Built the pages of {published:,} articles into {out}/site, with {out}/catalogue.json."
            )
    context.exit(int(bool(problems)))


@click.command("watch")
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
    from generator.building import BuildFailed
    from generator.watching import Watch

    try:
        watch = Watch(config_file, host=host, port=port, today=this_day, say=click.echo, show=_show)
        watch.serve()
    except BuildFailed as exc:
        raise click.ClickException(str(exc)) from None
    except OSError as exc:
        reason = (exc.strerror or str(exc)).partition(" (")[0].lower()
        raise click.ClickException(
            f"{host}:{port} cannot be used ({reason}). Choose another --port."
        ) from None


def _show(findings: tuple[Finding, ...], articles: int) -> None:
    click.echo()
    if findings:
        click.echo(render(findings, "text"))
    click.echo(tally(findings, articles))


COMMANDS = (build_command, watch_command)
