"""`deflector report`: what became of the enquiries."""

import json
from datetime import datetime

import click
from rich.console import Console

from deflector import reporting
from deflector.app import utc_now
from deflector.commands.environment import (
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.knowledge import Knowledge, UnreadableCatalogue
from deflector.measures import figures


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


@click.command()
@click.option("--since", type=MOMENT, help="Count enquiries that began on or after this date.")
@click.option("--until", type=MOMENT, help="Count enquiries that began before this date.")
@click.option("--as-of", type=MOMENT, help="The moment that counts as now. Default: now.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True
)
@said_in_a_sentence
def report(since: datetime | None, until: datetime | None, as_of: datetime | None, form: str) -> None:
    """Print enquiries, outcomes, confirmed deflection, questions without an answer and stale articles.

    \b
    deflector report --since 2026-11-01
    deflector report --since 2026-10-01 --until 2026-11-01 --format csv > october.csv
    """
    settings = read_settings()
    zone = read_support(settings).hours.time_zone

    def in_zone(moment: datetime | None) -> datetime | None:
        if moment is None or moment.tzinfo is not None:
            return moment
        return moment.replace(tzinfo=zone)

    now = in_zone(as_of) or utc_now()
    try:
        knowledge = Knowledge.load(settings.catalogue)
    except UnreadableCatalogue:
        knowledge = None  # the figures need no catalogue; only the stale list does
    store = open_store(settings)
    with store.reading() as tx:
        found = figures(
            tx.enquiries.histories(since=in_zone(since), until=in_zone(until), as_of=now),
            knowledge=knowledge,
            as_of=now,
            since=in_zone(since),
            until=in_zone(until),
        )
    if form == "json":
        click.echo(json.dumps(reporting.as_json(found), ensure_ascii=False, indent=2))
    elif form == "csv":
        click.echo(reporting.as_csv(found), nl=False)
    else:
        Console(highlight=False).print(reporting.as_text(found))
