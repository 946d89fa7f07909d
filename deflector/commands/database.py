"""`deflector db` and `deflector check`: the database, and whether everything is as it should be."""

import json

import click
from rich.console import Console

from deflector.app import utc_now
from deflector.commands.environment import (
    Failure,
    read_settings,
    read_support,
    read_transport,
    said_in_a_sentence,
)
from deflector.commands.explaining import explained, in_words, unknown_categories
from deflector.keys import secret_key
from deflector.knowledge import Knowledge, KnowledgeFile, UnreadableCatalogue
from deflector.model import OutboxState
from deflector.settings import WrongSetting
from deflector.store import migration
from deflector.store.store import Store
from deflector.support.triage import Facts
from deflector.tickets.replies import Replies


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
@click.option("--explain", metavar="MESSAGE", help="Say which rule takes this message, and why.")
@click.option("--category", help="With --explain: the category chosen in the form. Default: guessed.")
@click.option("--lang", help="With --explain: the language of the form. Default: the desk's first.")
@click.option("--page", help="With --explain: the article or address that the person comes from.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="With --explain.")
@said_in_a_sentence
def check(explain: str | None, category: str | None, lang: str | None, page: str | None, form: str) -> None:
    """Check settings, support.yml, catalogue, database and outbox; say what to mend.

    \b
    Try a rule out:  deflector check --explain "my card was charged twice"
    """
    console = Console(highlight=False)
    settings = read_settings()
    support = read_support(settings)
    if explain is not None:
        facts = Facts(text=explain, lang=lang or support.languages[0], category=category, page=page)
        told = explained(settings, support, facts, now=utc_now())
        click.echo(json.dumps(told, ensure_ascii=False) if form == "json" else "\n".join(in_words(told)))
        return
    secret_key(settings)
    faults: list[str] = []
    replies = Replies(
        settings.reply_templates, knowledge=KnowledgeFile(settings.catalogue), home=settings.base_url
    )
    faults.extend(replies.faults)
    try:
        read_transport(settings, support)
    except WrongSetting as exc:
        faults.append(str(exc))
    console.print(f"Settings are fine; mail goes to {'a Maildir' if settings.maildir else 'an SMTP server'}.")
    queues = "1 queue" if len(support.queues) == 1 else f"{len(support.queues)} queues"
    console.print(f"support.yml is fine: {queues}, hours in the time of {support.hours.time_zone.key}.")
    try:
        knowledge = Knowledge.load(settings.catalogue)
        console.print(f"Articles in the catalogue: {len(knowledge.articles)}.")
        faults.extend(unknown_categories(support, {*knowledge.categories}))
    except UnreadableCatalogue as exc:
        faults.append(f"{exc} Until then the form sends without suggestions.")
    store = Store.open(settings.database_url)
    if trouble := store.trouble():
        faults.append(trouble)
    else:
        counts = store.outbox.counts()
        console.print(
            f"Mail in the outbox: {counts[OutboxState.WAITING]} waiting, {counts[OutboxState.SENT]} sent."
        )
        if counts[OutboxState.HELD]:
            console.print(
                f"Acknowledgements held: {counts[OutboxState.HELD]}. Their addresses have not confirmed, "
                "or had enough mail."
            )
        if counts[OutboxState.FAILED]:
            kept = counts[OutboxState.FAILED]
            faults.append(f"Mail that could not be sent and is kept: {kept}. See: deflector outbox")
    if faults:
        raise Failure("\n".join(faults))
