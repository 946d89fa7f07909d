"""A week of enquiries, worked out by hand: every figure of the report is the one on paper."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from deflector.measures.figures import Figures, figures
from deflector.measures.grouping import BySameWords
from deflector.measures.period import Period, from_events, from_sums
from deflector.measures.rollup import catch_up
from deflector.model import ArticleVersion, Enquiry, Event, EventKind, Outcome
from deflector.outcomes.facts import Settledness, facts_of
from deflector.store import migration
from deflector.store.store import Store
from tests.deflector.measuring.histories import MADRID, History, histories, keep, moment

AS_OF = moment("2026-11-20 12:00")
REFUND = ArticleVersion(article="refund", lang="en", version=3)
LAG = ArticleVersion(article="lag", lang="en", version=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'replay.db'}")
    migration.upgrade(store.engine)
    yield store
    store.close()


def counted(store: Store, period: Period | None = None, as_of: datetime = AS_OF) -> Figures:
    """Work the report out both ways, from the sums and from scratch, and see that they agree."""
    period = period or Period()
    catch_up(store, MADRID)
    found = []
    with store.reading() as tx:
        for source in (from_sums, from_events):
            tally = source(tx, period, zone=MADRID, as_of=as_of)
            found.append(figures(tally, knowledge=None, as_of=as_of, period=period, grouping=BySameWords()))
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("history", list(histories()), ids=lambda history: history.name)
def test_each_history_ends_as_worked_out_whatever_the_order_of_its_events(history: History) -> None:
    expected = history.expected
    texts = {event.seq: str(event.data.get("text")) for event in history.events}
    for events in (history.events, list(reversed(history.events)), history.events * 2):
        facts = facts_of(history.enquiry, events)
        assert facts.outcome == expected["outcome"]
        assert facts.clawed_back == expected.get("clawed_back", False)
        assert {texts[asked.event] for asked in facts.unanswered} == set(expected.get("gaps", []))


@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "out of order"])
def test_every_figure_of_the_report_is_the_one_on_paper(store: Store, reverse: bool) -> None:
    keep(store, reverse=reverse)

    found = counted(store)

    # 17 histories, one of them a machine's; 11 people were shown something (urgent included), 2 held out.
    assert (found.enquiries, found.bots, found.shown, found.held_out, found.urgent) == (16, 1, 11, 2, 1)
    # A ticket is a ticket whenever it came: A B C D E F G H.
    assert found.tickets == 8
    assert found.outcomes == {
        Outcome.CONFIRMED: 3,
        Outcome.LIKELY: 3,
        Outcome.UNKNOWN: 1,
        Outcome.TICKET: 4,
    }
    assert found.clawed_back == 2
    assert found.settledness[Settledness.FINAL] == 11
    assert (found.confirmed_rate.hits, found.confirmed_rate.cases) == (3, 11)
    assert found.ceiling.hits == 6
    # In the experiment: not the urgent one, not the machine, not those with nothing to show.
    assert (found.effect.holdout.enquiries, found.effect.holdout.tickets, found.effect.holdout.unknown) == (
        2,
        1,
        1,
    )
    assert (found.effect.shown.enquiries, found.effect.shown.tickets, found.effect.shown.unknown) == (
        10,
        3,
        1,
    )
    assert found.effect.difference is None
    # The same question in two wordings; the other two were asked by one person each, who wrote.
    assert [(gap.question, gap.people, gap.tickets) for gap in found.gaps] == [
        ("pay with shells?", 2, 1),
        ("game lags", 1, 1),
        ("my account was taken over", 1, 1),
    ]


def test_articles_are_told_apart_by_version_and_a_machine_says_nothing_about_them(store: Store) -> None:
    keep(store)

    articles = {one.about: one for one in counted(store).articles}

    refund, lag = articles[REFUND], articles[LAG]
    assert (refund.shown, refund.impressions, refund.opened, refund.solved) == (6, 1, 3, 3)
    assert (refund.opened_then_wrote, refund.seconds) == (1, 51.5)
    assert (lag.shown, lag.opened, lag.opened_then_wrote, lag.declined) == (4, 3, 1, 1)
    assert (lag.helpful, lag.unhelpful, lag.reasons) == (0, 1, (("out_of_date", 1),))
    assert articles[ArticleVersion(article="refund", lang="en", version=4)].opened == 1


def test_a_day_ends_at_the_desks_midnight_also_when_it_has_25_hours(store: Store) -> None:
    keep(store)

    def enquiries(since: str, until: str) -> int:
        return counted(store, Period(since=moment(since), until=moment(until))).enquiries

    assert enquiries("2026-10-25", "2026-10-26") == 2
    assert enquiries("2026-10-26", "2026-10-27") == 1
    assert enquiries("2026-10-19", "2026-10-25") == 13


def test_the_report_can_be_asked_for_one_category(store: Store) -> None:
    keep(store)

    found = counted(store, Period(category="connection"))

    # Both tabs and the one on wifi; what was shown first decides.
    assert (found.enquiries, found.shown) == (3, 3)
    assert [gap.question for gap in found.gaps] == ["game lags"]


def test_what_was_not_settled_yet_is_said_for_any_moment(store: Store) -> None:
    keep(store)

    # On the 26th at noon the two that began on the 25th and 26th are open; the 23rd's are provisional.
    with store.reading() as tx:
        tally = from_events(tx, Period(), zone=MADRID, as_of=moment("2026-10-26 12:00"))
    found = figures(tally, knowledge=None, as_of=moment("2026-10-26 12:00"), grouping=BySameWords())

    # Of 11 shown: open is the late one of the 25th, older than 7 days the two of the 19th before noon.
    assert found.settledness == {
        Settledness.OPEN: 1,
        Settledness.PROVISIONAL: 8,
        Settledness.FINAL: 2,
    }
    # Nobody had come back on the 27th yet.
    assert found.clawed_back == 1
    assert found.outcomes[Outcome.CONFIRMED] == 4


def test_what_comes_later_changes_the_sums_it_touches_and_no_others(store: Store) -> None:
    keep(store)
    before = counted(store)

    late = Event(
        kind=EventKind.TICKET, at=moment("2026-10-22 18:00"), enquiry="e06", data={"number": "HC-ZZZZZZ"}
    )
    with store.writing() as tx:
        tx.enquiries.record([late])
    after = counted(store)

    assert catch_up(store, MADRID) == 0
    assert after.outcomes[Outcome.CONFIRMED] == before.outcomes[Outcome.CONFIRMED] - 1
    assert after.outcomes[Outcome.TICKET] == before.outcomes[Outcome.TICKET] + 1
    assert after.shown == before.shown


def test_a_vote_on_a_page_and_a_search_without_a_result_count_beside_the_enquiries(store: Store) -> None:
    at = moment("2026-10-22 09:00")
    vote = {"helpful": False, "reason": "unclear", "comment": None}
    with store.writing() as tx:
        tx.enquiries.record(
            [
                Event(kind=EventKind.FEEDBACK, at=at, enquiry=None, about=REFUND, data=vote),
                Event(kind=EventKind.SITE_SEARCH, at=at, enquiry=None, data={"results": 2, "lang": "en"}),
                Event(
                    kind=EventKind.SITE_SEARCH,
                    at=at,
                    enquiry=None,
                    data={"results": 0, "lang": "en", "text": "pay with shells"},
                ),
            ]
        )

    found = counted(store)

    assert (found.site_searches, found.site_searches_empty) == (2, 1)
    assert [(one.about, one.unhelpful, one.reasons) for one in found.articles] == [
        (REFUND, 1, (("unclear", 1),))
    ]
    assert [(gap.question, gap.people, gap.tickets) for gap in found.gaps] == [("pay with shells", 1, 0)]


def test_another_time_zone_makes_the_sums_anew(store: Store) -> None:
    from zoneinfo import ZoneInfo

    keep(store)
    catch_up(store, MADRID)
    tokyo = ZoneInfo("Asia/Tokyo")

    assert catch_up(store, tokyo) == 17
    with store.reading() as tx:
        found = from_sums(tx, Period(), zone=tokyo, as_of=AS_OF)
    # 25 October 23:59 in Madrid is the 26th in Tokyo.
    assert sum(n[0] for cell, n in found.cells.items() if cell.day == "2026-10-26") == 2


def test_an_event_that_a_client_sends_twice_is_kept_once(store: Store) -> None:
    enquiry = Enquiry(id="x", started_at=AS_OF, lang="en", channel=next(histories()).enquiry.channel)
    event = Event(kind=EventKind.OPENED, at=AS_OF, enquiry="x", about=REFUND, client_id="one")
    with store.writing() as tx:
        tx.enquiries.add(enquiry, None)
        tx.enquiries.record([event, event])
    with store.writing() as tx:
        tx.enquiries.record([event])
        assert len(tx.enquiries.events_of("x")) == 1


def test_a_page_takes_in_a_part_of_a_long_history_and_the_next_one_goes_on(store: Store) -> None:
    like = next(histories()).enquiry
    with store.writing() as tx:
        for number in range(700):
            tx.enquiries.add(replace(like, id=f"long{number}"), None)

    first = catch_up(store, MADRID, most=1)

    with store.reading() as tx:
        assert tx.figures.is_behind(MADRID)
    assert 0 < first < 700
    assert first + catch_up(store, MADRID) == 700
    assert counted(store).enquiries == 700
