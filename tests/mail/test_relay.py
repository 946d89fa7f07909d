import logging
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deflector.mail.relay import JITTER, LEASE_SECONDS, PAUSES, Relay, RelayReport
from deflector.mail.transports import DEADLINE, GOODBYE, MaildirTransport, Refused, TryAgain, Unknown
from deflector.mail.viewer import Mailbox
from deflector.model import MessageKind, OutboxEntry, OutboxState, OutgoingMail
from deflector.store import migration
from deflector.store.store import Store

MAIL = OutgoingMail(
    kind=MessageKind.ACKNOWLEDGEMENT,
    message_id="<1@playdeck.example>",
    sender="",
    recipient="ada@example.org",
    content=b"Subject: secret words\r\n\r\nsecret words\r\n",
)
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Waiting:
    """An outbox of one process, whose clock moves only to the next due mail."""

    def __init__(self, *mails: OutgoingMail, attempts: int = 0) -> None:
        self.entries = {number: self._entry(number, mail, attempts) for number, mail in enumerate(mails, 1)}
        self.now = NOW
        self.pauses: list[timedelta] = []

    def _entry(self, number: int, mail: OutgoingMail, attempts: int) -> OutboxEntry:
        return OutboxEntry(
            id=number,
            ticket="HC-7Q4K2M",
            mail=mail,
            state=OutboxState.WAITING,
            attempts=attempts,
            created_at=NOW,
            next_attempt_at=NOW,
            last_error=None,
        )

    def lease(self, limit: int, seconds: float) -> Sequence[OutboxEntry]:
        due = [e for e in self.entries.values() if self._waits(e) and e.next_attempt_at <= self.now]
        taken = [replace(entry, attempts=entry.attempts + 1) for entry in due[:limit]]
        self.entries.update({entry.id: entry for entry in taken})
        return taken

    def sent(self, entry_id: int) -> None:
        self._change(entry_id, state=OutboxState.SENT, last_error=None)

    def retry(self, entry_id: int, error: str, after: timedelta) -> None:
        self.pauses.append(after)
        self._change(entry_id, last_error=error, next_attempt_at=self.now + after)

    def failed(self, entry_id: int, error: str) -> None:
        self._change(entry_id, state=OutboxState.FAILED, last_error=error)

    def oldest_waiting(self) -> timedelta | None:
        waiting = [self.now - entry.created_at for entry in self.entries.values() if self._waits(entry)]
        return max(waiting, default=None)

    def wait_for_the_next(self) -> bool:
        due = [entry.next_attempt_at for entry in self.entries.values() if self._waits(entry)]
        self.now = max(self.now, min(due, default=self.now))
        return bool(due)

    def states(self) -> list[OutboxState]:
        return [entry.state for entry in self.entries.values()]

    def _waits(self, entry: OutboxEntry) -> bool:
        return entry.state is OutboxState.WAITING

    def _change(self, entry_id: int, **changes: object) -> None:
        self.entries[entry_id] = replace(self.entries[entry_id], **changes)  # type: ignore[arg-type]


class Post:
    """A transport that does what it is told, mail by mail; the last order stands for all that follow."""

    def __init__(self, *orders: Exception | None) -> None:
        self.orders = list(orders)
        self.ids: list[str] = []

    def deliver(self, mail: OutgoingMail) -> None:
        self.ids.append(mail.message_id)
        order = self.orders.pop(0) if len(self.orders) > 1 else self.orders[0]
        if order is not None:
            raise order


def numbered(count: int) -> list[OutgoingMail]:
    return [replace(MAIL, message_id=f"<{number}@playdeck.example>") for number in range(1, count + 1)]


def test_a_round_sends_everything_that_is_due() -> None:
    outbox, post = Waiting(*numbered(3)), Post(None)
    assert Relay(outbox, post).run_once() == RelayReport(sent=3)
    assert outbox.states() == [OutboxState.SENT] * 3
    assert post.ids == [mail.message_id for mail in numbered(3)]


def test_a_round_with_nothing_to_do_says_so() -> None:
    assert Relay(Waiting(), Post(None)).run_once() == RelayReport()


@pytest.mark.parametrize("fault", [TryAgain("busy"), Unknown("silence"), KeyError("ada@example.org")])
def test_a_mail_that_did_not_leave_waits_and_leaves_later_under_the_same_id(fault: Exception) -> None:
    outbox, post = Waiting(MAIL), Post(fault, None)
    relay = Relay(outbox, post)
    assert relay.run_once() == RelayReport(retried=1)
    assert relay.run_once() == RelayReport()  # not due yet
    outbox.wait_for_the_next()
    assert relay.run_once() == RelayReport(sent=1)
    assert post.ids == [MAIL.message_id] * 2


def test_a_mail_that_is_refused_is_kept_where_it_can_be_seen_and_does_not_stop_the_others() -> None:
    outbox = Waiting(*numbered(2))
    report = Relay(outbox, Post(Refused("the server said 550 5.1.1 to the recipient"), None)).run_once()
    assert report == RelayReport(sent=1, failed=1)
    assert outbox.states() == [OutboxState.FAILED, OutboxState.SENT]
    assert outbox.entries[1].last_error == "the server said 550 5.1.1 to the recipient"


def test_pauses_grow_and_cover_four_days() -> None:
    assert list(PAUSES) == sorted(PAUSES)
    assert PAUSES[0] == timedelta(minutes=1)
    assert timedelta(days=3, hours=23) < sum(PAUSES, timedelta()) < timedelta(days=5)


