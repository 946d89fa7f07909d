"""The commands around the figures, as an operator runs them."""

import contextlib
import csv
import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from flask import Flask

from deflector.cli import main
from deflector.model import Channel, Enquiry, Event, EventKind
from deflector.settings import Settings
from deflector.store import migration
from deflector.store.event_rows import HEADER
from deflector.store.store import Store
from deflector.tickets.life import Actor, TicketAct
from tests.deflector.conftest import ANSWERED, UNANSWERED, Clock, services_of
from tests.deflector.measuring.histories import keep

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    store = Store.open(settings.database_url)
    migration.upgrade(store.engine)
    keep(store)
    store.close()
    support = tmp_path / "madrid.yml"
    support.write_text("hours: {time_zone: Europe/Madrid}\nmeasuring: {holdout: 1 time in 10}\n")
    environment = {
        "DEFLECTOR_VAR": str(settings.var),
        "DEFLECTOR_CATALOGUE": str(settings.catalogue),
        "DEFLECTOR_MODEL": "off",
        "DEFLECTOR_SUPPORT": str(support),
    }

    def run(*args: str, **more: str) -> Result:
        return CliRunner().invoke(main, args, env=environment | more, catch_exceptions=False)

    return run


def test_the_report_as_json_has_what_was_agreed_and_the_numbers_on_paper(run: Run) -> None:
    found = json.loads(run("report", "--format", "json", "--as-of", "2026-11-20").stdout)

    assert found["outcomes"] == {"confirmed": 3, "likely": 3, "unknown": 1, "ticket": 4}
    assert (found["enquiries"], found["shown"], found["clawed_back"]) == (16, 11, 2)
    assert set(found["confirmed_rate"]) == set(found["ceiling"]) == {"value", "low", "high"}
    assert found["confirmed_rate"]["value"] == pytest.approx(3 / 11)
    assert found["effect"] is None
    assert found["experiment"]["reading"] == "too_early"
    assert {gap["question"] for gap in found["gaps"]} >= {"game lags"}
    assert found["stale"]


def test_the_report_is_the_same_from_the_sums_and_from_the_events(run: Run) -> None:
    from_sums = json.loads(run("report", "--format", "json").stdout)
    from_events = json.loads(run("report", "--format", "json", "--as-of", "2026-11-20").stdout)

    assert from_sums.pop("as_of") != from_events.pop("as_of")
    assert from_sums == from_events


def test_for_a_person_few_cases_are_counts_and_not_rates(run: Run) -> None:
    text = " ".join(run("report").stdout.split())

    assert "3 of 11 (too few for a rate; 30 are needed)" in text
    assert "Too early to say" in text
    assert "%" not in text.split("Articles to mend")[0].replace("95 %", "")


def test_signals_tell_how_readers_fared_with_each_version(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "signals.json"
    run("report", "--signals", str(path))

    rows = json.loads(path.read_text())["articles"]
    [refund] = [row for row in rows if (row["article"], row["version"]) == ("refund", 3)]
    assert (refund["shown"], refund["opened"], refund["solved"], refund["opened_then_wrote"]) == (6, 3, 3, 1)


def test_a_change_is_measured_by_what_came_before_and_after_it(run: Run) -> None:
    answer = run(
        "report", "--effect-of", "2026-10-21", "--article", "lag", "--as-of", "2026-10-27", "--format", "json"
    )

    found = json.loads(answer.stdout)
    assert (found["before"]["shown"], found["after"]["shown"], found["after"]["tickets"]) == (1, 3, 1)
    assert found["tickets"] is None  # too few to say
    assert "the future" in run("report", "--effect-of", "2036-01-01").stderr
    assert "neither a date nor a revision" in run("report", "--effect-of", "no-such-revision").stderr


def git(folder: Path, *words: str, on: str = "2026-10-01T09:00:00+02:00") -> None:
    """Run Git as somebody who commits at a moment."""
    who = {"GIT_AUTHOR_NAME": "maya", "GIT_AUTHOR_EMAIL": "maya@example.com"}
    who |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in who.items()}
    environment = os.environ | who | {"GIT_AUTHOR_DATE": on, "GIT_COMMITTER_DATE": on}
    subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    """A repository of articles in which a pull request that changed one of two was merged on 21 October."""
    folder = tmp_path / "repository"
    for name in ("refund", "lag"):
        path = folder / f"kb/en/payments/{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("first\n", encoding="utf-8")
    git(folder, "init", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "Two articles")
    git(folder, "checkout", "-b", "better")
    path = folder / "kb/en/payments/lag.md"
    path.write_text("second\n", encoding="utf-8")
    git(folder, "commit", "-am", "Say it better", on="2026-10-15T09:00:00+02:00")
    git(folder, "checkout", "main")
    git(folder, "merge", "--no-ff", "better", "-m", "Merge it", on="2026-10-21T00:00:00+02:00")
    return folder


