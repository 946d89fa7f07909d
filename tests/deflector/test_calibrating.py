"""`deflector calibrate` learns from what the database knows became of the answers."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from deflector.cli import main
from deflector.model import Arm, ArticleVersion, Channel, Enquiry, Event, EventKind
from deflector.outcomes.promises import promise_of
from deflector.settings import Settings
from deflector.store.store import Store
from tests.deflector.conftest import AppFactory, services_of

LAG = ArticleVersion(article="lag", lang="en", version=3)
REFUND = ArticleVersion(article="refund-for-a-game", lang="en", version=3)
LONG_AGO = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SURE = 0.9


@dataclass(frozen=True, kw_only=True)
class Story:
    """One enquiry: a question with two answers, and what the person did."""

    enquiry: Enquiry
    events: Sequence[Event]


def story(
    *then: EventKind | tuple[EventKind, ArticleVersion],
    number: int = 0,
    at: datetime = LONG_AGO,
    confidence: float = SURE,
    engine: str = "tantivy",
    urgent: bool = False,
    arm: Arm = Arm.SHOWN,
    bot: bool = False,
) -> Story:
    enquiry = Enquiry(id=f"e{number}", started_at=at, lang="en", channel=Channel.FORM, arm=arm, bot=bot)

    def event(kind: EventKind, minutes: int, about: ArticleVersion | None = None, **data: object) -> Event:
        moment = at + timedelta(minutes=minutes)
        return Event(
            kind=kind, at=moment, enquiry=enquiry.id, about=about, data=data, seq=number * 10 + minutes
        )

    events = [
        event(EventKind.QUESTION, 0, text="where is it", urgent=urgent),
        event(EventKind.SHOWN, 1, LAG, rank=2, confidence=0.45, engine=engine, category="connection"),
        event(EventKind.SHOWN, 1, REFUND, rank=1, confidence=confidence, engine=engine, category="payments"),
    ]
    for minutes, one in enumerate(then, 2):
        kind, about = one if isinstance(one, tuple) else (one, REFUND)
        data = {"number": f"HC-{number}"} if kind is EventKind.TICKET else {}
        events.append(event(kind, minutes, None if kind is EventKind.TICKET else about, **data))
    return Story(enquiry=enquiry, events=events)


SOLVED, NOT_SOLVED, OPENED, TICKET = (
    EventKind.SOLVED,
    EventKind.NOT_SOLVED,
    EventKind.OPENED,
    EventKind.TICKET,
)


@pytest.mark.parametrize(
    ("told", "promised"),
    [
        (story(OPENED, SOLVED), (SURE, True)),
        (story(OPENED, (SOLVED, LAG)), (0.45, True)),  # the one that solved it, wherever it stood
        (story(OPENED, SOLVED, TICKET), (SURE, False)),  # clawed back
        (story(TICKET), (SURE, False)),
        (story(OPENED, NOT_SOLVED), (SURE, False)),
        (story((NOT_SOLVED, LAG)), (0.45, False)),
        (story(NOT_SOLVED, SOLVED), (SURE, True)),
        (story(OPENED), None),  # who left without a word told nothing
        (story(), None),
        (story(SOLVED, urgent=True), None),
        (story(SOLVED, arm=Arm.HOLDOUT), None),
        (story(SOLVED, bot=True), None),
    ],
)
def test_an_enquiry_says_whether_its_answer_was_right(
    told: Story, promised: tuple[float, bool] | None
) -> None:
    found = promise_of(told.enquiry, told.events)

    assert (found and (found.confidence, found.right)) == promised


Keep = Callable[[Sequence[Story]], None]


@pytest.fixture
def app(make_app: AppFactory) -> Flask:
    return make_app()


@pytest.fixture
def store(app: Flask) -> Store:
    return services_of(app).store


def keep(store: Store, stories: Sequence[Story]) -> None:
    with store.writing() as tx:
        for one in stories:
            tx.enquiries.add(one.enquiry, None)
            tx.enquiries.record(one.events)


def half_right(count: int = 120, *, at: datetime | None = None, first: int = 0, **more: Any) -> list[Story]:
    """Promise 0.9 and be right half of the time, a fortnight ago."""
    at = at or datetime.now(UTC) - timedelta(days=14)
    return [story(SOLVED if n % 2 else TICKET, number=first + n, at=at, **more) for n in range(count)]


Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings) -> Run:
    environment = {
        "DEFLECTOR_VAR": str(settings.var),
        "DEFLECTOR_CATALOGUE": str(settings.catalogue),
        "DEFLECTOR_MODEL": "off",
    }

    def run(*args: str) -> Result:
        return CliRunner().invoke(main, ["calibrate", *args], env=environment, catch_exceptions=False)

    return run


def numbers(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((settings.var / "calibration.json").read_text())
    return found


def test_the_outcomes_of_the_database_move_the_confidence_of_a_running_service(
    app: Flask, store: Store, run: Run, settings: Settings
) -> None:
    client = app.test_client()

    def sure() -> float:
        found = client.get("/api/suggest", query_string={"q": "get a refund game", "lang": "en"})
        return max((item["confidence"] for item in found.get_json()["suggestions"]), default=0.0)

    before = sure()
    assert before > 0
    keep(store, half_right())

    dry = run("--dry-run")
    assert "Before: promise and truth lie 40 points apart on average, over 120 outcomes." in dry.stdout
    assert "50% (60 of 120)" in dry.stdout
    assert "120 of these answers before, 0 after" in dry.stdout
    assert sure() == before

    done = run()
    assert done.exit_code == 0
    assert "running services take it up" in done.stdout
    assert sure() < before
    assert numbers(settings)["outcomes"] == 120

    assert "The shipped rule counts again" in run("--reset").stdout
    assert sure() == before
    assert numbers(settings)["version"] == 2


def test_calibrating_again_with_the_same_outcomes_changes_nothing(
    store: Store, run: Run, settings: Settings
) -> None:
    keep(store, half_right())
    run()
    first = numbers(settings)
    run()
    again = numbers(settings)

    assert (again["slope"], again["shift"]) == pytest.approx((first["slope"], first["shift"]))
    assert again["earlier"][0]["version"] == first["version"] == 1


def test_what_was_promised_under_an_earlier_calibration_is_read_as_it_was_meant(
    store: Store, run: Run, settings: Settings
) -> None:
    """The same answers, promised as 0.5 after a calibration that took 0.9 for 0.5, are the same outcomes."""
    since = datetime.now(UTC) - timedelta(days=30)
    keep(store, half_right(60, at=since - timedelta(days=5)))
    keep(store, half_right(60, first=500, confidence=0.5))
    settings.var.mkdir(exist_ok=True)
    row = {"version": 1, "slope": 1.0, "shift": -2.1972, "at": since.isoformat(), "outcomes": 0}
    (settings.var / "calibration.json").write_text(json.dumps(row))

    told = json.loads(run("--dry-run", "--format", "json").stdout)
    assert [one["count"] for one in told["before"]["bins"]] == [120]
    assert told["before"]["bins"][0]["promised"] == pytest.approx(0.5, abs=0.001)
    assert told["written"] is False


def test_what_is_not_settled_or_not_the_rules_doing_is_left_out(store: Store, run: Run) -> None:
    fresh = datetime.now(UTC) - timedelta(days=2)
    keep(
        store,
        [
            *half_right(40, engine="whoosh", at=datetime.now(UTC) - timedelta(days=60)),
            *half_right(60, first=100),
            *half_right(40, first=200, confidence=0.97),  # in the very words of an article
            *half_right(40, first=300, at=fresh),
            *half_right(40, first=400, at=datetime.now(UTC) - timedelta(days=400)),
        ],
    )

    done = run()
    assert done.exit_code == 1
    assert "There are 60 outcomes, 30 right and 30 wrong" in done.stderr
    assert "40 are missing" in done.stderr
    assert "Left out: 40 answers that were not found by tantivy." in done.stderr
    assert "Left out: 40 that were asked in the very words of an article." in done.stderr
    assert "There are 0 outcomes" in run("--since", datetime.now(UTC).date().isoformat()).stderr


def test_reset_stands_alone_and_a_folder_that_cannot_be_written_is_a_sentence(
    store: Store, run: Run, tmp_path: Path
) -> None:
    assert run("--reset", "--dry-run").exit_code == 2
    keep(store, half_right())
    (tmp_path / "file").write_text("")
    assert "cannot be written" in run("--var", str(tmp_path / "file")).stderr
