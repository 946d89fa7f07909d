"""`deflector serve` and `deflector relay`: the processes that stay."""

import logging
import signal
import threading
import time
from pathlib import Path
from types import FrameType

import click

from deflector.app import utc_now
from deflector.commands.environment import (
    existing_folder,
    log_to_stderr,
    open_store,
    read_settings,
    read_support,
    read_transport,
    said_in_a_sentence,
)
from deflector.desk.backstage import heeding
from deflector.desk.housekeeping import Housekeeping, chores
from deflector.mail.relay import Relay
from deflector.server import CHORES_PAUSE_SECONDS, Server

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port.")
@click.option(
    "--site", type=click.Path(path_type=Path), help="Serve this built site beside the form, e.g. build/site."
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Threads in each.")
@click.option("--relay/--no-relay", default=True, show_default=True, help="Send the mail of the outbox too.")
@said_in_a_sentence
def serve(host: str, port: int, site: Path | None, workers: int, threads: int, relay: bool) -> None:
    """Serve the contact form, its API and, with --site, the help centre.

    \b
    On a laptop:      deflector serve --site build/site
    Behind nginx:     deflector serve --workers 4     (see docs/operating.md)

    One of the workers also sends the mail of the outbox. Use --no-relay where `deflector relay` does.
    """
    log_to_stderr()
    settings = read_settings()
    support = read_support(settings)
    open_store(settings).close()
    Server(
        settings=settings,
        support=support,
        site=existing_folder(site),
        bind=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        workers=workers,
        threads=threads,
        transport=read_transport(settings, support) if relay else None,
    ).run()


@click.command()
@click.option("--once", is_flag=True, help="Send what is due now, then stop.")
@said_in_a_sentence
def relay(once: bool) -> None:
    """Send the mail that the outbox holds.

    Several relays may run at once: each mail is leased to one of them. A mail that cannot be sent is tried
    again with growing pauses; after four days it is kept as failed, and `deflector check` says so.
    """
    log_to_stderr()
    settings = read_settings()
    support = read_support(settings)
    store = open_store(settings)
    way = heeding(read_transport(settings, support), settings, store=store, now=utc_now)
    worker = Relay(store.outbox, way)
    if once:
        done = worker.run_once()
        click.echo(f"{done.sent} sent, {done.retried} to try again, {done.failed} failed.")
        return
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    keeping = Housekeeping(chores(settings, support, store, now=utc_now), monotonic=time.monotonic)
    threading.Thread(
        target=keeping.run, args=(stop, CHORES_PAUSE_SECONDS), name="chores", daemon=True
    ).start()
    worker.run(stop, PAUSE_SECONDS)
