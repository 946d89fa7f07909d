"""How an enquiry ends, and how long that can change."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from deflector.model import ArticleVersion, Channel, Enquiry, Event, EventKind, Outcome
from deflector.outcomes.facts import Settledness, outcome, settledness

START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
REFUND = ArticleVersion(article="refund", lang="en", version=3)
ENQUIRY = Enquiry(id="e", started_at=START, lang="en", channel=Channel.FORM)


def happened(*kinds: str) -> list[Event]:
    """Write a history as "shown", "opened +2h", "ticket +8d" …"""
    events = []
    for written in kinds:
        kind, _, later = written.partition(" +")
        hours = int(later[:-1]) * (24 if later.endswith("d") else 1) if later else 0
        data = {"text": "where is my money", "verdict": "answers"} if kind == "question" else {}
        events.append(
            Event(
                kind=EventKind(kind),
                at=START + timedelta(hours=hours),
                enquiry="e",
                about=None if kind in ("question", "ticket") else REFUND,
                data=data,
            )
        )
    return events


@pytest.mark.parametrize(
    ("history", "ended"),
    [
        (["shown"], Outcome.UNKNOWN),
        (["shown", "closed"], Outcome.UNKNOWN),
        (["shown", "opened"], Outcome.LIKELY),
        (["shown", "helpful"], Outcome.LIKELY),
        (["shown", "solved"], Outcome.CONFIRMED),
        (["shown", "opened", "solved"], Outcome.CONFIRMED),
        (["shown", "ticket"], Outcome.TICKET),
        (["shown", "solved", "ticket +3h"], Outcome.TICKET),
        (["shown", "solved", "ticket +6d"], Outcome.TICKET),
        (["shown", "solved", "ticket +8d"], Outcome.CONFIRMED),
        (["shown", "solved", "not_solved +1h"], Outcome.LIKELY),
        (["shown", "not_solved", "solved +1h"], Outcome.CONFIRMED),
        (["shown", "solved", "solved"], Outcome.CONFIRMED),
        (["solved", "opened", "shown"], Outcome.CONFIRMED),
        (["shown", "solved +8d"], Outcome.UNKNOWN),
    ],
)
def test_an_enquiry_ends_in_one_outcome(history: Sequence[str], ended: Outcome) -> None:
    assert outcome(ENQUIRY, happened(*history)) is ended


@pytest.mark.parametrize(
    ("age", "stands"),
    [
        (timedelta(0), Settledness.OPEN),
        (timedelta(hours=23, minutes=59), Settledness.OPEN),
        (timedelta(hours=24), Settledness.PROVISIONAL),
        (timedelta(days=6, hours=23), Settledness.PROVISIONAL),
        (timedelta(days=7), Settledness.FINAL),
    ],
)
def test_an_outcome_is_provisional_after_a_day_and_final_after_a_week(
    age: timedelta, stands: Settledness
) -> None:
    assert settledness(START, START + age) is stands
