from datetime import date
from pathlib import Path
from typing import Any

import pytest

from generator.articles.article import FRONT_MATTER_KEYS, Article
from tests.generator.conftest import PATH, article, knowledge_base


def one(tmp_path: Path, changed: dict[str, Any], body: str = "text") -> Article:
    base = knowledge_base(tmp_path, {PATH: article(changed, body)})
    assert base.findings == ()
    return base.articles[0]


def test_a_review_falls_due_by_the_calendar(tmp_path: Path) -> None:
    review = one(tmp_path, {"reviewed_on": "2026-08-31", "review_every": "P6M"}).review
    assert review is not None
    assert review.due == date(2027, 2, 28)
    assert not review.is_overdue(date(2027, 2, 28))
    assert review.is_overdue(date(2027, 3, 1))


def test_without_a_review_the_first_is_due_counted_from_the_newest_change(tmp_path: Path) -> None:
    found = one(tmp_path, {"reviewed_on": "absent", "reviewed_by": "absent", "confidence": "not_validated"})
    assert found.review is None
    assert found.review_due == date(2027, 4, 1)


def test_text_is_text_whatever_yaml_makes_of_it(tmp_path: Path) -> None:
    found = one(
        tmp_path, {"title": "no", "summary": "1.10", "tags": "[12:30:45, 2026-10-01, yes]", "owner": "0x1F"}
    )
    assert (found.title, found.summary, found.owner) == ("no", "1.10", "0x1F")
    assert found.tags == ("12:30:45", "2026-10-01", "yes")


def test_the_newest_change_is_the_one_of_the_highest_version(tmp_path: Path) -> None:
    assert one(tmp_path, {}).last_change.note == "Refund window is 14 days now"


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (100, 1), (290, 1), (310, 2), (1_000, 5)], ids=str)
def test_reading_takes_a_minute_for_two_hundred_words(tmp_path: Path, words: int, minutes: int) -> None:
    code = "```\n" + "x " * 500 + "\n```\n"
    assert one(tmp_path, {}, "word " * words + "\n\n" + code).reading_minutes == minutes


def test_an_article_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        one(tmp_path, {}).title = "x"  # type: ignore[misc]


def test_a_line_is_known_for_every_key_and_for_the_entries_of_lists(tmp_path: Path) -> None:
    found = one(tmp_path, {})
    assert [found.line_of(key) for key in ("id", "changes")] == [2, 19]
    assert found.line_of("changes", 1, "note") == 21
    assert found.line_of("changes", 7) == 19
    assert found.line_of("nothing") == 1


def test_the_keys_stand_in_the_order_of_a_file() -> None:
    assert FRONT_MATTER_KEYS[:4] == ("id", "translation_of_version", "title", "summary")
    assert FRONT_MATTER_KEYS[-2:] == ("version", "changes")
