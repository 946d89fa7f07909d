"""`deflector privacy`: what is kept about a person, and how it goes."""

import json

import click

from deflector.app import utc_now
from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.desk.acknowledging import Sparing
from deflector.desk.privacy import Privacy
from deflector.keys import secret_key
from deflector.settings import Settings
from deflector.store.cabinet import Cabinet
from deflector.store.scrubbing import StillBusy
from deflector.support.support_desk import SupportDesk

BUSY = (
    "It is erased, but the database is in use without a pause, so a copy may still stand in its log. "
    "Run the same command again, at a quiet moment or with the service stopped."
)


@click.group()
def privacy() -> None:
    """Give out and erase what is kept about people."""


@privacy.command()
@click.argument("email")
@said_in_a_sentence
def export(email: str) -> None:
    """Print what is kept about EMAIL, as JSON.

    \b
    deflector privacy export ada@example.com > ada.json
    """
    settings = read_settings()
    found = _privacy(settings, read_support(settings)).export(email)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@privacy.command()
@click.argument("email")
@said_in_a_sentence
def erase(email: str) -> None:
    """Erase what is kept about EMAIL: tickets, mails, attachments. The anonymous figures stay."""
    settings = read_settings()
    try:
        done = _privacy(settings, read_support(settings)).erase(email)
    except StillBusy:
        raise Failure(BUSY) from None
    click.echo(f"Erased {done.tickets} tickets, {done.attachments} attachments, {done.mails} other mails.")
    if done.mentions:
        click.echo(
            f"Other people's tickets name this address, and stay: {', '.join(done.mentions)}. "
            "Look at them, and erase those people too where that is right."
        )


@privacy.command()
@said_in_a_sentence
def purge() -> None:
    """Erase what is older than support.yml says it is kept, and clean the database's files of it."""
    settings = read_settings()
    support = read_support(settings)
    try:
        done = _privacy(settings, support).purge(support.privacy, thorough=True)
    except StillBusy:
        raise Failure(BUSY) from None
    click.echo(
        f"Erased the words of {done.texts} questions and comments, {done.tickets} tickets "
        f"and {done.attachments} attachments."
    )


def _privacy(settings: Settings, support: SupportDesk) -> Privacy:
    store = open_store(settings)
    return Privacy(
        store=store,
        cabinet=Cabinet(settings.var / "attachments", store),
        maildir=settings.maildir,
        sparing=Sparing.of(support.protection, secret=secret_key(settings)),
        now=utc_now,
    )
