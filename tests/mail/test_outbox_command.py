"""`deflector outbox` shows what has not left, and tries it again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from deflector.cli import main
from deflector.model import Hold, MessageKind, OutboxState, OutgoingMail
from deflector.store.store import Store

MAIL = OutgoingMail(
    kind=MessageKind.ACKNOWLEDGEMENT,
    message_id="<1@playdeck.example>",
    sender="",
    recipient="ada@example.org",
    content=b"Subject: secret words\r\n\r\nsecret words\r\n",
)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = Store.open(database)
    yield opened
    opened.close()


@pytest.fixture
def full(store: Store) -> Store:
    """An outbox with one mail in each state."""
    with store.writing() as tx:
        tx.post(None, [replace(MAIL, message_id=f"<{number}@playdeck.example>") for number in (1, 2, 3)])
        tx.post(None, [replace(MAIL, message_id="<4@playdeck.example>")], hold=Hold.FLOOD)
    store.outbox.lease(3, 60)
    store.outbox.failed(1, "the server said 550 5.1.1 to the recipient")
    store.outbox.retry(2, "the server did not answer in time", timedelta(hours=2))
    store.outbox.sent(3)
    return store


def run(store: Store, *words: str) -> Result:
    environment = {
        "DEFLECTOR_DATABASE_URL": store.engine.url.render_as_string(hide_password=False),
        "COLUMNS": "200",
    }
    return CliRunner().invoke(main, ["outbox", *words], env=environment)


def states(store: Store) -> list[OutboxState]:
    return [entry.state for entry in store.outbox.entries()]


def test_it_lists_what_has_not_left_with_the_reason_and_fails_where_something_was_given_up(
    full: Store,
) -> None:
    shown = run(full)
    assert shown.exit_code == 1
    lines = shown.output.splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [
        ["1", "failed", "acknowledgement"],
        ["2", "waiting", "acknowledgement"],
        ["4", "held", "acknowledgement"],
    ]
    assert "the server said 550 5.1.1 to the recipient" in lines[1]
    assert "1 h" in lines[2]
    assert "flood" in lines[3]


def test_it_shows_no_address_and_no_words_of_a_mail(full: Store) -> None:
    for form in ("table", "json"):
        shown = run(full, "--format", form).output
        assert "ada" not in shown
        assert "secret" not in shown


def test_a_program_can_read_it(full: Store) -> None:
    rows = json.loads(run(full, "--format", "json").output)
    assert [(row["id"], row["state"], row["attempts"]) for row in rows] == [
        (1, "failed", 1),
        (2, "waiting", 1),
        (4, "held", 0),
    ]


def test_an_outbox_that_is_empty_says_so(store: Store) -> None:
    shown = run(store)
    assert (shown.exit_code, shown.output) == (0, "Everything has left.\n")


def test_a_mail_that_was_given_up_gets_all_its_tries_again(full: Store) -> None:
    tried = run(full, "retry", "1")
    assert (tried.exit_code, tried.output) == (0, "1 mail is tried again.\n")
    (entry,) = full.outbox.lease(5, 60)
    assert (entry.id, entry.attempts) == (1, 1)


def test_a_mail_that_waits_is_tried_at_once_when_it_is_named(full: Store) -> None:
    assert full.outbox.lease(5, 60) == []
    assert run(full, "retry", "2").exit_code == 0
    assert [entry.id for entry in full.outbox.lease(5, 60)] == [2]


def test_all_means_everything_that_was_given_up_and_nothing_else(full: Store) -> None:
    assert run(full, "retry", "--all").output == "1 mail is tried again.\n"
    assert states(full) == [OutboxState.WAITING, OutboxState.WAITING, OutboxState.SENT, OutboxState.HELD]
    assert [entry.id for entry in full.outbox.lease(5, 60)] == [1]


def test_what_has_left_or_is_with_a_relay_or_held_is_never_sent_again(full: Store) -> None:
    run(full, "retry", "2")
    full.outbox.lease(1, 60)
    tried = run(full, "retry", "2", "3", "4", "99")
    assert tried.exit_code == 1
    assert "0 of 4 are tried again" in tried.output
    assert full.outbox.lease(5, 60) == []


@pytest.mark.parametrize("words", [["retry"], ["retry", "1", "--all"], ["retry", "one"]])
def test_it_says_what_to_write_where_it_is_not_clear_what_to_try(full: Store, words: list[str]) -> None:
    assert run(full, *words).exit_code == 2
