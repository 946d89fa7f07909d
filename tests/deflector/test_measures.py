"""Outcomes and rates, worked out by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from deflector.intervals import wilson
from deflector.measures import Settledness, figures, outcome, settledness
from deflector.model import ArticleVersion, Channel, Enquiry, Event, EventKind, Outcome

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
    assert settledness(ENQUIRY, START + age) is stands


def test_the_outcomes_sum_to_the_enquiries_that_were_shown_something() -> None:
    histories = [
        (ENQUIRY, happened("question", "shown", "solved")),
        (ENQUIRY, happened("question", "shown", "ticket")),
        (ENQUIRY, happened("question", "shown", "solved", "ticket +2h")),
        (ENQUIRY, happened("question", "shown", "opened")),
        (ENQUIRY, happened("question", "ticket")),
        (ENQUIRY, []),
    ]

    found = figures(histories, knowledge=None, as_of=START + timedelta(days=8))

    assert (found.enquiries, found.shown, found.tickets, found.clawed_back) == (6, 4, 3, 1)
    assert dict(found.outcomes) == {
        Outcome.CONFIRMED: 1,
        Outcome.LIKELY: 1,
        Outcome.UNKNOWN: 0,
        Outcome.TICKET: 2,
    }
    assert found.settledness[Settledness.FINAL] == 4
    assert found.confirmed_rate.value == 0.25
    assert found.ceiling.value == 0.5


def asked(text: str, verdict: str, *then: str) -> list[Event]:
    question = Event(kind=EventKind.QUESTION, at=START, enquiry="e", data={"text": text, "verdict": verdict})
    return [question, *happened(*then)]


def test_a_question_without_an_answer_is_a_gap_and_one_that_was_solved_is_not() -> None:
    histories = [
        (ENQUIRY, asked("Can I pay with shells?", "nothing", "ticket")),
        (ENQUIRY, asked("can i pay  with shells?", "nothing")),
        (ENQUIRY, asked("Can I pay with shells?", "nothing", "ticket")),
        (ENQUIRY, asked("Where is my refund", "answers", "shown", "solved")),
        (ENQUIRY, asked("Charged in roubles", "answers", "shown", "declined", "ticket")),
        (ENQUIRY, asked("Something vague", "maybe", "shown", "solved")),
    ]

    gaps = figures(histories, knowledge=None, as_of=START).gaps

    assert [(gap.question, gap.enquiries, gap.tickets) for gap in gaps] == [
        ("Can I pay with shells?", 3, 2),
        ("Charged in roubles", 1, 1),
    ]


@pytest.mark.parametrize(
    ("hits", "cases", "value", "low", "high"),
    [
        (162, 900, 0.180, 0.156, 0.206),  # NOTES of the measures, three digits
        (0, 10, 0.0, 0.0, 0.2775),
        (10, 10, 1.0, 0.7225, 1.0),
        (81, 263, 0.308, 0.255, 0.366),  # Newcombe 1998, table I
        (15, 148, 0.101, 0.062, 0.161),
        (1, 29, 0.034, 0.006, 0.172),
    ],
)
def test_the_interval_is_wilsons(hits: int, cases: int, value: float, low: float, high: float) -> None:
    rate = wilson(hits, cases)

    assert rate.value == pytest.approx(value, abs=5e-4)
    assert rate.low == pytest.approx(low, abs=6e-4)
    assert rate.high == pytest.approx(high, abs=6e-4)


def test_no_case_gives_no_rate_and_an_impossible_share_is_refused() -> None:
    assert wilson(0, 0).value is None
    with pytest.raises(ValueError, match="3 hits of 2 cases"):
        wilson(3, 2)


def test_dates_are_those_of_the_report_not_of_today() -> None:
    assert figures([], knowledge=None, as_of=START).as_of.date() == date(2026, 11, 2)