@pytest.mark.parametrize("revision", ["HEAD", "main"])
def test_a_pull_request_learns_what_it_did_from_its_merge(run: Run, merged: Path, revision: str) -> None:
    with contextlib.chdir(merged):
        answer = run("report", "--effect-of", revision, "--as-of", "2026-10-27", "--format", "json")

    found = json.loads(answer.stdout)
    assert found["at"] == "2026-10-21T00:00:00+02:00"  # when it was merged, not when it was written
    assert found["articles"] == [{"article": "lag", "lang": "en"}]  # what it changed, and nothing else
    assert (found["before"]["shown"], found["after"]["shown"]) == (1, 3)


def test_of_a_young_change_the_hours_are_said(run: Run, merged: Path) -> None:
    with contextlib.chdir(merged):
        young = run("report", "--effect-of", "HEAD", "--as-of", "2026-10-21T12:00")
        older = run("report", "--effect-of", "HEAD", "--as-of", "2026-10-27")
        youngest = run("report", "--effect-of", "HEAD", "--as-of", "2026-10-21T00:01")

    assert "After, 2026-10-21 00:00 to 2026-10-21 12:00: shown to 2 v1" in young.stdout
    assert "After, 2026-10-21 to 2026-10-27: shown to 3 v1" in older.stdout
    assert "younger than a day" in youngest.stderr


def test_where_nothing_is_missing_a_sentence_says_so(run: Run) -> None:
    told = run("gaps", "--since", "2030-01-01")

    assert told.exit_code == 0
    assert "No question is without an answer here." in told.stdout


def test_only_who_asks_the_search_gives_advice_about_gaps(run: Run) -> None:
    report, gaps = run("report").stdout, run("gaps").stdout

    assert ("Nearest" in report, "Nearest" in gaps) == (False, True)
    assert "What to do about each: deflector gaps" in report


def test_gaps_become_drafts_that_can_be_read_back(run: Run, tmp_path: Path) -> None:
    answer = run("gaps", "--draft", str(tmp_path / "kb"), "--owner", "payments", "--by", "maya")

    assert answer.exit_code == 0
    drafts = {path.stem: path.read_text() for path in (tmp_path / "kb").rglob("*.md")}
    front = yaml.safe_load(drafts["pay-with-shells"].split("---\n")[1])
    assert set(front["questions"]) == {"pay with shells?"}
    assert (front["owner"], front["changes"][0]["by"]) == ("payments", "maya")


def test_a_draft_whose_topic_nobody_named_says_so_and_goes_where_it_is_told(run: Run, tmp_path: Path) -> None:
    guessed = run("gaps", "--draft", str(tmp_path / "one"))
    told = run("gaps", "--draft", str(tmp_path / "two"), "--category", "connection")

    assert "pay-with-shells.md: 2 asked, 1 wrote to us. Nothing says what it is about" in guessed.stderr
    assert (tmp_path / "two/en/connection/pay-with-shells.md").is_file()
    assert told.exit_code == 0


