"""The commands that look: check, history."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from generator.articles.article import Article
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.locating import Place, around, as_typed
from generator.audit import check
from generator.commands.options import console, format_option, kb_option, load, today_option
from generator.commands.output import FORMATS, as_json, render, tally
from generator.commands.pull_request import comment
from generator.findings import Finding
from generator.history.against import Earlier, check_against
from generator.history.git import GitUnavailable, Repository
from generator.history.versions import History, Version
from generator.rules.language import plain_language
from generator.rules.linting import lint
from generator.rules.question_checks import QuestionsUnusable, check_questions


@click.command("check", short_help="Name every fault, with its line and what to do.")
@click.argument("paths", nargs=-1, metavar="[PATH]…", type=click.Path(exists=True, path_type=Path))
@click.option("--against", metavar="REV", help="Also check what changed since a branch, tag or commit.")
@click.option(
    "--questions",
    metavar="[FILE]",
    is_flag=False,
    flag_value="kb/questions.yml",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also ask solved questions of the search: each must still lead to its article.",
)
@click.option(
    "--language/--no-language",
    "looks_at_language",
    default=True,
    help="Also look at plain language, Markdown and spelling: warnings only.  [default: yes]",
)
@format_option(*FORMATS)
@kb_option
@today_option
@click.pass_context
def check_command(
    context: click.Context,
    paths: tuple[Path, ...],
    against: str | None,
    questions: Path | None,
    looks_at_language: bool,
    form: str,
    place: Place,
    today: date,
) -> None:
    """Name every fault of every article, with its line and what to do.

    \b
    kb check                              the whole knowledge base
    kb check kb/en/refunds                what lies below a folder
    kb check --against origin/main        and whether changes got their version and review
    kb build && kb check --questions      and whether solved questions still lead to their articles
    kb check --format github              as annotations of a pull request
    kb check --format sarif > kb.sarif    for code scanning
    kb check --against origin/main --format markdown    the comment of a pull request

    Exits with 0 where there are no errors (warnings may be), 1 where there are, 2 for wrong usage.
    """
    is_named = context.get_parameter_source("place") is click.core.ParameterSource.COMMANDLINE
    if paths and not is_named:
        place = replace(place, folder=around(paths[0]))
    base = load(place)
    earlier = _earlier(base, against) if against else None
    changes = check_against(base, earlier) if earlier else ()
    advice = (*plain_language(base), *lint(base)) if looks_at_language else ()
    found = (*check(base, today=today), *changes, *advice)
    shown = sorted(finding for finding in found if _is_below(finding, paths))
    if questions is not None:
        try:
            shown = sorted([*shown, *check_questions(questions)])
        except QuestionsUnusable as exc:
            raise click.ClickException(str(exc)) from None
    text = comment(shown, base, earlier) if earlier and form == "markdown" else render(shown, form)
    if text:
        click.echo(text)
    if form == "text":
        click.echo(tally(shown, len(base.articles)), err=True)
    context.exit(int(any(finding.is_error for finding in shown)))


@click.command("history", short_help="List the versions of an article.")
@click.argument("id")
@click.option("--lang", metavar="LANG", help="The language, where several have the article.")
@format_option("table", "json")
@kb_option
def history_command(id: str, lang: str | None, form: str, place: Place) -> None:  # noqa: A002
    """List the versions of an article: when, by whom, what changed, and in which commit.

    \b
    kb history refund-for-a-game
    kb history refund-for-a-game --lang es

    Exits with 0, or with 1 where there is no such article.
    """
    base = load(place)
    article = find_article(base, id, lang)
    history = History.read(base)
    versions = history.versions(article)
    if form == "json":
        rows = [_version_as_json(version) for version in versions]
        click.echo(as_json({"id": article.id, "lang": article.lang, "gap": history.gap, "versions": rows}))
        return
    table = Table("Version", "Date", "By", "Significance", "Note", "Commit")
    for version in versions:
        commit = version.state.commit[:12] if version.state else ""
        table.add_row(
            str(version.number), str(version.on), version.by, version.significance, version.note, commit
        )
    click.echo(f"{article.title} ({base.spoken_path(article.path)})")
    console().print(table)
    if history.gap:
        click.echo(history.gap, err=True)


def _earlier(base: KnowledgeBase, revision: str) -> Earlier:
    try:
        return Earlier.read(Repository.around(base.folder), revision, base)
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="--against") from None
    except GitUnavailable as exc:
        raise click.ClickException(f"{exc} Without it, --against has nothing to compare with.") from None


def _is_below(finding: Finding, paths: tuple[Path, ...]) -> bool:
    return not paths or any(Path(finding.path).is_relative_to(as_typed(path)) for path in paths)


def find_article(base: KnowledgeBase, id: str, lang: str | None) -> Article:  # noqa: A002
    """Find an article by its id, in a language or wherever it is; end the command where there is none."""
    languages = [lang] if lang else [base.default_language, *base.languages]
    for language in languages:
        if article := base.by_id.get((language, id)):
            return article
    where = f"{base.folder}/{lang}" if lang else str(base.folder)
    raise click.ClickException(f'There is no article "{id}" in {where}. Write the id as its file is named.')


def _version_as_json(version: Version) -> dict[str, Any]:
    state = version.state
    return {
        "version": version.number,
        "date": version.on.isoformat(),
        "by": version.by,
        "significance": version.significance,
        "note": version.note,
        "commit": state.commit if state else None,
        "path": state.path if state else None,
    }


COMMANDS = (check_command, history_command)