def test_a_mail_that_never_leaves_is_tried_over_four_days_then_kept_as_failed() -> None:
    outbox, post = Waiting(MAIL), Post(TryAgain("greylisted"))
    relay = Relay(outbox, post, chance=random.Random(1))
    while outbox.wait_for_the_next():
        relay.run_once()
    assert len(post.ids) == len(PAUSES) + 1
    assert outbox.states() == [OutboxState.FAILED]
    assert outbox.entries[1].last_error == f"greylisted; given up after {len(PAUSES) + 1} attempts"
    assert timedelta(days=3) < outbox.now - NOW < timedelta(days=5)


def test_mails_that_failed_together_come_back_apart() -> None:
    outbox = Waiting(*numbered(3))
    Relay(outbox, Post(TryAgain("busy")), chance=random.Random(1)).run_once()
    assert len(set(outbox.pauses)) == 3
    for pause in outbox.pauses:
        assert PAUSES[0] * (1 - JITTER) <= pause <= PAUSES[0] * (1 + JITTER)


def test_a_server_that_is_away_is_not_asked_for_every_mail() -> None:
    outbox, post = Waiting(*numbered(10)), Post(TryAgain("Connection refused"))
    assert Relay(outbox, post).run_once() == RelayReport(retried=3)
    assert len(post.ids) == 3


def test_a_lease_outlives_the_longest_delivery() -> None:
    assert LEASE_SECONDS > 2 * (DEADLINE + GOODBYE)


def test_a_relay_that_is_told_to_stop_leaves_the_rest_for_the_next() -> None:
    stop = threading.Event()

    class LastOne(Post):
        def deliver(self, mail: OutgoingMail) -> None:
            super().deliver(mail)
            stop.set()

    outbox = Waiting(*numbered(3))
    Relay(outbox, LastOne(None)).run(stop, pause=60)
    assert outbox.states() == [OutboxState.SENT, OutboxState.WAITING, OutboxState.WAITING]


def test_a_database_that_is_away_does_not_end_the_relay(caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()

    class Flaky(Waiting):
        rounds = 0

        def lease(self, limit: int, seconds: float) -> Sequence[OutboxEntry]:
            self.rounds += 1
            if self.rounds == 1:
                raise OSError("row of ada@example.org is locked")
            if self.rounds > 2:
                stop.set()
            return super().lease(limit, seconds)

    outbox = Flaky(MAIL)
    Relay(outbox, Post(None)).run(stop, pause=0.01)
    assert outbox.states() == [OutboxState.SENT]
    assert "relay round failed fault=OSError" in caplog.text
    assert "ada" not in caplog.text


@pytest.mark.parametrize("fault", [None, TryAgain("busy"), Refused("no"), ValueError("ada@example.org")])
def test_the_log_names_mails_by_number_and_never_by_address_or_words(
    caplog: pytest.LogCaptureFixture, fault: Exception | None
) -> None:
    with caplog.at_level(logging.DEBUG):
        outbox = Waiting(MAIL)
        Relay(outbox, Post(fault)).run_once()
    assert "ticket=HC-7Q4K2M" in caplog.text
    assert "outbox=1" in caplog.text
    assert "ada" not in caplog.text
    assert "secret" not in caplog.text
    assert "ada" not in (outbox.entries[1].last_error or "")


def test_a_mail_that_is_late_raises_an_alarm_each_quarter_of_an_hour(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox = Waiting(MAIL)
    relay = Relay(outbox, Post(TryAgain("busy")))
    told = []
    for minute in range(46):
        outbox.now = NOW + timedelta(minutes=minute)
        caplog.clear()
        relay.watch()
        if "mail is late" in caplog.text:
            told.append(minute)
    assert told == [15, 30, 45]
    outbox.sent(1)
    caplog.clear()
    relay.watch()
    assert caplog.text == ""


# --- with the real outbox ---


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    opened: list[Store] = []

    def open_one() -> Store:
        store = Store.open(f"sqlite:///{tmp_path / 'deflector.db'}")
        if not opened:
            migration.upgrade(store.engine)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.close()


def test_what_the_store_keeps_arrives_in_the_mailbox(open_store: Callable[[], Store], tmp_path: Path) -> None:
    store = open_store()
    with store.writing() as tx:
        tx.post(None, numbered(3))
    assert Relay(store.outbox, MaildirTransport(tmp_path / "mail")).run_once() == RelayReport(sent=3)
    assert [entry.state for entry in store.outbox.entries()] == [OutboxState.SENT] * 3
    assert [mail.to for mail in Mailbox(tmp_path / "mail").mails()] == ["ada@example.org"] * 3


def test_two_relays_on_one_store_send_each_mail_once(open_store: Callable[[], Store]) -> None:
    first, second, post = open_store(), open_store(), Post(None)
    with first.writing() as tx:
        tx.post(None, numbered(40))
    threads = [threading.Thread(target=Relay(store.outbox, post).run_once) for store in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(post.ids) == sorted(mail.message_id for mail in numbered(40))


def test_the_store_keeps_the_reason_of_a_mail_that_waits(open_store: Callable[[], Store]) -> None:
    store = open_store()
    with store.writing() as tx:
        tx.post(None, [MAIL])
    relay = Relay(store.outbox, Post(TryAgain("the server said 450 4.2.0 to the recipient")))
    assert relay.run_once() == RelayReport(retried=1)
    (entry,) = store.outbox.entries(OutboxState.WAITING)
    assert (entry.attempts, entry.last_error) == (1, "the server said 450 4.2.0 to the recipient")
    assert relay.run_once() == RelayReport()
