"""`deflector report`: what became of the enquiries."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from deflector.app import utc_now
from deflector.commands.change import report_change
from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.knowledge import Knowledge, UnreadableCatalogue
from deflector.measures.articles import signals as signals_of
from deflector.measures.figures import Figures, figures
from deflector.measures.grouping import best_grouping
from deflector.measures.period import Period, from_events, from_sums
from deflector.measures.rollup import catch_up
from deflector.reporting import data
from deflector.reporting import text as report_text
from deflector.settings import Settings
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk


class Moment(click.ParamType[datetime]):
    """A date or an ISO 8601 moment. A date means midnight in the desk's time zone, which `serve` knows."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is not a date. Write 2026-11-22 or 2026-11-22T10:00:00+01:00.', param, ctx)


MOMENT = Moment()
since_option = click.option("--since", type=MOMENT, help="Count enquiries that began on or after this date.")
until_option = click.option("--until", type=MOMENT, help="Count enquiries that began before this date.")


@click.command()
@since_option
@until_option
@click.option("--as-of", type=MOMENT, help="The moment that counts as now. Default: now.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True
)
@click.option("--lang", help="Only enquiries in this language.")
@click.option("--category", help="Only enquiries about this category.")
@click.option("--early", is_flag=True, help="Show the effect before the planned size, with a wider bound.")
@click.option(
    "--effect-of",
    metavar="REV|DATE",
    help="Compare before and after a change: a Git revision of the articles, or a date.",
)
@click.option("--article", help="With --effect-of: only this article (its id).")
@click.option(
    "--signals",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write how readers fared with each article, for `kb audit --signals`.",
)
@said_in_a_sentence
def report(
    since: datetime | None,
    until: datetime | None,
    as_of: datetime | None,
    form: str,
    lang: str | None,
    category: str | None,
    early: bool,
    effect_of: str | None,
    article: str | None,
    signals: Path | None,
) -> None:
    """Print enquiries, outcomes, confirmed deflection, effect, articles, questions without an answer.

    \b
    deflector report --since 2026-11-01
    deflector report --since 2026-10-01 --until 2026-11-01 --format csv > october.csv
    deflector report --effect-of HEAD --article refund-for-a-game
    deflector report --signals build/signals.json

    What each figure means stands in docs/measuring.md.
    """
    settings = read_settings()
    support = read_support(settings)
    in_zone = zoned(support.hours.time_zone)
    now = in_zone(as_of) or utc_now()
    period = Period(since=in_zone(since), until=in_zone(until), lang=lang, category=category)
    store = open_store(settings)
    if effect_of is not None:
        report_change(
            store, effect_of, article=article, now=now, zone=support.hours.time_zone, as_json=form == "json"
        )
        return
    found = period_figures(settings, support, store, period, as_of=now, early=early)
    if signals is not None:
        _write_signals(signals, found)
    if form == "json":
        click.echo(json.dumps(data.as_json(found), ensure_ascii=False, indent=2))
    elif form == "csv":
        click.echo(data.as_csv(found), nl=False)
    else:
        Console(highlight=False).print(report_text.as_text(found, best_grouping().name))


def zoned(zone: ZoneInfo) -> Callable[[datetime | None], datetime | None]:
    """Make the reader of moments without a zone: they are meant in the desk's."""

    def in_zone(moment: datetime | None) -> datetime | None:
        if moment is None or moment.tzinfo is not None:
            return moment
        return moment.replace(tzinfo=zone)

    return in_zone


def period_figures(
    settings: Settings,
    support: SupportDesk,
    store: Store,
    period: Period,
    *,
    as_of: datetime,
    early: bool = False,
) -> Figures:
    """Count a period: from the sums where they can tell, from every event where they cannot."""
    zone = support.hours.time_zone
    try:
        knowledge = Knowledge.load(settings.catalogue)
    except UnreadableCatalogue:
        knowledge = None  # the figures need no catalogue; titles and the stale list do
    # The sums know whole days and the present; anything else is counted again from the events.
    summed = period.is_whole_days(zone) and as_of >= utc_now()
    if summed:
        catch_up(store, zone)
    with store.reading() as tx:
        tally = (from_sums if summed else from_events)(tx, period, zone=zone, as_of=as_of)
    return figures(
        tally,
        knowledge=knowledge,
        as_of=as_of,
        period=period,
        holdout_share=support.measuring.holdout,
        early=early,
        grouping=best_grouping(),
    )


def _write_signals(path: Path, found: Figures) -> None:
    told = signals_of(
        found.articles, generated_at=found.as_of, since=found.period.since, until=found.period.until
    )
    try:
        path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as exc:
        raise Failure(f"{path}: cannot be written ({exc.strerror}). Name a file in a folder.") from None
