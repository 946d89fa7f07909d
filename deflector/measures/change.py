"""What a merged change did: the enquiries in which an article was shown, before it and after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deflector.measures.effect import FEWEST_FOR_A_RATE
from deflector.measures.intervals import Difference, Rate, newcombe, wilson
from deflector.model import Arm, Enquiry, Event, Outcome
from deflector.outcomes.facts import EnquiryFacts, facts_of

# Long enough for weekdays to even out, short enough that little else changes.
LONGEST = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The enquiries of one side of the change in which one of its articles was shown."""

    since: datetime
    until: datetime
    shown: int
    confirmed: int
    tickets: int
    opened: int
    opened_then_wrote: int
    versions: tuple[int, ...]

    @property
    def ticket_rate(self) -> Rate:
        return wilson(self.tickets, self.shown)

    @property
    def confirmed_rate(self) -> Rate:
        return wilson(self.confirmed, self.shown)

    @property
    def failing_rate(self) -> Rate:
        return wilson(self.opened_then_wrote, self.opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEffect:
    """Both windows, and after minus before; the differences are None where a window has fewer than 30 cases.

    It compares times, not people drawn by lot: whatever else changed that day is in it too.
    """

    at: datetime
    articles: tuple[tuple[str, str], ...]
    before: Window
    after: Window
    tickets: Difference | None
    confirmed: Difference | None
    failing: Difference | None


def windows(at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Choose two spans of equal length around a change: from when, until when."""
    span = min(now - at, LONGEST)
    return at - span, at + span


def change_effect(
    histories: Iterable[tuple[Enquiry, Sequence[Event]]],
    articles: Sequence[tuple[str, str]],
    *,
    at: datetime,
    now: datetime,
) -> ChangeEffect:
    """Compare the enquiries that began before a moment with those that began after it."""
    since, until = windows(at, now)
    sides: tuple[list[EnquiryFacts], list[EnquiryFacts]] = ([], [])
    for enquiry, events in histories:
        facts = facts_of(enquiry, events)
        if facts.arm is Arm.SHOWN and not facts.bot and since <= facts.started_at < until:
            sides[facts.started_at >= at].append(facts)
    before = _window(sides[0], articles, since, at)
    after = _window(sides[1], articles, at, until)
    return ChangeEffect(
        at=at,
        articles=tuple(articles),
        before=before,
        after=after,
        tickets=_difference(after.ticket_rate, before.ticket_rate),
        confirmed=_difference(after.confirmed_rate, before.confirmed_rate),
        failing=_difference(after.failing_rate, before.failing_rate),
    )


def _difference(after: Rate, before: Rate) -> Difference | None:
    if min(after.cases, before.cases) < FEWEST_FOR_A_RATE:
        return None
    return newcombe(after, before)


def _window(
    facts: Sequence[EnquiryFacts], articles: Sequence[tuple[str, str]], since: datetime, until: datetime
) -> Window:
    wanted = set(articles)
    parts = [
        [part for part in one.articles if part.shown and (part.about.article, part.about.lang) in wanted]
        for one in facts
    ]
    held = [(one, mine) for one, mine in zip(facts, parts, strict=True) if mine]
    return Window(
        since=since,
        until=until,
        shown=len(held),
        confirmed=sum(one.outcome is Outcome.CONFIRMED for one, _ in held),
        tickets=sum(one.outcome is Outcome.TICKET for one, _ in held),
        opened=sum(any(part.opened for part in mine) for _, mine in held),
        opened_then_wrote=sum(any(part.opened_then_wrote for part in mine) for _, mine in held),
        versions=tuple(sorted({part.about.version for _, mine in held for part in mine})),
    )
