"""The experiment: who is held out, when its result may be read, and what it says."""

from collections import Counter

import pytest

from deflector.measures.effect import Reading, effect
from deflector.model import Arm, Outcome
from deflector.outcomes.holdout import Holdout
from deflector.outcomes.tallies import Cell, Tally


def tally(*counts: tuple[Arm, Outcome, int], young: int = 0, **kind: bool) -> Tally:
    cells = {
        Cell(
            day="2026-11-02",
            lang="en",
            category="",
            arm=arm,
            bot=kind.get("bot", False),
            urgent=kind.get("urgent", False),
            offered=kind.get("offered", True),
            outcome=outcome,
        ): (number, 0, 0)
        for arm, outcome, number in counts
    }
    return Tally(cells=cells, young=dict.fromkeys(cells, (young, 0, 0)) if young else {})


SMALL = tally(
    (Arm.HOLDOUT, Outcome.TICKET, 62),
    (Arm.HOLDOUT, Outcome.UNKNOWN, 38),
    (Arm.SHOWN, Outcome.TICKET, 432),
    (Arm.SHOWN, Outcome.UNKNOWN, 350),
    (Arm.SHOWN, Outcome.CONFIRMED, 118),
)
LARGE = tally(*((cell.arm, cell.outcome, 10 * n[0]) for cell, n in SMALL.cells.items()))


def test_about_the_share_that_was_asked_for_is_held_out_and_always_the_same() -> None:
    holdout, again = Holdout(share=0.1, key="secret"), Holdout(share=0.1, key="secret")
    arms = [holdout.arm(f"enquiry-{number}") for number in range(20_000)]

    assert arms == [again.arm(f"enquiry-{number}") for number in range(20_000)]
    assert Counter(arms)[Arm.HOLDOUT] == pytest.approx(2000, abs=170)  # four standard deviations


def test_who_does_not_know_the_key_cannot_tell_who_is_held_out() -> None:
    one, other = Holdout(share=0.5, key="one"), Holdout(share=0.5, key="other")
    same = sum(one.arm(f"e{n}") is other.arm(f"e{n}") for n in range(4000))

    assert same == pytest.approx(2000, abs=130)


def test_without_a_share_nobody_is_held_out() -> None:
    assert {Holdout().arm(f"e{n}") for n in range(100)} == {Arm.SHOWN}


def test_the_effect_is_not_shown_before_the_planned_size() -> None:
    found = effect(SMALL, holdout_share=0.1)

    assert found.reading is Reading.TOO_EARLY
    assert (found.difference, found.friction) == (None, None)
    # The holdout's own ticket rate plans: 62 % to 57 %, 1 in 10 held out.
    assert found.planned == 8443
    assert found.missing == 8443 - 1000


def test_who_asks_early_gets_the_wider_bound() -> None:
    found = effect(SMALL, holdout_share=0.1, early=True)

    assert found.reading is Reading.SEQUENTIAL
    assert found.difference is not None
    assert found.difference.value == pytest.approx(0.14)
    assert found.difference.low < 0.037
    assert found.difference.high > 0.235


def test_at_the_planned_size_the_effect_has_newcombes_interval_and_friction_beside_it() -> None:
    found = effect(LARGE, holdout_share=0.1)

    assert found.reading is Reading.PLANNED
    assert found.missing == 0
    assert found.difference is not None
    assert found.friction is not None
    assert found.difference.value == pytest.approx(0.14)
    assert found.difference.low == pytest.approx(0.108, abs=1e-3)
    # 38.9 % left without a word when shown, 38 % when not: the tickets went away because of answers.
    assert found.friction.value == pytest.approx(350 / 900 - 0.38)


def test_even_who_asks_early_gets_nothing_out_of_fewer_than_30_held_out() -> None:
    few = tally((Arm.HOLDOUT, Outcome.TICKET, 29), (Arm.SHOWN, Outcome.TICKET, 300))

    assert effect(few, holdout_share=0.1, early=True).reading is Reading.TOO_EARLY


def test_without_a_holdout_there_is_no_effect_only_a_plan() -> None:
    found = effect(tally((Arm.SHOWN, Outcome.TICKET, 300)), holdout_share=0.0)

    assert (found.reading, found.planned) == (Reading.NO_HOLDOUT, 0)
    assert effect(tally(), holdout_share=0.1).planned == 8550


@pytest.mark.parametrize("kind", [{"bot": True}, {"urgent": True}, {"offered": False}])
def test_machines_urgent_matters_and_questions_without_an_answer_take_no_part(kind: dict[str, bool]) -> None:
    assert effect(tally((Arm.HOLDOUT, Outcome.TICKET, 50), **kind), holdout_share=0.1).holdout.enquiries == 0


def test_what_is_younger_than_a_day_waits() -> None:
    found = effect(tally((Arm.HOLDOUT, Outcome.TICKET, 50), young=20), holdout_share=0.1)

    assert found.holdout.enquiries == 30
