"""Posts webhooks, signed as Standard Webhooks ask; sends mail and webhooks each their way.

https://www.standardwebhooks.com: the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, the
last being `v1,` and the base64 of HMAC-SHA-256 over "id.timestamp.body".
"""

import base64
import binascii
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from deflector.mail.transports import Refused, Transport, TryAgain, Unknown
from deflector.model import MessageKind, OutgoingMail

DEADLINE = 10.0  # seconds for one delivery; mail waits behind it
PREFIX = "whsec_"
SHORTEST_SECRET = 24  # bytes, as the specification asks for


class WrongSecret(ValueError):
    """The secret of a webhook cannot be used. The reason does not repeat it."""


def secret_bytes(secret: str) -> bytes:
    """Read a secret as `whsec_` and base64. Raises WrongSecret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not SHORTEST_SECRET <= len(key) <= 64:
        raise WrongSecret("it is not whsec_ and the base64 of 24 to 64 random bytes")
    return key


def signature(key: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign one delivery."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByKind:
    """Sends mail one way and webhooks another."""

    mail: Transport
    webhook: Transport | None

    def deliver(self, mail: OutgoingMail) -> None:
        if mail.kind is not MessageKind.WEBHOOK:
            self.mail.deliver(mail)
        elif self.webhook is None:
            raise Refused("support.yml names no webhook any more")
        else:
            self.webhook.deliver(mail)


class WebhookTransport:
    """Posts each delivery in a connection of its own, within a deadline that nothing stretches.

    As with SMTP, timeouts of sockets count per receive, so the talk runs in a thread whose socket is shut
    down when time is up. Redirects are not followed: a signed message goes where it was meant to go.
    """

    def __init__(
        self,
        url: str,
        key: bytes,
        *,
        now: Callable[[], datetime],
        deadline: float = DEADLINE,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._url = urlsplit(url)
        self._key = key
        self._now = now
        self._deadline = deadline
        self._tls = tls

    def deliver(self, mail: OutgoingMail) -> None:
        attempt = _Attempt(self._connection(), self._request(mail))
        talk = threading.Thread(target=attempt.run, name="webhook", daemon=True)
        talk.start()
        if not attempt.settled.wait(self._deadline):
            attempt.abandon()
            raise (Unknown if attempt.handed_over else TryAgain)("the program did not answer in time")
        if attempt.fault is not None:
            reason = f"the program could not be reached ({type(attempt.fault).__name__})"
            raise (Unknown if attempt.handed_over else TryAgain)(reason) from attempt.fault
        if attempt.status == http.HTTPStatus.GONE:
            raise Refused("the program said 410: it wants no more of this")
        if not 200 <= attempt.status < 300:
            raise TryAgain(f"the program said {attempt.status}")

    def _connection(self) -> http.client.HTTPConnection:
        host, port, patience = self._url.hostname or "", self._url.port, 2 * self._deadline
        if self._url.scheme == "https":
            tls = self._tls or ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=patience, context=tls)
        return http.client.HTTPConnection(host, port, timeout=patience)

    def _request(self, mail: OutgoingMail) -> "_Request":
        timestamp = int(self._now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "answerfirst",
            "webhook-id": mail.message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(
                self._key, message_id=mail.message_id, timestamp=timestamp, body=mail.content
            ),
        }
        path = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        return _Request(path=path, headers=headers, body=mail.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    path: str
    headers: dict[str, str]
    body: bytes


class _Attempt:
    """One delivery: what has happened so far, and how to end it from another thread."""

    def __init__(self, connection: http.client.HTTPConnection, request: _Request) -> None:
        self._connection, self._request = connection, request
        self.handed_over = False
        self.status = 0
        self.fault: Exception | None = None
        self.settled = threading.Event()

    def run(self) -> None:
        request = self._request
        try:
            self._connection.request("POST", request.path, request.body, request.headers)
            self.handed_over = True
            self.status = self._connection.getresponse().status
        except Exception as exc:
            self.fault = exc
        finally:
            self.settled.set()
            self._connection.close()

    def abandon(self) -> None:
        line = self._connection.sock
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
