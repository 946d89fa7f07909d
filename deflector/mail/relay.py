"""Sends what the outbox holds, and keeps trying for four days."""

import logging
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from deflector.mail.transports import Refused, Transport, TryAgain
from deflector.model import OutboxEntry

log = logging.getLogger(__name__)

# The pause after each failed attempt. Soon at first, for greylisting (5 minutes) and restarts; then ever
# rarer, 95.9 hours in all: RFC 5321, 4.5.4.1 asks for four to five days before a mail is given up.
PAUSES = (
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 4)),
    *(timedelta(hours=8),) * 11,
)
JITTER = 0.2  # of a pause, either way, so that mails that failed together do not come back together

# Longer than any transport takes for one mail, or a second relay would send what the first is sending.
LEASE_SECONDS = 120.0
MOST_IN_A_ROUND = 200
LATE = timedelta(minutes=15)  # a mail that waits longer is an alarm: somebody was promised it
FAILURES_IN_A_ROW = 3  # then the server is away, and the rest of the round would fail alike


class Outbox(Protocol):
    """Mail that waits to be sent. Leases and due times run on the outbox's own clock."""

    def lease(self, limit: int, seconds: float) -> Sequence[OutboxEntry]:
        """Take up to `limit` due mails for `seconds`, count the attempt, and hide them from other relays."""
        ...

    def sent(self, entry_id: int) -> None: ...

    def retry(self, entry_id: int, error: str, after: timedelta) -> None: ...

    def failed(self, entry_id: int, error: str) -> None: ...

    def oldest_waiting(self) -> timedelta | None:
        """Tell how long the oldest unsent mail has waited; None where none waits."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReport:
    """What one round did, in mails."""

    sent: int = 0
    retried: int = 0
    failed: int = 0


class Relay:
    """Takes mails from an outbox one at a time and hands them to a transport.

    At least once, never exactly once: a relay that dies between sending and noting it sends the same mail,
    with the same Message-ID, again.
    """

    def __init__(self, outbox: Outbox, transport: Transport, *, chance: random.Random | None = None) -> None:
        self._outbox = outbox
        self._transport = transport
        self._chance = chance or random.Random()  # noqa: S311 (spreads retries, guards nothing)
        self._alarms = 0  # quarters of an hour that were told of

    def run(self, stop: threading.Event, pause: float) -> None:
        """Send until `stop` is set, resting `pause` seconds between rounds; no fault ends it."""
        while not stop.is_set():
            try:
                self.run_once(stop)
                self.watch()
            except Exception as exc:
                # The database is away or full. Its words may quote a row, so only the kind is logged.
                log.error("relay round failed fault=%s", type(exc).__name__)
            stop.wait(pause)

    def run_once(self, stop: threading.Event | None = None) -> RelayReport:
        """Send what is due now, and report it. Ends early when `stop` is set or the server is away."""
        sent = retried = failed = in_a_row = 0
        for _ in range(MOST_IN_A_ROUND):
            if in_a_row == FAILURES_IN_A_ROW or (stop is not None and stop.is_set()):
                break
            # One at a time: a lease of many would run out while the first of them meet a slow server.
            leased = self._outbox.lease(1, LEASE_SECONDS)
            if not leased:
                break
            match self._send(leased[0]):
                case "sent":
                    sent, in_a_row = sent + 1, 0
                case "retried":
                    retried, in_a_row = retried + 1, in_a_row + 1
                case _:
                    failed, in_a_row = failed + 1, 0
        return RelayReport(sent=sent, retried=retried, failed=failed)

    def watch(self) -> None:
        """Raise an alarm in the log when the oldest unsent mail is late, again each quarter of an hour."""
        oldest = self._outbox.oldest_waiting() or timedelta(0)
        quarters = oldest // LATE
        if quarters > self._alarms:
            log.error("mail is late oldest=%ds see=deflector outbox", oldest.total_seconds())
        self._alarms = quarters

    def _send(self, entry: OutboxEntry) -> str:
        about = (entry.id, entry.ticket, entry.mail.kind.value, entry.attempts)
        try:
            self._transport.deliver(entry.mail)
        except Refused as exc:
            return self._give_up(entry, str(exc))
        except TryAgain as exc:
            return self._try_later(entry, str(exc))
        except Exception as exc:
            # A fault of ours must not stop the mails behind this one, nor lose this one.
            return self._try_later(entry, f"the program failed with {type(exc).__name__}")
        self._outbox.sent(entry.id)
        log.info("mail sent outbox=%d ticket=%s kind=%s attempt=%d", *about)
        return "sent"

    def _try_later(self, entry: OutboxEntry, reason: str) -> str:
        if entry.attempts > len(PAUSES):
            return self._give_up(entry, f"{reason}; given up after {entry.attempts} attempts")
        pause = PAUSES[max(entry.attempts, 1) - 1] * self._chance.uniform(1 - JITTER, 1 + JITTER)
        self._outbox.retry(entry.id, reason, pause)
        log.warning(
            "mail waits outbox=%d ticket=%s attempt=%d pause=%ds reason=%s",
            entry.id,
            entry.ticket,
            entry.attempts,
            pause.total_seconds(),
            reason,
        )
        return "retried"

    def _give_up(self, entry: OutboxEntry, reason: str) -> str:
        self._outbox.failed(entry.id, reason)
        log.error(
            "mail failed outbox=%d ticket=%s attempt=%d reason=%s",
            entry.id,
            entry.ticket,
            entry.attempts,
            reason,
        )
        return "failed"
