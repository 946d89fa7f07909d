"""Who may do what at /admin."""

from dataclasses import dataclass
from enum import StrEnum


class StaffRole(StrEnum):
    """What somebody may do: a viewer reads, a lead also decides."""

    VIEWER = "viewer"
    LEAD = "lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Somebody who may sign in."""

    name: str
    role: StaffRole

    @property
    def decides(self) -> bool:
        return self.role is StaffRole.LEAD
