"""The life of a ticket after it was opened: what can happen to it, and the state that this leaves it in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from deflector.model import Ticket


class TicketState(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    ANSWERED = "answered"
    SOLVED = "solved"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class TicketAct(StrEnum):
    """What somebody did with a ticket. The list only grows: these events are kept for years."""

    ADDED = "added"  # the person wrote more
    ANSWERED = "answered"
    SOLVED = "solved"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"  # the person showed that the address is theirs


class Actor(StrEnum):
    """Who did it."""

    PERSON = "person"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent:
    """One thing that happened to a ticket. `text` is what the person wrote, if they did."""

    act: TicketAct
    by: Actor
    at: datetime
    text: str = ""
    data: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketStory:
    """A ticket and all that happened to it, oldest first."""

    ticket: Ticket
    events: tuple[TicketEvent, ...]

    @property
    def state(self) -> TicketState:
        return state_of(self.events)

    def would_change_by(self, act: TicketAct, text: str = "") -> bool:
        """Say whether an act is news. Pressing a button twice is one act, and so is sending a text twice."""
        match act:
            case TicketAct.ADDED:
                said = [event.text for event in self.events if event.act is TicketAct.ADDED]
                return not said or said[-1] != text
            case TicketAct.CONFIRMED:
                return all(event.act is not act for event in self.events)
            case _:
                return after(self.state, act) is not self.state


_ENDED = (TicketState.SOLVED, TicketState.WITHDRAWN)


def after(state: TicketState, act: TicketAct) -> TicketState:
    """Return the state that an act leaves a ticket in.

    Whoever writes once more wants something: a ticket that was answered or ended is then open again. What the
    person took back stays taken back, whatever support does, until the person writes or reopens it.
    """
    match act:
        case TicketAct.ADDED | TicketAct.REOPENED:
            return state if state is TicketState.OPEN else TicketState.REOPENED
        case TicketAct.ANSWERED:
            return state if state is TicketState.WITHDRAWN else TicketState.ANSWERED
        case TicketAct.SOLVED:
            return state if state in _ENDED else TicketState.SOLVED
        case TicketAct.WITHDRAWN:
            return state if state in _ENDED else TicketState.WITHDRAWN
        case TicketAct.CONFIRMED:
            return state


def state_of(events: Iterable[TicketEvent]) -> TicketState:
    """Follow a ticket from its opening to now."""
    state = TicketState.OPEN
    for event in events:
        state = after(state, event.act)
    return state
