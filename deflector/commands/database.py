"""`deflector db` and `deflector check`: the database, and whether everything is as it should be."""

import click
from rich.console import Console

from deflector.commands.environment import (
    Failure,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.keys import secret_key
from deflector.knowledge import Knowledge, UnreadableCatalogue
from deflector.model import OutboxState
from deflector.store import migration
from deflector.store.store import Store


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@said_in_a_sentence
def upgrade() -> None:
    """Bring the database to the shape that this version needs. Safe to run again."""
    store = Store.open(read_settings().database_url)
    click.echo(f"The database is at revision {migration.upgrade(store.engine)}.")


@click.command()
@said_in_a_sentence
def check() -> None:
    """Check settings, support.yml, catalogue, database and outbox; say what to mend."""
    console = Console(highlight=False)
    settings = read_settings()
    support = read_support(settings)
    secret_key(settings)
    faults = []
    console.print(f"Settings are fine; mail goes to {'a Maildir' if settings.maildir else 'an SMTP server'}.")
    console.print(
        f"support.yml is fine: {len(support.queues)} queues, open {support.hours.time_zone.key} time."
    )
    try:
        knowledge = Knowledge.load(settings.catalogue)
        console.print(f"The catalogue has {len(knowledge.articles)} articles.")
    except UnreadableCatalogue as exc:
        faults.append(f"{exc} Until then the form sends without suggestions.")
    store = Store.open(settings.database_url)
    if trouble := store.trouble():
        faults.append(trouble)
    else:
        counts = store.outbox.counts()
        console.print(
            f"The outbox has {counts[OutboxState.WAITING]} mails waiting, {counts[OutboxState.SENT]} sent."
        )
        if counts[OutboxState.FAILED]:
            faults.append(f"{counts[OutboxState.FAILED]} mails could not be sent and are kept in the outbox.")
    if faults:
        raise Failure("\n".join(faults))
