"""Kill what can be killed, at random moments, under load; then count what was promised and what arrived.

    python benchmarks/durability.py                        200 kills of web and relay on SQLite
    python benchmarks/durability.py --postgres --postfix   200 kills of PostgreSQL and Postfix, too (as root)
    python benchmarks/durability.py --database postgresql://user@host/name      an empty database of yours
    python benchmarks/durability.py --kills 6 --posts 30   nearly what `make test` runs
    python benchmarks/durability.py full-disk --kills 10   on a tmpfs of 24 MB, filled ten times (as root)
    python benchmarks/durability.py clock-jump             a relay that lives an hour ahead, on PostgreSQL

Clients post tickets with an Idempotency-Key and try again until they are told 201: that is the promise. What
dies by kill -9: web processes (a worker, or all of them), relays, one connection of PostgreSQL or all of it,
Postfix with all its helpers. The mail server plays thirteen faults. In the end everything is left alone
until the outbox is empty, and then: no promised ticket is missing, no mail is about a ticket that does not
exist, every mail has arrived, and what arrived twice did so with the same Message-ID.

Time is pressed together in one place: pauses before another try and leases of dead relays are cut short by
the harness, through what `deflector outbox retry` does. The deadline for a mail is one second instead of 30.
"""

import argparse
import json
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.durability_post import TAKEN_AND_NOT_SAID, Post, Taken, certificate, listening
from benchmarks.durability_rig import Clients, Rig
from deflector.mail.relay import Relay
from deflector.mail.transports import SmtpTransport
from deflector.model import OutboxState
from deflector.store.store import Store
from tests import postgres
from tests.mail import postfix

