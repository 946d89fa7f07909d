"""`deflector gaps`: what people ask and no article answers, and drafts for it."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from deflector.app import utc_now
from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.commands.report import MOMENT, since_option, zoned
from deflector.knowledge import Knowledge, KnowledgeFile, UnreadableCatalogue
from deflector.measures.gaps import Gap, ToDo, gaps_of, still_open
from deflector.measures.grouping import best_grouping
from deflector.measures.period import MOST_QUESTIONS
from deflector.measures.rollup import catch_up
from deflector.reporting import data, drafts
from deflector.reporting import text as report_text
from deflector.search.pipeline import open_search
from deflector.settings import Settings


@click.command()
@since_option
@click.option("--until", type=MOMENT, help="Count questions that were asked before this date.")
@click.option("--lang", help="Only questions in this language.")
@click.option("--least", default=1, show_default=True, help="Only gaps of at least so many people.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True
)
@click.option(
    "--draft",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a draft for each gap that needs an article: DIR/<language>/<category>/<id>.md.",
)
@click.option("--owner", default="unassigned", show_default=True, help="The owner that drafts name.")
@click.option("--by", default="unassigned", show_default=True, help="The author that drafts name.")
@click.option(
    "--category", help="Where drafts go whose people were shown nothing; else the first that there is."
)
@click.option("--most", default=20, show_default=True, help="At most so many drafts.")
@said_in_a_sentence
def gaps(
    since: datetime | None,
    until: datetime | None,
    lang: str | None,
    least: int,
    form: str,
    folder: Path | None,
    owner: str,
    by: str,
    category: str | None,
    most: int,
) -> None:
    """List the questions that no article answers, put together, the most pressing first.

    \b
    deflector gaps --since 2026-11-01
    deflector gaps --draft kb --owner payments --by maya     then: git diff, and a pull request

    A gap closes by itself when the search finds an answer to what its people asked: after a wording was
    added, or an article was written, and the site was built again.
    """
    settings = read_settings()
    support = read_support(settings)
    in_zone = zoned(support.hours.time_zone)
    store = open_store(settings)
    catch_up(store, support.hours.time_zone)
    with store.reading() as tx:
        asked = tx.figures.unanswered(
            since=in_zone(since), until=in_zone(until), lang=lang, limit=MOST_QUESTIONS
        )
    grouping = best_grouping()
    everything = [gap for gap in gaps_of(asked, grouping=grouping) if gap.people >= least]
    knowledge, left, closed = with_todays_search(settings, support.suggestions.be_right, everything)
    if form == "json":
        told = {
            "grouping": grouping.name,
            "gaps": [data.gap_json(gap) for gap in left],
            "closed": [data.gap_json(gap) for gap in closed],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif form == "csv":
        click.echo(data.gaps_csv(left), nl=False)
    else:
        console = Console(highlight=False)
        if left:
            console.print(report_text.gap_table(left, grouping.name, with_advice=True))
        else:
            console.print("No question is without an answer here.")
        for gap in closed:
            console.print(Text(f"Closed: {gap.question} ({gap.people} asked; an article answers it now)"))
        if grouping.name == "same words":
            console.print("Install answerfirst[gaps] to put different wordings of one question together.")
    if folder is not None:
        zone = support.hours.time_zone
        today = utc_now().astimezone(zone)
        _write_drafts(left, folder, knowledge, owner=owner, by=by, category=category, most=most, now=today)


def with_todays_search(
    settings: Settings, be_right: float, found: Sequence[Gap], *, limit: int | None = None
) -> tuple[Knowledge | None, list[Gap], list[Gap]]:
    """Part the gaps that are open from those that an article closes by now; see still_open."""
    try:
        knowledge = Knowledge.load(settings.catalogue)
    except UnreadableCatalogue as exc:
        click.echo(f"{exc} Until then gaps are listed without their nearest article.", err=True)
        return None, list(found), []
    search = open_search(
        knowledge=KnowledgeFile(settings.catalogue),
        engine=settings.search,
        var=settings.var,
        model=settings.model,
        be_right=be_right,
    )

    def version(article: str, lang: str) -> int | None:
        known = knowledge.article(article, lang)
        return known.version if known else None

    left, closed = still_open(
        found,
        ask=lambda text, lang: search.suggest(text, lang=lang, limit=1),
        versions=version,
        limit=limit,
    )
    return knowledge, left, closed


def _write_drafts(
    found: Sequence[Gap],
    folder: Path,
    knowledge: Knowledge | None,
    *,
    owner: str,
    by: str,
    category: str | None,
    most: int,
    now: datetime,
) -> None:
    taken = {article.id for article in knowledge.articles} if knowledge else set()
    known = list(knowledge.categories) if knowledge else []
    written = 0
    for gap in found:
        if gap.proposed is not ToDo.WRITE:
            continue
        if written >= most:
            break
        is_guess = gap.category not in known
        place = category or next(iter(known), "general") if is_guess else gap.category
        article = drafts.new_id(gap.question, taken)
        path = folder / gap.lang / place / f"{article}.md"
        text = drafts.draft(gap, id=article, category=place, owner=owner, by=by, today=now.date())
        taken.add(article)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            click.echo(f"{path}: is there already, and stays as it is.", err=True)
            continue
        except OSError as exc:
            raise Failure(f"{path}: cannot be written ({exc.strerror}). Name another folder.") from None
        written += 1
        told = f"{path}: {gap.people} asked, {gap.tickets} wrote to us."
        if is_guess:
            # They were shown nothing, and whoever wrote named no topic.
            told += (
                f" Nothing says what it is about: move it where {place} is wrong, and change its category."
            )
        click.echo(told, err=True)
    for gap in found:
        if gap.proposed is ToDo.ADD_WORDING and gap.nearest:
            wordings = "; ".join(gap.wordings[:5])
            click.echo(f"{gap.nearest.article} ({gap.nearest.lang}): add to questions: {wordings}", err=True)
    click.echo(f"{written} drafts are in {folder}. Write their text, then: kb check", err=True)
