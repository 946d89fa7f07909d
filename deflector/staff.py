"""Staff sign in with a password, and stay signed in for a working day."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from deflector.roles import StaffMember, StaffRole
from deflector.store.store import Store

SHORTEST_PASSWORD = 12  # NIST SP 800-63B asks for 8; nobody types this one often
LONGEST_PASSWORD = 256
SESSION = timedelta(hours=12)
# After so many failures within the window, nobody is let in under that name (or any) until it has passed.
WINDOW = timedelta(minutes=15)
FAILURES_OF_A_NAME = 5
FAILURES_OF_ALL = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


class NotAllowed(Exception):
    """A name or password that cannot be taken; the message says why."""


class WrongPassword(Exception):
    """No such name, or not this password; which of them is nobody's business."""


class TooManyTries(Exception):
    """Too many failures in a short time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is signed in. `token` is the cookie's secret; `csrf` proves that a form is ours.

    `by_proxy`: a proxy vouches for them with each request, so there is nothing here to sign out of.
    """

    member: StaffMember
    token: str
    by_proxy: bool = False

    @property
    def csrf(self) -> str:
        return hmac.new(self.token.encode(), b"answerfirst form", hashlib.sha256).hexdigest()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class StaffDoor:
    """Lets staff in: argon2id hashes (RFC 9106), throttled, sessions kept by the store."""

    def __init__(
        self, *, store: Store, now: Callable[[], datetime], hasher: PasswordHasher | None = None
    ) -> None:
        self._store = store
        self._now = now
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        """Make a hash to check where there is no such name, so that the answer takes as long."""
        return self._hasher.hash(secrets.token_urlsafe(16))

    def add(self, name: str, password: str | None, role: StaffRole) -> None:
        """Give somebody an account. Raises `NotAllowed` and `NameTaken`.

        Without a password nobody signs in here under that name: a proxy has to vouch for them.
        """
        if not _NAME.fullmatch(name):
            raise NotAllowed(
                "A name has small letters, figures and . _ - @ +, e.g. maya, j.reyes or maya@example.com."
            )
        if password is None:
            password = secrets.token_urlsafe(32)  # that nobody ever sees
        _check_password(password)
        with self._store.writing() as tx:
            tx.staff.add(StaffMember(name=name, role=role), self._hasher.hash(password), self._now())

    def change_password(self, name: str, password: str) -> bool:
        """Set a new password and end every session; False where there is no such name."""
        _check_password(password)
        with self._store.writing() as tx:
            if tx.staff.find(name) is None:
                return False
            tx.staff.set_password(name, self._hasher.hash(password))
        return True

    def sign_in(self, name: str, password: str) -> Session:
        """Begin a session. Raises `WrongPassword` and `TooManyTries`."""
        name, now = name.strip().lower()[:64], self._now()
        with self._store.reading() as tx:
            since = now - WINDOW
            if (
                tx.staff.failures(since=since, name=name) >= FAILURES_OF_A_NAME
                or tx.staff.failures(since=since) >= FAILURES_OF_ALL
            ):
                raise TooManyTries
            found = tx.staff.find(name)
        if not self._fits(found[1] if found else self._nobody, password) or found is None:
            with self._store.writing() as tx:
                tx.staff.note_failure(name, now)
            raise WrongPassword
        session = Session(member=found[0], token=secrets.token_urlsafe(32))
        with self._store.writing() as tx:
            tx.staff.forget_before(now - SESSION)
            tx.staff.begin_session(name, token_hash(session.token), now)
        return session

    def session(self, token: str | None) -> Session | None:
        """Find the session of a cookie."""
        if not token:
            return None
        with self._store.reading() as tx:
            member = tx.staff.member_of(token_hash(token), since=self._now() - SESSION)
        return Session(member=member, token=token) if member else None

    def sign_out(self, session: Session) -> None:
        with self._store.writing() as tx:
            tx.staff.end_session(token_hash(session.token))

    def new_read_token(self, name: str) -> str:
        """Draw a token that may read the figures; it is seen this once."""
        token = secrets.token_urlsafe(32)
        with self._store.writing() as tx:
            tx.staff.add_token(name, token_hash(token), self._now())
        return token

    def may_read(self, token: str) -> bool:
        with self._store.reading() as tx:
            return tx.staff.may_read(token_hash(token))

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False


def _check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise NotAllowed(
            f"A password has {SHORTEST_PASSWORD} characters or more; three or four words will do."
        )
    if len(password) > LONGEST_PASSWORD:
        raise NotAllowed(f"A password has at most {LONGEST_PASSWORD} characters.")
