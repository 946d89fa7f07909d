"""Sums and decisions stay for years, so nothing that somebody typed stands in them."""

import re
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text

from deflector.cli import main
from deflector.measures.deciding import marks_of
from deflector.measures.period import Period, from_sums
from deflector.measures.rollup import catch_up
from deflector.outcomes.reasons import REASONS, as_reason
from deflector.store import migration
from deflector.store.dialect import create
from deflector.store.tables import metadata
from tests.deflector.conftest import ANSWERED, Clock, services_of

WORDS = "Zanzibar umbrellas"
WHY = "Zanzibar was nowhere in it, write to ada@example.com"
ABOUT = {"article": "refund-for-a-game", "version": 3}


def live_through(app: Flask) -> None:
    """Ask, give reasons in words of one's own, and let a lead decide about the gap."""
    client, held = app.test_client(), services_of(app)
    key = client.post("/api/enquiries", json={"lang": "en"}).get_json()
    token = {"X-Enquiry-Token": key["token"]}
    for question in (WORDS, ANSWERED):
        query = {"q": question, "lang": "en", "enquiry": key["enquiry"]}
        client.get("/api/suggest", query_string=query, headers=token)
    vote = {"type": "unhelpful", "reason": WHY, **ABOUT}
    assert client.post(f"/api/enquiries/{key['enquiry']}/events", json=vote, headers=token).status_code == 204
    page = {"helpful": False, "reason": WHY, "lang": "en", **ABOUT}
    assert client.post("/api/feedback", json=page).status_code == 204
    catch_up(held.store, held.support.hours.time_zone)
    with held.store.writing() as tx:
        tx.staff.decide(marks_of([WORDS], secret="s"), "en", "write", "maya", held.now())


def rows(app: Flask, *, but: tuple[str, ...] = ()) -> str:
    with services_of(app).store.reading() as tx:
        return "\n".join(
            f"{table.name}: {row}"
            for table in metadata.sorted_tables
            if table.name not in but
            for row in tx.connection.execute(select(table))
        )


def test_only_events_hold_words_and_they_lose_them_in_time(app: Flask, clock: Clock) -> None:
    live_through(app)
    held = services_of(app)
    typed = re.compile("zanzibar|umbrellas|ada@", re.IGNORECASE)
    assert typed.search(rows(app))
    assert "ada@example.com" not in rows(app)
    assert not typed.search(rows(app, but=("events",)))

    # `purge` asks the wall clock, and by that all of this is long ago.
    support = held.settings.var.parent / "short.yml"
    support.write_text("privacy: {keep_questions: 1 day}\n", encoding="utf-8")
    with held.store.writing() as tx:
        for name in ("events", "enquiries"):
            moment = metadata.tables[name].c["at" if name == "events" else "started_at"]
            tx.connection.execute(metadata.tables[name].update().values({moment: clock().replace(year=2020)}))
    environment = {"DEFLECTOR_VAR": str(held.settings.var), "DEFLECTOR_SUPPORT": str(support)}
    done = CliRunner().invoke(main, ["privacy", "purge"], env=environment, catch_exceptions=False)

    assert done.exit_code == 0, done.output
    assert not typed.search(rows(app))
    with held.store.reading() as tx:
        tally = from_sums(tx, Period(), zone=held.support.hours.time_zone, as_of=clock())
        assert {(reason, votes) for (_, _, reason), votes in tally.reasons.items()} == {("other", 2)}
        assert len(tx.staff.decisions()) == 1


def test_a_decision_is_found_again_by_who_holds_the_key_and_by_nobody_else() -> None:
    assert marks_of(["Zanzibar  Umbrellas?"], secret="one") == marks_of(["zanzibar umbrellas"], secret="one")
    assert marks_of([WORDS], secret="one") != marks_of([WORDS], secret="other")


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        *(("unclear", "unclear"), ("Out of date", "out_of_date"), ("did-not-work", "did_not_work")),
        *(("I am Ada", "other"), (" ", None), (None, None), (7, None)),
    ],
)
def test_a_reason_is_one_of_few(said: object, counted: str | None) -> None:
    assert as_reason(said) == counted
    assert counted in (None, "other", *REASONS)


def test_a_database_of_before_forgets_words_when_it_is_brought_up_to_date(url: str) -> None:
    engine = create(url)
    config = Config()
    config.set_main_option("script_location", str(migration.MIGRATIONS))
    at = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0501")
        for kind, said in (("unhelpful", WHY), ("feedback", "unclear"), ("question", None)):
            data = {"reason": said} if said else {"text": "kept"}
            row = {"kind": kind, "at": at, "data": data, "schema": 2}
            connection.execute(metadata.tables["events"].insert().values(row))
        decided = (
            "INSERT INTO gap_decisions (wording, lang, to_do, name, at) VALUES (:w, 'en', 'write', 'm', :at)"
        )
        connection.execute(text(decided), {"w": WORDS, "at": at.replace(tzinfo=None)})

    migration.upgrade(engine)

    with engine.begin() as connection:
        events = metadata.tables["events"]
        kept = [row.data for row in connection.execute(select(events).order_by(events.c.seq))]
        assert kept == [{"reason": "other"}, {"reason": "unclear"}, {"text": "kept"}]
        assert connection.execute(select(metadata.tables["gap_decisions"])).all() == []
    engine.dispose()