def test_solved_questions_are_added_to_what_the_file_has(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "questions.yml"
    path.write_text("- {question: kept, lang: en, article: lag}\n")
    first = run("questions", "export", "--into", str(path))
    again = run("questions", "export", "--into", str(path))

    rows = yaml.safe_load(path.read_text())
    assert "questions added: 3, there before: 1." in first.stdout
    assert "questions added: 0, there before: 4." in again.stdout
    assert rows[0]["question"] == "kept"
    assert {"question": "where is my refund", "lang": "en", "article": "refund", "version": 3} in rows


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_daily_figures_leave_as_files_without_anybodys_words(run: Run, tmp_path: Path, form: str) -> None:
    import duckdb

    answer = run("export", str(tmp_path / "out"), "--format", form)

    assert answer.exit_code == 0, answer.output
    path = tmp_path / f"out/outcomes.{form}"
    if form == "csv":
        total = sum(int(row["enquiries"]) for row in csv.DictReader(path.read_text().splitlines()))
    else:
        with duckdb.connect() as connection:
            [(total,)] = connection.read_parquet(str(path)).sum("enquiries").fetchall()
    assert total == 17  # the machine's, too


def whole_life(settings: Settings, clock: Clock, app: Flask) -> None:
    """Let somebody ask, read, write, be answered, be asked how it was, come back and be answered again."""
    client, held = app.test_client(), services_of(app)
    key = client.post("/api/enquiries", json={"lang": "en"}).get_json()
    token = {"X-Enquiry-Token": key["token"]}
    client.get("/api/suggest", query_string={"q": ANSWERED, "enquiry": key["enquiry"]}, headers=token)
    about = {"article": "refund-for-a-game", "version": 3}
    for event in ({"type": "opened"}, {"type": "unhelpful", "reason": "Zanzibar"}, {"type": "solved"}):
        client.post(f"/api/enquiries/{key['enquiry']}/events", json=event | about, headers=token)
    who = {"name": "Zanzibar", "email": "zanzibar@example.com", "message": ANSWERED, "declined": True}
    number = client.post("/api/tickets", json=who | key).get_json()["ticket"]
    for act, by in (
        (TicketAct.ANSWERED, Actor.SUPPORT),
        (TicketAct.SOLVED, Actor.SUPPORT),
        (TicketAct.REOPENED, Actor.PERSON),
    ):
        clock.advance(hours=2)
        held.aftercare.note(number, act, by=by)
    with held.store.writing() as tx:
        tx.after.asked(number, clock())
    held.asking.mark(number, 4)
    client.post("/api/feedback", json={"helpful": True, **about})
    client.get("/api/suggest", query_string={"q": "zanzibar umbrella quartz", "from": "site"})


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_every_event_of_the_schema_leaves_as_a_row_and_nobodys_words_with_it(
    settings: Settings, clock: Clock, app: Flask, tmp_path: Path, form: str
) -> None:
    import duckdb

    whole_life(settings, clock, app)
    environment = {"DEFLECTOR_VAR": str(settings.var)}
    call = ["export", str(tmp_path / "out"), "--events", "--format", form]
    answer = CliRunner().invoke(main, call, env=environment, catch_exceptions=False)

    assert answer.exit_code == 0, answer.output
    [path] = (tmp_path / "out").glob("events.*")
    with duckdb.connect() as connection:
        read = {"csv": connection.read_csv, "json": connection.read_json, "parquet": connection.read_parquet}
        table = read[form](str(path)).project('* EXCLUDE ("at")')  # DuckDB wants pytz for moments
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
    kinds = {row["kind"]: row for row in rows}
    assert set(kinds) >= {"enquiry_started", "question", "shown", "opened", "unhelpful", "solved", "ticket"}
    assert set(kinds) >= {"ticket_answered", "ticket_solved", "ticket_reopened", "satisfaction"}
    assert set(kinds) >= {"feedback", "site_search"}
    assert (kinds["satisfaction"]["mark"], kinds["unhelpful"]["reason"]) == (4, "other")
    assert int(kinds["ticket_answered"]["open_minutes"]) == 120
    assert {row["enquiry"] for row in rows if row["kind"].startswith("ticket")} == {kinds["shown"]["enquiry"]}
    for secret in (b"anzibar", b"umbrella", b"HC-", ANSWERED.encode()):
        assert secret not in path.read_bytes()


def test_every_kind_of_event_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs/measuring.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)`", page.split("## Events")[1].split("\n## ")[0]))

    assert {kind.value for kind in EventKind} | {"enquiry_started"} <= told
    assert set(HEADER) <= told


def test_an_account_is_made_once_and_a_bad_password_is_a_sentence(run: Run) -> None:
    assert "may sign in" in run("user", "add", "maya", "--password", "correct horse battery").stdout
    assert "has an account" in run("user", "add", "maya", "--password", "correct horse battery").stderr
    short = run("user", "add", "jon", "--password", "short")
    assert (short.exit_code, "12 characters" in short.stderr) == (1, True)
    assert run("user", "list").stdout == "maya\tviewer\n"
    assert len(run("token", "add", "bi").stdout.strip()) > 40
    assert "no account" in run("user", "remove", "jon").stderr


def test_the_week_goes_to_the_lead_once(run: Run, settings: Settings) -> None:
    first, again = run("digest", "--to", "lead@example.com"), run("digest", "--to", "lead@example.com")

    assert "on its way to lead@example.com" in first.stdout
    assert "already" in again.stdout
    [mail] = Store.open(settings.database_url).outbox.entries()
    assert mail.mail.recipient == "lead@example.com"
    assert b"What to write next" in mail.mail.content
    assert "is not a mail address" in run("digest", "--to", "nobody").stderr
    assert "Confirmed deflection" in run("digest", "--to", "lead@example.com", "--print").stdout


def test_the_week_asks_for_no_article_that_is_there_by_now(run: Run, settings: Settings) -> None:
    now = datetime.now(UTC)
    last_week = now - timedelta(days=now.weekday() + 3)  # a Friday, whatever zone one looks from
    with contextlib.closing(Store.open(settings.database_url)) as store, store.writing() as tx:
        for name, text in (("open", UNANSWERED), ("closed", ANSWERED)):
            tx.enquiries.add(Enquiry(id=name, started_at=last_week, lang="en", channel=Channel.FORM), None)
            asked = {"text": text, "verdict": "nothing"}
            tx.enquiries.record([Event(kind=EventKind.QUESTION, at=last_week, enquiry=name, data=asked)])

    told = run("digest", "--to", "lead@example.com", "--print").stdout

    assert f"- {UNANSWERED} (en): 1 asked, 0 wrote to us; write an article" in told
    assert ANSWERED not in told
