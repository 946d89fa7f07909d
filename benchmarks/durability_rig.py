"""The whole service under load, in processes that can be killed: for `durability.py`."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from deflector.store import migration
from deflector.store.dialect import DatabaseTrouble
from deflector.store.store import Store

SUPPORT = """\
mail: {from: Help <help@help.example>}
queues: {general: {to: support@help.example}}
"""


@dataclass
class Process:
    """A program that is started again whenever it dies. It leads a group, so that all of it can be killed."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                self.command, env=self.environment, stdout=out, stderr=out, start_new_session=True
            )

    def kill(self, *, whole: bool) -> None:
        """Kill -9 the group, or one of its children: what a crash of a worker looks like."""
        assert self.running is not None
        children = _children(self.running.pid)
        if whole or not children:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
        else:
            with suppress(ProcessLookupError):
                os.kill(random.choice(children), signal.SIGKILL)

    def revive(self) -> None:
        if self.running is None or self.running.poll() is not None:
            self.start()

    def stop(self) -> None:
        if self.running is not None:
            self.kill(whole=True)


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@dataclass
class Clients:
    """Clients that post tickets and do not give up: each holds its key until it is told 201."""

    ports: list[int]
    posts: int
    promised: dict[str, str] = field(default_factory=dict)  # key → number
    changed: list[str] = field(default_factory=list)
    tries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, count: int = 8) -> None:
        self.threads = [
            threading.Thread(target=self._run, args=(number, count), daemon=True) for number in range(count)
        ]
        for thread in self.threads:
            thread.start()

    @property
    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def _run(self, number: int, of: int) -> None:
        chance = random.Random(number)
        for post in range(number, self.posts, of):
            key, asked = f"key-{post}", 0
            while not self.stop.is_set() and asked < 4000:
                asked += 1
                told = _post(chance.choice(self.ports), key, post)
                with self.lock:
                    self.tries += 1
                    if told and self.promised.setdefault(key, told) != told:
                        self.changed.append(key)
                # Some clients send again though they were told: a second click, a lost answer.
                if told and chance.random() < 0.9:
                    break
                if not told:
                    time.sleep(0.05)


def _post(port: int, key: str, number: int) -> str | None:
    body = {"enquiry": None, "name": "Ada", "email": f"ada{number}@example.com", "declined": True}
    body |= {"message": f"My card was charged twice, order {number}."}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        connection.request("POST", "/api/tickets", json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        return str(json.loads(content)["ticket"]) if answer.status == 201 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Rig:
    """Web processes, relays, and the database between them. `relay` is the command of one relay."""

    folder: Path
    database: str
    relay: list[str]
    webs: list[Process] = field(default_factory=list)
    relays: list[Process] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)

    def build(self, *, webs: int, relays: int, relay_environment: dict[str, str] | None = None) -> None:
        """Prepare it all; `relay_environment` is for the first relay."""
        (self.folder / "support.yml").write_text(SUPPORT)
        store = Store.open(self.database)
        migration.upgrade(store.engine)
        store.close()
        for number in range(webs):
            port = free_port()
            self.ports.append(port)
            environment = {
                **os.environ,
                "DEFLECTOR_BASE_URL": f"http://127.0.0.1:{port}",
                "DEFLECTOR_DATABASE_URL": self.database,
                "DEFLECTOR_SUPPORT": str(self.folder / "support.yml"),
                "DEFLECTOR_CATALOGUE": str(self.folder / "none.json"),
                "DEFLECTOR_VAR": str(self.folder / "var"),
                "DEFLECTOR_MODEL": "off",
                "DEFLECTOR_PROTECTION": "off",
            }
            serve = ["-m", "deflector.cli", "serve", "--no-relay", "--port", str(port), "--threads", "4"]
            self.webs.append(Process([sys.executable, *serve], environment, self.folder / f"web{number}.log"))
        for number in range(relays):
            extra = relay_environment if number == 0 and relay_environment else {}
            self.relays.append(
                Process(self.relay, {**os.environ, **extra}, self.folder / f"relay{number}.log")
            )

    def start(self) -> None:
        for process in [*self.webs, *self.relays]:
            process.start()
        for port in self.ports:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)

    def revive(self) -> None:
        for process in [*self.webs, *self.relays]:
            process.revive()

    def stop(self) -> None:
        for process in [*self.webs, *self.relays]:
            process.stop()

    def press_time(self, store: Store, *, leases: bool) -> None:
        """Make what waits due at once; with no relay alive, also what a dead one holds."""
        with suppress(DatabaseTrouble):  # it may be dead at this moment; the next time will do
            if leases:
                with store.writing() as tx:
                    tx.connection.execute(
                        text("UPDATE outbox SET leased_until = NULL WHERE state = 'waiting'")
                    )
            store.outbox.revive()
            with store.writing() as tx:
                tx.connection.execute(
                    text(
                        "UPDATE outbox SET attempts = 0, next_attempt_at = created_at "
                        "WHERE state = 'waiting' AND attempts > 0 AND leased_until IS NULL"
                    )
                )
