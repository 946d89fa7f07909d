"""Counters, held mails and the events of tickets keep their word on SQLite and PostgreSQL, whoever races."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from deflector.model import Hold, MessageKind, OutboxState
from deflector.store import migration
from deflector.store.store import Store
from deflector.store.ticket_tables import counters
from deflector.tickets.life import Actor, TicketAct, TicketEvent
from tests.deflector.test_store import NOW, mail, ticket

HOUR = timedelta(hours=1)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store.open(url)
    migration.upgrade(opened.engine)
    yield opened
    opened.close()


def at_once(work: Callable[[], None], times: int) -> None:
    """Do the same in several threads that start together; a fault in one fails the test."""
    gate, faults = threading.Barrier(times), list[BaseException]()

    def run() -> None:
        gate.wait()
        try:
            work()
        except BaseException as exc:
            faults.append(exc)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_counter_counts_and_begins_anew_when_its_time_is_over(store: Store) -> None:
    with store.writing() as tx:
        assert [tx.counters.count("a", HOUR) for _ in range(3)] == [1, 2, 3]
        assert tx.counters.count("b", HOUR, 5) == 5
        assert tx.counters.read("a")[0] == 3
        assert tx.counters.read("never") == (0, None)
    with store.writing() as tx:
        tx.connection.execute(update(counters).values(expires_at=counters.c.expires_at))
        tx.connection.execute(
            update(counters).where(counters.c.key == "a").values(expires_at=NOW - 999 * HOUR)
        )
        assert tx.counters.read("a") == (0, None)
        assert tx.counters.count("a", HOUR) == 1
        tx.connection.execute(
            update(counters).where(counters.c.key == "b").values(expires_at=NOW - 999 * HOUR)
        )
        assert tx.counters.sweep() == 1
        tx.counters.forget("a")
        assert tx.counters.count("a", HOUR) == 1


def test_threads_that_count_together_lose_no_count_and_share_no_number(store: Store) -> None:
    numbers: list[int] = []

    def count() -> None:
        for _ in range(5):
            with store.counting() as tx:
                numbers.append(tx.counters.count("shared", HOUR))

    at_once(count, 4)

    assert sorted(numbers) == list(range(1, 21))


def test_only_as_many_places_are_taken_as_there_are(store: Store) -> None:
    taken: list[bool] = []

    def take() -> None:
        with store.writing() as tx:
            taken.append(tx.counters.take("victim", HOUR, 3))

    at_once(take, 8)

    assert taken.count(True) == 3


def test_keys_are_forgotten_by_their_beginning_and_no_others(store: Store) -> None:
    with store.writing() as tx:
        for key in ("mail:a/0", "mail:a/1", "mail:ab/0", "other"):
            tx.counters.count(key, HOUR)
        assert tx.counters.forget_all("mail:a/") == 2
        assert tx.counters.forget_all("mail:_") == 0  # no pattern, but letters


def test_a_held_mail_is_sent_by_nobody_until_it_is_released(store: Store) -> None:
    with store.writing() as tx:
        tx.tickets.add(ticket())
        tx.post("HC-222222", [mail("a"), mail("b")], hold=Hold.UNCONFIRMED)
        tx.post("HC-222222", [mail("c")], hold=Hold.FLOOD)
    assert store.outbox.lease(10, 60) == []
    assert store.outbox.oldest_waiting() is None

    with store.writing() as tx:
        b, a = tx.held.to(mail().recipient, Hold.UNCONFIRMED)
        assert b > a
        tx.held.release(b)
        tx.held.keep(a, Hold.ENOUGH)
        assert tx.held.to(mail().recipient, Hold.UNCONFIRMED) == []
        assert len(tx.held.because_of(Hold.FLOOD, younger=HOUR, limit=9)) == 1
        assert tx.held.because_of(Hold.FLOOD, younger=-HOUR, limit=9) == []
        assert tx.held.states("HC-222222") == {MessageKind.TICKET: OutboxState.HELD}

    assert [entry.id for entry in store.outbox.lease(10, 60)] == [b]


def test_the_events_of_a_ticket_come_back_in_order_and_tell_who_confirmed(store: Store) -> None:
    added = TicketEvent(act=TicketAct.ADDED, by=Actor.PERSON, at=NOW, text="¿más?", data={"a": [1]})
    confirmed = TicketEvent(act=TicketAct.CONFIRMED, by=Actor.PERSON, at=NOW)
    email = ticket().requester.email
    with store.writing() as tx:
        tx.tickets.add(ticket())
        tx.tickets.add(ticket("HC-333333"))
        tx.ticket_events.record("HC-222222", added)
        assert not tx.ticket_events.is_confirmed(email)
        tx.ticket_events.record("HC-222222", confirmed)

    with store.reading() as tx:
        assert tx.ticket_events.of("HC-222222") == (added, confirmed)
        assert tx.ticket_events.of("HC-333333") == ()
        assert tx.ticket_events.is_confirmed(email)
        assert not tx.ticket_events.is_confirmed("somebody@else.example")


def test_whoever_holds_a_ticket_is_alone_with_it(store: Store) -> None:
    with store.writing() as tx:
        tx.tickets.add(ticket())

    def solve_if_open() -> None:
        with store.writing() as tx:
            tx.ticket_events.hold("HC-222222")
            if not tx.ticket_events.of("HC-222222"):
                tx.ticket_events.record(
                    "HC-222222", TicketEvent(act=TicketAct.SOLVED, by=Actor.PERSON, at=NOW)
                )

    at_once(solve_if_open, 6)

    with store.reading() as tx:
        assert len(tx.ticket_events.of("HC-222222")) == 1
