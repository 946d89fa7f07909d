"""What we keep about a person is given out and erased whole: then their bytes are nowhere in the files."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import insert, text

from deflector.cli import main
from deflector.desk.acknowledging import Sparing
from deflector.desk.privacy import Privacy
from deflector.keys import secret_key
from deflector.mail.relay import Relay
from deflector.mail.transports import transport_for
from deflector.model import Attachment, EventKind
from deflector.settings import Settings
from deflector.store.after_tables import satisfaction
from deflector.store.personal import Personal
from deflector.support.support_desk import SupportDesk
from deflector.tickets.life import Actor, TicketAct
from tests.deflector.conftest import AppFactory, Clock, services_of

ADA = "ada.lovelace@example.com"
BOB = "bob@example.org"
# Everything of hers that could be found again; each word stands in another place.
TRACES = (b"lovelace", b"quartzword", b"subjectword", b"pageword", b"addedword", b"fileword", b"markword")
BOBS = b"bobsword"


@dataclass(frozen=True, kw_only=True)
class House:
    """A desk on one kind of database, with two people in it, and the files that it lies in."""

    app: Flask
    privacy: Privacy
    files: Callable[[], bytes]

    @property
    def settings(self) -> Settings:
        return services_of(self.app).settings


def people(app: Flask) -> None:
    """Let two people write, add and be answered; send their mail; leave traces wherever there can be any."""
    client = app.test_client()
    started = client.post("/api/enquiries", json={"lang": "en", "page": "/pageword/"}).get_json()
    client.get(
        "/api/suggest",
        query_string={"q": "quartzword umbrella", "enquiry": started["enquiry"]},
        headers={"X-Enquiry-Token": started["token"]},
    )
    sent = client.post(
        "/contact",
        data={
            "name": "Ada Lovelace",
            "email": ADA.upper().replace("@EXAMPLE.COM", "@example.com"),
            "message": "quartzword umbrella",
            "subject": "subjectword",
            "page": "/pageword/",
            "declined": "1",
            "enquiry": started["enquiry"],
            "token": started["token"],
        },
    )
    assert sent.status_code == 303
    number = sent.location.split("?")[0].rsplit("/", 1)[1]
    services = services_of(app)
    paper = Attachment(name="fileword.pdf", media_type="application/pdf", content=b"%PDF-1.4\nfileword\n")
    filed = services.cabinet.write([paper])
    with services.store.writing() as tx:
        tx.attachments.add(filed, ticket=number, at=services.now())
        tx.connection.execute(
            insert(satisfaction).values(ticket=number, asked_at=services.now(), mark=5, comment="markword")
        )
    services.aftercare.note(number, TicketAct.ADDED, by=Actor.PERSON, text="addedword")
    other = client.post(
        "/contact", data={"name": "Bob", "email": BOB, "message": BOBS.decode(), "declined": "1"}
    )
    assert other.status_code == 303


@pytest.fixture
def house(url: str, make_app: AppFactory, settings: Settings, support: SupportDesk, clock: Clock) -> House:
    app = make_app(replace(settings, database_url=url))
    store = services_of(app).store
    people(app)

    def files() -> bytes:
        if url.startswith("sqlite"):
            folder = Path(url.removeprefix("sqlite:///")).parent
        else:
            with store.engine.connect() as connection:
                base = Path(connection.execute(text("SHOW data_directory")).scalar_one()) / "base"
                known = "SELECT oid FROM pg_database WHERE datname = current_database()"
                folder = base / str(connection.execute(text(known)).scalar_one())
        paths = [path for root in (folder, settings.var) for path in root.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in set(paths)).lower()

    privacy = Privacy(
        store=store,
        cabinet=services_of(app).cabinet,
        maildir=settings.maildir,
        sparing=Sparing.of(support.protection, secret=secret_key(settings)),
        now=clock,
    )
    return House(app=app, privacy=privacy, files=files)


def flush(house: House) -> None:
    """Make a PostgreSQL look at its columns and write its pages out, so that there is something to find."""
    engine = services_of(house.app).store.engine
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
            connection.execute(text("CHECKPOINT"))


def outcomes(house: House) -> list[str]:
    store = services_of(house.app).store
    with store.reading() as tx:
        rows = tx.connection.execute(text("SELECT kind FROM events ORDER BY seq")).scalars()
        return [str(kind) for kind in rows]


def test_after_erasing_a_person_their_bytes_are_in_no_file_and_the_figures_stay(house: House) -> None:
    flush(house)
    before, kept = house.files(), outcomes(house)
    for trace in (*TRACES, BOBS):
        assert trace in before, trace

    done = house.privacy.erase(ADA)

    assert done.tickets == 1
    assert done.attachments == 1
    flush(house)
    after = house.files()
    for trace in TRACES:
        assert trace not in after, trace
    assert BOBS in after
    assert outcomes(house) == kept
    assert EventKind.TICKET in kept


def test_mail_that_was_delivered_into_the_laptops_maildir_goes_too(house: House) -> None:
    settings = house.settings

    def delivered() -> list[Path]:
        return [path for path in (settings.var / "mail").rglob("*") if path.is_file()]

    Relay(services_of(house.app).store.outbox, transport_for(settings.smtp_url)).run_once()
    assert b"subjectword" in b"".join(path.read_bytes() for path in delivered())

    house.privacy.erase(ADA)

    kept = b"".join(path.read_bytes() for path in delivered())
    assert b"subjectword" not in kept
    assert BOBS in kept


def test_what_is_given_out_is_all_of_it_and_nobody_elses(house: House) -> None:
    found = json.dumps(house.privacy.export(ADA)).lower().encode()

    for trace in TRACES:
        assert trace in found, trace
    assert BOBS not in found
    assert house.privacy.export("nobody@example.com")["tickets"] == []


def test_a_person_whom_somebody_else_names_is_found_and_said(house: House) -> None:
    sent = house.app.test_client().post(
        "/contact", data={"name": "Bob", "email": BOB, "message": f"Ask {ADA} about it", "declined": "1"}
    )
    number = sent.location.split("?")[0].rsplit("/", 1)[1]

    assert house.privacy.erase(ADA).mentions == (number,)
    assert house.privacy.erase(BOB).tickets == 2
    assert house.privacy.erase(ADA).mentions == ()


def test_words_go_after_90_days_and_tickets_after_two_years(
    house: House, clock: Clock, support: SupportDesk
) -> None:
    rules = support.privacy
    client = house.app.test_client()
    client.post(
        "/api/feedback",
        json={"article": "lag", "version": 3, "helpful": False, "comment": "commentword", "lang": "en"},
    )

    clock.advance(days=89)
    young = house.privacy.purge(rules, thorough=True)
    assert (young.texts, young.tickets) == (0, 0)
    clock.advance(days=2)
    old = house.privacy.purge(rules, thorough=True)
    assert old.texts >= 3
    assert old.tickets == 0
    with services_of(house.app).store.reading() as tx:
        data = " ".join(str(row) for row in tx.connection.execute(text("SELECT data FROM events")).scalars())
        assert "quartzword" not in data
        assert "commentword" not in data
        assert Personal(tx.connection).tickets_of(ADA) != []

    clock.advance(days=700)
    assert house.privacy.purge(rules, thorough=True).tickets == 2
    flush(house)
    files = house.files()
    assert [trace for trace in (*TRACES, BOBS, b"commentword") if trace in files] == []


def test_the_commands_say_what_they_did(make_app: AppFactory, settings: Settings, tmp_path: Path) -> None:
    people(make_app())
    environment = {"DEFLECTOR_VAR": str(settings.var), "DEFLECTOR_SUPPORT": str(tmp_path / "support.yml")}

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["privacy", *words], env=environment)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert json.loads(run("export", ADA))["tickets"][0]["subject"] == "subjectword"
    assert run("erase", ADA).startswith("Erased 1 tickets, 1 attachments")
    assert run("erase", ADA).startswith("Erased 0 tickets")
    assert json.loads(run("export", ADA))["tickets"] == []
    assert "0 tickets" in run("purge")


def test_a_purge_takes_the_counters_whose_time_is_over(house: House, support: SupportDesk) -> None:
    store = services_of(house.app).store
    with store.writing() as tx:
        tx.counters.count("over", timedelta(seconds=-1))
        tx.counters.count("running", timedelta(hours=1))

    house.privacy.purge(support.privacy, thorough=False)

    with store.reading() as tx:
        assert list(tx.connection.execute(text("SELECT key FROM counters")).scalars()) == ["running"]
