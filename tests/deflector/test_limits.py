"""One client cannot do everything at once; it is told when to go on, and nobody keeps its address."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deflector.settings import Settings
from deflector.web.limits import LIMITS, Who, network_of
from tests.deflector.conftest import UNANSWERED, AppFactory, Clock, services_of
from tests.deflector.test_contact_form import FORM
from tests.redis_server import RedisServer

TICKET: dict[str, Any] = {"name": "Ada", "email": "ada@example.com", "message": UNANSWERED, "declined": True}
A_MINUTE = 10  # messages that one address may send in one


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, protection=True)


def send(client: FlaskClient, number: int, address: str, **headers: str) -> int:
    answer = client.post(
        "/api/tickets",
        json=TICKET,
        headers={"Idempotency-Key": f"{address}-{number}", **headers},
        environ_base={"REMOTE_ADDR": address},
    )
    return answer.status_code


def sent_until_refused(client: FlaskClient, address: str, *, most: int = 60) -> int:
    """Send until the first 429; return how many were taken."""
    for number in range(most):
        if send(client, number, address) == 429:
            return number
    return most


def test_a_client_that_sends_too_much_is_told_when_to_go_on(client: FlaskClient) -> None:
    assert sent_until_refused(client, "192.0.2.1") == A_MINUTE

    answer = client.post("/api/tickets", json=TICKET, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert send(client, 1, "198.51.100.1") == 201  # somebody else


def test_a_person_reads_it_as_a_page_and_the_form_is_the_same_door_as_the_api(client: FlaskClient) -> None:
    sent_until_refused(client, "192.0.2.1")

    page = client.post("/contact", data=FORM, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert page.status_code == 429
    assert "Please wait a moment" in page.text
    assert 1 <= int(page.headers["Retry-After"]) <= 60


def test_reading_pages_is_never_limited(client: FlaskClient) -> None:
    sent_until_refused(client, "192.0.2.1")

    for path in ("/contact", "/healthz", "/openapi.json"):
        assert client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200


def test_a_household_counts_as_one_and_a_neighbourhood_has_a_limit_too(client: FlaskClient) -> None:
    assert sent_until_refused(client, "2001:db8:1:1::1") == A_MINUTE
    assert send(client, 99, "2001:db8:1:1:ffff::9") == 429  # the same /64
    assert [send(client, n, f"2001:db8:1:{n + 2:x}::1") for n in range(20)] == [201] * 20
    assert send(client, 99, "2001:db8:1:99::1") == 429  # the same /48
    assert send(client, 99, "2001:db8:2:1::1") == 201


@pytest.mark.parametrize(
    ("address", "household", "neighbourhood"),
    [
        ("192.0.2.77", "192.0.2.77/32", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.77/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("unix:", "unknown", "unknown"),
        (None, "unknown", "unknown"),
    ],
)
def test_networks(address: str | None, household: str, neighbourhood: str) -> None:
    assert network_of(address, v4=32, v6=64) == household
    assert network_of(address, v4=24, v6=48) == neighbourhood


def test_limits_hold_across_workers(make_app: AppFactory) -> None:
    workers = [make_app().test_client() for _ in range(2)]

    statuses = [send(workers[n % 2], n, "192.0.2.1") for n in range(A_MINUTE + 2)]
    assert statuses == [201] * A_MINUTE + [429] * 2


def test_no_address_is_stored_and_the_next_day_it_has_another_name(
    client: FlaskClient, app: Flask, settings: Settings, clock: Clock
) -> None:
    address = "203.0.113.157"
    assert send(client, 1, address, **{"X-Forwarded-For": "203.0.113.158"}) == 201
    who = Who(secret="s" * 32, now=clock)
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        today = who.address()
        clock.advance(days=1)
        assert who.address() != today
        assert address not in today

    services_of(app).store.close()
    stored = b"".join(path.read_bytes() for path in settings.var.rglob("*") if path.is_file())
    assert b"LIMITER/" in stored  # something was counted
    assert b"203.0.113" not in stored


def test_only_a_proxy_of_ours_may_say_who_the_client_is(make_app: AppFactory, settings: Settings) -> None:
    direct = make_app().test_client()
    lies = [
        send(direct, n, "192.0.2.1", **{"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(A_MINUTE + 1)
    ]
    assert lies[-1] == 429

    behind = make_app(replace(settings, trusted_proxies=1)).test_client()
    for n in range(A_MINUTE + 1):  # the last entry is the one that our proxy wrote
        claim = {"X-Forwarded-For": f"192.0.2.1, 203.0.113.{n}"}
        assert send(behind, 100 + n, "127.0.0.1", **claim) == 201


def test_without_protection_nothing_is_limited(make_app: AppFactory, settings: Settings) -> None:
    client = make_app(replace(settings, protection=False)).test_client()

    assert sent_until_refused(client, "192.0.2.1", most=15) == 15


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


def test_redis_counts_for_all_and_when_it_dies_limits_hold_and_nobody_sees_an_error(
    make_app: AppFactory, settings: Settings, redis: RedisServer
) -> None:
    workers = [make_app(replace(settings, redis_url=redis.url)).test_client() for _ in range(2)]
    statuses = [send(workers[n % 2], n, "192.0.2.1") for n in range(A_MINUTE + 1)]
    assert statuses == [201] * A_MINUTE + [429]

    redis.stop()
    assert sent_until_refused(workers[0], "198.51.100.1") == A_MINUTE  # now in its own memory
    assert send(workers[1], 1, "203.0.113.1") == 201
    redis.start()


def test_a_redis_that_was_never_there_stops_nobody(make_app: AppFactory, settings: Settings) -> None:
    client = make_app(replace(settings, redis_url="redis://127.0.0.1:1/0")).test_client()

    assert sent_until_refused(client, "192.0.2.1") == A_MINUTE


def test_what_redis_holds_is_no_address(
    make_app: AppFactory, settings: Settings, redis: RedisServer, tmp_path: Path
) -> None:
    import redis as library

    client = make_app(replace(settings, redis_url=redis.url)).test_client()
    send(client, 1, "203.0.113.157")

    keys = [bytes(key) for key in library.Redis.from_url(redis.url).scan_iter()]
    assert keys
    assert not any(b"203.0.113" in key for key in keys)


def test_a_proxy_that_nobody_told_us_of_is_warned_of_once(
    client: FlaskClient, make_app: AppFactory, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    told = make_app(replace(settings, trusted_proxies=1)).test_client()
    for one in (told, client, client):
        one.get("/healthz", headers={"X-Forwarded-For": "203.0.113.1"})

    warnings = [record for record in caplog.records if "DEFLECTOR_TRUSTED_PROXIES" in record.getMessage()]
    assert len(warnings) == 1


# Doors with a lock of their own: a token that only programs of the desk have, and the sign-in of staff.
LOCKED = ("ticket_state.", "admin.")


def test_whatever_writes_has_a_limit(app: Flask) -> None:
    writing = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}

    assert {endpoint for endpoint in writing if not endpoint.startswith(LOCKED)} == set(LIMITS)