DEADLINE = 1.0  # seconds for one mail where the mail server hangs on purpose
UNLOVED = (
    *("lost", "promised_twice", "not_told", "orphans", "tickets_without_both_mails", "unsent"),
    *("again_under_another_name", "faults_not_played"),
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything that takes part, started; `victims` says what can be killed, and how."""

    rig: Rig
    store: Store
    clients: Clients
    post: Post
    postfix: postfix.Postfix | None
    victims: dict[str, Callable[[], None]]

    def drain(self, *, rough: bool) -> None:
        """Leave everything alone until all mail has left. Relays rest first, to tell dead leases."""
        self.post.quiet = True
        if rough:
            for relay in self.rig.relays:
                relay.stop()
            self.rig.press_time(self.store, leases=True)
            for relay in self.rig.relays:
                relay.start()
        for _ in range(900):
            counts = self.store.outbox.counts()
            left = counts[OutboxState.WAITING] + counts[OutboxState.FAILED]
            if not left and not (self.postfix and self.postfix.queued()):
                return
            if rough:
                self.rig.press_time(self.store, leases=False)
            time.sleep(0.2)

    def count(self, done: Counter[str]) -> dict[str, object]:
        """Compare what was promised with what is stored, and that with what arrived."""
        with self.store.reading() as tx:
            stored = set(tx.connection.execute(text("SELECT number FROM tickets")).scalars())
            posted = set(tx.connection.execute(text("SELECT message_id FROM outbox")).scalars())
        clients, counts = self.clients, self.store.outbox.counts()
        promised = set(clients.promised.values())
        arrived = Counter(message_id for _, message_id in self.post.taken.mails)
        by_ticket: dict[str, set[str]] = {}
        for number, message_id in self.post.taken.mails:
            by_ticket.setdefault(number, set()).add(message_id)
        again = sum(times - 1 for times in arrived.values())
        return {
            "kills": dict(done),
            "faults": dict(self.post.played),
            "faults_not_played": self.post.missing,
            "posts": clients.tries,
            "promised": len(promised),
            "stored": len(stored),
            "lost": len(promised - stored),
            "promised_twice": len(clients.changed) + len(clients.promised) - len(promised),
            "not_told": clients.posts - len(clients.promised),
            "orphans": len(set(by_ticket) - stored),
            "mails": len(arrived),
            "tickets_without_both_mails": sum(len(by_ticket.get(one, ())) != 2 for one in stored),
            "again_under_another_name": len(set(arrived) - posted),
            "arrived_again": again,
            "arrived_again_share": round(again / max(len(arrived), 1), 4),
            "taken_and_not_said": sum(self.post.played[fault] for fault in TAKEN_AND_NOT_SAID),
            "unsent": counts[OutboxState.WAITING] + counts[OutboxState.FAILED],
        }


def set_up(args: argparse.Namespace, folder: Path, stack: ExitStack) -> Scene:
    """Start what the arguments name; all of it ends with the stack."""
    taken = Taken()
    post = Post(share=args.faults, chance=random.Random(args.seed + 1), taken=taken, tls=certificate(folder))
    sink = Post(share=0, chance=random.Random(0), taken=taken)
    stack.enter_context(listening(post, sink))
    relayed = None
    if args.postfix:
        routes = f"relayhost = [127.0.0.1]:{sink.port}\ndefault_transport = smtp\n"
        relayed = stack.enter_context(postfix.postfix(routes))
        post.behind = relayed.smtp
    server, database = None, args.database or f"sqlite:///{folder}/deflector.db"
    if args.postgres:
        server = stack.enter_context(postgres.running(durable=True))
        database = server.create("durability")
    deadline = str(DEADLINE if args.faults else 30.0)
    relay = [sys.executable, __file__, "relay", "--database", database, "--deadline", deadline]
    relay += ["--smtp", str(post.port), "--certificate", str(folder / "cert.pem")]
    rig = Rig(folder, database, relay)
    rig.build(webs=args.webs, relays=args.relays, relay_environment=args.relay_environment)
    stack.callback(rig.stop)
    rig.start()
    store = Store.open(database)
    stack.callback(store.close)
    clients = Clients(rig.ports, args.posts)
    stack.callback(clients.stop.set)
    victims = _victims(rig, server, relayed, random.Random(args.seed))
    return Scene(rig=rig, store=store, clients=clients, post=post, postfix=relayed, victims=victims)


def _victims(
    rig: Rig, server: postgres.Server | None, relayed: postfix.Postfix | None, chance: random.Random
) -> dict[str, Callable[[], None]]:
    victims: dict[str, Callable[[], None]] = {
        "worker": lambda: chance.choice(rig.webs).kill(whole=False),
        "web": lambda: chance.choice(rig.webs).kill(whole=True),
        "relay": lambda: chance.choice(rig.relays).kill(whole=True),
    }
    if server is not None:

        def whole_database() -> None:
            server.kill()
            time.sleep(chance.uniform(0, 0.3))
            server.start()

        victims["database"] = whole_database
        victims["connection"] = lambda: server.kill_one_connection(chance.randrange(1000))
    if relayed is not None:

        def whole_postfix() -> None:
            relayed.kill()
            time.sleep(chance.uniform(0, 0.3))
            relayed.start()

        victims["postfix"] = whole_postfix
    return victims


def kills(args: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Run the load under kills and faults, heal, and count."""
    chance = random.Random(args.seed)
    rough = bool(args.kills or args.faults)
    with ExitStack() as stack:
        scene = set_up(args, folder, stack)
        names = args.victims.split(",") if args.victims else list(scene.victims)
        order = [names[number % len(names)] for number in range(args.kills)]
        chance.shuffle(order)
        done: Counter[str] = Counter()
        scene.clients.start()
        while order or scene.clients.busy:
            time.sleep(chance.uniform(0.05, args.pause))
            if order:
                victim = order.pop()
                scene.victims[victim]()
                done[victim] += 1
            scene.rig.revive()
            if rough:
                scene.rig.press_time(scene.store, leases=False)
        scene.drain(rough=rough)
        return scene.count(done)


def full_disk(args: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Fill the disk under load, free it again: errors are said, and nothing that was promised is lost."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], check=True)
    args.database, args.faults = f"sqlite:///{disk}/deflector.db", 0.0
    with ExitStack() as stack:
        stack.callback(subprocess.run, ["umount", "-l", str(disk)], check=False)
        scene = set_up(args, folder, stack)
        clients, refusals = scene.clients, 0
        clients.start()
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
        while clients.busy:
            time.sleep(0.2)
            scene.rig.revive()
        scene.drain(rough=True)
        return {"refused_while_full": refusals, **scene.count(Counter())}


def clock_jump(args: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Let one of two relays live an hour ahead (libfaketime): leases run on the database's clock."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        raise SystemExit("clock-jump needs libfaketime: apt-get install faketime")
    args.postgres = not args.database
    args.relay_environment = {"LD_PRELOAD": str(library), "FAKETIME": "+1h", "DONT_FAKE_MONOTONIC": "1"}
    args.relays, args.kills, args.faults = 2, 0, 0.0
    return kills(args, folder)


def relay(args: argparse.Namespace) -> None:
    """Be a relay until somebody kills us."""
    store = Store.open(args.database)
    transport = SmtpTransport(
        f"smtp+starttls://127.0.0.1:{args.smtp}",
        deadline=args.deadline,
        tls=ssl.create_default_context(cafile=args.certificate),
        our_name="relay.example",
        goodbye=0.2,
    )
    Relay(store.outbox, transport).run(threading.Event(), 0.05)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "what", nargs="?", default="kills", choices=["kills", "full-disk", "clock-jump", "relay"]
    )
    parser.add_argument("--database", default="", help="an empty PostgreSQL database; default: SQLite")
    parser.add_argument("--postgres", action="store_true", help="start a PostgreSQL, and kill that, too")
    parser.add_argument("--postfix", action="store_true", help="send through a Postfix, and kill that, too")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--victims", default="", help="what to kill, with commas; default: all that is there")
    parser.add_argument("--posts", type=int, default=1500)
    parser.add_argument("--pause", type=float, default=1.5, help="at most so many seconds between kills")
    parser.add_argument("--faults", type=float, default=0.1, help="share of SMTP sessions that go wrong")
    parser.add_argument("--again", type=float, default=0.03, help="share of mails that may arrive twice")
    parser.add_argument("--webs", type=int, default=1)
    parser.add_argument("--relays", type=int, default=1)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--deadline", type=float, default=DEADLINE, help=argparse.SUPPRESS)
    parser.add_argument("--smtp", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--certificate", default="", help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.relay_environment = None
    args.database = args.database.replace("postgresql://", "postgresql+psycopg://", 1)
    return args


def main() -> None:
    args = arguments()
    if args.what == "relay":
        relay(args)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # so that what was started is stopped too
    run = {"kills": kills, "full-disk": full_disk, "clock-jump": clock_jump}[args.what]
    with tempfile.TemporaryDirectory(prefix="answerfirst-durability-", ignore_cleanup_errors=True) as folder:
        try:
            report = run(args, Path(folder))
        except (pytest.skip.Exception, pytest.fail.Exception) as missing:
            sys.exit(str(missing))
    print(json.dumps(report, indent=2))
    again = args.again if args.kills or args.faults else 0.0  # none without kills and faults
    held = not any(report[name] for name in UNLOVED) and float(str(report["arrived_again_share"])) <= again
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
