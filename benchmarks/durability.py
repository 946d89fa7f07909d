"""Kill what can be killed, at random moments, under load; then count what was promised and what arrived.

    python benchmarks/durability.py                        200 kills of web and relay on SQLite
    python benchmarks/durability.py --database postgresql://user@host/name      an empty database
    python benchmarks/durability.py --kills 6 --posts 30   nearly what `make test` runs
    python benchmarks/durability.py full-disk --kills 10   on a tmpfs of 24 MB, filled ten times (as root)
    python benchmarks/durability.py clock-jump --database postgresql://…   a relay that lives an hour ahead

Clients post tickets with an Idempotency-Key and try again until they are told 201: that is the promise. Web
processes (a worker, or all of them) and relays die by kill -9. The mail server plays twelve faults. In the
end everything is left alone until the outbox is empty, and then: no promised ticket is missing, no mail is
about a ticket that does not exist, and what arrived twice did so with the same Message-ID.

Time is pressed together in one place: pauses before another try and leases of dead relays are cut short by
the harness, through what `deflector outbox retry` does. The deadline for a mail is one second instead of 30.
"""

import argparse
import asyncio
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path

from sqlalchemy import text

from deflector.mail.relay import Relay
from deflector.mail.transports import SmtpTransport
from deflector.model import OutboxState
from deflector.store import migration
from deflector.store.store import Store

DEADLINE = 1.0  # seconds for one mail where the mail server hangs on purpose
FAULTS = (
    "421 at the door",
    "silence at the door",
    "TLS where SMTP was asked for",
    "drip at EHLO",
    "greylist",
    "full mailbox",
    "550 to the recipient",
    "reset at DATA",
    "reset after the dot",
    "hang after the dot",
    "452 after the dot",
    "552 after the dot",
)
SUPPORT = """\
mail: {from: Help <help@help.example>}
queues: {general: {to: support@help.example}}
"""


@dataclass
class Post:
    """A mail server that takes mail, but for a share of its sessions, which go wrong in twelve ways."""

    share: float
    chance: random.Random
    port: int = 0
    taken: list[tuple[str, str]] = field(default_factory=list)  # ticket number, Message-ID
    played: Counter[str] = field(default_factory=Counter)
    quiet: bool = False

    async def session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        faulty = not self.quiet and self.chance.random() < self.share
        fault = self.chance.choice(FAULTS) if faulty else ""
        if fault:
            self.played[fault] += 1
        with suppress(ConnectionError, asyncio.CancelledError):
            await self.talk(reader, writer, fault)
        writer.transport.abort()

    async def talk(  # noqa: C901 (a branch for each fault)
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: str
    ) -> None:
        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        if fault == "silence at the door":
            await asyncio.sleep(3600)
        if fault == "TLS where SMTP was asked for":
            writer.write(b"\x15\x03\x01\x00\x02\x02\x0a")
            return await writer.drain()
        say("421 Not now" if fault == "421 at the door" else "220 mail.example")
        while line := await reader.readline():
            command = line.split()[0].upper() if line.split() else b""
            if fault == "drip at EHLO" and command == b"EHLO":
                while True:
                    writer.write(b"2")
                    await writer.drain()
                    await asyncio.sleep(0.05)
            if command == b"RCPT" and fault in ("greylist", "full mailbox", "550 to the recipient"):
                reply = {"greylist": "451 4.7.1 Later", "full mailbox": "452 4.2.2 Full"}.get(fault)
                say(reply or "550 5.1.1 Nobody")
            elif command == b"DATA":
                if fault == "reset at DATA":
                    return None
                say("354 Go on")
                content = await reader.readuntil(b"\r\n.\r\n")
                if await self.dot(content, fault):
                    return None
                say(
                    {"452 after the dot": "452 4.3.1 Full", "552 after the dot": "552 5.2.2 Full"}.get(
                        fault, "250 Taken"
                    )
                )
            elif command == b"QUIT":
                say("221 Bye")
                return None
            else:
                say("250 Fine")
        return None

    async def dot(self, content: bytes, fault: str) -> bool:
        """Take a mail, unless it is refused now; say whether the talk ends without a word."""
        if fault in ("452 after the dot", "552 after the dot"):
            return False
        head = BytesHeaderParser().parsebytes(content)
        self.taken.append((str(head["X-Answerfirst-Number"]), str(head["Message-ID"])))
        if fault == "hang after the dot":
            await asyncio.sleep(3600)
        return fault == "reset after the dot"


