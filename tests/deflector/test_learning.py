"""What two people confirm is learned when nothing can take it back, without a trace of who they were."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from deflector.desk.acknowledging import Sparing
from deflector.desk.housekeeping import chores
from deflector.desk.learning import LearnedFromPeople, Learning
from deflector.desk.privacy import Privacy
from deflector.keys import secret_key
from deflector.knowledge import Knowledge, KnowledgeFile
from deflector.model import EventKind
from deflector.outcomes.learned import Standing, judge
from deflector.outcomes.wordings import is_fit, key_of, mark_of, told_by
from deflector.settings import Settings
from deflector.store.learned_tables import learned_counts
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk
from tests.deflector.conftest import CATALOGUE, AppFactory, Clock, services_of
from tests.deflector.test_calibrating import LAG, NOT_SOLVED, OPENED, SOLVED, TICKET, Story, story

WORDING = "undo my mistaken purchase"
REFUND = "refund-for-a-game"
A_WEEK = timedelta(days=7)


@pytest.fixture
def either_app(url: str, make_app: AppFactory, settings: Settings) -> Flask:
    """Serve with SQLite, and with PostgreSQL."""
    return make_app(replace(settings, database_url=url))


class Person:
    """Somebody at the contact form, through the API."""

    def __init__(self, client: FlaskClient, lang: str = "en") -> None:
        self._client = client
        self._lang = lang
        self._key = client.post("/api/enquiries", json={"lang": lang}).get_json()

    def asks(self, question: str) -> dict[str, Any]:
        answer = self._client.get(
            "/api/suggest",
            query_string={"q": question, "lang": self._lang, "enquiry": self._key["enquiry"]},
            headers={"X-Enquiry-Token": self._key["token"]},
        )
        found: dict[str, Any] = answer.get_json()
        return found

    def says(self, kind: str, article: str = REFUND, version: int = 3) -> None:
        done = self._client.post(
            f"/api/enquiries/{self._key['enquiry']}/events",
            json={"type": kind, "article": article, "version": version, "token": self._key["token"]},
        )
        assert done.status_code == 204

    def writes(self, name: str = "Ada", email: str = "ada@example.com") -> None:
        body = {"enquiry": self._key["enquiry"], "token": self._key["token"], "lang": self._lang}
        body |= {"name": name, "email": email, "message": "It did not help", "declined": True}
        sent = self._client.post("/api/tickets", json=body, headers={"Idempotency-Key": email})
        assert sent.status_code == 201, sent.get_json()


def confirm(client: FlaskClient, wording: str = WORDING, lang: str = "en", version: int = 3) -> Person:
    person = Person(client, lang)
    person.asks(wording)
    person.says("opened", version=version)
    person.says("solved", version=version)
    return person


def listen(app: Flask) -> None:
    """Do what the chore of the running service does, and let the web worker look."""
    services = services_of(app)
    keep = services.support.privacy.keep_questions
    Learning(store=services.store, keep_questions=keep, now=services.now).listen()
    if services.learned:
        services.learned.refresh()


def learned(app: Flask, knowledge: Knowledge | None = None) -> dict[str, Standing]:
    services = services_of(app)
    catalogue = knowledge or services.knowledge.current()
    assert catalogue
    with services.store.reading() as tx:
        return {one.text or one.mark: judge(one, catalogue).standing for one in tx.learned.wordings()}


def until(condition: Callable[[], bool]) -> bool:
    """Wait for what a thread beside does; the deadline is there for a failure only."""
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def answers(client: FlaskClient, question: str = WORDING) -> bool:
    """Say whether somebody new who asks this is given the refund as an answer."""
    found = client.get("/api/suggest", query_string={"q": question, "lang": "en"}).get_json()
    return bool(found["answerable"] and found["suggestions"][0]["article"] == REFUND)


def words_in(app: Flask) -> list[str]:
    with services_of(app).store.reading() as tx:
        return list(tx.connection.execute(text("SELECT text FROM learned_wordings")).scalars())


def test_what_two_people_confirmed_answers_the_third_without_a_restart(
    either_app: Flask, clock: Clock
) -> None:
    client = either_app.test_client()
    first = confirm(client)
    confirm(client, "Undo my mistaken PURCHASE?!")
    assert not answers(client)

    clock.moment += A_WEEK - timedelta(seconds=1)
    listen(either_app)
    assert words_in(either_app) == []  # a ticket could still take it back

    clock.advance(seconds=2)
    listen(either_app)

    assert until(lambda: answers(client))
    assert first.asks(WORDING)["suggestions"][0]["title"] == "Get a refund for a game"
    assert WORDING not in client.get("/api/suggest", query_string={"q": "refund", "lang": "en"}).text


def test_one_person_is_not_enough_and_their_words_are_not_kept(app: Flask, clock: Clock) -> None:
    confirm(app.test_client())
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(app)
    listen(app)  # each enquiry is heard once, however often we listen

    with services_of(app).store.reading() as tx:
        [row] = tx.connection.execute(select(learned_counts)).all()
    assert (row.mark, row.solved) == (mark_of(WORDING), 1)
    assert row.heard_at == row.last_solved == datetime(2026, 11, 18, tzinfo=UTC)  # the day, not the moment
    assert words_in(app) == []


def test_a_person_who_wrote_within_the_week_confirmed_nothing(app: Flask, clock: Clock) -> None:
    client = app.test_client()
    confirm(client)
    confirm(client).says("not_solved")
    second = confirm(client)
    clock.advance(days=6)
    second.writes()
    clock.advance(days=2)
    listen(app)

    assert words_in(app) == []


def test_people_who_decline_the_answer_lower_it_until_it_counts_no_more(
    either_app: Flask, clock: Clock
) -> None:
    client = either_app.test_client()
    for _ in range(2):
        confirm(client)
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(either_app)
    assert until(lambda: answers(client))

    for number in range(2):
        person = Person(client)
        assert person.asks(WORDING)["answerable"]
        person.writes(email=f"p{number}@example.com")
        clock.moment += A_WEEK + timedelta(hours=1)
        listen(either_app)
        if number == 0:
            assert learned(either_app) == {WORDING: Standing.COUNTS}  # two against one

    assert learned(either_app) == {WORDING: Standing.DECLINED}
    assert until(lambda: not answers(client))


@pytest.mark.parametrize(
    ("version", "major", "stands"),
    [
        (4, 3, Standing.COUNTS),  # a slip was mended
        (9, 3, Standing.COUNTS),
        (4, 4, Standing.CHANGED),
        (4, None, Standing.COUNTS),  # a catalogue that does not say: it fades …
        (7, None, Standing.CHANGED),  # … and is gone after four versions
        (2, 1, Standing.CHANGED),  # taken back to a version that nobody confirmed
    ],
)
def test_a_major_change_of_the_article_drops_what_was_learned_of_it(
    app: Flask, clock: Clock, catalogue: Path, version: int, major: int | None, stands: Standing
) -> None:
    client = app.test_client()
    for _ in range(2):
        confirm(client)
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(app)
    assert until(lambda: answers(client))

    articles = [
        {**one, "version": version, "last_major_version": major} if one["id"] == REFUND else one
        for one in CATALOGUE["articles"]
    ]
    catalogue.write_text(json.dumps(CATALOGUE | {"articles": articles}), encoding="utf-8")

    assert learned(app, Knowledge.load(catalogue)) == {WORDING: stands}
    if major is not None:
        assert until(lambda: answers(client) is (stands is Standing.COUNTS))


def test_a_major_change_asks_for_two_people_again(app: Flask, clock: Clock, catalogue: Path) -> None:
    client = app.test_client()
    for version in (3, 3, 4):
        confirm(client, version=version)
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(app)
    articles = [
        {**one, "version": 4, "last_major_version": 4} if one["id"] == REFUND else one
        for one in CATALOGUE["articles"]
    ]
    catalogue.write_text(json.dumps(CATALOGUE | {"articles": articles}), encoding="utf-8")
    assert learned(app, Knowledge.load(catalogue)) == {WORDING: Standing.CHANGED}

    confirm(client, version=4)
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(app)
    assert learned(app, Knowledge.load(catalogue)) == {WORDING: Standing.COUNTS}


def test_a_wording_stays_in_its_language(app: Flask, clock: Clock) -> None:
    client = app.test_client()
    for _ in range(2):
        spanish = Person(client, "es")
        spanish.asks("lag y ping malo")
        spanish.says("opened", "lag")
        spanish.says("solved", "lag")
        confirm(client, "quiero deshacer la compra", lang="es")
    with services_of(app).store.writing() as tx:  # the answer came from the fall-back language
        tx.connection.execute(text("UPDATE events SET lang = 'en' WHERE article = 'lag'"))
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(app)

    assert words_in(app) == ["quiero deshacer la compra"]
    assert not answers(client, "quiero deshacer la compra")
    [one] = client.get(
        "/api/suggest", query_string={"q": "quiero deshacer la compra", "lang": "es"}
    ).get_json()["suggestions"]
    assert (one["article"], one["lang"]) == (REFUND, "es")


def test_a_machine_teaches_nothing(app: Flask, clock: Clock) -> None:
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (compatible; Googlebot/2.1)"
    for _ in range(2):
        confirm(client)
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(app)

    assert words_in(app) == []


@pytest.mark.parametrize(
    ("said", "fit"),
    [
        ("undo my purchase", True),
        ("refund", False),
        ("  ", False),
        ("mail me at [mail address] about refunds", False),
        ("why " * 60, False),
        ("退款", False),
        ("游戏退款怎么办", True),
        ("كيف أسترد مالي", True),
    ],
)
def test_only_what_says_enough_and_holds_no_personal_data_is_learned(said: str, fit: bool) -> None:
    assert is_fit(said) is fit


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (story(OPENED, SOLVED), {(REFUND, True)}),
        (story(OPENED), set()),
        (story(TICKET), set()),  # who did not look at an answer did not refuse it
        (story(OPENED, TICKET), {(REFUND, False)}),
        (story(OPENED, SOLVED, TICKET), {(REFUND, False)}),
        (story(EventKind.DECLINED, TICKET), {(REFUND, False)}),
        (story(NOT_SOLVED), {(REFUND, False)}),
        (story(NOT_SOLVED, SOLVED), {(REFUND, True)}),
        (story(OPENED, EventKind.UNHELPFUL), {(REFUND, False)}),
        (story(NOT_SOLVED, (OPENED, LAG), (SOLVED, LAG)), {(REFUND, False), ("lag", True)}),
        (story(OPENED, SOLVED, bot=True), set()),
    ],
)
def test_what_one_enquiry_says_about_its_wording(told: Story, said: set[tuple[str, bool]]) -> None:
    found = told_by(told.enquiry, told.events)

    assert {(one.about.article, one.solved) for one in found} == said
    assert {one.wording for one in found} <= {"where is it"}


def test_an_answer_is_refused_for_every_question_for_which_it_was_offered(app: Flask, clock: Clock) -> None:
    client = app.test_client()
    person = Person(client)
    for question in ("get a refund game", "refund for a game please"):
        assert person.asks(question)["suggestions"]
    person.says("not_solved")
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(app)

    with services_of(app).store.reading() as tx:
        rows = tx.connection.execute(select(learned_counts)).all()
    marks = {row.mark for row in rows if row.article == REFUND and row.declined}
    assert marks == {mark_of("get a refund game"), mark_of("refund for a game please")}


def test_however_many_listen_at_once_each_enquiry_is_heard_once(either_app: Flask, clock: Clock) -> None:
    client = either_app.test_client()
    for _ in range(5):
        confirm(client)
    clock.moment += A_WEEK + timedelta(hours=1)
    with ThreadPoolExecutor(8) as crowd:
        for work in [crowd.submit(listen, either_app) for _ in range(16)]:
            work.result()

    with services_of(either_app).store.reading() as tx:
        [row] = tx.connection.execute(select(learned_counts)).all()
    assert row.solved == 5


def test_wordings_are_one_without_capitals_and_marks() -> None:
    assert key_of("  Undo, my\tPURCHASE?! ") == key_of("undo my purchase") == "undo my purchase"


def test_what_is_forgotten_disappears_and_stays_away(either_app: Flask, clock: Clock) -> None:
    client = either_app.test_client()
    for _ in range(2):
        confirm(client)
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(either_app)
    assert until(lambda: answers(client))

    store = services_of(either_app).store
    with store.writing() as tx:
        tx.learned.forget(tx.learned.wordings())
    for _ in range(3):
        confirm(client)
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(either_app)

    assert words_in(either_app) == [None]
    with store.reading() as tx:
        assert tx.connection.execute(select(learned_counts)).all() == []  # nothing is even counted
    assert learned(either_app) == {mark_of(WORDING): Standing.FORGOTTEN}
    assert until(lambda: not answers(client))


def privacy_of(app: Flask, clock: Clock) -> Privacy:
    services = services_of(app)
    return Privacy(
        store=services.store,
        cabinet=services.cabinet,
        maildir=services.settings.maildir,
        sparing=Sparing.of(services.support.protection, secret=secret_key(services.settings)),
        now=clock,
    )


def test_words_of_one_person_go_after_90_days_and_those_of_two_stay_without_anybody(
    either_app: Flask, clock: Clock
) -> None:
    client = either_app.test_client()
    confirm(client, "only one asked this")
    for _ in range(2):
        confirm(client)
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(either_app)
    clock.advance(days=90)
    privacy = privacy_of(either_app, clock)
    privacy.purge(services_of(either_app).support.privacy, thorough=False)

    store = services_of(either_app).store
    with store.reading() as tx:
        events = " ".join(map(str, tx.connection.execute(text("SELECT data FROM events")).scalars()))
        marks = tx.connection.execute(text("SELECT DISTINCT mark FROM learned_counts")).scalars().all()
    assert "purchase" not in events
    assert list(marks) == [mark_of(WORDING)]
    assert words_in(either_app) == [WORDING]

    clock.advance(days=366)  # nobody confirmed it for a year
    privacy.purge(services_of(either_app).support.privacy, thorough=False)
    assert words_in(either_app) == []


def test_erasing_a_person_takes_wordings_away_that_name_them(either_app: Flask, clock: Clock) -> None:
    client = either_app.test_client()
    for wording in ("is ada lovelace allowed to refund", WORDING):
        for _ in range(2):
            confirm(client, wording)
    Person(client).writes(name="Ada Lovelace")
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(either_app)

    privacy_of(either_app, clock).erase("ada@example.com")

    assert sorted(map(str, words_in(either_app))) == ["None", WORDING]


def test_learning_can_be_switched_off(make_app: AppFactory, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "off.yml"
    path.write_text("suggestions: {learn: false}\n")
    app = make_app(settings, SupportDesk.load(path))

    services = services_of(app)
    listed = chores(services.settings, services.support, services.store, now=services.now)
    assert services.learned is None
    assert "learn from people" not in [chore.name for chore in listed]


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_search_is_given_the_same_object_until_something_changed(
    app: Flask, clock: Clock, catalogue: Path
) -> None:
    ticks = Ticks()
    known = KnowledgeFile(catalogue).current()
    assert known
    store = services_of(app).store
    memory = LearnedFromPeople(store=store, monotonic=ticks)
    before = memory.wordings(known)
    for _ in range(2):
        confirm(app.test_client())
    clock.moment += A_WEEK + timedelta(hours=1)
    listen(app)

    assert memory.wordings(known) is before is memory.wordings(known)  # it answers from memory

    ticks.now += 31  # the next question has it look, and does not wait
    assert until(lambda: [one.text for one in memory.wordings(known)] == [WORDING])
    assert memory.wordings(known) is memory.wordings(known)


def test_a_database_that_cannot_be_read_takes_no_answer_away(tmp_path: Path, catalogue: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/empty.db")  # no tables at all
    known = KnowledgeFile(catalogue).current()
    assert known
    assert LearnedFromPeople(store=store, monotonic=Ticks()).wordings(known) == ()
    store.close()
