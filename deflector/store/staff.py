"""Staff, their sessions and their decisions, as rows."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from deflector.roles import StaffMember, StaffRole
from deflector.store.staff_tables import gap_decisions, read_tokens, sign_in_failures, staff, staff_sessions


class NameTaken(Exception):
    """Somebody of this name is there already."""


class StaffRows:
    """The staff of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, member: StaffMember, password: str, at: datetime) -> None:
        """Store a member with the hash of a password; raise `NameTaken`."""
        if self.find(member.name) is not None:
            raise NameTaken(member.name)
        self._connection.execute(
            insert(staff).values(name=member.name, password=password, role=member.role, created_at=at)
        )

    def find(self, name: str) -> tuple[StaffMember, str] | None:
        """Find a member and the hash of their password."""
        row = self._connection.execute(select(staff).where(staff.c.name == name)).one_or_none()
        return (StaffMember(name=row.name, role=StaffRole(row.role)), row.password) if row else None

    def everybody(self) -> list[StaffMember]:
        rows = self._connection.execute(select(staff).order_by(staff.c.name))
        return [StaffMember(name=row.name, role=StaffRole(row.role)) for row in rows]

    def set_password(self, name: str, password: str) -> None:
        """Change a password; whoever is signed in with the old one is signed out."""
        self._connection.execute(update(staff).where(staff.c.name == name).values(password=password))
        self._connection.execute(delete(staff_sessions).where(staff_sessions.c.name == name))

    def remove(self, name: str) -> bool:
        self._connection.execute(delete(staff_sessions).where(staff_sessions.c.name == name))
        return self._connection.execute(delete(staff).where(staff.c.name == name)).rowcount > 0

    def begin_session(self, name: str, token_hash: str, at: datetime) -> None:
        self._connection.execute(
            insert(staff_sessions).values(name=name, token_hash=token_hash, started_at=at)
        )

    def member_of(self, token_hash: str, *, since: datetime) -> StaffMember | None:
        """Find whose session it is, if it began since a moment."""
        row = self._connection.execute(
            select(staff.c.name, staff.c.role)
            .join(staff_sessions, staff_sessions.c.name == staff.c.name)
            .where(staff_sessions.c.token_hash == token_hash, staff_sessions.c.started_at >= since)
        ).one_or_none()
        return StaffMember(name=row.name, role=StaffRole(row.role)) if row else None

    def end_session(self, token_hash: str) -> None:
        self._connection.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == token_hash))

    def forget_before(self, moment: datetime) -> None:
        """Remove sessions and failures that are over."""
        self._connection.execute(delete(staff_sessions).where(staff_sessions.c.started_at < moment))
        self._connection.execute(delete(sign_in_failures).where(sign_in_failures.c.at < moment))

    def note_failure(self, name: str, at: datetime) -> None:
        self._connection.execute(insert(sign_in_failures).values(name=name, at=at))

    def failures(self, *, since: datetime, name: str | None = None) -> int:
        """Count failed attempts, for one name or for all."""
        counted = select(func.count()).select_from(sign_in_failures).where(sign_in_failures.c.at >= since)
        if name is not None:
            counted = counted.where(sign_in_failures.c.name == name)
        return int(self._connection.execute(counted).scalar_one())

    def add_token(self, name: str, token_hash: str, at: datetime) -> None:
        """Keep a read token's hash under a name, in place of an earlier one."""
        self._connection.execute(delete(read_tokens).where(read_tokens.c.name == name))
        self._connection.execute(insert(read_tokens).values(name=name, token_hash=token_hash, created_at=at))

    def may_read(self, token_hash: str) -> bool:
        found = self._connection.execute(
            select(read_tokens.c.name).where(read_tokens.c.token_hash == token_hash)
        )
        return found.first() is not None

    def decide(self, marks: Iterable[str], lang: str, to_do: str, name: str, at: datetime) -> None:
        """Keep what is to be done about the wordings that these keyed hashes stand for."""
        for mark in marks:
            where = (gap_decisions.c.mark == mark, gap_decisions.c.lang == lang)
            self._connection.execute(delete(gap_decisions).where(*where))
            self._connection.execute(
                insert(gap_decisions).values(mark=mark, lang=lang, to_do=to_do, name=name, at=at)
            )

    def decisions(self) -> dict[tuple[str, str], tuple[str, str, datetime]]:
        """List decisions by keyed hash and language: what, by whom, when."""
        rows = self._connection.execute(select(gap_decisions))
        return {(row.mark, row.lang): (row.to_do, row.name, row.at) for row in rows}