@contextmanager
def listening(post: Post) -> Iterator[None]:
    """Run the mail server in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(post.session, "127.0.0.1", 0)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


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

    def run(self, number: int, of: int, stop: threading.Event) -> None:
        chance = random.Random(number)
        for post in range(number, self.posts, of):
            key, asked = f"key-{post}", 0
            while not stop.is_set() and asked < 4000:
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
    """The whole service: web processes, relays, a mail server, and the database between them."""

    folder: Path
    database: str
    post: Post
    webs: list[Process] = field(default_factory=list)
    relays: list[Process] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)

    def build(self, *, webs: int, relays: int, relay_environment: dict[str, str] | None = None) -> None:
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
            deadline = DEADLINE if self.post.share else 30.0
            relay = [sys.executable, __file__, "relay", "--database", self.database]
            relay += ["--smtp", str(self.post.port), "--deadline", str(deadline)]
            self.relays.append(Process(relay, {**os.environ, **extra}, self.folder / f"relay{number}.log"))

    def start(self) -> None:
        for process in [*self.webs, *self.relays]:
            process.start()
        for port in self.ports:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)

    def stop(self) -> None:
        for process in [*self.webs, *self.relays]:
            process.stop()

    def press_time(self, store: Store, *, leases: bool) -> None:
        """Make what waits due at once; with no relay alive, also what a dead one holds."""
        if leases:
            with store.writing() as tx:
                tx.connection.execute(text("UPDATE outbox SET leased_until = NULL WHERE state = 'waiting'"))
        store.outbox.revive()
        with store.writing() as tx:
            tx.connection.execute(
                text(
                    "UPDATE outbox SET attempts = 0, next_attempt_at = created_at "
                    "WHERE state = 'waiting' AND attempts > 0 AND leased_until IS NULL"
                )
            )


def kills(args: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Run the load under kills and faults, heal, and count."""
    chance = random.Random(args.seed)
    rough = bool(args.kills or args.faults)
    post = Post(share=args.faults, chance=random.Random(args.seed + 1))
    with listening(post):
        rig = Rig(folder, args.database or f"sqlite:///{folder}/deflector.db", post)
        rig.build(webs=args.webs, relays=args.relays, relay_environment=args.relay_environment)
        rig.start()
        store, stop = Store.open(rig.database), threading.Event()
        clients = Clients(rig.ports, args.posts)
        threads = [threading.Thread(target=clients.run, args=(n, 8, stop), daemon=True) for n in range(8)]
        done: Counter[str] = Counter()
        try:
            for thread in threads:
                thread.start()
            while sum(done.values()) < args.kills or any(thread.is_alive() for thread in threads):
                time.sleep(chance.uniform(0.05, args.pause))
                if sum(done.values()) < args.kills:
                    victim = chance.choice(["worker", "worker", "web", "relay", "relay"])
                    processes = rig.relays if victim == "relay" else rig.webs
                    chance.choice(processes).kill(whole=victim != "worker")
                    done[victim] += 1
                for process in [*rig.webs, *rig.relays]:
                    process.revive()
                if rough:
                    rig.press_time(store, leases=False)
            _drain(rig, store, post, rough=rough)
            return _count(store, clients, post, done)
        finally:
            stop.set()
            rig.stop()
            store.close()


def _drain(rig: Rig, store: Store, post: Post, *, rough: bool) -> None:
    """Leave everything alone until the outbox is empty. Relays rest first, to tell dead leases."""
    post.quiet = True
    if rough:
        for relay in rig.relays:
            relay.stop()
        rig.press_time(store, leases=True)
        for relay in rig.relays:
            relay.start()
    for _ in range(600):
        counts = store.outbox.counts()
        if not counts[OutboxState.WAITING] and not counts[OutboxState.FAILED]:
            return
        if rough:
            rig.press_time(store, leases=False)
        time.sleep(0.2)


