"""What the figures cost: a database of many events, the report and the dashboard's first page.

    .venv/bin/python benchmarks/events.py [--events 10000 100000 1000000] [--folder DIR]

Makes enquiries of five events each, spread over a year, with the store's own code; then measures, each in a
process of its own on SQLite: taking everything into the sums for the first time, `deflector report` over a
year and over a month, the first page of /admin, the same counted from every event again, and taking in
the next hundred enquiries. CPU seconds and peak memory (MB).
"""

import argparse
import contextlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
PER_ENQUIRY = 5
MEASURED = ("roll-up", "report year", "report month", "first page", "from events", "next hundred")


def fill(url: str, events: int, *, start: int = 0, days: int = 365) -> None:
    from deflector.model import Arm, ArticleVersion, Channel, Enquiry, Event, EventKind
    from deflector.store import migration
    from deflector.store.store import Store

    rng = random.Random(start)
    store = Store.open(url)
    migration.upgrade(store.engine)
    made, many = 0, events // PER_ENQUIRY
    while made < many:
        with store.writing() as tx:
            happened = []
            for number in range(made, min(made + 5000, many)):
                at = NOW - timedelta(seconds=rng.random() * days * 86400)
                name = f"e{start + number}"
                arm = Arm.HOLDOUT if rng.random() < 0.1 else Arm.SHOWN
                enquiry = Enquiry(
                    id=name, started_at=at, lang=rng.choice(["en", "es"]), channel=Channel.FORM, arm=arm
                )
                tx.enquiries.add(enquiry, None)
                about = ArticleVersion(article=f"article-{rng.randrange(200)}", lang="en", version=1)
                answered = rng.random() < 0.8
                asked = {
                    "text": f"question {rng.randrange(400)}",
                    "verdict": "answers" if answered else "nothing",
                }
                found = EventKind.SHOWN if arm is Arm.SHOWN else EventKind.WITHHELD
                told: list[tuple[EventKind, dict[str, object]]] = [(EventKind.QUESTION, dict(asked))]
                told += [(found, {"rank": rank, "category": f"c{rng.randrange(10)}"}) for rank in (1, 2)]
                told.append((rng.choice([EventKind.OPENED, EventKind.IMPRESSION]), {}))
                told.append(
                    (rng.choice([EventKind.SOLVED, EventKind.TICKET, EventKind.CLOSED]), {"number": name})
                )
                happened += [
                    Event(
                        kind=kind,
                        at=at + timedelta(seconds=second),
                        enquiry=name,
                        about=None if kind in (EventKind.QUESTION, EventKind.TICKET) else about,
                        data=data,
                    )
                    for second, (kind, data) in enumerate(told)
                ]
            tx.enquiries.record(happened)
        made += 5000
    store.close()


def measure(url: str, what: str) -> dict[str, float]:
    """Do one thing and say what it cost."""
    from zoneinfo import ZoneInfo

    from deflector.measures.figures import figures
    from deflector.measures.grouping import best_grouping
    from deflector.measures.period import Period, from_events, from_sums
    from deflector.measures.rollup import catch_up
    from deflector.outcomes.tallies import Tally, midnight
    from deflector.store.store import Store

    zone, store = ZoneInfo("Europe/Madrid"), Store.open(url)
    today = midnight(NOW.date() + timedelta(days=1), zone)
    year, month = (
        Period(since=today - timedelta(days=365)),
        Period(since=midnight((NOW - timedelta(days=27)).date(), zone)),
    )

    def report(period: Period, source: Callable[..., Tally]) -> None:
        catch_up(store, zone)
        with store.reading() as tx:
            tally = source(tx, period, zone=zone, as_of=NOW)
        figures(tally, knowledge=None, as_of=NOW, period=period, grouping=best_grouping())

    started, page = time.process_time(), None
    if what == "first page":
        page = first_page(url)
        started = time.process_time()
    steps: dict[str, Callable[[], object]] = {
        "roll-up": lambda: catch_up(store, zone),
        "report year": lambda: report(Period(), from_sums),
        "report month": lambda: report(month, from_sums),
        "first page": lambda: page() if page else None,
        "from events": lambda: report(year, from_events),
        "next hundred": lambda: catch_up(store, zone),
    }
    steps[what]()
    return {
        "cpu": time.process_time() - started,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def first_page(url: str) -> Callable[[], object]:
    """Make a signed-in reader of /admin; the catalogue is missing, as far as the figures are concerned."""
    from argon2 import PasswordHasher

    from deflector.app import create_app
    from deflector.roles import StaffRole
    from deflector.settings import Settings
    from deflector.staff import StaffDoor
    from deflector.store.staff import NameTaken
    from deflector.store.store import Store
    from deflector.support.support_desk import SupportDesk

    folder = Path(url.removeprefix("sqlite:///")).parent
    settings = Settings.from_environment(
        {
            "DEFLECTOR_DATABASE_URL": url,
            "DEFLECTOR_VAR": str(folder),
            "DEFLECTOR_CATALOGUE": str(folder / "none.json"),
            "DEFLECTOR_MODEL": "off",
            "DEFLECTOR_PROTECTION": "off",
        }
    )
    support = SupportDesk.model_validate({"hours": {"time_zone": "Europe/Madrid"}})
    app = create_app(settings, support, now=lambda: NOW)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    app.extensions["answerfirst-staff"] = door = StaffDoor(
        store=Store.open(url), now=lambda: NOW, hasher=cheap
    )
    with contextlib.suppress(NameTaken):
        door.add("maya", "correct horse battery", StaffRole.VIEWER)
    client = app.test_client()
    client.post("/admin/sign-in", data={"name": "maya", "password": "correct horse battery"})

    def look() -> None:
        answer = client.get("/admin")
        assert answer.status_code == 200, answer.status

    return look


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(measure(*given.step)))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        print(f"{'events':>9}  " + "  ".join(f"{what:>16}" for what in MEASURED))
        for events in given.events:
            url = f"sqlite:///{scratch}/{events}.db"
            fill(url, events)
            cells = []
            for what in MEASURED:
                if what == "next hundred":
                    fill(url, 100 * PER_ENQUIRY, start=10**9, days=1)
                call = [sys.executable, __file__, "--step", url, what]
                told = json.loads(subprocess.run(call, capture_output=True, check=True, text=True).stdout)
                cells.append(f"{told['cpu']:8.2f} s {told['mb']:3.0f} MB")
            print(f"{events:9}  " + "  ".join(f"{cell:>16}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
