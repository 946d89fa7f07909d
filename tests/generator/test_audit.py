from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from generator.audit import audit, check
from tests.generator.conftest import PATH, article, knowledge_base


def test_time_is_the_business_of_the_audit_and_not_of_the_check(tmp_path: Path) -> None:
    base = knowledge_base(tmp_path, {PATH: article()})
    late = date(2027, 4, 11)
    assert check(base, today=late) == ()
    (finding,) = audit(base, today=late).findings
    assert (finding.rule, finding.line, finding.is_error) == ("review-overdue", 11, False)
    assert finding.message == (
        "Its review was due on 2027-04-01, 10 days ago. "
        "Check it against reality, then set reviewed_on and reviewed_by."
    )


def test_an_article_that_nobody_reviewed_says_so(tmp_path: Path) -> None:
    changed = {"reviewed_on": "absent", "reviewed_by": "absent", "confidence": "not_validated"}
    (one,) = audit(knowledge_base(tmp_path, {PATH: article(changed)}), today=date(2027, 4, 2)).stale
    assert one.reasons == (
        "Nobody has reviewed it yet, and the first review was due on 2027-04-01, 1 day ago.",
    )


@pytest.mark.parametrize("confidence", ["archived", "work_in_progress"])
def test_what_no_reader_sees_is_never_stale(tmp_path: Path, confidence: str) -> None:
    base = knowledge_base(tmp_path, {PATH: article({"confidence": confidence})})
    assert audit(base, today=date(2040, 1, 1)).stale == ()


def test_the_longest_overdue_comes_first_then_what_falls_due_next(tmp_path: Path) -> None:
    due = {"a": "2026-10-01", "b": "2026-06-01", "c": "2026-07-01", "d": "2026-03-01"}
    files = {
        f"en/refunds/{id_}.md": article(
            {
                "id": id_,
                "title": f"Title {id_}",
                "questions": "[]",
                "reviewed_on": on,
                "review_every": "3 months",
                "confidence": "archived" if id_ == "d" else "not_validated",
            }
        )
        for id_, on in due.items()
    }
    report = audit(knowledge_base(tmp_path, files), today=date(2026, 11, 22))
    assert [one.article.id for one in report.articles] == ["b", "c", "d", "a"]
    assert [one.article.id for one in report.stale] == ["b", "c"]


def test_the_report_says_in_json_what_other_programs_need(tmp_path: Path) -> None:
    base = knowledge_base(tmp_path, {PATH: article({"owner": "nobody"})})
    written = audit(base, today=date(2027, 4, 2)).as_json(datetime(2027, 4, 2, 8, tzinfo=UTC))
    path = f"{tmp_path.as_posix()}/{PATH}"
    assert written["generated_at"] == "2027-04-02T08:00:00+00:00"
    assert [(one["path"], one["line"], one["rule"], one["severity"]) for one in written["findings"]] == [
        (path, 10, "person", "error"),
        (path, 11, "review-overdue", "warning"),
    ]
    assert written["articles"] == [
        {
            "id": "refund-for-a-game",
            "lang": "en",
            "path": path,
            "version": 2,
            "review_due": "2027-04-01",
            "stale": True,
            "reasons": ["Its review was due on 2027-04-01, 1 day ago."],
            "score": 60,
            "parts": [
                {
                    "points": 40,
                    "reason": "Its review was due on 2027-04-01, 1 day ago.",
                    "why": "review_overdue",
                    "facts": {"day": "2027-04-01", "n": 1},
                }
            ],
            "reads": 0,
            "owner": "nobody",
        }
    ]


def test_near_duplicates_are_found_among_thousands_of_questions(tmp_path: Path) -> None:
    """Every question shares its common words with all others; only the planted pair is nearly the same."""
    files = {}
    for number in range(400):
        word = "".join(chr(97 + number // 26**place % 26) for place in range(3))
        questions = (
            "[" + ", ".join(f"How do I {verb} the {word}x?" for verb in ("open", "close", "move")) + "]"
        )
        files[f"en/refunds/a{number}.md"] = article(
            {"id": f"a{number}", "title": f"About {word}x", "questions": questions}
        )
    files["en/refunds/b.md"] = article(
        {"id": "b", "title": "About nothing", "questions": "[How I do open the dbax?]"}
    )
    found = list(check(knowledge_base(tmp_path, files), today=date(2026, 11, 22)))
    assert [(finding.rule, finding.path.rpartition("/")[2]) for finding in found] == [
        ("near-duplicate", "b.md")
    ]
    assert '"How do I open the dbax?"' in found[0].message
