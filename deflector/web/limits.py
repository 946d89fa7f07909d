"""How often one address, and one network, may do what costs us something (Flask-Limiter).

Counted in Redis where one is given, in memory while it is away, else in the database, so that a limit holds
across workers. No address is kept: a keyed hash stands for it, with a key of the day.
"""

import hashlib
import hmac
import ipaddress
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter, RequestLimit
from limits.storage import Storage

from deflector.keys import derived
from deflector.settings import Settings
from deflector.store.dialect import DatabaseTrouble
from deflector.store.store import Store

log = logging.getLogger(__name__)

Limits = tuple[str, str]  # for an address, for its network

SENDING: Limits = ("10 per minute;40 per hour", "30 per minute;120 per hour")
ASKING: Limits = ("60 per minute;600 per hour", "180 per minute;1800 per hour")
NOTING: Limits = ("120 per minute;1200 per hour", "360 per minute;3600 per hour")

# Endpoint → limits. What is not here costs no more than a page.
LIMITS: dict[str, Limits] = {
    "contact.submit": SENDING,
    "api.open_ticket": SENDING,
    "links.act": SENDING,
    "api.feedback": SENDING,
    "contact.solved": NOTING,
    "feedback.give": SENDING,
    "api.start_enquiry": ASKING,
    "api.record": NOTING,
}
# Endpoints that only compute: counted in each worker's memory, so that no keystroke waits for a disk.
LIGHT: dict[str, Limits] = {"api.suggest": ("300 per minute", "900 per minute"), "api.challenge": ASKING}

TOO_MANY = "Too many requests from here in a short time. Retry-After says when to go on."
TIMEOUT_SECONDS = 0.5  # for Redis: whoever waits for it is a person


class DatabaseCounters(Storage):
    """Keeps the counts of `limits` in our own database."""

    STORAGE_SCHEME = ["answerfirst"]  # noqa: RUF012 (declared so by the library)

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, *, store: Store) -> None:
        super().__init__(uri, wrap_exceptions)
        self._store = store

    @property
    def base_exceptions(self) -> type[Exception]:
        return DatabaseTrouble

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        with self._store.counting() as tx:
            return tx.counters.count(key, timedelta(seconds=expiry), amount)

    def get(self, key: str) -> int:
        with self._store.reading() as tx:
            return tx.counters.read(key)[0]

    def get_expiry(self, key: str) -> float:
        with self._store.reading() as tx:
            expires = tx.counters.read(key)[1]
        return expires.timestamp() if expires else 0.0

    def check(self) -> bool:
        return self._store.trouble() is None

    def reset(self) -> int | None:
        with self._store.counting() as tx:
            return tx.counters.forget_all("LIMITER/")

    def clear(self, key: str) -> None:
        with self._store.counting() as tx:
            tx.counters.forget(key)


def install(
    app: Flask, *, store: Store, settings: Settings, secret: str, now: Callable[[], datetime]
) -> None:
    """Put the limits before the views of an application; whoever exceeds one is told when to go on."""
    redis_url = settings.redis_url
    options: dict[str, object] = {"store": store}
    if redis_url:
        options = {"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS}
    who = Who(secret=secret, now=now)
    shared = Limiter(
        who.address,
        storage_uri=redis_url or "answerfirst://",
        storage_options=options,  # type: ignore[arg-type]  # handed on to the storage as it is
        strategy="fixed-window",
        in_memory_fallback_enabled=True,
    )
    own = Limiter(who.address, storage_uri="memory://", strategy="fixed-window")
    for limiter, limits in ((shared, LIMITS), (own, LIGHT)):
        limiter.init_app(app)
        for endpoint, (address, network) in limits.items():
            view: Callable[..., Any] = app.view_functions[endpoint]
            for allowed, key in ((address, who.address), (network, who.network)):
                # One scope for all endpoints with the same limits: two doors to the same room.
                scope = f"{address}/{key.__name__}"
                view = limiter.shared_limit(allowed, scope, key_func=key, error_message=TOO_MANY)(view)
            app.view_functions[endpoint] = view

    if not settings.trusted_proxies:
        warn_of_proxies(app)

    @app.after_request
    def say_when(response: Response) -> Response:
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            for limiter in (shared, own):
                if limiter.current_limit is not None and limiter.current_limit.breached:
                    response.headers["Retry-After"] = str(_seconds_left(limiter.current_limit, now()))
        return response


def _seconds_left(limit: RequestLimit, now: datetime) -> int:
    lasts = limit.limit.get_expiry()
    return max(1, min(lasts, limit.reset_at - int(now.timestamp())))


def warn_of_proxies(app: Flask) -> None:
    """Say once that all clients look like one: requests come through a proxy that nobody told us of."""
    warned = False

    @app.before_request
    def look() -> None:
        nonlocal warned
        if not warned and "X-Forwarded-For" in request.headers and _is_near(request.remote_addr):
            warned = True
            log.warning(
                "requests come through a proxy, and all clients count as one. "
                "Set DEFLECTOR_TRUSTED_PROXIES to the number of your proxies, e.g. 1"
            )


def _is_near(address: str | None) -> bool:
    """Say whether an address is of this machine or a private network, as a proxy's is (RFC 1918, 4193)."""
    try:
        return ipaddress.ip_address(address or "").is_private
    except ValueError:
        return True  # a socket of this machine


class Who:
    """Stands for the client of a request without naming it."""

    def __init__(self, *, secret: str, now: Callable[[], datetime]) -> None:
        self._secret = secret
        self._now = now

    def address(self) -> str:
        """One machine, or one household: an IPv6 address stands for its /64 (RFC 6177)."""
        return self._hash(network_of(request.remote_addr, v4=32, v6=64))

    def network(self) -> str:
        """The neighbourhood: what one provider hands out to one customer at most."""
        return self._hash(network_of(request.remote_addr, v4=24, v6=48))

    def _hash(self, network: str) -> str:
        key = derived(self._secret, f"clients of {self._now().date().isoformat()}")
        return hmac.new(key, network.encode(), hashlib.sha256).hexdigest()[:32]


def network_of(address: str | None, *, v4: int, v6: int) -> str:
    """Return the network that an address lies in; an IPv4 address in IPv6 clothes is taken as what it is."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, v4 if found.version == 4 else v6), strict=False))
