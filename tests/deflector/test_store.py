"""The store keeps its word on SQLite and PostgreSQL: all of a transaction or nothing, leases, one winner."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deflector.model import (
    ArticleVersion,
    Channel,
    Enquiry,
    EnquiryKey,
    Event,
    EventKind,
    MessageKind,
    OutboxState,
    OutgoingMail,
    Promise,
    Requester,
    Ticket,
)
from deflector.store import migration
from deflector.store.store import Store
from deflector.store.tickets import KeyTaken

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store.open(url)
    migration.upgrade(opened.engine)
    yield opened
    opened.close()


def ticket(number: str = "HC-222222", *, enquiry: str | None = None) -> Ticket:
    return Ticket(
        number=number,
        opened_at=NOW,
        requester=Requester(name="Ada 🦓", email="ada@example.com", lang="en"),
        message="Zwölf\nBoxkämpfer " * 100,
        subject=None,
        category="payments",
        queue="money",
        promise=Promise(answer_by=NOW + timedelta(days=1), solve_by=NOW + timedelta(days=3)),
        page=None,
        enquiry=enquiry,
    )


def mail(name: str = "a") -> OutgoingMail:
    return OutgoingMail(
        kind=MessageKind.TICKET,
        message_id=f"<{name}@tiny.example>",
        sender="help@tiny.example",
        recipient="support@tiny.example",
        content=b"Subject: \xc3\xa9\r\n\r\nHello\x00\r\n",
    )


def begin(store: Store, **more: object) -> EnquiryKey:
    key = EnquiryKey.fresh()
    enquiry = Enquiry(id=key.id, started_at=NOW, lang="en", channel=Channel.FORM)
    with store.writing() as tx:
        tx.enquiries.add(enquiry, key.token)
    return key


def test_a_fresh_database_is_brought_up_to_date_once_and_knows_it(url: str) -> None:
    store = Store.open(url)
    trouble = store.trouble()
    assert trouble is not None
    assert "deflector db upgrade" in trouble

    migration.upgrade(store.engine)
    migration.upgrade(store.engine)

    assert store.trouble() is None
    store.close()


def test_the_tables_are_what_the_migrations_make(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from deflector.store.tables import metadata

    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_a_ticket_comes_back_as_it_was_stored(store: Store) -> None:
    with store.writing() as tx:
        tx.tickets.add(ticket())

    with store.reading() as tx:
        assert tx.tickets.find("HC-222222") == ticket()
        assert tx.tickets.find("HC-333333") is None


def test_a_failure_leaves_nothing_behind(store: Store) -> None:
    def fail_half_way() -> None:
        with store.writing() as tx:
            tx.tickets.add(ticket())
            tx.post("HC-222222", [mail()])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    with store.reading() as tx:
        assert tx.tickets.find("HC-222222") is None
    assert store.outbox.entries() == []


def test_an_enquiry_belongs_to_whoever_holds_its_token(store: Store) -> None:
    key = begin(store)

    with store.reading() as tx:
        assert tx.enquiries.owned_by(key) is not None
        assert tx.enquiries.owned_by(EnquiryKey(id=key.id, token="guess")) is None
        assert tx.enquiries.owned_by(EnquiryKey(id=key.id)) is None
        assert tx.enquiries.owned_by(EnquiryKey(id="nobody", token=key.token)) is None


def test_events_come_back_in_order_with_what_they_say(store: Store) -> None:
    key = begin(store)
    about = ArticleVersion(article="refund", lang="en", version=3)
    events = [
        Event(kind=EventKind.QUESTION, at=NOW, enquiry=key.id, data={"text": "¿dónde?", "verdict": "maybe"}),
        Event(kind=EventKind.SHOWN, at=NOW, enquiry=key.id, about=about, data={"rank": 1, "confidence": 0.5}),
        Event(kind=EventKind.OPENED, at=NOW + timedelta(seconds=1), enquiry=key.id, about=about),
    ]
    with store.writing() as tx:
        tx.enquiries.record(events)

    with store.reading() as tx:
        stored = tx.enquiries.events_of(key.id)
        assert [replace(event, seq=None) for event in stored] == events
        assert [event.seq for event in stored] == sorted(event.seq or 0 for event in stored)
        [(enquiry, history)] = tx.enquiries.histories(since=None, until=None, as_of=NOW)
        assert enquiry.id == key.id
        assert history == stored[:2]  # the third lies after the moment that counts as now


def test_histories_are_those_of_the_period(store: Store) -> None:
    begin(store)
    day = timedelta(days=1)

    with store.reading() as tx:

        def found(since: datetime | None, until: datetime | None) -> int:
            return len(list(tx.enquiries.histories(since=since, until=until, as_of=NOW + 9 * day)))

        assert found(None, None) == 1
        assert found(NOW, NOW + day) == 1
        assert found(NOW + day, None) == 0
        assert found(None, NOW) == 0


def test_two_transactions_with_one_key_leave_one_ticket(store: Store) -> None:
    gate = threading.Barrier(2)
    results: list[str] = []

    def send(number: str) -> None:
        gate.wait()
        try:
            with store.writing() as tx:
                if tx.tickets.remembered("key"):
                    results.append("known")
                    return
                tx.tickets.add(ticket(number))
                tx.tickets.remember("key", "print", ticket(number))
            results.append("stored")
        except KeyTaken:
            results.append("taken")

    threads = [threading.Thread(target=send, args=(number,)) for number in ("HC-222222", "HC-333333")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results.count("stored") == 1
    assert len(results) == 2
    with store.reading() as tx:
        kept = [tx.tickets.find(number) for number in ("HC-222222", "HC-333333")]
    assert sum(found is not None for found in kept) == 1


def test_a_mail_is_leased_to_one_relay_at_a_time(store: Store) -> None:
    with store.writing() as tx:
        tx.post(None, [mail(str(n)) for n in range(40)])
    gate = threading.Barrier(4)
    leased: list[int] = []

    def take() -> None:
        gate.wait()
        while entries := store.outbox.lease(3, 60):
            leased.extend(entry.id for entry in entries)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(leased) == 40
    assert len(set(leased)) == 40


def test_a_lease_that_ran_out_gives_the_same_mail_again(store: Store) -> None:
    with store.writing() as tx:
        tx.post(None, [mail()])

    [first] = store.outbox.lease(10, 0)
    [second] = store.outbox.lease(10, 60)

    assert first.mail == second.mail == mail()
    assert (first.attempts, second.attempts) == (1, 2)
    assert store.outbox.lease(10, 60) == []


def test_a_sent_mail_is_done_and_a_failed_one_stays_to_be_seen(store: Store) -> None:
    with store.writing() as tx:
        tx.post(None, [mail("a"), mail("b"), mail("c")])
    a, b, c = store.outbox.lease(10, 60)

    store.outbox.sent(a.id)
    store.outbox.failed(b.id, "550 no such mailbox")
    store.outbox.retry(c.id, "421 busy", timedelta(hours=1))

    assert store.outbox.lease(10, 60) == []
    assert store.outbox.counts() == {
        OutboxState.WAITING: 1,
        OutboxState.SENT: 1,
        OutboxState.FAILED: 1,
        OutboxState.HELD: 0,
    }
    [kept] = store.outbox.entries(OutboxState.FAILED)
    assert kept.last_error == "550 no such mailbox"
    waited = store.outbox.oldest_waiting()
    assert waited is not None
    assert waited >= timedelta(0)


def test_sqlite_writes_are_on_disk_before_the_answer(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/store.db")
    with store.reading() as tx:
        settings = {
            name: tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    store.close()

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
