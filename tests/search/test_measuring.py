"""Figures that say how good the search is, and the calibration that makes it honest."""

import json
import math
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deflector.knowledge import KnowledgeFile
from deflector.search.calibration import (
    Checked,
    TooLittle,
    as_the_rule_said,
    calibrated,
    fit,
    log_odds,
    off_by,
    read_calibration,
    reliability,
)
from deflector.search.calibration_file import Calibrations, read_calibrations, write_calibrations
from deflector.search.evaluation import AskedQuestion, Reply, auroc, false_share, measure
from deflector.search.fusion import Found, Signs
from deflector.search.index import Place
from deflector.search.judgement import (
    NEUTRAL,
    Calibration,
    anything,
    confidence,
    judged,
    logistic,
    verdict,
)
from deflector.search.pipeline import open_search


def reply(articles: list[str], answers: dict[str, int], sure: float = 0.9) -> Reply:
    question = AskedQuestion(id="q", text="?", answers=answers)
    return Reply(
        question=question,
        articles=tuple(articles),
        confidences=tuple(sure / rank for rank in range(1, len(articles) + 1)),
        anything=sure,
    )


def test_the_figures_of_a_known_run() -> None:
    figures = measure(
        [
            reply(["a", "b"], {"a": 1}, 0.9),
            reply(["b", "c", "a"], {"a": 2}, 0.6),
            reply(["b"], {"z": 1}, 0.5),
            reply(["b"], {}, 0.7),
            reply([], {}, 0.0),
        ]
    )
    assert (figures.answerable, figures.unanswerable) == (3, 2)
    assert figures.success == pytest.approx({1: 1 / 3, 3: 2 / 3, 5: 2 / 3})
    assert figures.mrr == pytest.approx((1 + 1 / 3) / 3)
    assert figures.ndcg == pytest.approx((1 + 0.5) / 3)
    assert figures.auroc == pytest.approx((2 + 1 + 1) / 6)
    assert figures.false_at_90 == pytest.approx(0.5)
    assert figures.shown == 1.0
    assert figures.shown_right == 1.0


def test_ties_count_half() -> None:
    assert auroc([0.5, 0.5], [0.5, 0.5]) == 0.5
    assert auroc([0.9], [0.1]) == 1.0
    assert auroc([0.1], [0.9]) == 0.0


def test_false_suggestions_are_counted_where_nine_tenths_of_the_true_ones_are_shown() -> None:
    positive = [number / 10 for number in range(1, 11)]
    assert false_share(positive, [0.05, 0.15, 0.2, 0.95]) == 0.5


def outcomes(slope: float, shift: float, count: int, seed: int = 1) -> list[Checked]:
    """Draw outcomes of a site where the shipped rule is off by this much."""
    dice = random.Random(seed)
    drawn = []
    for _ in range(count):
        odds = dice.uniform(-4, 4)
        drawn.append(Checked(confidence=logistic(odds), right=dice.random() < logistic(slope * odds + shift)))
    return drawn


def test_a_site_where_the_rule_is_too_sure_is_calibrated() -> None:
    found = fit(outcomes(0.5, -1.0, 4_000))
    assert found.slope == pytest.approx(0.5, abs=0.08)
    assert found.shift == pytest.approx(-1.0, abs=0.15)
    fresh = outcomes(0.5, -1.0, 4_000, seed=2)
    assert off_by(calibrated(fresh, found)) < 0.03 < off_by(fresh)


def test_a_site_where_the_rule_is_right_keeps_it() -> None:
    found = fit(outcomes(1.0, 0.0, 2_000))
    assert (found.slope, found.shift) == (pytest.approx(1, abs=0.15), pytest.approx(0, abs=0.15))


@pytest.mark.parametrize(
    ("right", "wrong", "missing"),
    [
        (
            0,
            0,
            "0 right and 0 wrong. A fit needs 100, at least 20 of each kind; 100 are missing",
        ),
        (70, 29, "each kind; 1 are missing. Until"),
        (400, 5, "each kind; 15 are missing, among them 15 that were wrong. Until"),
        (60, 10, "each kind; 30 are missing, among them 10 that were wrong. Until"),
        (3, 50, "each kind; 47 are missing, among them 17 that were right. Until"),
    ],
)
def test_too_few_outcomes_are_refused_with_what_is_missing(right: int, wrong: int, missing: str) -> None:
    drawn = [Checked(confidence=0.7, right=at < right) for at in range(right + wrong)]
    with pytest.raises(TooLittle, match=re.escape(missing)):
        fit(drawn)


def test_a_site_where_confidence_is_worse_than_nothing_keeps_the_order() -> None:
    assert fit(outcomes(-2.0, 0.0, 1_000)).slope > 0


def test_reliability_compares_promise_and_truth() -> None:
    steps = reliability([Checked(confidence=0.9, right=True), Checked(confidence=0.95, right=False)])
    assert [(step.count, step.promised, step.right) for step in steps] == [(2, pytest.approx(0.925), 0.5)]


NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def keep(var: Path, calibration: Calibration, at: datetime = NOW) -> None:
    known, _ = read_calibrations(var)
    write_calibrations(var, known.then(calibration, at=at, outcomes=120))


def numbers(var: Path) -> tuple[float, float]:
    used, problem = read_calibration(var)
    assert problem is None
    return used.slope, used.shift


