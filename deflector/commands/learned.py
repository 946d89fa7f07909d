"""`deflector learned`: the wordings that people confirmed, for whoever answers for the articles."""

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from deflector.app import utc_now
from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.desk.learning import Learning
from deflector.knowledge import Knowledge, KnownArticle, UnreadableCatalogue
from deflector.outcomes.learned import Judged, Standing, judge
from deflector.outcomes.wordings import mark_of
from deflector.reporting.wordings import Unreadable, fragment, patch, with_questions
from deflector.store.store import Store

NAMED = 10  # figures of the hash that name a wording in the terminal

WHY = {
    Standing.FORGOTTEN: "forgotten, and not learned again",
    Standing.GONE: "no such article is published",
    Standing.CHANGED: "the article changed in a major way since",
    Standing.DECLINED: "declined as often as confirmed",
    Standing.WRITTEN: "stands in the article",
}


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--article", help="Only wordings of this article (its id).")
@click.option("--lang", help="Only wordings in this language.")
@click.option(
    "--export",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Print a patch that adds them to the articles in this folder, e.g. kb.",
)
@click.option("--forget", metavar="WORDING|ID", help="Take a wording away; it is not learned again.")
@said_in_a_sentence
def learned(
    form: str, article: str | None, lang: str | None, folder: Path | None, forget: str | None
) -> None:
    """List the wordings that people confirmed with "This solved it", and whether they count.

    \b
    deflector learned
    deflector learned --export kb | git apply       then: git diff, kb check, a pull request
    deflector learned --forget "is ada back yet"    or the ID that the list has

    A wording counts when two people have confirmed the article, a week after the second did. Readers never
    see it. docs/operating.md has the rules.
    """
    if folder is not None and forget is not None:
        raise click.UsageError("Write --export or --forget, one at a time.")
    settings = read_settings()
    support = read_support(settings)
    store = open_store(settings)
    if support.suggestions.learn:
        Learning(store=store, keep_questions=support.privacy.keep_questions, now=utc_now).listen()
    else:
        click.echo("support.yml says `suggestions: {learn: false}`: nothing is learned or used.", err=True)
    try:
        knowledge = Knowledge.load(settings.catalogue)
    except UnreadableCatalogue as exc:
        raise Failure(str(exc)) from None
    found = [
        one
        for one in _judged(store, knowledge)
        if article in (None, one.wording.article) and lang in (None, one.wording.lang)
    ]
    if forget is not None:
        _forget(store, found, forget)
    elif folder is not None:
        _export(found, knowledge, folder)
    elif form == "json":
        click.echo(json.dumps({"wordings": [_row(one) for one in found]}, ensure_ascii=False, indent=2))
    elif found:
        Console(highlight=False).print(_table(found))
    else:
        click.echo("Nothing was learned yet: a wording needs two people whose question it solved.")


def _judged(store: Store, knowledge: Knowledge) -> list[Judged]:
    with store.reading() as tx:
        judged = [judge(one, knowledge) for one in tx.learned.wordings()]
    return sorted(
        judged, key=lambda one: (not one.counts, one.wording.lang, one.wording.article, -one.people)
    )


def _row(one: Judged) -> dict[str, object]:
    return {
        "id": one.wording.mark[:NAMED],
        "article": one.wording.article,
        "lang": one.wording.lang,
        "version": one.version,
        "wording": one.wording.text,
        "people": one.people,
        "declined": one.declined,
        "weight": round(one.weight, 3),
        "counts": one.counts,
        "why_not": None if one.counts else WHY[one.standing],
        "last_confirmed": one.wording.last_solved.date().isoformat() if one.wording.last_solved else None,
    }


def _table(found: Sequence[Judged]) -> Table:
    table = Table(box=None)
    for title in ("ID", "Wording", "Article", "Lang", "People", "Declined", "Weight", "Counts"):
        table.add_column(title, overflow="fold")  # what is cut off cannot be copied
    for one in found:
        table.add_row(
            one.wording.mark[:NAMED],
            one.wording.text or "–",
            f"{one.wording.article} v{one.version}" if one.version else one.wording.article,
            one.wording.lang,
            str(one.people),
            str(one.declined),
            f"{one.weight:.2f}",
            "yes" if one.counts else f"no: {WHY[one.standing]}",
        )
    return table


def _forget(store: Store, found: Sequence[Judged], said: str) -> None:
    named = said.strip().lower()
    mark = mark_of(said)
    chosen = [
        one.wording
        for one in found
        if one.wording.mark == mark or (len(named) >= NAMED and one.wording.mark.startswith(named))
    ]
    if not chosen:
        raise Failure(f'There is no learned wording "{said}". `deflector learned` lists them with their IDs.')
    with store.writing() as tx:
        tx.learned.forget(chosen)
    for one in chosen:
        click.echo(f"Forgotten for {one.article} ({one.lang}). It is not learned again.")
    click.echo("Running services notice within a minute.")


def _export(found: Sequence[Judged], knowledge: Knowledge, folder: Path) -> None:
    if not folder.is_dir():
        raise Failure(f"{folder}: there is no such folder. Name the one that holds the articles, e.g. kb.")
    wordings: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in found:
        if one.counts and one.wording.text:
            wordings[one.wording.article, one.wording.lang].append(one.wording.text)
    changed = 0
    for (name, lang), said in sorted(wordings.items()):
        article = knowledge.article(name, lang)
        path = _file_of(article, folder) if article else None
        try:
            if path is None:
                raise Unreadable
            before = path.read_bytes().decode("utf-8")
            after = with_questions(before, said)
        except (OSError, UnicodeDecodeError, Unreadable):
            click.echo(f"{path or f'{name} ({lang})'}: add by hand, below `questions:`", err=True)
            click.echo(fragment(said), nl=False, err=True)
            continue
        if after != before:
            click.echo(patch(Path(os.path.relpath(path)).as_posix(), before, after), nl=False)
            changed += 1
    click.echo(
        f"{changed} articles to change. Read the wordings before you publish them; each article wants a "
        "higher version with its change (minor).",
        err=True,
    )


def _file_of(article: KnownArticle, folder: Path) -> Path | None:
    """Find the file of an article: where it stands usually, else the one in its language's folder."""
    usual = folder / article.lang / article.category / f"{article.id}.md"
    if usual.is_file():
        return usual
    found = sorted((folder / article.lang).rglob(f"{article.id}.md"))
    return found[0] if len(found) == 1 else None
