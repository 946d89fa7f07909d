"""`deflector digest`: the week in a mail, for whoever leads the desk."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from deflector.app import utc_now
from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.commands.gaps import with_todays_search
from deflector.commands.report import period_figures
from deflector.mail.addresses import NotAnAddress
from deflector.mail.digest import Section
from deflector.mail.digest import digest as lay_out
from deflector.measures.figures import Figures
from deflector.measures.gaps import Gap
from deflector.measures.period import Period
from deflector.model import OutboxState
from deflector.outcomes.tallies import midnight
from deflector.reporting import text as report_text
from deflector.store.store import Store

TOP = 5


@click.command()
@click.option("--to", required=True, help="Who gets it: a mail address.")
@click.option("--print", "shown", is_flag=True, help="Print it instead of sending it.")
@said_in_a_sentence
def digest(to: str, shown: bool) -> None:
    """Send last week's figures, Monday to Sunday: once a week and reader, however often it is run.

    \b
    deflector digest --to lead@example.com          e.g. every Monday at 8, from cron
    deflector digest --to lead@example.com --print
    """
    settings = read_settings()
    support = read_support(settings)
    zone = support.hours.time_zone
    now = utc_now()
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    period = Period(since=midnight(monday - timedelta(days=7), zone), until=midnight(monday, zone))
    store = open_store(settings)
    found = period_figures(settings, support, store, period, as_of=now)
    _, gaps, _ = with_todays_search(settings, support.suggestions.be_right, found.gaps, limit=TOP)
    sections = tuple(_sections(found, gaps[:TOP], store))
    week = f"{monday - timedelta(days=7)} to {monday - timedelta(days=1)}"
    if shown:
        for section in sections:
            click.echo("\n".join([section.title, *(f"- {line}" for line in section.lines), ""]))
        return
    try:
        mail = lay_out(
            sections, to=to, week=week, support=support, base_url=settings.base_url, now=_settled(now)
        )
    except NotAnAddress:
        raise Failure(f'"{to}" is not a mail address. Write e.g. lead@example.com.') from None
    with store.writing() as tx:
        if tx.is_posted(mail.message_id):
            click.echo(f"The week {week} is in the outbox or sent already.")
            return
        tx.post(None, [mail])
    click.echo(f"The week {week} is on its way to {to}.")


def _settled(now: datetime) -> datetime:
    return now.replace(microsecond=0)


def _sections(found: Figures, gaps: Sequence[Gap], store: Store) -> list[Section]:
    counts = store.outbox.counts()
    numbers = [
        f"{found.enquiries} enquiries, {found.shown} were shown suggestions, {found.tickets} tickets",
        f"Confirmed deflection: {report_text.share(found.confirmed_rate)}",
        f"Ceiling: {report_text.share(found.ceiling)}",
        *report_text.effect_lines(found.effect),
    ]
    wanted = [
        f"{gap.question} ({gap.lang}): {gap.people} asked, {gap.tickets} wrote to us; "
        + report_text.TO_DO[gap.proposed]
        for gap in gaps
    ]
    failing = [
        f"{one.title} (version {one.about.version}, {one.about.lang}): {one.opened} opened, "
        f"{one.opened_then_wrote} wrote all the same, {one.unhelpful} not helpful"
        for one in found.articles
        if one.trouble >= 1
    ][:TOP]
    return [
        Section(title="How it went", lines=tuple(numbers)),
        Section(title="What to write next", lines=tuple(wanted) or ("Every question has an answer.",)),
        Section(title="Articles that fail people", lines=tuple(failing) or ("None that we know of.",)),
        Section(title="Reviews due", lines=(f"Articles: {len(found.stale)}",)),
        Section(
            title="Mail",
            lines=(f"{counts[OutboxState.WAITING]} waiting, {counts[OutboxState.FAILED]} given up",),
        ),
    ]