def test_a_calibration_is_kept_with_those_before_it(tmp_path: Path) -> None:
    assert numbers(tmp_path) == (1.0, 0.0)
    keep(tmp_path, Calibration(slope=0.5, shift=-1))
    keep(tmp_path, NEUTRAL, NOW + timedelta(days=9))
    assert numbers(tmp_path) == (1.0, 0.0)
    known, _ = read_calibrations(tmp_path)
    assert [(one.version, one.outcomes) for one in known.fitted] == [(1, 120), (2, 120)]
    said = [known.in_force(NOW + timedelta(days=days)).slope for days in (-1, 0, 8, 9)]
    assert said == [1.0, 0.5, 0.5, 1.0]
    assert [path.name for path in tmp_path.iterdir()] == ["calibration.json"]


def test_a_calibration_of_an_earlier_release_counts_from_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text('{"slope": 0.5, "shift": -1.0}')
    known, _ = read_calibrations(tmp_path)
    assert known.in_force(datetime(2020, 1, 1, tzinfo=UTC)) == Calibration(slope=0.5, shift=-1.0)


def test_only_so_many_calibrations_are_kept(tmp_path: Path) -> None:
    known = Calibrations()
    for day in range(60):
        known = known.then(NEUTRAL, at=NOW + timedelta(days=day))
    assert (len(known.fitted), known.fitted[-1].version) == (21, 60)


def test_a_calibration_is_followed_and_one_that_breaks_leaves_the_last_good_one(tmp_path: Path) -> None:
    followed, _ = read_calibration(tmp_path)
    assert followed.apply(2.0) == 2.0
    keep(tmp_path, Calibration(slope=0.5, shift=-1))
    assert (followed.apply(2.0), followed.slope, followed.shift) == (0.0, 0.5, -1.0)
    (tmp_path / "calibration.json").write_text("{ cut off")
    assert followed.apply(2.0) == 0.0
    (tmp_path / "calibration.json").unlink()
    assert followed.apply(2.0) == 2.0


@given(st.floats(0.001, 0.999), st.floats(0.2, 5), st.floats(-3, 3))
def test_a_calibration_can_be_taken_out_of_a_confidence(
    confidence: float, slope: float, shift: float
) -> None:
    calibration = Calibration(slope=slope, shift=shift)
    promised = logistic(calibration.apply(log_odds(confidence)))
    assume(0.0002 < promised < 0.9998)  # nearer to the ends, log-odds are cut off
    assert as_the_rule_said(promised, calibration) == pytest.approx(confidence, abs=1e-6)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"slope": 1, "shift": 0, "earlier": [{}]}',
        '{"slope": 1, "shift": 0, "at": "x"}',
        '{"slope": 0, "shift": 1}',
        '{"slope": "x"}',
        '{"slope": NaN, "shift": 1}',
    ],
)
def test_a_broken_calibration_is_told_and_not_used(help_centre: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "calibration.json").write_text(content)
    used, problem = read_calibration(tmp_path)
    assert (used.slope, used.shift) == (1.0, 0.0)
    assert "this is no calibration" in (problem or "")
    pipeline = open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path)
    assert problem in pipeline.degraded()


def test_a_calibration_moves_the_confidence_of_the_search(help_centre: Path, tmp_path: Path) -> None:
    plain = open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path).rank("password page", lang="en")
    running = open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path)
    keep(tmp_path, Calibration(slope=1.0, shift=-2.0))
    moved = running.rank("password page", lang="en")
    assert [item.article for item in moved.items] == [item.article for item in plain.items]
    assert moved.confidence < plain.confidence


share = st.floats(0, 1)


@given(share, share, share, share, share, st.floats(0.05, 0.5))
def test_confidence_is_a_probability_that_grows_with_every_sign(
    near: float, ahead: float, part: float, like: float, phrased: float, more: float
) -> None:
    for meaning in (near, None):
        signs = {"words": 0.5, "lead": ahead, "share": part, "likeness": like, "phrasing": phrased}
        low = confidence(Signs(near=meaning, exact=False, **signs))
        assert 0 <= low <= 1
        for sign in signs:
            grown = {**signs, sign: signs[sign] + more}
            assert confidence(Signs(near=meaning, exact=False, **grown)) >= low
        assert confidence(Signs(near=meaning, exact=True, **signs)) >= low
    assert confidence(Signs(near=near + more, exact=False, **signs)) >= confidence(
        Signs(near=near, exact=False, **signs)
    )


def test_the_verdict_follows_the_thresholds() -> None:
    pairs = [(0.0, 0.0), (0.1, 0.59), (0.1, 0.6), (0.79, 0.9), (0.8, 0.9), (1.0, 1.0)]
    said = [verdict(first, something, be_right=0.8, maybe=0.6).value for first, something in pairs]
    assert said == ["nothing", "nothing", "maybe", "maybe", "answers", "answers"]


@given(share, share, share, share)
def test_no_article_is_surer_than_that_anything_answers(
    near: float, like: float, phrased: float, lead: float
) -> None:
    place = cast("Place", None)  # judging looks at signs alone
    for meaning in (near, None):
        signs = Signs(
            near=meaning, words=0, share=0, likeness=like, exact=False, phrasing=phrased, lead=lead * 0.4
        )
        found = [Found(place=place, signs=signs, score=1), Found(place=place, signs=signs, score=0)]
        (_, first), (_, second) = judged(found)
        assert second <= first <= anything(found)


def test_a_logistic_of_any_size_is_finite() -> None:
    assert all(math.isfinite(logistic(odds)) for odds in (-1e6, -1, 0, 1, 1e6))
    assert json.dumps(logistic(1e6)) == "1.0"
