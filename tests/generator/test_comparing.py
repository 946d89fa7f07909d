from typing import Any

import pytest

from generator.history.comparing import Row, compare
from generator.history.past import Wording
from tests.generator.conftest import table


def wording(body: str, **changed: Any) -> Wording:
    given = {"title": "Title", "summary": "Summary.", "questions": (), "path": "en/a/b.md"}
    return Wording(**{**given, "body": body, **changed})


def spelled(row: Row) -> str:
    marks = {"same": "{}", "gone": "[-{}-]", "come": "[+{}+]"}
    return "…" if row.kind == "gap" else "".join(marks[part.kind].format(part.text) for part in row.parts)


@pytest.mark.parametrize("row", table("comparing"), ids=lambda row: row["that"])
def test_what_changed_is_shown_in_words(row: dict[str, Any]) -> None:
    assert [spelled(one) for one in compare(wording(row["old"]), wording(row["new"]))] == row["shows"]


def test_a_new_title_and_question_are_shown_as_well() -> None:
    rows = compare(wording("Text."), wording("Text.", title="New title", questions=("Why?",)))
    assert [spelled(row) for row in rows] == ["[-Title-]", "[+New title+]", "Summary.", "[+Why?+]", "Text."]
