"""Runs the application under gunicorn, with one relay among the workers."""

import fcntl
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from deflector.app import create_app, utc_now
from deflector.desk.backstage import heeding
from deflector.desk.housekeeping import Housekeeping, chores
from deflector.mail.relay import Relay
from deflector.mail.transports import Transport
from deflector.settings import Settings
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk

log = logging.getLogger(__name__)

RELAY_PAUSE_SECONDS = 0.5
RELAY_LOCK_SECONDS = 2.0
CHORES_PAUSE_SECONDS = 15.0


class DiscreetLogger(Logger):
    """gunicorn's log without what its own sentences quote: the client's address, and the request's."""

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        if str(msg).startswith("Invalid request from"):
            msg, args = "request refused because=not HTTP", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        fault = sys.exc_info()[0]
        if fault is not None and str(msg).startswith("Error handling request"):
            self.error("request failed fault=%s", fault.__name__)
            return
        super().exception(msg, *args, **kwargs)


class Server(BaseApplication):
    """gunicorn with threads; workers start the application afresh, so that none shares a connection."""

    def __init__(
        self,
        *,
        settings: Settings,
        support: SupportDesk,
        site: Path | None,
        bind: str,
        workers: int,
        threads: int,
        transport: Transport | None,
    ) -> None:
        self._settings = settings
        self._support = support
        self._site = site
        self._transport = transport
        self._options: dict[str, Any] = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 20,
            "proc_name": "deflector",
            "logger_class": DiscreetLogger,
            "control_socket_disable": True,
        }
        if transport is not None:
            self._options["post_worker_init"] = self._start_relay
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # a Flask application; gunicorn's own type for it does not match Flask's
        return create_app(self._settings, self._support, site=self._site)

    def _start_relay(self, _worker: Worker) -> None:
        if self._transport is None:
            return
        relay = WorkerRelay(self._settings, self._support, self._transport)
        threading.Thread(target=relay.run, name="relay", daemon=True).start()


class WorkerRelay:
    """A relay that runs in one worker only: the one that holds the lock. When it dies, the next takes over.

    The lock spares the database needless questions. That no mail is sent twice rests on the outbox's leases,
    not on it.
    """

    def __init__(self, settings: Settings, support: SupportDesk, transport: Transport) -> None:
        self._settings = settings
        self._support = support
        self._transport = transport
        self._stop = threading.Event()

    def run(self) -> None:
        """Wait for the lock, then send mail until the process ends."""
        self._settings.var.mkdir(parents=True, exist_ok=True)
        with (self._settings.var / "relay.lock").open("w") as lock:
            while not self._stop.is_set():
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    self._stop.wait(RELAY_LOCK_SECONDS)
            log.info("relay started pid=%d", os.getpid())
            store = Store.open(self._settings.database_url)
            keeping = Housekeeping(
                chores(self._settings, self._support, store, now=utc_now), monotonic=time.monotonic
            )
            threading.Thread(
                target=keeping.run, args=(self._stop, CHORES_PAUSE_SECONDS), name="chores", daemon=True
            ).start()
            way = heeding(self._transport, self._settings, store=store, now=utc_now)
            Relay(store.outbox, way).run(self._stop, RELAY_PAUSE_SECONDS)