def _count(store: Store, clients: Clients, post: Post, done: Counter[str]) -> dict[str, object]:
    with store.reading() as tx:
        stored = set(tx.connection.execute(text("SELECT number FROM tickets")).scalars())
    promised = set(clients.promised.values())
    arrived = Counter(message_id for _, message_id in post.taken)
    by_ticket: dict[str, set[str]] = {}
    for number, message_id in post.taken:
        by_ticket.setdefault(number, set()).add(message_id)
    again = sum(times - 1 for times in arrived.values())
    return {
        "kills": dict(done),
        "faults": dict(post.played),
        "posts": clients.tries,
        "promised": len(promised),
        "stored": len(stored),
        "lost": len(promised - stored),
        "promised_twice": len(clients.changed) + len(clients.promised) - len(promised),
        "not_told": clients.posts - len(clients.promised),
        "orphans": len(set(by_ticket) - stored),
        "mails": len(arrived),
        "tickets_without_both_mails": sum(1 for one in stored if len(by_ticket.get(one, ())) != 2),
        "arrived_again": again,
        "arrived_again_share": round(again / max(len(arrived), 1), 4),
        "unsent": store.outbox.counts()[OutboxState.WAITING] + store.outbox.counts()[OutboxState.FAILED],
    }


def full_disk(args: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Fill the disk under load, free it again: errors are said, and nothing that was promised is lost."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], check=True)
    post = Post(share=0, chance=random.Random(args.seed))
    try:
        with listening(post):
            rig = Rig(folder, f"sqlite:///{disk}/deflector.db", post)
            rig.build(webs=1, relays=1)
            rig.start()
            store, stop = Store.open(rig.database), threading.Event()
            clients = Clients(rig.ports, args.posts)
            threads = [threading.Thread(target=clients.run, args=(n, 8, stop), daemon=True) for n in range(8)]
            try:
                for thread in threads:
                    thread.start()
                refusals = 0
                for _ in range(args.kills):
                    time.sleep(0.5)
                    filler = disk / "filler"
                    with suppress(OSError), filler.open("wb", buffering=0) as file:
                        while True:
                            file.write(b"\0" * 4096)
                    before = (clients.tries, len(clients.promised))
                    time.sleep(0.7)
                    refusals += (clients.tries - before[0]) - (len(clients.promised) - before[1])
                    filler.unlink()
                while any(thread.is_alive() for thread in threads):
                    time.sleep(0.2)
                    rig.relays[0].revive()
                _drain(rig, store, post, rough=True)
                return {"refused_while_full": refusals, **_count(store, clients, post, Counter())}
            finally:
                stop.set()
                rig.stop()
                store.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def clock_jump(args: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Let one of two relays live an hour ahead (libfaketime): leases run on the database's clock."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None or not args.database:
        raise SystemExit(
            "clock-jump needs --database postgresql://… and libfaketime: apt-get install faketime"
        )
    args.relay_environment = {"LD_PRELOAD": str(library), "FAKETIME": "+1h", "DONT_FAKE_MONOTONIC": "1"}
    args.relays, args.kills, args.faults = 2, 0, 0.0
    return kills(args, folder)


def relay(args: argparse.Namespace) -> None:
    """Be a relay until somebody kills us."""
    store = Store.open(args.database)
    transport = SmtpTransport(
        f"smtp://127.0.0.1:{args.smtp}", deadline=args.deadline, our_name="relay.example", goodbye=0.2
    )
    Relay(store.outbox, transport).run(threading.Event(), 0.05)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "what", nargs="?", default="kills", choices=["kills", "full-disk", "clock-jump", "relay"]
    )
    parser.add_argument("--database", default="", help="an empty PostgreSQL database; default: SQLite")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--posts", type=int, default=1500)
    parser.add_argument("--pause", type=float, default=1.5, help="at most so many seconds between kills")
    parser.add_argument("--faults", type=float, default=0.1, help="share of SMTP sessions that go wrong")
    parser.add_argument("--webs", type=int, default=1)
    parser.add_argument("--relays", type=int, default=1)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--deadline", type=float, default=DEADLINE, help=argparse.SUPPRESS)
    parser.add_argument("--smtp", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.relay_environment = None
    args.database = args.database.replace("postgresql://", "postgresql+psycopg://", 1)
    if args.what == "relay":
        return relay(args)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # so that what was started is stopped too
    run = {"kills": kills, "full-disk": full_disk, "clock-jump": clock_jump}[args.what]
    with tempfile.TemporaryDirectory(prefix="answerfirst-durability-", ignore_cleanup_errors=True) as folder:
        report = run(args, Path(folder))
    print(json.dumps(report, indent=2))
    held = not any(
        report[name] for name in ("lost", "promised_twice", "orphans", "tickets_without_both_mails", "unsent")
    )
    return sys.exit(0 if held and float(str(report["arrived_again_share"])) <= args_share(args) else 1)


def args_share(args: argparse.Namespace) -> float:
    """Say how large a share may arrive twice: none without kills and faults."""
    return 0.03 if args.kills or args.faults else 0.0


if __name__ == "__main__":
    main()
