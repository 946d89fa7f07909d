"""`deflector outbox`: what has not left yet, why, and another try for what was given up."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from rich.table import Table

from deflector.commands.environment import Failure, open_store, read_settings, said_in_a_sentence
from deflector.model import OutboxEntry, OutboxState

UNSENT = (OutboxState.FAILED, OutboxState.WAITING, OutboxState.HELD)


@click.group(invoke_without_command=True)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
@said_in_a_sentence
def outbox(context: click.Context, form: str) -> None:
    """List the mails that have not left: given up, waiting for their next try, or held back.

    \b
    deflector outbox                  what waits, and why
    deflector outbox retry 17 18      try these again at once
    deflector outbox retry --all      try again everything that was given up

    A mail is given up when the server refuses it for good, or after four days. It is kept until you try it
    again or its ticket is deleted. Exit status 1 when something was given up.
    """
    if context.invoked_subcommand is not None:
        return
    store = open_store(read_settings())
    entries = sorted(store.outbox.entries(*UNSENT), key=lambda entry: (UNSENT.index(entry.state), entry.id))
    store.close()
    now = datetime.now(UTC)
    if form == "json":
        click.echo(json.dumps([_row(entry, now) for entry in entries], indent=2))
    elif entries:
        Console(highlight=False).print(_table(entries, now))
    else:
        click.echo("Everything has left.")
    if any(entry.state is OutboxState.FAILED for entry in entries):
        context.exit(1)


@outbox.command()
@click.argument("ids", metavar="ID…", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="Everything that was given up.")
@said_in_a_sentence
def retry(ids: tuple[int, ...], everything: bool) -> None:
    """Try mails again at once, with the whole four days before them. The relay sends them."""
    if bool(ids) == everything:
        raise click.UsageError("Name the ids that `deflector outbox` lists, or write --all.")
    store = open_store(read_settings())
    count = store.outbox.revive(None if everything else ids)
    store.close()
    if ids and count < len(set(ids)):
        raise Failure(
            f"{count} of {len(set(ids))} are tried again. The others have left, are held, or do not exist: "
            "see `deflector outbox`."
        )
    click.echo(f"{count} {'mail is' if count == 1 else 'mails are'} tried again.")


def _row(entry: OutboxEntry, now: datetime) -> dict[str, object]:
    """Describe a mail without its address: the ticket says whose it is."""
    return {
        "id": entry.id,
        "state": entry.state.value,
        "kind": entry.mail.kind.value,
        "ticket": entry.ticket,
        "attempts": entry.attempts,
        "waits_seconds": int((now - entry.created_at).total_seconds()),
        "next_attempt_at": entry.next_attempt_at.isoformat(timespec="seconds"),
        "reason": entry.last_error,
    }


def _table(entries: Sequence[OutboxEntry], now: datetime) -> Table:
    table = Table("ID", "State", "Mail", "Ticket", "Waits", "Tries", "Next try", "Reason", box=None)
    for entry in entries:
        coming = entry.state is OutboxState.WAITING
        table.add_row(
            str(entry.id),
            entry.state.value,
            entry.mail.kind.value,
            entry.ticket or "",
            _span(now - entry.created_at),
            str(entry.attempts),
            _span(entry.next_attempt_at - now) if coming else "",
            entry.last_error or "",
        )
    return table


def _span(span: timedelta) -> str:
    """Write how long something lasts by its largest unit: 3 d, 5 h, 12 min."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)} d"
    return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"
