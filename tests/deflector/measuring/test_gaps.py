"""Questions without an answer: put together, ranked, closed by a wording, drafted as articles."""

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from deflector.measures.gaps import Gap, ToDo, gaps_of, still_open
from deflector.measures.grouping import ByLikeness, BySameWords, Grouping
from deflector.model import ArticleVersion, Suggestion, Suggestions, Verdict
from deflector.outcomes.tallies import AskedQuestion
from deflector.reporting.drafts import draft, new_id, title_of
from tests.needs import shared

AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
REFUND = ArticleVersion(article="refund", lang="en", version=3)


def asked(
    *texts: str, wrote: Sequence[bool] = (), declined: ArticleVersion | None = None
) -> list[AskedQuestion]:
    return [
        AskedQuestion(
            event=number,
            enquiry=f"e{number}",
            text=text,
            at=AT,
            lang="en",
            category="",
            wrote=wrote[number] if number < len(wrote) else False,
            declined=declined,
        )
        for number, text in enumerate(texts)
    ]


GIFTS = (
    "Can I give a game to a friend?",
    "how do I gift a game to my friend",
    "gifting games to freinds",
    "send a game as a gift to friends",
)
SHELLS = ("Can I pay with shells?", "paying with shells", "is payment in shells possible")


def answer(
    verdict: Verdict, article: str = "refund", version: int = 3, confidence: float = 0.9
) -> Suggestions:
    item = Suggestion(
        article=article,
        version=version,
        lang="en",
        category="payments",
        title=article,
        heading="",
        url="/",
        snippet="",
        text="",
        confidence=confidence,
        rank=1,
    )
    return Suggestions(question="", verdict=verdict, confidence=confidence, items=(item,))


def test_wordings_of_one_question_are_put_together_and_two_questions_are_not() -> None:
    found = gaps_of(asked(*GIFTS, *SHELLS), grouping=ByLikeness())

    assert {frozenset(gap.wordings) for gap in found} == {frozenset(GIFTS), frozenset(SHELLS)}


@pytest.mark.parametrize("grouping", [BySameWords(), ByLikeness()])
def test_every_grouping_puts_each_question_in_exactly_one_group(grouping: Grouping) -> None:
    texts = [*GIFTS, "  CAN i pay with shells ", *SHELLS, "¿?", "a", "支付"]

    groups = grouping.groups(texts, "en")

    assert sorted(at for group in groups for at in group) == list(range(len(texts)))
    assert next(group for group in groups if 4 in group) == next(group for group in groups if 5 in group)


@pytest.mark.parametrize("mixed", ["0.3", "0"])
def test_on_real_questions_likeness_is_never_worse_than_equal_wordings(mixed: str) -> None:
    program = Path(__file__).parents[3] / "benchmarks/gaps.py"
    call = [sys.executable, str(program), "--data", str(shared("eval")), "--mixed", mixed]
    told = subprocess.run(call, capture_output=True, check=True, text=True).stdout

    row = re.compile(
        r"^(\S+) +(dev|test) +\d+ +\d+  (same words|likeness) (?:\d\.\d\d)? +(\d\.\d\d) ", re.MULTILINE
    )
    f1 = {(name, part, kind): float(score) for name, part, kind, score in row.findall(told)}
    parts = {(name, part) for name, part, _ in f1}
    assert len(parts) == 6
    assert [one for one in parts if f1[(*one, "likeness")] < f1[(*one, "same words")]] == []


def test_what_more_people_wrote_about_comes_first() -> None:
    questions = asked(*SHELLS, "Where is my hat", "where is my hat", wrote=[True, True, False, False, False])

    found = gaps_of(questions, grouping=ByLikeness())

    assert [(gap.people, gap.tickets) for gap in found] == [(3, 2), (2, 0)]


def test_questions_in_two_languages_are_two_gaps() -> None:
    english, spanish = asked("piano", "piano")

    assert len(gaps_of([english, replace(spanish, lang="es")], grouping=ByLikeness())) == 2


def test_words_that_any_question_may_have_do_not_make_two_questions_one() -> None:
    found = gaps_of(asked("Where is my hat?", "Where is my money?"), grouping=ByLikeness())

    assert [gap.people for gap in found] == [1, 1]


def test_a_gap_is_closed_once_its_questions_are_answered() -> None:
    gaps = gaps_of(asked(*SHELLS, "Where is my hat"), grouping=ByLikeness())

    def search(text: str, _lang: str) -> Suggestions:
        return answer(Verdict.ANSWERS) if "shell" in text else Suggestions(question=text)

    left, closed = still_open(gaps, ask=search, versions=lambda _id, _lang: 3)

    assert [gap.question for gap in left] == ["Where is my hat"]
    assert [gap.people for gap in closed] == [3]


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (answer(Verdict.ANSWERS, version=3), True),  # the same that was declined
        (answer(Verdict.ANSWERS, version=4), False),  # it has changed since
        (answer(Verdict.ANSWERS, article="chargeback", version=1), False),
        (answer(Verdict.MAYBE, version=4), True),
    ],
)
def test_a_declined_answer_leaves_the_gap_open_until_the_article_changes(
    now: Suggestions, is_open: bool
) -> None:
    gaps = gaps_of(asked("Refund in roubles", declined=REFUND), grouping=BySameWords())

    left, _ = still_open(gaps, ask=lambda _text, _lang: now, versions=lambda _id, _lang: now.items[0].version)

    assert bool(left) is is_open
    assert gaps[0].proposed is ToDo.FIX


def test_a_near_article_asks_for_a_wording_and_a_far_one_for_an_article() -> None:
    gaps = gaps_of(asked("pay with shells", "tickle me"), grouping=BySameWords())

    def search(text: str, _lang: str) -> Suggestions:
        return answer(Verdict.NOTHING, confidence=0.38 if "pay" in text else 0.1)

    left, _ = still_open(gaps, ask=search, versions=lambda _id, _lang: 3)

    assert {gap.question: gap.proposed for gap in left} == {
        "pay with shells": ToDo.ADD_WORDING,
        "tickle me": ToDo.WRITE,
    }
    assert all(gap.nearest and gap.nearest.article == "refund" for gap in left)


def front_of(gap: Gap) -> dict[str, object]:
    text = draft(gap, id="pay", category="payments", owner="payments", by="maya", today=AT.date())
    head = text.split("---\n")[1]
    loaded: dict[str, object] = yaml.safe_load(head)
    return loaded


def test_a_draft_has_whole_front_matter_with_peoples_own_wordings() -> None:
    [gap] = gaps_of(asked(*SHELLS), grouping=ByLikeness())

    front = front_of(gap)

    assert front["questions"] == list(gap.wordings)
    assert front["title"] == title_of(gap.question)
    assert (front["owner"], front["confidence"], front["version"]) == ("payments", "work_in_progress", 1)


def test_a_wording_from_which_personal_data_was_taken_is_not_published() -> None:
    [gap] = gaps_of(asked("write to [mail address]", "Write to [mail address]!"), grouping=BySameWords())

    assert front_of(replace(gap, wordings=("pay: now", *gap.wordings)))["questions"] == ["pay: now"]


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("Can I pay with shells?", "can-i-pay-with-shells"),
        ("¿Cómo recupero mi dinero?", "como-recupero-mi-dinero"),
        ("支付", "question"),
        ("word " * 40, "word-" * 11 + "word"),
    ],
)
def test_an_id_is_made_of_the_question(question: str, id: str) -> None:  # noqa: A002
    assert new_id(question, ()) == id
    assert new_id(question, {id}) == f"{id}-2"
